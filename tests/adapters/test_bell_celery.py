"""A bell is heard through the broker, keeps nobody waiting, and can fail without anybody noticing."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic

import pytest
import redis

from billing.adapters.bell_celery import CeleryBell, WholeFiles, broker_failure, broker_options
from billing.settings import Settings, settings_from
from workers.installation import celery_for

QUEUES = {"file_claims": "claims", "run_errands": "desk"}
PATIENCE = 20


@pytest.fixture
def on_files(tmp_path: Path) -> Settings:
    return settings_from({"MERIDIAN_DATA": str(tmp_path)})


@pytest.fixture
def on_redis(tmp_path: Path, redis_url: str) -> Settings:
    return settings_from({"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_BROKER_URL": redis_url})


def bell_of(settings: Settings) -> CeleryBell:
    return CeleryBell(settings, QUEUES, "run_errands")


def heard(settings: Settings, queue: str, times: int) -> list[str]:
    """The rounds that are rung for in a queue, as a worker takes them; fails when so many do not come."""
    found: list[str] = []
    with celery_for(settings).connection_for_read() as connection:
        calls = connection.SimpleQueue(queue)
        while len(found) < times:
            message = calls.get(timeout=PATIENCE)
            message.ack()
            found.append(message.headers["task"])
        calls.close()
    return found


@pytest.mark.parametrize("broker", ["on_files", "on_redis"])
def test_a_ring_lies_in_the_queue_of_its_round(broker: str, request: pytest.FixtureRequest) -> None:
    settings: Settings = request.getfixturevalue(broker)
    bell = bell_of(settings)

    bell.ring()
    bell.ring("file_claims")

    assert heard(settings, "desk", 1) == ["run_errands"]
    assert heard(settings, "claims", 1) == ["file_claims"]


def test_a_ring_carries_nothing_but_its_name(on_redis: Settings) -> None:
    bell_of(on_redis).ring()

    with celery_for(on_redis).connection_for_read() as connection:
        message = connection.SimpleQueue("desk").get(timeout=PATIENCE)

    arguments, named, _ = message.payload
    assert (arguments, named) == ([], {})
    assert message.headers["expires"] is not None


def test_a_bell_rings_on_after_the_broker_was_emptied(on_redis: Settings) -> None:
    bell = bell_of(on_redis)
    bell.ring()
    heard(on_redis, "desk", 1)

    with redis.Redis.from_url(on_redis.broker_url) as client:
        client.flushall()
    bell.ring()

    assert heard(on_redis, "desk", 1) == ["run_errands"]


@pytest.fixture
def deaf() -> Iterator[str]:
    """The address of a broker that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=8) as server:
        yield f"redis://:secret@127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def gone() -> str:
    """The address of a broker that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://:secret@127.0.0.1:{port}/0"


class Log(logging.Handler):
    """What is logged, for a test that waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.said: SimpleQueue[str] = SimpleQueue()

    def emit(self, record: logging.LogRecord) -> None:
        self.said.put(self.format(record))


@pytest.fixture
def log() -> Iterator[Log]:
    handler = Log()
    logger = logging.getLogger(CeleryBell.__module__)
    logger.addHandler(handler)
    yield handler
    logger.removeHandler(handler)


@pytest.mark.parametrize("broker", ["gone", "deaf"])
def test_without_a_broker_nobody_waits_and_no_password_is_told(
    broker: str, tmp_path: Path, request: pytest.FixtureRequest, log: Log
) -> None:
    url = request.getfixturevalue(broker)
    bell = bell_of(settings_from({"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_BROKER_URL": url}))

    began = monotonic()
    for _ in range(100):
        bell.ring()
    took = monotonic() - began

    said = log.said.get(timeout=PATIENCE)
    assert took < 1
    assert "run_errands" in said
    assert "secret" not in said


def test_a_broker_that_answers_is_well_and_one_that_does_not_is_named_by_its_error(
    on_redis: Settings, on_files: Settings, tmp_path: Path, gone: str
) -> None:
    absent = settings_from({"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_BROKER_URL": gone})

    assert (broker_failure(on_redis), broker_failure(on_files)) == ("", "")
    assert broker_failure(absent) != ""
    assert "secret" not in broker_failure(absent)


def test_many_bells_and_listeners_on_one_folder_lose_and_double_nothing(on_files: Settings) -> None:
    calls, writers = 60, 3
    found: list[str] = []
    taken = threading.Lock()

    def write(writer: int) -> None:
        with celery_for(on_files).connection_for_write() as connection:
            for call in range(calls):
                connection.default_channel._put("desk", {"body": f"{writer}-{call}"})

    def read() -> None:
        with celery_for(on_files).connection_for_read() as connection:
            give_up_at = monotonic() + PATIENCE
            while len(found) < calls * writers and monotonic() < give_up_at:
                message = _next(connection.default_channel)
                if message is not None:
                    with taken:
                        found.append(message)

    threads = [threading.Thread(target=write, args=(one,)) for one in range(writers)]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(found) == sorted(f"{writer}-{call}" for writer in range(writers) for call in range(calls))
    assert list((on_files.queues / "calls").iterdir()) == []


def _next(channel: WholeFiles) -> str | None:
    try:
        body: str = channel._get("desk")["body"]
    except Empty:
        return None
    return body


def test_bell_and_workers_use_the_same_queues(on_files: Settings, on_redis: Settings) -> None:
    for settings in (on_files, on_redis):
        worker = celery_for(settings).conf
        assert worker.broker_url == broker_options(settings)["broker_url"]
        assert {one.name for one in worker.task_queues} >= set(QUEUES.values())
