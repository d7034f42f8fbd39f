"""When the workers look for what is due: the clinic's rounds as Celery's beat takes them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery.beat import Scheduler

from billing.operations.rounds import ROUNDS

_LONG_AGO = timedelta(days=1)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The rounds as Celery's beat takes them.

    A call that no worker took up by the next round is dropped, or a long night without workers
    would end in a queue of calls that all find the same nothing.
    """
    return {
        each.why: {
            "task": each.task,
            "schedule": each.every,
            "options": {"expires": each.every.total_seconds(), "queue": each.queue.value},
        }
        for each in ROUNDS
    }


class Rounds(Scheduler):
    """Beat's own memory, which is kept nowhere: each start begins with every round.

    What is due stands in the database, so there is nothing that a file could remember, be locked by or lose.
    """

    def setup_schedule(self) -> None:
        """Make every round due at once."""
        super().setup_schedule()
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - _LONG_AGO
