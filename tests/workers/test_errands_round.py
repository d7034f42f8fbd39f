"""A worker takes up long work that the web process was asked for and did not live to do."""

from __future__ import annotations

from pathlib import Path

from billing import clock
from billing.database import Database
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand, ErrandState
from billing.operations.rounds import RUN_ERRANDS
from billing.settings import settings_from
from tests.access.cast import make_cast
from tests.workers.test_a_real_worker import worker
from workers.installation import celery_for


def test_a_worker_runs_what_was_asked_for_at_the_desk(sqlite_database: Database, tmp_path: Path) -> None:
    environment = {"MERIDIAN_DATA": str(tmp_path)}
    user = make_cast(sqlite_database).ada
    with sqlite_database.transaction() as db:
        asked = ask(db, ErrandKind.FETCH, {}, user.id, clock.now())

    with worker(environment) as until_it_says:
        until_it_says("ready")
        celery_for(settings_from(environment)).send_task(RUN_ERRANDS)
        until_it_says("succeeded")

    with sqlite_database.reading() as db:
        assert db.get_one(Errand, asked.id).state is ErrandState.DONE
