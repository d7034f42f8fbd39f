"""``meridian serve`` answers browsers, does what is asked for, and ends cleanly when it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from billing import clock
from billing.database import Database
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand, ErrandState
from billing.operations.schema import is_current
from tests.access.cast import make_cast
from tests.cli.conftest import Shell

PATIENCE = 60
"""Seconds after which a server that hangs is killed, so that the test fails instead of waiting on."""
SERVE = [sys.executable, "-c", "from billing.cli.main import main; main()", "serve", "--port", "0", "--json"]


@dataclass
class Served:
    """A desk in a process of its own."""

    process: subprocess.Popen[str]
    address: str

    def end(self, how: signal.Signals) -> int:
        """Ask it to end; its exit code."""
        self.process.send_signal(how)
        return self.process.wait(PATIENCE)


@contextmanager
def served(data: Path, **settings: str) -> Iterator[Served]:
    """A server on the data folder, killed at the end if it is still there."""
    environment = {**os.environ, "MERIDIAN_DATA": str(data), **settings}
    with subprocess.Popen(SERVE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        given_up = threading.Timer(PATIENCE, process.kill)
        given_up.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line, process.stderr.read() if process.stderr else ""
            yield Served(process, json.loads(line)["address"])
        finally:
            given_up.cancel()
            process.kill()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_it_makes_its_database_answers_browsers_and_ends_cleanly(tmp_path: Path, how: signal.Signals) -> None:
    with served(tmp_path / "new") as desk:
        with urllib.request.urlopen(f"{desk.address}/healthz", timeout=PATIENCE) as answer:
            healthy = json.load(answer)
        code = desk.end(how)
        complaints = desk.process.stderr.read() if desk.process.stderr else ""

    database = Database(f"sqlite:///{tmp_path / 'new' / 'meridian.sqlite3'}")
    assert healthy == {"database": "reachable", "schema": "current"}
    assert (code, complaints) == (0, "")
    assert is_current(database)
    database.close()


def test_what_was_left_behind_is_done_as_soon_as_it_runs(shell: Shell) -> None:
    user = make_cast(shell.database).ada
    with shell.database.transaction() as db:
        left = ask(db, ErrandKind.FETCH, {}, user.id, clock.now())

    with served(shell.data) as desk:
        ended = _wait_for_the_end(shell, left, desk)

    assert ended is ErrandState.DONE


def _wait_for_the_end(shell: Shell, errand: Errand, desk: Served) -> ErrandState:
    """Ask the server for its health until the errand has ended; each answer takes a while, so it is no busy waiting."""
    while desk.process.poll() is None:
        with urllib.request.urlopen(f"{desk.address}/healthz", timeout=PATIENCE):
            pass
        with shell.database.reading() as db:
            state = db.get_one(Errand, errand.id).state
        if state not in (ErrandState.WAITING, ErrandState.RUNNING):
            return state
    raise AssertionError("The server ended before the errand did.")


def test_a_port_that_is_taken_is_told_in_words(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = shell.run("serve", "--port", port)

    assert result.exit_code == 1
    assert f"http://127.0.0.1:{port}" in result.stderr
    assert "--port" in result.stderr


def test_an_address_of_another_machine_is_refused_in_words(shell: Shell) -> None:
    result = shell.run("serve", "--host", "192.0.2.7", "--port", 0)

    assert result.exit_code == 1
    assert "192.0.2.7" in result.stderr
