"""The errand ``statements``: a statement for everybody who has something to be told.

The inbox is looked into first, so that nobody is asked for what an insurer has paid already.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from billing import clock
from billing.audit.recording import Actor, Fact, Subject, record
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.errors import Conflict, OutsideWorld, Refused
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Telling
from billing.operations.fetching import fetch
from billing.operations.statements import StatementRun, issue_due, statements_of, warnings_about, withheld_words
from billing.relay import carry_out, look_up

LISTED = 500
"""So many statements are named in the result; their number is always whole."""
PATIENCE = 60.0
"""Seconds for which another look into the inbox is waited for."""


def issue_statements(means: Means, on: date, by: Actor, progress: Telling) -> dict[str, Any]:
    """Issue and draw a day's statements; the result lists all of that day, those of earlier runs too.

    Raises :class:`Refused` when there is no clinic, :class:`Conflict` while another statement run is going on.
    """
    zone = look_up(means.database, lambda db: the_clinic(db).time_zone)
    warnings = [*warnings_about(on, zone, clock.now()), *_take_in_what_came(means, progress)]
    run = StatementRun(on)
    failures = issue_due(
        means.database, run, means.documents, lambda what, done, total: progress.tell(what.capitalize(), done, total)
    )
    drawn = look_up(means.database, lambda db: statements_of(db, run))
    carry_out(means.database, lambda db: _remember(db, run, by))
    return {
        "on": on.isoformat(),
        "issued": run.issued,
        "count": len(drawn),
        "total_cents": sum(one.total_cents for one in drawn if one.total_cents > 0),
        "statements": [
            {
                "number": one.name,
                "patient": one.patient_id,
                "total_cents": one.total_cents,
                "document": one.document_id,
            }
            for one in drawn[:LISTED]
        ],
        "warnings": [*warnings, *withheld_words(run)],
        "failures": failures,
    }


def _take_in_what_came(means: Means, progress: Telling) -> list[str]:
    """Look into the inbox, after another look that may be going on; gives what kept that from happening, in words."""
    try:
        fetch(means, progress, PATIENCE)
    except Conflict:
        return [_unread("Another look into it went on for too long.")]
    except (OutsideWorld, Refused) as failure:
        return [_unread(str(failure))]
    return []


def _unread(why: str) -> str:
    return f"The inbox could not be looked into before: {why} What payers have sent since the last look is not told."


def _remember(db: Db, run: StatementRun, by: Actor) -> None:
    detail: dict[str, Fact] = {"on": run.on.isoformat(), "issued": run.issued}
    record(db, by, "statements issued", Subject("clinic", "1"), clock.now(), detail)
