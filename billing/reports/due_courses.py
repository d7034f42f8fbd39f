"""Courses of care whose next session is due and not booked: whom to call, the most urgent first.

A course is as due here as its own page says (:mod:`billing.treatment.proposing`). The database narrows thousands of
courses to those that may be due by counting their sessions; the rule itself is asked of those alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, distinct, func, or_, select
from sqlalchemy.orm import aliased

from billing.database import Db
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.treatment.models import TreatmentPlan
from billing.treatment.spacing import GRACE_DAYS, WEEK, Phase, due_after, has_lapsed, phase_of, planned_sessions

GIVEN = (SessionState.ARRIVED, SessionState.SIGNED)
_A_DAY = timedelta(days=1)
AHEAD = timedelta(days=6)
"""What is due in the seven days from today on is due this week."""
_LONGEST_GRACE = timedelta(days=max(GRACE_DAYS.values()))
_LONGEST_STEP = timedelta(days=35)
"""From one monthly session to the next: five weeks at most."""


class Urgency(StrEnum):
    """How a course without a booking stands."""

    OVERDUE = "overdue"
    """The day has passed, and the phase still forgives it."""
    DUE = "due"
    """The day is one of the next seven."""
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class DueCourse:
    """A course of care whose next session is due by the end of the week, and nothing is booked."""

    plan: TreatmentPlan
    given: int
    """Days of its time on which a session was given."""
    due_on: date
    phase: Phase
    """That of the session that is due."""
    days_overdue: int
    """Zero while the day has not passed."""

    @property
    def total(self) -> int:
        """How many sessions the course has in all."""
        return planned_sessions(self.plan)

    @property
    def urgency(self) -> Urgency:
        """How it stands."""
        if has_lapsed(self.phase, self.days_overdue):
            return Urgency.LAPSED
        return Urgency.OVERDUE if self.days_overdue else Urgency.DUE

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands among those of its urgency: longest overdue first, but of the lapsed the latest."""
        day = self.due_on.toordinal()
        return (-day if self.urgency is Urgency.LAPSED else day), self.plan.id


def due_courses(db: Db, today: date) -> list[DueCourse]:
    """Every course that is due by the end of the week with nothing booked, in order of place; one query."""
    return sorted(_due(db, today, today + AHEAD), key=lambda one: one.place)


def overdue_count(db: Db, today: date) -> int:
    """How many courses are overdue and have not lapsed; one query, about those alone who were here lately."""
    one, until = ClinicSession, today - _A_DAY
    seen_since = until - _LONGEST_GRACE - _LONGEST_STEP
    stays_away = (
        select(one.patient_id)
        .where(one.state.in_(GIVEN), one.service_on >= seen_since)
        .group_by(one.patient_id)
        .having(func.max(one.service_on) <= until - WEEK)
    )
    lately = or_(TreatmentPlan.patient_id.in_(stays_away), TreatmentPlan.starts_on >= until - _LONGEST_GRACE)
    return sum(each.urgency is Urgency.OVERDUE for each in _due(db, today, until, lately))


def _due(db: Db, today: date, until: date, *narrowed: ColumnElement[bool]) -> Iterator[DueCourse]:
    """The courses that are due by the day ``until`` with nothing booked."""
    plan, one = TreatmentPlan, ClinicSession
    given_on = case((one.state.in_(GIVEN), one.service_on))
    given, last_on = func.count(distinct(given_on)), func.max(given_on)
    booked_on = func.max(case((and_(one.state == SessionState.BOOKED, one.service_on >= today), one.service_on)))
    rows = db.execute(
        select(plan, given, last_on)
        .outerjoin(one, and_(one.patient_id == plan.patient_id, one.service_on >= plan.starts_on))
        .where(plan.starts_on <= until, *_followed(today), *narrowed)
        .group_by(plan.id)
        .having(
            and_(
                given < plan.weekly_sessions + plan.fortnightly_sessions + plan.monthly_sessions,
                or_(booked_on.is_(None), booked_on <= last_on),
                # No phase asks for the next session sooner than after a week.
                or_(last_on.is_(None), last_on <= until - WEEK),
            )
        )
    )
    for own, count, last in rows:
        due_on = due_after(own, count, last)
        if due_on is not None and due_on <= until:
            yield DueCourse(own, count, due_on, phase_of(own, count + 1), max(0, (today - due_on).days))


def _followed(today: date) -> list[ColumnElement[bool]]:
    """Of each patient's courses that go on, or begin this week, the last, if nobody has set an end to it."""
    plan, other = TreatmentPlan, aliased(TreatmentPlan)
    later = select(other.id).where(
        other.patient_id == plan.patient_id,
        or_(other.starts_on > plan.starts_on, and_(other.starts_on == plan.starts_on, other.id > plan.id)),
        other.starts_on <= today + AHEAD,
        or_(other.ended_on.is_(None), other.ended_on > today),
    )
    return [plan.ended_on.is_(None), ~later.exists()]
