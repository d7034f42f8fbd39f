"""An errand that a process dies of is tried again, but not for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from billing import clock
from billing.adapters.memory import MemoryStore
from billing.database import Database
from billing.operations.errands.kinds import ErrandKind
from billing.operations.errands.running import LEASE, MOST_DEATHS, run_waiting, take
from billing.operations.models import ErrandState
from tests.access.cast import NOON, make_cast
from tests.claims.office import open_office
from tests.operations.errands import Backroom, backroom_of

PAST_THE_LEASE = LEASE + timedelta(seconds=1)


@pytest.fixture
def backroom(database: Database, inbox: Path) -> Backroom:
    return Backroom(database, MemoryStore(), inbox, make_cast(database).ada)


def taken_by_somebody_who_dies(backroom: Backroom, deaths: int) -> int:
    """Take whatever is due so many times and never come back; how often there was anything to take."""
    found = 0
    for death in range(deaths):
        with backroom.database.transaction() as db:
            found += take(db, NOON + death * PAST_THE_LEASE) is not None
    return found


def test_after_the_third_death_it_is_given_up_in_words(backroom: Backroom) -> None:
    asked = backroom.ask(ErrandKind.FETCH)

    found = taken_by_somebody_who_dies(backroom, MOST_DEATHS + 1)

    given_up = backroom.seen(asked)
    assert found == MOST_DEATHS == given_up.tries
    assert given_up.state is ErrandState.FAILED
    assert given_up.ended_at == NOON + MOST_DEATHS * PAST_THE_LEASE
    assert "died 3 times" in given_up.failure
    assert "asking again" in given_up.failure


def test_the_third_time_it_may_still_come_to_its_end(database: Database, inbox: Path) -> None:
    backroom = backroom_of(open_office(database), inbox)
    asked = backroom.ask(ErrandKind.BILL, through="2026-03-31")
    taken_by_somebody_who_dies(backroom, 2)

    with clock.stopped_at(NOON + 3 * PAST_THE_LEASE):
        backroom.run()

    assert (backroom.seen(asked).state, backroom.seen(asked).tries) == (ErrandState.DONE, 3)


def test_one_that_is_given_up_holds_up_no_other(backroom: Backroom) -> None:
    deadly = backroom.ask(ErrandKind.FETCH)
    taken_by_somebody_who_dies(backroom, MOST_DEATHS)
    harmless = backroom.ask(ErrandKind.STATEMENTS, on="2026-03-31")

    with backroom.database.transaction() as db:
        job = take(db, NOON + MOST_DEATHS * PAST_THE_LEASE)

    assert backroom.seen(deadly).state is ErrandState.FAILED
    assert job is not None
    assert job.id == harmless.id


def test_an_orderly_end_of_the_process_is_no_death(database: Database, inbox: Path) -> None:
    office = open_office(database)
    office.visit()
    backroom = backroom_of(office, inbox)
    asked = backroom.ask(ErrandKind.BILL, through="2026-03-31")

    for _ in range(MOST_DEATHS + 1):
        looks = iter([False])
        run_waiting(replace(backroom.means, is_stopping=lambda looks=looks: next(looks, True)))

    broken_off = backroom.seen(asked)
    assert (broken_off.state, broken_off.tries) == (ErrandState.WAITING, 0)
