"""The errand ``statements``: a statement for everybody who has something to be told."""

from __future__ import annotations

from datetime import date
from typing import Any

from billing import clock
from billing.audit.recording import Actor, Fact, Subject, record
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Progress
from billing.operations.statements import StatementRun, issue_due, statements_of, warnings_about
from billing.relay import carry_out, look_up

LISTED = 500
"""So many statements are named in the result; their number is always whole."""


def issue_statements(means: Means, on: date, by: Actor, progress: Progress) -> dict[str, Any]:
    """Issue and draw a day's statements; the result lists all of that day, those of earlier runs too.

    Raises :class:`Refused` when there is no clinic, :class:`Conflict` while another statement run is going on.
    """
    zone = look_up(means.database, lambda db: the_clinic(db).time_zone)
    warnings = warnings_about(on, zone, clock.now())
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
        "warnings": warnings,
        "failures": failures,
    }


def _remember(db: Db, run: StatementRun, by: Actor) -> None:
    detail: dict[str, Fact] = {"on": run.on.isoformat(), "issued": run.issued}
    record(db, by, "statements issued", Subject("clinic", "1"), clock.now(), detail)
