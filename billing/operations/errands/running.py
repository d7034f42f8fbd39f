"""Running what was asked for: take, run, record, one errand at a time in each database.

Only who holds the lock ``errands`` runs any; whoever dies lets go of it. The sign of life in each row is a second
guard, for the case that a database server takes a living process for dead: only after :data:`LEASE` without one
is an errand taken up anew.
"""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update

from billing import clock
from billing.audit.recording import Actor, ActorKind
from billing.database import Db
from billing.errors import Conflict, DatabaseAway, MeridianError, Refused
from billing.operations.billing_report import as_json
from billing.operations.errands.billing_all import bill
from billing.operations.errands.bringing_in import bring_in_zip
from billing.operations.errands.judging_again import recheck
from billing.operations.errands.kinds import ErrandKind
from billing.operations.errands.loading_codes import load_codes
from billing.operations.errands.means import Means
from billing.operations.errands.printing import print_forms
from billing.operations.errands.progress import BrokenOff, Progress
from billing.operations.errands.stating import issue_statements
from billing.operations.errands.superbills import issue_superbills
from billing.operations.errands.taking_in import take_in_files
from billing.operations.fetching import fetch
from billing.operations.models import Errand, ErrandState
from billing.relay import carry_out

LEASE = timedelta(seconds=60)
"""Without a sign of life for so long, an errand that runs is taken up anew."""
MOST_DEATHS = 3
"""An errand during which so many processes died is given up: it may be what kills them."""
CLOCK = Actor(ActorKind.WORKER, "clock")
"""Who does what nobody but the clock asked for."""
LOCK = "errands"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """An errand that has been taken."""

    id: int
    kind: ErrandKind
    facts: Mapping[str, Any]
    by: Actor


def run_waiting(means: Means) -> int:
    """Run everything that was asked for, oldest first, until nothing waits; gives how many errands came to an end.

    Returns at once when another process is at it: that one goes on until nothing waits. What an errand cannot do
    is written into its row, and stops no other.
    """
    ended = 0
    try:
        with means.database.alone(LOCK):
            while not means.is_stopping() and (job := carry_out(means.database, lambda db: take(db, clock.now()))):
                ended += _run(means, job)
    except Conflict:
        _log.debug("another process runs the errands")
    return ended


def take(db: Db, at: datetime) -> Job | None:
    """Mark the oldest errand that waits, or whose runner gave no sign of life for long, as running.

    One whose runner fell silent for the third time is given up instead, in words.
    """
    _give_up(db, at)
    errand = db.scalar(select(Errand).where(_is_due(at)).order_by(Errand.id).limit(1).with_for_update())
    if errand is None:
        return None
    errand.state, errand.seen_at = ErrandState.RUNNING, at
    errand.doing, errand.done, errand.total = "", 0, None
    errand.tries += 1
    by = CLOCK if errand.asked_by_id is None else Actor(ActorKind.USER, str(errand.asked_by_id))
    return Job(errand.id, ErrandKind(errand.kind), errand.facts, by)


def _is_due(at: datetime) -> ColumnElement[bool]:
    return or_(Errand.state == ErrandState.WAITING, _is_lost(at))


def _is_lost(at: datetime) -> ColumnElement[bool]:
    return and_(Errand.state == ErrandState.RUNNING, Errand.seen_at < at - LEASE)


def _give_up(db: Db, at: datetime) -> None:
    failure = (
        f"The program died {MOST_DEATHS} times while it was at this, so it is not begun again by itself. What was done "
        "before stays, and asking again does only the rest. Tell your administrator: memory or disk may be full."
    )
    cells = {"state": ErrandState.FAILED, "failure": failure, "ended_at": at, "doing": ""}
    db.execute(update(Errand).where(_is_lost(at), Errand.tries >= MOST_DEATHS).values(**cells))


def _run(means: Means, job: Job) -> bool:
    """Run an errand and write down what came of it; false when it was broken off and waits again."""
    progress = Progress(means.database, job.id, means.is_stopping)
    try:
        result = _do(means, job, progress)
    except (BrokenOff, DatabaseAway):
        # Nothing died, so this try does not count. While the database is still away this raises too, and what was
        # begun is taken up again after its lease.
        given_back = {"state": ErrandState.WAITING, "seen_at": None, "tries": Errand.tries - 1}
        carry_out(means.database, lambda db: _close(db, job, **given_back))
        return False
    except MeridianError as error:
        failed = _failed(str(error), error)
        carry_out(means.database, lambda db: _close(db, job, **failed))
    except Exception as error:
        failed = _failed(_unexpected(job, error))
        carry_out(means.database, lambda db: _close(db, job, **failed))
    else:
        done = {"state": ErrandState.DONE, "result": result, "ended_at": clock.now(), "doing": ""}
        carry_out(means.database, lambda db: _close(db, job, **done))
    return True


def _do(means: Means, job: Job, progress: Progress) -> dict[str, Any]:
    facts = job.facts
    if job.kind is ErrandKind.BILL:
        waits = facts.get("superbills") == "later"
        return bill(means, date.fromisoformat(facts["through"]), job.by, progress, superbills_wait=waits)
    if job.kind is ErrandKind.SUPERBILLS:
        return issue_superbills(means, date.fromisoformat(facts["through"]), job.by, progress)
    if job.kind is ErrandKind.STATEMENTS:
        return issue_statements(means, date.fromisoformat(facts["on"]), job.by, progress)
    if job.kind is ErrandKind.FORMS:
        return print_forms(means, job.id, facts, job.by, progress)
    if job.kind is ErrandKind.IMPORT:
        return bring_in_zip(means, job.id, facts, progress)
    if job.kind is ErrandKind.RECHECK:
        return recheck(means, date.fromisoformat(facts["on"]), job.by, progress)
    if job.kind is ErrandKind.CODES:
        return load_codes(means, job.id, facts, job.by, progress)
    if job.kind is ErrandKind.FETCH:
        return fetch(means, progress)
    return take_in_files(means, facts["files"], progress)


def _close(db: Db, job: Job, **cells: Any) -> None:
    """Write cells into the errand's row, as long as it runs."""
    mine = (Errand.id == job.id, Errand.state == ErrandState.RUNNING)
    db.execute(update(Errand).where(*mine).values(**cells))


def _failed(failure: str, error: MeridianError | None = None) -> dict[str, Any]:
    problems = error.problems if isinstance(error, Refused) else []
    cells = {"state": ErrandState.FAILED, "failure": failure, "ended_at": clock.now(), "doing": ""}
    return {**cells, "result": {"problems": [as_json(one) for one in problems]}} if problems else cells


def _unexpected(job: Job, error: Exception) -> str:
    """Log a fault without its text, which may quote a record; returns what people are told."""
    reference = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    kind = type(error).__qualname__
    _log.error("errand %s of kind %s: unexpected %s, reference %s, at %s", job.id, job.kind, kind, reference, where)
    return (
        "Something went wrong on our side. What was done before it stays, and asking again does only the rest. "
        f"If it happens again, tell your administrator this reference: {reference}"
    )
