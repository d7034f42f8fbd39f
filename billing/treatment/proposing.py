"""Where a course of care stands, and on which days its next sessions should be.

The last session given or booked is what the next ones are counted from. A day that has passed is never proposed:
who is overdue is offered the same weekday of this week or the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.treatment.models import TreatmentPlan
from billing.treatment.spacing import (
    Phase,
    brought_forward,
    days_within,
    following,
    has_lapsed,
    next_due_on,
    phase_of,
    planned_sessions,
)


@dataclass(frozen=True, slots=True)
class PlanProgress:
    """How far a course of care has come."""

    done: int
    """Days on which a session was given."""
    booked: int
    """Days to come on which one is booked."""
    total: int
    phase: Phase
    """That of the next session to be given."""
    next_due_on: date | None
    """When the next session is due by the plan, be it past; ``None`` when none is."""
    overdue_days: int
    """How long that day has passed with nothing booked; zero when it has not."""
    is_lapsed: bool
    """Whether it is overdue for longer than the phase forgives."""
    ends_on_expected: date | None
    """The day of the last session if the patient keeps to the plan; of a finished course the day it was."""


def plan_progress(
    plan: TreatmentPlan, done_days: Iterable[date], booked_days: Iterable[date], today: date
) -> PlanProgress:
    """How far the plan has come on ``today``.

    ``done_days`` are all days on which the patient was treated, ``booked_days`` those on which a session is booked:
    what lies outside the plan's time is left out, as is a booked day that has passed.
    """
    done = days_within(plan, done_days)
    booked = _to_come(plan, done, booked_days, today)
    due = next_due_on(plan, done)
    overdue = max(0, (today - due).days) if due and not booked else 0
    phase = Phase.COMPLETE if due is None else phase_of(plan, len(done) + 1)
    last = [*done, *booked, *proposed_days(plan, done, booked, planned_sessions(plan), today)][-1:]
    return PlanProgress(
        done=len(done),
        booked=len(booked),
        total=planned_sessions(plan),
        phase=phase,
        next_due_on=due,
        overdue_days=overdue,
        is_lapsed=has_lapsed(phase, overdue),
        ends_on_expected=plan.ended_on or (last[0] if last else None),
    )


def proposed_days(
    plan: TreatmentPlan, done: Iterable[date], booked: Iterable[date], count: int, today: date = date.min
) -> list[date]:
    """The days of at most ``count`` next sessions, after all that are given or booked; none on or before the last.

    None lies before ``today``, and there are no more than the plan's counts have left.
    """
    if plan.ended_on is not None:
        return []
    given = days_within(plan, done)
    taken = [*given, *_to_come(plan, given, booked, today)]
    anchor = taken[-1] if taken else None
    days: list[date] = []
    months = 0
    for number in range(len(taken) + 1, min(len(taken) + count, planned_sessions(plan)) + 1):
        phase = phase_of(plan, number)
        months = months + 1 if phase is Phase.MONTHLY else 0
        day = following(anchor, phase, max(months, 1)) if anchor else plan.starts_on
        if day < today:
            day, months = brought_forward(day, today), 0
        days.append(day)
        # Months are counted from one and the same day, or each would be four weeks.
        anchor = anchor if months and anchor else day
    return days


def _to_come(plan: TreatmentPlan, done: Sequence[date], booked: Iterable[date], today: date) -> list[date]:
    last = done[-1] if done else date.min
    return [day for day in days_within(plan, booked) if day >= today and day > last]
