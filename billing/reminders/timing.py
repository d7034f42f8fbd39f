"""When what is due to be said: quiet hours, and the times of each rule. Pure.

Every hour here is that of the clocks where the person is who is told. A day has as many hours as its clocks say: three
days before a visit at ten is at ten, whether or not the clocks are changed in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from billing import clock
from billing.practitioners.lapsing import NEVER, Held, soon_days
from billing.practitioners.models import CredentialStatus
from billing.reminders.models import Rule
from billing.reminders.rules import (
    AT_TEN,
    FOLLOW_UP_DAYS_BEFORE,
    LICENCE_DAYS_BEFORE,
    RECALL_DAYS_APART,
    RECALL_TRIES,
    ROW_OF,
)
from billing.treatment.models import TreatmentPlan
from billing.treatment.spacing import GRACE_DAYS, Phase, days_within, next_due_on, phase_of

_A_DAY = timedelta(days=1)
_IN_FORCE = (CredentialStatus.ACTIVE, CredentialStatus.RESTRICTED)
_SHORTLY = timedelta(minutes=15)
"""So long before the quiet begins is said what would else fall into it: time enough to be sent."""


@dataclass(frozen=True, slots=True)
class Hours:
    """Between which hours of the day messages may be sent."""

    quiet_until: time
    quiet_from: time

    def next_open(self, at: datetime, zone: str) -> datetime:
        """The first instant from ``at`` on at which they may."""
        there = clock.local(at, zone)
        if there.time() < self.quiet_until:
            # Of an hour that comes twice the first is meant, which may be over.
            return max(at, clock.instant(there.date(), self.quiet_until, zone))
        if there.time() >= self.quiet_from:
            return clock.instant(there.date() + _A_DAY, self.quiet_until, zone)
        return at

    def brought_inside(self, on: date, at: time, zone: str) -> datetime:
        """That time of that day, or the nearest of the same day at which messages may be sent."""
        if at < self.quiet_until:
            at = self.quiet_until
        elif at >= self.quiet_from:
            at = (datetime.combine(on, self.quiet_from) - _SHORTLY).time()
        return clock.instant(on, at, zone)


@dataclass(frozen=True, slots=True)
class Due:
    """One thing that is to be said at a time."""

    rule: Rule
    slot: str
    due_at: datetime
    not_after: datetime


def session_slot(starts_at: datetime) -> str:
    """The slot of messages about a session that begins then: its start in UTC."""
    return starts_at.isoformat()


def session_dues(
    starts_at: datetime, booked_at: datetime | None, zone: str, hours: Hours, rules_off: Collection[Rule] = ()
) -> list[Due]:
    """What is to be said of a session, a rule that is off left out.

    ``booked_at`` is when it got its time, where that is known: who has just chosen a time is not reminded of it.
    """
    there, slot = clock.local(starts_at, zone), session_slot(starts_at)
    day_before, three_before = (
        hours.brought_inside(there.date() - timedelta(days=ROW_OF[rule].days_before), there.time(), zone)
        for rule in (Rule.SESSION_TOMORROW, Rule.SESSION_IN_3_DAYS)
    )
    until = starts_at if Rule.SESSION_TOMORROW in rules_off else day_before
    dues = (
        Due(Rule.SESSION_IN_3_DAYS, slot, three_before, until),
        Due(Rule.SESSION_TOMORROW, slot, day_before, starts_at),
    )
    return [
        one
        for one in dues
        if one.rule not in rules_off and one.due_at < one.not_after and (booked_at is None or booked_at <= one.due_at)
    ]


def plan_dues(
    plan: TreatmentPlan,
    given: Iterable[date],
    booked: Collection[date],
    zone: str,
    hours: Hours,
    rules_off: Collection[Rule] = (),
) -> list[Due]:
    """What is to be said of a course of care as long as nothing is booked: that a session is due, that it has lapsed.

    ``given`` are the days of sessions given, ``booked`` of those booked; one booked on or after the day on which
    something is to be said speaks against it.
    """
    done = days_within(plan, given)
    due_on = next_due_on(plan, done)
    if due_on is None:
        return []
    last_booked = max((day for day in booked if not done or day > done[-1]), default=date.min)
    return [
        one
        for one, on in _plan_times(due_on, phase_of(plan, len(done) + 1), zone, hours)
        if one.rule not in rules_off and last_booked < on
    ]


def _plan_times(due_on: date, phase: Phase, zone: str, hours: Hours) -> Iterator[tuple[Due, date]]:
    lapsed_on = due_on + timedelta(days=GRACE_DAYS[phase] + 1)
    days = [lapsed_on + timedelta(days=RECALL_DAYS_APART * number) for number in range(RECALL_TRIES + 1)]
    at = [hours.brought_inside(day, AT_TEN, zone) for day in days]
    said_on = due_on - timedelta(days=FOLLOW_UP_DAYS_BEFORE)
    follow_up = hours.brought_inside(said_on, AT_TEN, zone)
    yield Due(Rule.FOLLOW_UP, due_on.isoformat(), follow_up, at[0]), said_on
    for number in range(RECALL_TRIES):
        yield Due(Rule.RECALL, f"{due_on.isoformat()}:{number + 1}", at[number], at[number + 1]), days[number]


def next_morning(at: datetime, zone: str, hours: Hours) -> datetime:
    """Ten o'clock of the day after: when is said what has been overdue since before anybody knew of it.

    Whoever begins a course of care at the desk has the rest of the day to book its sessions.
    """
    return hours.brought_inside(clock.local(at, zone).date() + _A_DAY, AT_TEN, zone)


def licence_slot(valid_to: date, days: int, user_id: int) -> str:
    """The slot of one alert to one person."""
    return f"{valid_to.isoformat()}:{days}:user{user_id}"


def licence_dues(one: Held, user_ids: Sequence[int], zone: str, hours: Hours) -> list[tuple[int, int, Due]]:
    """What is to be said of a licence or certificate: the number of its last entry, to which account, and when.

    Nothing is said of one that lapses never, has been replaced, or is suspended or revoked.
    """
    last = one.entries[-1]
    ends_on = last.valid_to
    if ends_on is None or ends_on >= NEVER or last.status not in _IN_FORCE or one.is_replaced(ends_on):
        return []
    days_before = [days for days in LICENCE_DAYS_BEFORE if days <= soon_days(one.kind)]
    return [(last.id, user_id, due) for due, user_id in staff_dues(ends_on, days_before, user_ids, zone, hours)]


def staff_dues(
    ends_on: date, days_before: Sequence[int], user_ids: Sequence[int], zone: str, hours: Hours
) -> Iterator[tuple[Due, int]]:
    """What is to be said so many days before a day to each of these accounts; of no use once the next is due."""
    times = [hours.brought_inside(ends_on - timedelta(days=days), AT_TEN, zone) for days in days_before]
    ends = [*times[1:], clock.instant(ends_on + _A_DAY, time(0), zone)]
    for days, due_at, end in zip(days_before, times, ends, strict=True):
        for user_id in user_ids:
            yield Due(Rule.LICENCE, licence_slot(ends_on, days, user_id), due_at, end), user_id
