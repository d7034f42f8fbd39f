"""The errand ``recheck``: every held claim is judged again, and what nothing stops any more becomes ready."""

from __future__ import annotations

from datetime import date
from typing import Any

from billing import clock
from billing.audit.recording import Actor, Fact, Subject, record
from billing.database import Db
from billing.operations.errands.means import Means
from billing.operations.errands.progress import Progress
from billing.operations.rechecking import Recheck, held_claims, recheck_held
from billing.relay import carry_out, look_up


def recheck(means: Means, on: date, by: Actor, progress: Progress) -> dict[str, Any]:
    """Judge all held claims as if they were filed on that day."""
    total = look_up(means.database, held_claims)
    run = Recheck(on, str(by))
    recheck_held(means.database, run, lambda done: progress.tell("Judging held claims", done, total))
    facts: dict[str, Fact] = {"checked": run.checked, "released": run.released}
    carry_out(means.database, lambda db: _remember(db, by, facts))
    return facts


def _remember(db: Db, by: Actor, facts: dict[str, Fact]) -> None:
    record(db, by, "held claims judged again", Subject("clinic", "1"), clock.now(), facts)
