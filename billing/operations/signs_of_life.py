"""Signs of life of what works by itself: who gives them, and what is said when they stay away.

A worker gives its sign as one of the rounds. So a sign says more than that a process lives: the beat rang, the
broker carried the call, and a worker reached the database.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, delete, func, select, union_all

from billing.database import Db
from billing.errors import Problem, warn
from billing.operations.models import Errand, ErrandState, WorkerSign

WORKER, BEAT = "worker", "beat"
SILENT_AFTER = timedelta(minutes=3)
"""Without a sign for so long, people are told."""
_FORGOTTEN_AFTER = timedelta(days=7)


def give_sign(db: Db, name: str, kind: str, at: datetime) -> None:
    """Note that the process ``name`` was there at that instant; those that were silent for a week are forgotten."""
    sign = db.get(WorkerSign, name)
    if sign is None:
        db.add(WorkerSign(name=name, kind=kind, started_at=at, seen_at=at, ended_at=None))
    else:
        sign.seen_at, sign.ended_at = at, None
    db.execute(delete(WorkerSign).where(WorkerSign.seen_at < at - _FORGOTTEN_AFTER))


def say_goodbye(db: Db, name: str, at: datetime) -> None:
    """Note that the process ``name`` was asked to stop, and does."""
    sign = db.get(WorkerSign, name)
    if sign is not None:
        sign.ended_at = at


def last_sign() -> ScalarSelect[datetime | None]:
    """When a worker was last there: by its own sign, or by that of the long work it is at, which may keep it busy."""
    own = select(WorkerSign.seen_at).where(WorkerSign.kind == WORKER)
    busy = select(Errand.seen_at).where(Errand.state == ErrandState.RUNNING)
    seen = union_all(own, busy).subquery()
    return select(func.max(seen.c.seen_at)).scalar_subquery()


def is_silent(seen_at: datetime | None, up_since: datetime, at: datetime) -> bool:
    """Whether nothing has worked by itself for too long; a desk that was only just started waits before it says so."""
    return at - up_since > SILENT_AFTER and (seen_at is None or at - seen_at > SILENT_AFTER)


def those_there(db: Db, at: datetime) -> Sequence[WorkerSign]:
    """What gave a sign lately and has not said goodbye."""
    lately = (WorkerSign.ended_at.is_(None), WorkerSign.seen_at >= at - SILENT_AFTER)
    return db.scalars(select(WorkerSign).where(*lately).order_by(WorkerSign.kind, WorkerSign.name)).all()


def silence_problems(db: Db, at: datetime, *, expected: bool) -> list[Problem]:
    """What to do about workers that give no sign, for whoever looks after the installation.

    ``expected``: whether they should be there although none ever was, as where a broker is set up.
    """
    seen_at = db.scalar(select(last_sign()))
    beat_at = db.scalar(select(func.max(WorkerSign.seen_at)).where(WorkerSign.kind == BEAT))
    if seen_at is not None and at - seen_at <= SILENT_AFTER:
        return []
    if seen_at is None and not expected:
        return []
    since = "ever" if seen_at is None else f"for {_ago(at - seen_at)}"
    beating = beat_at is not None and at - beat_at <= SILENT_AFTER
    beat = "The beat is there, so it is the workers or the broker. " if beating else ""
    why = f"No worker has given a sign of life {since}: claims, papers and messages wait. {beat}".strip()
    return [warn("workers.silent", why, "Start meridian serve; or, with a broker, the workers and the beat.")]


def life_in_words(db: Db, at: datetime) -> str:
    """How long ago the last sign was, for a line of ``doctor``; empty before there ever was one."""
    seen_at = db.scalar(select(last_sign()))
    return f"A worker gave its last sign of life {_ago(at - seen_at)} ago." if seen_at is not None else ""


def _ago(span: timedelta) -> str:
    seconds = max(0, int(span.total_seconds()))
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{seconds // size} {word}s"
    return f"{seconds} seconds" if seconds != 1 else "a second"


def process_name(kind: str, machine: str, number: int) -> str:
    """What a process is called, such as ``worker@desk-1:4711``."""
    return f"{kind}@{machine}:{number}"
