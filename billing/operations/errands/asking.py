"""Asking for an errand, and asking how far it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from billing.access.models import User
from billing.access.permissions import Role, may
from billing.database import Db, hold_lock
from billing.errors import Forbidden, NotFound
from billing.operations.errands.kinds import NEEDS, ErrandKind, title_of
from billing.operations.models import Errand, ErrandState

_LOCK = "asking for errands"
_OPEN = (ErrandState.WAITING, ErrandState.RUNNING)
THE_CLOCK = "the clock"
"""Who asked for what is asked for by itself."""


def ask(db: Db, kind: str, facts: Mapping[str, Any], by_user_id: int, at: datetime) -> Errand:
    """Have an errand run as soon as this transaction is committed and the bell is rung.

    Asked for twice, it is done once: an equal one that waits or runs is returned instead of a second. ``facts``
    hold days, record numbers, hashes and names of kept files; what a kind wants is told at :class:`ErrandKind`.
    Raises ``ValueError`` for what is no kind of errand.
    """
    wanted = ErrandKind(kind)
    hold_lock(db, _LOCK)
    is_open = (Errand.kind == wanted.value, Errand.state.in_(_OPEN))
    for errand in db.scalars(select(Errand).where(*is_open).order_by(Errand.id)):
        if errand.facts == dict(facts):
            return errand
    return _written(db, wanted, facts, by_user_id, None, at)


def ask_by_clock(db: Db, kind: str, facts: Mapping[str, Any], period: str, at: datetime) -> Errand | None:
    """Have an errand run that nobody but the clock asks for.

    ``period`` says which turn of something regular it is, such as ``statements:2026-11``: each is asked for once,
    whatever became of it, and ``None`` is returned when it was before. Raises ``ValueError`` like :func:`ask`.
    """
    wanted = ErrandKind(kind)
    hold_lock(db, _LOCK)
    if db.scalar(select(Errand.id).where(Errand.period == period)) is not None:
        return None
    return _written(db, wanted, facts, None, period, at)


def _written(
    db: Db, kind: ErrandKind, facts: Mapping[str, Any], by_user_id: int | None, period: str | None, at: datetime
) -> Errand:
    asked = Errand(
        kind=kind.value,
        facts=dict(facts),
        asked_by_id=by_user_id,
        period=period,
        tries=0,
        asked_at=at,
        state=ErrandState.WAITING,
        seen_at=None,
        ended_at=None,
        doing="",
        done=0,
        total=None,
        result=None,
        failure="",
    )
    db.add(asked)
    db.flush()
    return asked


def last_facts(db: Db, kind: ErrandKind) -> Mapping[str, Any]:
    """What the last errand of a kind was asked with; nothing when there was none."""
    newest = select(Errand.facts).where(Errand.kind == kind.value).order_by(Errand.id.desc()).limit(1)
    return db.scalar(newest) or {}


@dataclass(frozen=True, slots=True)
class ErrandSeen:
    """An errand with the name of whoever asked for it."""

    errand: Errand
    person: str | None
    """Nobody where the clock asked."""

    @property
    def asked_by(self) -> str:
        """Who asked for it, in words."""
        return self.person or THE_CLOCK

    @property
    def kind(self) -> ErrandKind:
        """Its kind."""
        return ErrandKind(self.errand.kind)

    @property
    def title(self) -> str:
        """What it is called."""
        return title_of(self.kind, self.errand.facts)

    @property
    def day(self) -> date | None:
        """The day it was asked for, where it is about one."""
        said = self.errand.facts.get("through") or self.errand.facts.get("on")
        return date.fromisoformat(said) if said else None

    @property
    def is_open(self) -> bool:
        """Whether it is still to end."""
        return self.errand.state in _OPEN


def errand_seen(db: Db, errand_id: int, role: Role) -> ErrandSeen:
    """An errand for somebody of that role. Raises :class:`NotFound`, or :class:`Forbidden` where it is not theirs."""
    row = db.execute(
        select(Errand, User.name).outerjoin(User, User.id == Errand.asked_by_id).where(Errand.id == errand_id)
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no errand {errand_id}.")
    seen = ErrandSeen(*row)
    if not may(role, NEEDS[seen.kind]):
        raise Forbidden("Your role may not do this.")
    return seen


def kinds_for(role: Role) -> list[ErrandKind]:
    """The kinds that somebody of that role may ask for and see."""
    return [kind for kind, needed in NEEDS.items() if may(role, needed)]


def recent_errands(
    db: Db, kinds: Collection[ErrandKind], limit: int, before: int | None = None
) -> Sequence[ErrandSeen]:
    """The newest errands of these kinds, newest first; ``before`` continues a list behind that errand."""
    older = [] if before is None else [Errand.id < before]
    rows = db.execute(
        select(Errand, User.name)
        .outerjoin(User, User.id == Errand.asked_by_id)
        .where(Errand.kind.in_([kind.value for kind in kinds]), *older)
        .order_by(Errand.id.desc())
        .limit(limit)
    )
    return [ErrandSeen(*row) for row in rows]
