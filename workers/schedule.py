"""When the workers look for what is due, in words for the person who runs the clinic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Round:
    """Something the workers do again and again."""

    task: str
    """Its name, by which it can also be rung between two rounds."""
    every: timedelta
    why: str


FILE_CLAIMS = "file_claims"
DRAW_PAPERS = "draw_papers"
SEAL_AUDIT = "seal_audit"
RUN_ERRANDS = "run_errands"

ROUNDS = (
    Round(FILE_CLAIMS, timedelta(minutes=1), "Claims that are ready are written into files and handed over."),
    Round(DRAW_PAPERS, timedelta(minutes=1), "Invoices, superbills and claim forms that were issued are drawn."),
    Round(SEAL_AUDIT, timedelta(minutes=1), "New rows of the audit trail are sealed, so that a later change shows."),
    Round(RUN_ERRANDS, timedelta(minutes=1), "Long work asked for at the desk is taken up where it was left behind."),
)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The rounds as Celery's beat takes them.

    A call that no worker took up by the next round is dropped, or a long night without workers
    would end in a queue of calls that all find the same nothing.
    """
    return {
        each.why: {
            "task": each.task,
            "schedule": each.every,
            "options": {"expires": each.every.total_seconds()},
        }
        for each in ROUNDS
    }
