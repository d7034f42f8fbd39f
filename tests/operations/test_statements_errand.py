"""Statements tell what payers have paid by then: the inbox is looked into before they are made."""

from __future__ import annotations

from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from billing import clock
from billing.database import Database
from billing.operations.errands.kinds import ErrandKind
from billing.operations.errands.progress import Unheard
from billing.operations.errands.running import CLOCK
from billing.operations.errands.stating import issue_statements
from billing.operations.fetching import LOCK
from tests.claims.office import Office, open_office
from tests.operations.errands import Backroom, backroom_of
from tests.operations.inbox import put
from tests.remittances.books import PAID_AT, filed, remittances
from tests.remittances.payer import answer, file_of, pays

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
ON = PAID_AT.date().isoformat()


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def backroom(office: Office, inbox: Path) -> Backroom:
    """With a payment in the inbox that leaves 25.00 to the patient."""
    put(inbox, "tuesday.835", file_of(pays(answer(filed(office), *COPAY))))
    return backroom_of(office, inbox)


def stated(backroom: Backroom) -> dict[str, Any]:
    with clock.stopped_at(PAID_AT):
        result = backroom.done(ErrandKind.STATEMENTS, on=ON).result
    assert result is not None
    return result


def test_what_lies_in_the_inbox_is_on_the_statement(office: Office, backroom: Backroom) -> None:
    result = stated(backroom)

    assert (result["count"], result["total_cents"], result["warnings"]) == (1, 25_00, [])
    assert len(remittances(office)) == 1


def test_an_inbox_that_cannot_be_looked_into_holds_nothing_up_and_is_told(backroom: Backroom, inbox: Path) -> None:
    (inbox / "tuesday.835").unlink()
    inbox.rmdir()
    inbox.write_text("not a folder")

    result = stated(backroom)

    (warning,) = result["warnings"]
    assert "could not be looked into" in warning


def test_another_look_is_waited_for(office: Office, backroom: Backroom) -> None:
    is_looking, may_end = Event(), Event()

    def look() -> None:
        with office.database.alone(LOCK):
            is_looking.set()
            may_end.wait(30)

    class Waiting(Unheard):
        def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
            if doing.startswith("Waiting"):
                may_end.set()

    other = Thread(target=look)
    other.start()
    is_looking.wait(30)
    with clock.stopped_at(PAID_AT):
        result = issue_statements(backroom.means, PAID_AT.date(), CLOCK, Waiting(lambda: False))
    other.join(30)

    assert (result["count"], result["warnings"]) == (1, [])
