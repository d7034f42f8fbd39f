"""A worker that is to end says so to whatever it is doing."""

from __future__ import annotations

import subprocess
import sys

FORKED = """
import os
from celery import signals
from workers.stopping import is_stopping

asked, answer = os.pipe()
if os.fork() == 0:
    os.read(asked, 1)
    os._exit(10 if is_stopping() else 11)
before = is_stopping()
signals.worker_shutting_down.send(sender="worker", sig="SIGTERM", how="Warm", exitcode=0)
os.write(answer, b"!")
child = os.waitstatus_to_exitcode(os.wait()[1])
print(before, is_stopping(), child)
"""


def test_a_request_to_end_is_seen_by_the_processes_of_the_pool_too() -> None:
    told = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True)

    assert told.stdout.split() == ["False", "True", "10"]


DRAINING = """
from billing.settings import settings_of_this_process
from billing.wiring import ready
from billing.relay import Route
from workers import stopping, tasks

program = ready(settings_of_this_process())
due, recorded = list(range(5)), []

def take(db, limit):
    taken, due[:] = due[:limit], due[limit:]
    return taken

def record(db, deliveries):
    recorded.extend(one.letter for one in deliveries)
    stopping.note_that_it_stops()

tasks._drain(program, Route("letters", take, lambda letter: letter, record, limit=2))
print(recorded, due)
"""


def test_a_round_stops_between_two_batches_and_leaves_the_rest_due(tmp_path: object) -> None:
    told = subprocess.run(
        [sys.executable, "-c", DRAINING],
        capture_output=True,
        text=True,
        check=True,
        env={"MERIDIAN_DATA": str(tmp_path), "PATH": ""},
    )

    assert told.stdout.strip() == "[0, 1] [2, 3, 4]"
