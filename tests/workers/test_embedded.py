"""``meridian serve`` brings its one worker along: whichever of the two dies, work goes on, never twice at a time."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from time import monotonic

from billing.database import Database
from billing.operations.models import WorkerSign
from billing.operations.signs_of_life import BEAT, WORKER
from tests.cli.test_serve import served
from tests.waiting import is_running, until
from tests.workers.test_a_real_worker import seals, write_in_the_trail
from workers.embedded import only_one

QUICKLY = 15.0
"""Seconds; it takes two, and machines that test are busy."""


def workers(database: Database, kind: str = WORKER) -> set[int]:
    """The process numbers of those that are there and have not said goodbye."""
    with database.reading() as db:
        signs = db.query(WorkerSign).filter_by(kind=kind, ended_at=None)
        return {int(one.name.rpartition(":")[2]) for one in signs}


def test_worker_and_beat_are_one_process_and_do_what_is_due(sqlite_database: Database, tmp_path: Path) -> None:
    write_in_the_trail(sqlite_database, rows=2)

    with served(tmp_path) as desk:
        (worker,) = until(lambda: workers(sqlite_database))
        (beat,) = until(lambda: workers(sqlite_database, BEAT))
        until(lambda: seals(sqlite_database) == 2)

        assert worker == beat != desk.process.pid


def test_a_worker_that_is_killed_is_replaced_and_what_is_due_is_done(sqlite_database: Database, tmp_path: Path) -> None:
    with served(tmp_path):
        (killed,) = until(lambda: workers(sqlite_database))
        os.kill(killed, signal.SIGKILL)
        write_in_the_trail(sqlite_database, rows=2)

        until(lambda: workers(sqlite_database) - {killed})
        until(lambda: seals(sqlite_database) == 2)

    assert not is_running(killed)


def test_when_the_desk_is_killed_its_worker_ends_and_the_next_desks_takes_over(
    sqlite_database: Database, tmp_path: Path
) -> None:
    with served(tmp_path) as first:
        (old,) = until(lambda: workers(sqlite_database))
        with served(tmp_path) as second:
            os.kill(first.process.pid, signal.SIGKILL)
            began = monotonic()
            until(lambda: not is_running(old))
            took = monotonic() - began
            (new,) = until(lambda: workers(sqlite_database) - {old})

            assert took < QUICKLY
            assert new not in (old, second.process.pid)


def test_a_second_worker_waits_for_the_first_one_to_end(tmp_path: Path) -> None:
    lock = tmp_path / "worker.lock"
    looks = iter([True, False])

    with only_one(lock, lambda: True) as first, only_one(lock, lambda: next(looks)) as second:
        while_the_first_works = (first, second)
    with only_one(lock, lambda: True) as third:
        afterwards = third

    assert while_the_first_works == (True, False)
    assert afterwards


def test_it_ends_quickly_and_says_goodbye(sqlite_database: Database, tmp_path: Path) -> None:
    with served(tmp_path) as desk:
        (worker,) = until(lambda: workers(sqlite_database))
        began = monotonic()
        code = desk.end(signal.SIGTERM)
        took = monotonic() - began
        complaints = desk.process.stderr.read() if desk.process.stderr else ""

    assert (code, complaints) == (0, "")
    assert took < QUICKLY
    assert not is_running(worker)
    assert workers(sqlite_database) == workers(sqlite_database, BEAT) == set()
