"""How far apart the sessions of a course of care are: weekly, then fortnightly, then monthly.

The interval before a session is that of its own phase, and is counted from the session before it, so that a
session given late moves the ones after it. A month is counted to the same day of the week: from a session on, the
nearest such day to the date a calendar month later (which is always four weeks on); further months stay near
the same date, so that every third step or so is five weeks. What the plan's counts have used up is not due.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from billing.treatment.models import TreatmentPlan

WEEK, FORTNIGHT = timedelta(weeks=1), timedelta(weeks=2)


class Phase(StrEnum):
    """How often a patient comes."""

    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"
    COMPLETE = "complete"
    """All planned sessions have been given."""


GRACE_DAYS = {Phase.WEEKLY: 7, Phase.FORTNIGHTLY: 14, Phase.MONTHLY: 30}
"""How many days late a session may be before the course counts as lapsed."""


def planned_sessions(plan: TreatmentPlan) -> int:
    """How many sessions the course has in all."""
    return plan.weekly_sessions + plan.fortnightly_sessions + plan.monthly_sessions


def phase_of(plan: TreatmentPlan, number: int) -> Phase:
    """The phase that the session of that number, from 1 on, belongs to."""
    if number <= plan.weekly_sessions:
        return Phase.WEEKLY
    if number <= plan.weekly_sessions + plan.fortnightly_sessions:
        return Phase.FORTNIGHTLY
    return Phase.MONTHLY if number <= planned_sessions(plan) else Phase.COMPLETE


def days_within(plan: TreatmentPlan, days: Iterable[date]) -> list[date]:
    """Those of the days that fall into the plan's time, each once, in order; the day it ended is no longer in it."""
    return sorted({day for day in days if plan.starts_on <= day and (plan.ended_on is None or day < plan.ended_on)})


def next_due_on(plan: TreatmentPlan, sessions_done_on: Iterable[date]) -> date | None:
    """The day the next session is due, be it past; ``None`` when the plan has ended or all its sessions were given."""
    done = days_within(plan, sessions_done_on)
    return due_after(plan, len(done), done[-1] if done else None)


def due_after(plan: TreatmentPlan, given: int, last_on: date | None) -> date | None:
    """The same of a plan of which it is known how many sessions were given in its time, and when the last one was."""
    phase = phase_of(plan, given + 1)
    if plan.ended_on is not None or phase is Phase.COMPLETE:
        return None
    return plan.starts_on if last_on is None else following(last_on, phase)


def has_lapsed(phase: Phase, days_overdue: int) -> bool:
    """Whether a session of that phase is overdue for longer than the phase forgives."""
    return days_overdue > GRACE_DAYS.get(phase, 0)


def brought_forward(due_on: date, first_on: date) -> date:
    """The day a session is due; for one that is due before ``first_on`` the next such weekday from then on."""
    return due_on if due_on >= first_on else due_on + WEEK * -(-(first_on - due_on).days // 7)


def following(last: date, phase: Phase, months: int = 1) -> date:
    """The day of the next session of that phase after ``last``; of a monthly one, that of so many months later."""
    if phase is Phase.WEEKLY:
        return last + WEEK
    if phase is Phase.FORTNIGHTLY:
        return last + FORTNIGHT
    return same_weekday_months_later(last, months)


def same_weekday_months_later(day: date, months: int) -> date:
    """The day of the same weekday that is nearest to the date so many calendar months later.

    Where that month is too short for the date, its last day is meant.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    target = date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
    weeks, days_over = divmod((target - day).days, 7)
    return day + WEEK * (weeks + (days_over > 3))
