"""A patient's record on stage: Miri's clinic bills, her insurer decides, and it is the 20th of April."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from billing.access.models import User
from billing.database import Db
from billing.ledger.accounts import owed_by_patient
from billing.ledger.queries import balance
from tests.claims.office import Office, open_office
from tests.web.desk import Browser, Desk

ON = date(2026, 4, 20)
AT = datetime(2026, 4, 20, 18, 0, tzinfo=UTC)
ALLOWED = [("CO", "45", 25_00), ("PR", "1", 30_00), ("PR", "2", 14_00)]
"""Of 97810: 26.00 are paid, 44.00 are the patient's."""
KEY = "a-key-of-a-form-0001"


@dataclass(frozen=True, slots=True)
class Stage:
    """The desk, and the clinic it is about."""

    desk: Desk
    office: Office

    @property
    def patient_id(self) -> int:
        return self.office.scene.patient.id

    @property
    def path(self) -> str:
        """The patient's pages begin with it."""
        return f"/patients/{self.patient_id}"

    def owner(self) -> Browser:
        return self.desk.browser(self.desk.cast.ada)

    def front_desk(self) -> Browser:
        return self.desk.browser(self.desk.cast.fay)

    def practitioner(self) -> Browser:
        return self.desk.browser(self.desk.cast.ben)

    def send(self, path: str, by: User | None = None, charges: tuple[int, ...] = (), **fields: str) -> TestResponse:
        """A form sent by the front desk; ``charges`` are the boxes ticked."""
        browser = self.desk.browser(by or self.desk.cast.fay)
        data = MultiDict({"csrf_token": browser.form_token(), **fields})
        data.setlist("charge", [str(one) for one in charges])
        return browser.client.post(path, data=data)

    def owed(self) -> int:
        with self.desk.database.reading() as db:
            return balance(db, owed_by_patient(self.patient_id))

    def ask(self, question: Callable[[Db], Any]) -> Any:
        with self.desk.database.reading() as db:
            return question(db)


def open_stage(desk: Desk) -> Stage:
    return Stage(desk, open_office(desk.database))


def words(page: TestResponse) -> str:
    """What a page says, without its tags, each run of space as one, each dash and minus as a hyphen."""
    said = re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2]).replace("&#39;", "'")
    return " ".join(said.replace("\N{EN DASH}", "-").replace("\N{MINUS SIGN}", "-").split())
