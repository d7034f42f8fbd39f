"""Redis dies while a worker is in the middle of something: the worker goes on with that, and then with the rest."""

from __future__ import annotations

import os
import signal
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from pytest_httpserver import HTTPServer

from billing import clock
from billing.clinic.models import Clinic
from billing.database import Database
from billing.operations.rounds import SEND_MESSAGES
from billing.reminders.lifecycle import MessageState
from billing.sessions.lifecycle import SessionState
from billing.settings import settings_from
from tests.adapters.text_gateway import TOKEN, TextGateway
from tests.factories import make_session
from tests.journeys.fire.clerk import zone_at_noon
from tests.reminders.stage import Stage, open_stage
from tests.servers import running_redis
from tests.waiting import until
from tests.workers.house import QUICK_BEAT, WORKER, house
from workers.installation import celery_for

FORKING = [word if word != "threads" else "prefork" for word in WORKER]


def a_text_that_is_due(database: Database) -> Stage:
    """About a visit a day from now, where it is noon."""
    stage = open_stage(database, time_zone=zone_at_noon(clock.now()))
    patient = stage.patient()
    starts_at = clock.now() + timedelta(days=1, seconds=-1)
    on = clock.local(starts_at, stage.write(lambda db: db.get_one(Clinic, 1)).time_zone).date()
    stage.write(
        lambda db: make_session(
            db, patient, stage.practitioner, on, starts_at=starts_at, sets=(), diagnoses=(),
            state=SessionState.BOOKED, onset_on=None,
        )
    )  # fmt: skip
    stage.plan(clock.now())
    return stage


@pytest.mark.parametrize("worker", [WORKER, FORKING], ids=["threads", "processes"])
def test_a_worker_survives_it(postgresql_database: Database, tmp_path: Path, worker: list[str]) -> None:
    stage, gateway = a_text_that_is_due(postgresql_database), TextGateway(hangs=True)
    with ExitStack() as lives, HTTPServer(threaded=True) as server:
        broker = lives.enter_context(running_redis())
        clinic = lives.enter_context(house(postgresql_database, broker.url, tmp_path))
        clinic.environment |= {
            "MERIDIAN_TEXTS": "http",
            "MERIDIAN_TEXTS_URL": gateway.serve_at(server),
            "MERIDIAN_TEXTS_TOKEN": TOKEN,
            "MERIDIAN_TEXTS_FROM": "+15035550100",
        }
        process = clinic.start(worker, "one")
        celery_for(settings_from(clinic.environment)).send_task(SEND_MESSAGES)
        until(lambda: gateway.asked)

        with redis.Redis.from_url(broker.url) as client:
            number = int(client.info("server")["process_id"])
        os.kill(number, signal.SIGKILL)
        os.waitpid(number, 0)
        until(lambda: "Connection to broker lost" in clinic.log.read_text())
        lives.enter_context(running_redis(broker))
        gateway.released.set()
        clinic.start(QUICK_BEAT)
        left = clinic.left_behind()

        until(lambda: clinic.has_ended(left) or process.poll() is not None)
        assert process.poll() is None
        assert [one.state for one in stage.messages()] == [MessageState.SENT]
        assert len(gateway.texts) == 1
