"""Web, two workers and the beat as processes of their own: any of them and the broker may go, and work is done."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from billing.database import Database
from billing.operations.models import WorkerSign
from billing.operations.signs_of_life import BEAT, WORKER
from tests.servers import RedisServer, running_redis
from tests.waiting import until
from tests.workers.house import BEAT as BEAT_COMMAND
from tests.workers.house import QUICK_BEAT, House, house
from tests.workers.test_a_real_worker import seals, write_in_the_trail

AT_ONCE = 15.0
"""Seconds; a beat would come after a minute, and these machines are slow."""


@pytest.fixture
def clinic(postgresql_database: Database, redis_url: str, tmp_path: Path) -> Iterator[House]:
    with house(postgresql_database, redis_url, tmp_path) as made:
        yield made


def there(database: Database, kind: str = WORKER) -> set[str]:
    with database.reading() as db:
        return {one.name for one in db.query(WorkerSign).filter_by(kind=kind, ended_at=None)}


def test_what_is_asked_for_at_the_desk_reaches_a_worker_at_once_even_through_an_emptied_redis(
    clinic: House, redis_url: str
) -> None:
    clinic.workers("one", "two")
    browser = clinic.web()
    until(lambda: len(there(clinic.database)) == 2)

    first = clinic.look_into_inbox(browser)
    until(lambda: clinic.has_ended(first), AT_ONCE)
    with redis.Redis.from_url(redis_url) as client:
        client.flushall()
    second = clinic.look_into_inbox(browser)
    until(lambda: clinic.has_ended(second), AT_ONCE)

    assert second != first


def test_a_ring_that_dies_with_the_worker_that_heard_it_is_made_good_by_the_beat(clinic: House) -> None:
    clinic.workers("one", "two")
    browser = clinic.web()
    until(lambda: len(there(clinic.database)) == 2)

    clinic.processes[0].send_signal(signal.SIGKILL)
    asked = clinic.look_into_inbox(browser)
    clinic.start(QUICK_BEAT)

    until(lambda: clinic.has_ended(asked))
    assert clinic.processes[1].poll() is None


def test_what_nobody_was_rung_for_is_done_with_the_next_beat(clinic: House) -> None:
    left = clinic.left_behind()
    write_in_the_trail(clinic.database, rows=2)

    clinic.workers("one")
    clinic.start(BEAT_COMMAND)

    until(lambda: clinic.has_ended(left))
    until(lambda: seals(clinic.database) == 2)
    until(lambda: len(there(clinic.database, BEAT)) == 1)


def test_redis_may_die_and_come_back_empty(postgresql_database: Database, tmp_path: Path) -> None:
    with ExitStack() as first_life, ExitStack() as second_life:
        server: RedisServer = first_life.enter_context(running_redis())
        clinic = second_life.enter_context(house(postgresql_database, server.url, tmp_path))
        clinic.workers("one")
        clinic.start(QUICK_BEAT)
        before = clinic.left_behind()
        until(lambda: clinic.has_ended(before))

        first_life.close()
        left = clinic.left_behind()
        second_life.enter_context(running_redis(server))

        until(lambda: clinic.has_ended(left))
        assert [one.poll() for one in clinic.processes] == [None, None]


def test_a_worker_that_is_asked_to_end_says_goodbye(clinic: House) -> None:
    clinic.workers("one")
    until(lambda: there(clinic.database))

    clinic.processes[0].send_signal(signal.SIGTERM)

    assert clinic.processes[0].wait(30) == 0
    assert there(clinic.database) == set()
