"""Which estimate speaks for which visit. Pure.

The last one issued whose days the visit lies within does; where several practitioners' do, one of whoever gives the
visit. A replaced one keeps the visits before the first day of the one that replaced it, and no others, even where that
one ends earlier. A new version binds from a business day after its issue on: of a change at shorter notice the one
before holds, whoever gives the visit (45 CFR 149.610(b)(1); that a change of price is no different is our reading).
The visits of an estimate are counted by the days on which they are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from billing.estimates.good_faith.business_days import business_days_after
from billing.estimates.good_faith.scope import PricedScope, from_stored
from billing.estimates.models import GoodFaithEstimate


class SelfPaid(Protocol):
    """A session that the patient pays."""

    @property
    def id(self) -> int:
        """Its key."""

    @property
    def service_on(self) -> date:
        """Its local date of service."""

    @property
    def practitioner_id(self) -> int:
        """Who gives it."""


@dataclass(frozen=True, slots=True)
class Covered:
    """An estimate with the sessions it speaks for, in order."""

    estimate: GoodFaithEstimate
    sessions: tuple[SelfPaid, ...] = ()
    priced: PricedScope = field(init=False)

    def __post_init__(self) -> None:
        """Read the scope once."""
        object.__setattr__(self, "priced", from_stored(self.estimate.scope))

    def number_of(self, session_id: int) -> int:
        """Which of its visits a session is, from 1 on; sessions of one day are one visit."""
        on = next(one.service_on for one in self.sessions if one.id == session_id)
        return len({one.service_on for one in self.sessions if one.service_on <= on})


def speaks_from(estimate: GoodFaithEstimate) -> date:
    """The first day it speaks for: of a first version the first visit's, of a later one not before it binds."""
    if estimate.supersedes_id is None:
        return estimate.from_on
    a_day = timedelta(days=1)
    return max(estimate.from_on, business_days_after(estimate.issued_on - a_day, 1) + a_day)


def speaks_to(estimate: GoodFaithEstimate, later: GoodFaithEstimate | None) -> date | None:
    """The last day on which it speaks, with the version that replaced it; ``None`` when that one left it no day."""
    last = estimate.to_on if later is None else min(estimate.to_on, speaks_from(later) - timedelta(days=1))
    return last if last >= speaks_from(estimate) else None


def estimate_for(
    estimates: Iterable[GoodFaithEstimate], on: date, practitioner_id: int | None = None
) -> GoodFaithEstimate | None:
    """Which of one patient's estimates speaks for a visit on that day, with that practitioner where they have one."""
    known = list(estimates)
    replaced_from = {one.supersedes_id: speaks_from(one) for one in known if one.supersedes_id is not None}
    within = [one for one in known if speaks_from(one) <= on <= one.to_on]
    speaking = [one for one in within if on < replaced_from.get(one.id, date.max)]
    own = [one for one in speaking if one.practitioner_id == practitioner_id]
    return max(own or speaking, key=lambda one: (one.issued_at, one.id), default=None)


def covered_sessions(estimates: Sequence[GoodFaithEstimate], sessions: Iterable[SelfPaid]) -> dict[int, Covered]:
    """One patient's estimates by id, each with its sessions; sessions that none speaks for are left out."""
    found: dict[int, list[SelfPaid]] = defaultdict(list)
    for one in sorted(sessions, key=lambda session: (session.service_on, session.id)):
        estimate = estimate_for(estimates, one.service_on, one.practitioner_id)
        if estimate is not None:
            found[estimate.id].append(one)
    return {one.id: Covered(one, tuple(found[one.id])) for one in estimates}
