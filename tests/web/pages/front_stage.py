"""The front desk on stage: a clinic with two patients, two rooms and Fay, at twenty past nine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from werkzeug.test import TestResponse

from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from tests.factories import DAY, moment
from tests.sessions.booked import Front, open_front
from tests.web.desk import Browser, Desk

TWENTY_PAST_NINE = moment(DAY, "09:20")
HTMX = {"HX-Request": "true", "Accept": "text/html"}


@dataclass(frozen=True, slots=True)
class FrontStage:
    """The desk and its clinic."""

    desk: Desk
    front: Front

    def fay(self) -> Browser:
        return self.desk.browser(self.desk.cast.fay)

    def book(self, at: str = "09:00", on: date = DAY, **changes: object) -> int:
        """A session of Miri's that is booked; its number."""
        with self.desk.database.transaction() as db:
            return self.front.book(db, at, on=on, **changes).id

    def book_other(self, at: str = "11:00", **changes: object) -> int:
        """A session of Osei's that is booked; its number."""
        with self.desk.database.transaction() as db:
            return self.front.book(db, at, patient=self.front.other, **changes).id

    def session(self, number: int) -> ClinicSession:
        """The session as it is in the database."""
        with self.desk.database.reading() as db:
            return db.get_one(ClinicSession, number)

    def state(self, number: int) -> SessionState:
        return self.session(number).state


def set_front_stage(desk: Desk) -> FrontStage:
    with desk.database.transaction() as db:
        return FrontStage(desk, open_front(db))


def card(answer: TestResponse, session_id: int) -> str:
    """The markup of one session's card."""
    _, mark, rest = answer.text.partition(f'<li class="card visit" id="session-{session_id}">')
    assert mark, "no card of that session is shown"
    return rest.partition('<li class="card visit"')[0].partition("</ol>")[0]


def tab_counts(answer: TestResponse) -> dict[str, int]:
    """What the tabs say."""
    return {
        words.strip(): int(number)
        for words, number in re.findall(r'">([A-Z][a-z ]+?) <span class="count">(\d+)</span></a>', answer.text)
    }
