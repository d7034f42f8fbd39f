"""What a course of care should cost from now on, session by session: the patient's own, or one that is only tried."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from billing.charges.queries import fees_with
from billing.claims.allowed_before import experience_with
from billing.claims.queries import sessions_with_filed_claims
from billing.coverage.policies import in_force
from billing.database import Db
from billing.estimates.course import CourseEstimate, course_estimate
from billing.reports.patient_plan import PatientPlan
from billing.sessions.facts import gather
from billing.sessions.payment_order import in_order_of_payment
from billing.treatment.models import TreatmentPlan
from billing.treatment.proposing import proposed_days
from billing.treatment.spacing import planned_sessions

LONGEST = timedelta(days=730)
"""So far ahead a course is reckoned: beyond that no plan's terms are known."""


USUAL_COUNTS = (6, 3, 3)
"""Weekly, fortnightly and monthly sessions of a course that nobody has planned yet."""
MOST_TRIED = 30
"""Sessions of one phase of a course that is only tried."""


def tried_plan(patient_id: int, practitioner_id: int, first_on: date, counts: Sequence[int]) -> TreatmentPlan:
    """A course that nobody has begun, for reckoning alone; it is never written down. ``counts`` are by phase."""
    weekly, fortnightly, monthly = counts
    return TreatmentPlan(
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        starts_on=first_on,
        weekly_sessions=weekly,
        fortnightly_sessions=fortnightly,
        monthly_sessions=monthly,
    )


def course_of(db: Db, shown: PatientPlan, today: date, tried: TreatmentPlan | None = None) -> CourseEstimate | None:
    """The estimate of the course that the plan page shows, or of the one that is ``tried`` in its place.

    ``None`` without either, or when nothing of it is to come.
    """
    plan = tried or (shown.current.plan if shown.current else None)
    if plan is None:
        return None
    booked = [one.on for one in shown.booked if tried is None or one.on >= plan.starts_on]
    given = [] if tried else shown.given
    further = proposed_days(plan, given, booked, planned_sessions(plan), today)
    days = sorted({day for day in (*booked, *further) if today <= day <= today + LONGEST})
    if not days:
        return None
    ids = [one.session_id for one in shown.booked]
    facts = gather(db, [plan.patient_id], days[-1], sessions_with_filed_claims(), as_if_signed=ids)
    paying = in_order_of_payment(in_force(facts.policies[plan.patient_id], days[0]), None, facts.payers)
    return course_estimate(
        plan.patient_id,
        plan.practitioner_id,
        days,
        0 if tried or shown.current is None else shown.current.progress.done,
        facts,
        fees_with(db, facts.payers),
        experience_with(db, paying[0].payer_id if paying else None),
    )
