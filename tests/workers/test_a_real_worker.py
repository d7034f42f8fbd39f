"""Real worker processes, on the brokers they meet in life."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from billing import clock
from billing.audit.models import AuditEntry, AuditSeal
from billing.database import Database
from billing.operations.rounds import SEAL_AUDIT
from billing.settings import settings_from
from workers.installation import celery_for

CHECKOUT = Path(__file__).resolve().parents[2]
OPTIONS = ["--pool", "threads", "--concurrency", "2", "--loglevel", "info", "--without-gossip", "--without-mingle"]
PATIENCE = 60
"""Seconds after which a worker that says nothing is killed, so that the test fails instead of waiting on."""

UntilItSays = Callable[[str], str]


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[UntilItSays]:
    """A worker process, killed at the end; call what it yields to wait until the worker says something."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "--workdir", str(CHECKOUT), "--app", "workers.app", "worker", *OPTIONS],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    given_up = threading.Timer(PATIENCE, process.kill)
    given_up.start()
    output = process.stdout
    assert output is not None

    def until_it_says(awaited: str) -> str:
        said = ""
        for line in output:
            said += line
            if awaited in line:
                return said
        raise AssertionError(f"The worker ended without saying {awaited!r}:\n{said}")

    with ExitStack() as at_the_end:
        at_the_end.callback(output.close)
        at_the_end.callback(process.wait)
        at_the_end.callback(process.kill)
        at_the_end.callback(given_up.cancel)
        yield until_it_says


def write_in_the_trail(database: Database, rows: int) -> None:
    """Audit rows without seals."""
    with database.transaction() as db:
        for row in range(rows):
            db.add(
                AuditEntry(
                    at=clock.now(),
                    actor_kind="user",
                    actor_id="1",
                    action="viewed",
                    subject_kind="patient",
                    subject_id=str(row),
                    detail={},
                )
            )


def seals(database: Database) -> int:
    """How many rows are sealed."""
    with database.reading() as db:
        return db.query(AuditSeal).count()


@pytest.fixture
def on_files(sqlite_database: Database, tmp_path: Path) -> tuple[Database, dict[str, str]]:
    """The embedded default: everything in one folder."""
    return sqlite_database, {"MERIDIAN_DATA": str(tmp_path)}


@pytest.fixture
def on_servers(postgresql_database: Database, redis_url: str, tmp_path: Path) -> tuple[Database, dict[str, str]]:
    """PostgreSQL and Redis."""
    return postgresql_database, {
        "MERIDIAN_DATA": str(tmp_path),
        "MERIDIAN_DATABASE_URL": postgresql_database.url.render_as_string(hide_password=False),
        "MERIDIAN_BROKER_URL": redis_url,
    }


@pytest.mark.parametrize("installation", ["on_files", "on_servers"])
def test_a_worker_does_what_it_is_rung_for(installation: str, request: pytest.FixtureRequest) -> None:
    database, environment = request.getfixturevalue(installation)
    write_in_the_trail(database, rows=3)

    with worker(environment) as until_it_says:
        until_it_says("ready")
        celery_for(settings_from(environment)).send_task(SEAL_AUDIT)
        until_it_says("succeeded")

    assert seals(database) == 3


def test_what_was_rung_while_no_worker_was_there_is_done_when_one_comes(
    on_servers: tuple[Database, dict[str, str]],
) -> None:
    database, environment = on_servers
    write_in_the_trail(database, rows=1)
    celery_for(settings_from(environment)).send_task(SEAL_AUDIT)

    with worker(environment) as until_it_says:
        until_it_says("succeeded")

    assert seals(database) == 1


def test_a_worker_that_breaks_down_says_nothing_of_what_it_was_working_on(
    on_servers: tuple[Database, dict[str, str]],
) -> None:
    database, environment = on_servers
    write_in_the_trail(database, rows=1)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_seal ADD CHECK (position < 0)")

    with worker(environment) as until_it_says:
        celery_for(settings_from(environment)).send_task(SEAL_AUDIT)
        said = until_it_says("RoundFailed")

    assert "IntegrityError in billing/" in said
    assert "INSERT" not in said
    assert "Failing row" not in said
