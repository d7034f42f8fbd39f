"""Waiting for a thing that another process does, and no longer."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

Found = TypeVar("Found")

SECONDS_BETWEEN_LOOKS = 0.05
PATIENCE = 60.0
"""Seconds; far more than anything takes, so that only what never comes fails."""


def until(look: Callable[[], Found], patience: float = PATIENCE) -> Found:
    """What ``look`` finds as soon as that is anything; fails when the patience is at its end."""
    give_up_at = monotonic() + patience
    pause = threading.Event()
    while not (found := look()):
        if monotonic() > give_up_at:
            raise AssertionError(f"{patience} seconds passed, and what was waited for did not come: {look}")
        pause.wait(SECONDS_BETWEEN_LOOKS)
    return found


def is_running(process: int) -> bool:
    """Whether a process lives; one that has ended and that nobody has asked after does not."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True)
    return told.returncode == 0 and not told.stdout.strip().startswith("Z")
