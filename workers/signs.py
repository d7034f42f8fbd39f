"""The signs of life of this process: when it begins, in the round ``give_sign``, and when it ends.

A worker is one name, however many processes its pool forks. The beat, which runs no rounds, signs from a thread.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from celery import signals

from billing import clock
from billing.operations.signs_of_life import BEAT, WORKER, give_sign, process_name, say_goodbye
from billing.relay import carry_out
from billing.settings import settings_of_this_process
from billing.wiring import Program

SECONDS_BETWEEN_SIGNS = 30.0

_log = logging.getLogger(__name__)
_started = process_name(WORKER, os.uname().nodename, os.getpid())
"""Taken while Celery starts and before its pool forks, so that all of its processes go by it."""


def name_of_worker() -> str:
    """What this worker is called."""
    return _started


def sign_as_worker(program: Program) -> None:
    """Note that this worker is there."""
    carry_out(program.database, lambda db: give_sign(db, name_of_worker(), WORKER, clock.now()))


def _begin_as_worker(**_: Any) -> None:
    _quietly(sign_as_worker)


def _end_as_worker(**_: Any) -> None:
    _quietly(partial(_end, name=name_of_worker()))


def _begin_as_beat(**_: Any) -> None:
    atexit.register(_quietly, partial(_end, name=_name_of_beat()))
    threading.Thread(target=_keep_signing, name="signs of the beat", daemon=True).start()


def _keep_signing() -> None:
    wait = threading.Event()
    while True:
        _quietly(_sign_as_beat)
        wait.wait(SECONDS_BETWEEN_SIGNS)


def _sign_as_beat(program: Program) -> None:
    carry_out(program.database, lambda db: give_sign(db, _name_of_beat(), BEAT, clock.now()))


def _name_of_beat() -> str:
    return process_name(BEAT, os.uname().nodename, os.getpid())


def _end(program: Program, name: str) -> None:
    carry_out(program.database, lambda db: say_goodbye(db, name, clock.now()))


def _quietly(act: Callable[[Program], None]) -> None:
    """Do something with connections of its own, which no child inherits; a sign that fails is not worth stopping for.

    The text of a fault may quote the database's address, so only its kind is logged.
    """
    try:
        program = Program(settings_of_this_process())
        try:
            act(program)
        finally:
            program.database.close()
    except Exception as error:
        _log.warning("a sign of life could not be written: %s", type(error).__name__)


signals.worker_ready.connect(_begin_as_worker)
signals.worker_shutdown.connect(_end_as_worker)
signals.beat_init.connect(_begin_as_beat)
