"""Who works by itself says so, and silence is told to those who can do something about it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from billing.database import Database
from billing.operations.models import Errand, ErrandState, WorkerSign
from billing.operations.signs_of_life import (
    BEAT,
    SILENT_AFTER,
    WORKER,
    give_sign,
    is_silent,
    last_sign,
    life_in_words,
    say_goodbye,
    silence_problems,
    those_there,
)

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def signed(database: Database, name: str, at: datetime, kind: str = WORKER) -> None:
    with database.transaction() as db:
        give_sign(db, name, kind, at)


def seen(database: Database) -> datetime | None:
    with database.reading() as db:
        return db.scalar(select(last_sign()))


def told(database: Database, at: datetime, *, expected: bool = True) -> list[str]:
    with database.reading() as db:
        return [one.why for one in silence_problems(db, at, expected=expected)]


def test_the_last_sign_of_any_worker_counts(database: Database) -> None:
    signed(database, "worker@a:1", NOON)
    signed(database, "worker@b:2", NOON + MINUTE)
    signed(database, "worker@a:1", NOON + 2 * MINUTE)
    signed(database, "beat@a:3", NOON + 9 * MINUTE, BEAT)

    assert seen(database) == NOON + 2 * MINUTE


def test_a_worker_that_is_kept_busy_by_long_work_is_not_taken_for_silent(database: Database) -> None:
    signed(database, "worker@a:1", NOON)
    with database.transaction() as db:
        db.add(
            Errand(
                kind="bill", facts={}, asked_by_id=None, period=None, tries=1, asked_at=NOON, ended_at=None, doing="",
                state=ErrandState.RUNNING, seen_at=NOON + 5 * MINUTE, done=0, total=None, result=None, failure="",
            )
        )  # fmt: skip

    assert seen(database) == NOON + 5 * MINUTE


def test_who_said_goodbye_is_there_no_more_until_it_signs_again(database: Database) -> None:
    signed(database, "worker@a:1", NOON)
    with database.transaction() as db:
        say_goodbye(db, "worker@a:1", NOON)
    with database.reading() as db:
        gone = those_there(db, NOON)
    signed(database, "worker@a:1", NOON + MINUTE)

    with database.reading() as db:
        back = those_there(db, NOON + MINUTE)
    assert gone == []
    assert [(one.name, one.started_at) for one in back] == [("worker@a:1", NOON)]


def test_processes_of_last_week_are_forgotten(database: Database) -> None:
    signed(database, "worker@a:1", NOON)
    signed(database, "worker@a:2", NOON + timedelta(days=8))

    with database.reading() as db:
        assert [one.name for one in db.query(WorkerSign)] == ["worker@a:2"]


@pytest.mark.parametrize(
    ("seen_at", "up_for", "silent"),
    [
        (None, 2 * MINUTE, False),
        (None, 4 * MINUTE, True),
        (NOON - timedelta(hours=12), 2 * MINUTE, False),
        (NOON - timedelta(hours=12), timedelta(hours=1), True),
        (NOON - SILENT_AFTER, timedelta(hours=1), False),
        (NOON, timedelta(hours=1), False),
    ],
)
def test_silence_is_told_after_a_while_and_not_to_a_desk_that_was_only_just_started(
    seen_at: datetime | None, up_for: timedelta, silent: bool
) -> None:
    assert is_silent(seen_at, NOON - up_for, NOON) is silent


def test_doctor_says_since_when_nobody_works_and_whether_the_beat_does(database: Database) -> None:
    never = told(database, NOON)
    signed(database, "worker@a:1", NOON)
    well = told(database, NOON + MINUTE)
    silent = told(database, NOON + 10 * MINUTE)
    signed(database, "beat@a:2", NOON + 10 * MINUTE, BEAT)
    beating = told(database, NOON + 10 * MINUTE)

    assert "ever" in never[0]
    assert well == []
    assert "10 minutes" in silent[0]
    assert "beat is there" not in silent[0]
    assert "beat is there" in beating[0]


def test_doctor_does_not_miss_workers_that_nobody_has_set_up_yet(database: Database) -> None:
    assert told(database, NOON, expected=False) == []


def test_doctor_tells_the_age_of_the_last_sign(database: Database) -> None:
    signed(database, "worker@a:1", NOON)

    with database.reading() as db:
        words = life_in_words(db, NOON + timedelta(seconds=20))

    assert words == "A worker gave its last sign of life 20 seconds ago."
