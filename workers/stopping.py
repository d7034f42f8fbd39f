"""Whether this worker was asked to stop: every process of it can see that, those that its pool forked too."""

from __future__ import annotations

import mmap
from typing import Any

from celery import signals

# Shared by a parent and the children it forks, and written in a signal handler, so without any lock.
_asked = mmap.mmap(-1, 1)


def is_stopping() -> bool:
    """Work under way should come to a halt where it can be taken up again."""
    return _asked[0] != 0


def note_that_it_stops(**_: Any) -> None:
    """Remember it, as Celery tells it at the first request to end."""
    _asked[0] = 1


signals.worker_shutting_down.connect(note_that_it_stops)
