"""What the clock asks for: the evening's billing, and a month's superbills and statements.

Everything regular happens in turns, and each turn is asked for once, whoever looks and however often. All of it is
asked for at the clinic's billing time. A turn that passed while nothing ran is made up for, the latest one alone:
whatever it does covers those before it. What was only just switched on does not reach back to days before.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from billing import clock
from billing.clinic.models import Clinic
from billing.database import Db
from billing.operations.errands.asking import ask_by_clock
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand
from billing.reminders.automation import ByItself, by_itself

EVENING = time(20, 0)
"""When the month's work is asked for where no time for billing is set; local time of the clinic."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Turn:
    """One time that something regular is to be done: when, in UTC, and with which errand."""

    due_at: datetime
    on: date
    """Its local day."""
    kind: ErrandKind
    facts: Mapping[str, Any]
    period: str


def ask_what_is_regular(db: Db, at: datetime) -> Sequence[Errand]:
    """Ask for every turn that is due and was not asked for before; billing comes before what it adds to.

    Nothing before there is a clinic, and nothing that the clinic has not switched on.
    """
    clinic = db.get(Clinic, 1)
    if clinic is None:
        return []
    asked = [ask_by_clock(db, one.kind, one.facts, one.period, at) for one in _due(db, by_itself(db), clinic, at)]
    return [one for one in asked if one is not None]


def _due(db: Db, chosen: ByItself, clinic: Clinic, at: datetime) -> Iterator[Turn]:
    today = clock.local(at, clinic.time_zone).date()
    for turn in latest_turns(chosen, clinic.time_zone, at):
        if turn.on == today or _was_missed(db, turn):
            yield turn


def _was_missed(db: Db, turn: Turn) -> bool:
    """Whether the clock asked for earlier turns, so that this one was wanted, and for none since.

    It asked for later ones where it was only set back.
    """
    by_clock = (Errand.kind == turn.kind.value, Errand.period.is_not(None))
    latest = db.scalar(select(func.max(Errand.period)).where(*by_clock))
    return latest is not None and latest < turn.period


def latest_turns(chosen: ByItself, zone: str, at: datetime) -> list[Turn]:
    """The latest turn, due by then, of everything that is switched on, in the order in which it is to be done."""
    today = clock.local(at, zone).date()
    found: list[Turn | None] = []
    if chosen.bills_at is not None:
        wait = {"superbills": "later"} if chosen.superbills_on else {}
        found.append(_latest(_days(today), chosen.bills_at, zone, at, lambda on: _billing(on, wait)))
    evening = chosen.bills_at or EVENING
    if chosen.superbills_on is not None:
        found.append(_latest(_months(today, chosen.superbills_on), evening, zone, at, _superbills))
    if chosen.statements_on is not None:
        months = _months(today, chosen.statements_on)
        found.append(_latest(months, evening, zone, at, lambda on: _statements(on, today)))
    return [one for one in found if one is not None]


def next_billing(chosen: ByItself, zone: str, at: datetime) -> datetime | None:
    """When the clock next asks for the billing; ``None`` when it never does."""
    if chosen.bills_at is None:
        return None
    today = clock.local(at, zone).date()
    return next(due_at for on in (today, today + _DAY) if (due_at := clock.instant(on, chosen.bills_at, zone)) > at)


_Errand = tuple[ErrandKind, Mapping[str, Any], str]


def _latest(
    days: Iterator[date], hour: time, zone: str, at: datetime, errand: Callable[[date], _Errand]
) -> Turn | None:
    """The first of ``days``, which go backwards, whose hour has come."""
    for on in days:
        due_at = clock.instant(on, hour, zone)
        if due_at <= at:
            return Turn(due_at, on, *errand(on))
    return None


def _days(today: date) -> Iterator[date]:
    """Today, and the day before."""
    yield from (today, today - _DAY)


def _months(today: date, day: int) -> Iterator[date]:
    """That day of this month, and of the month before; of one that has no such day, the last."""
    for month in (today, today.replace(day=1) - _DAY):
        yield month.replace(day=min(day, monthrange(month.year, month.month)[1]))


def _billing(on: date, wait: Mapping[str, Any]) -> _Errand:
    return ErrandKind.BILL, {"through": on.isoformat(), **wait}, f"bill:{on}"


def _superbills(on: date) -> _Errand:
    """Of the month before: its last day, and what was left from earlier ones."""
    return ErrandKind.SUPERBILLS, {"through": (on.replace(day=1) - _DAY).isoformat()}, f"superbills:{on:%Y-%m}"


def _statements(on: date, today: date) -> _Errand:
    """As accounts stand today, be it later than it should be: what was paid meanwhile is on them."""
    return ErrandKind.STATEMENTS, {"on": today.isoformat()}, f"statements:{on:%Y-%m}"
