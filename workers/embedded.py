"""The one worker of ``meridian serve``: every round and the beat in one process, ``python -m workers.embedded PARENT``.

It works only while it holds a lock in the data folder, so that there is never a second one, and only as long as the
process with the number PARENT, which started it, lives.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from celery import Celery, signals
from celery.beat import Service
from celery.exceptions import SecurityWarning

from billing.settings import settings_of_this_process
from workers.installation import celery_for

AT_ONCE = 2
"""Rounds that go on at the same time."""
SECONDS_BETWEEN_LOOKS = 0.5
"""How often it is looked whether the parent lives, and whether the lock is free."""
PATIENCE = 30.0
"""Seconds that work under way has, once the parent is gone, to come to a halt where it can be taken up again."""


def main() -> None:
    """Work until the parent is gone or this process is asked to end."""
    parent = int(sys.argv[1])
    settings = settings_of_this_process()
    with only_one(settings.worker_lock, lambda: is_alive(parent)) as is_mine:
        if is_mine:
            run(celery_for(settings), parent)


def is_alive(parent: int) -> bool:
    """Whether the process that started this one lives; one that has lost its parent is given another."""
    return os.getppid() == parent


@contextmanager
def only_one(path: Path, is_wanted: Callable[[], bool]) -> Iterator[bool]:
    """Hold the lock, waiting until whoever has it lets go or dies; false when it is not wanted any more before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        while is_wanted():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                sleep(SECONDS_BETWEEN_LOOKS)
            else:
                yield True
                return
        yield False


def run(app: Celery, parent: int) -> None:
    """Be a worker with the beat inside; returns when it was asked to end and has."""
    # Threads of the pool would else belong to an app that knows no task, and say nothing about it.
    app.set_default()
    # Nothing but JSON is ever unpacked, which is what the warning is about.
    warnings.simplefilter("ignore", SecurityWarning)

    def begin(**_: Any) -> None:
        _in_background("beat", Service(app, scheduler_cls=app.conf.beat_scheduler).start)

    signals.worker_ready.connect(begin)
    _in_background("watch", lambda: _end_with(parent))
    worker = app.Worker(
        pool_cls="threads",
        concurrency=AT_ONCE,
        loglevel=logging.WARNING,
        hostname=f"embedded@{os.uname().nodename}",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()


def _end_with(parent: int) -> None:
    while is_alive(parent):
        sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGTERM)
    give_up_at = monotonic() + PATIENCE
    while monotonic() < give_up_at:
        sleep(SECONDS_BETWEEN_LOOKS)
    os._exit(1)


def _in_background(name: str, work: Callable[[], object]) -> None:
    threading.Thread(target=work, name=name, daemon=True).start()


if __name__ == "__main__":
    main()
