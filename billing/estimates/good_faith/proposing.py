"""What a first draft of an estimate says: visits booked and planned, with the services of the patient's last one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from billing.codes.diagnoses import normal_code
from billing.database import Db
from billing.estimates.good_faith.scope import LONGEST_MONTHS, ExpectedService, months_later
from billing.estimates.good_faith.watching import PAID_BY_PATIENT
from billing.sessions.coding import coded_session
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.queries import charts
from billing.treatment.models import TreatmentPlan
from billing.treatment.plans import plan_in_force
from billing.treatment.proposing import proposed_days
from billing.treatment.spacing import planned_sessions

USUAL = (ExpectedService("97810"), ExpectedService("97811"))
"""A visit of two sets of needles, where nothing tells better."""
WEEK = 7
_TO_COME = (SessionState.BOOKED, SessionState.ARRIVED)
_GIVEN = (SessionState.ARRIVED, SessionState.SIGNED)


@dataclass(frozen=True, slots=True)
class Draft:
    """What the form is filled with at first."""

    practitioner_id: int | None
    services: tuple[ExpectedService, ...]
    days: tuple[date, ...]
    """At least one."""
    diagnoses: tuple[str, ...]
    frequency: str
    is_planned: bool
    """Whether the days come from what is booked or from a course of care."""


def course_days(first_on: date, count: int, known: Iterable[date], every: int = WEEK) -> tuple[date, ...]:
    """The days of so many visits: those known from the first one on, then further ones ``every`` so many days. Pure."""
    days = sorted({day for day in known if day >= first_on} | {first_on})[:count]
    while len(days) < count:
        days.append(days[-1] + timedelta(days=every))
    return tuple(days)


def drafted(db: Db, patient_id: int, today: date, practitioner_id: int | None = None) -> Draft:
    """A first draft of the patient's next estimate, with that practitioner if one is named; at most six queries."""
    coming = _self_paid_to_come(db, patient_id, today)
    plan = plan_in_force(db, patient_id, today)
    who = practitioner_id or (coming[0].practitioner_id if coming else plan.practitioner_id if plan else None)
    coming = [one for one in coming if one.practitioner_id == who]
    plan = plan if plan and plan.practitioner_id == who else None
    planned = _planned_days(db, plan, [one.service_on for one in coming], today) if plan else []
    days = sorted({one.service_on for one in coming} | set(planned))
    last_day = months_later(days[0], LONGEST_MONTHS) - timedelta(days=1) if days else today
    services, diagnoses = _last_charted(db, patient_id)
    if plan and plan.diagnosis and not diagnoses:
        diagnoses = (plan.diagnosis,)
    return Draft(
        practitioner_id=who,
        services=services or USUAL,
        days=tuple(day for day in days if day <= last_day) or (today,),
        diagnoses=tuple(normal_code(code) for code in diagnoses),
        frequency=_frequency(plan, len(days)) if plan and planned else "",
        is_planned=bool(days),
    )


def _self_paid_to_come(db: Db, patient_id: int, today: date) -> list[ClinicSession]:
    of_patient = (
        ClinicSession.patient_id == patient_id,
        ClinicSession.service_on >= today,
        ClinicSession.state.in_(_TO_COME),
        ClinicSession.bill_to.in_(PAID_BY_PATIENT),
    )
    in_order = select(ClinicSession).where(*of_patient).order_by(ClinicSession.starts_at, ClinicSession.id)
    return list(db.scalars(in_order))


def _planned_days(db: Db, plan: TreatmentPlan, booked: list[date], today: date) -> list[date]:
    """The days on which the course's further sessions should be."""
    given = db.scalars(
        select(ClinicSession.service_on).where(
            ClinicSession.patient_id == plan.patient_id, ClinicSession.state.in_(_GIVEN)
        )
    ).all()
    return proposed_days(plan, [day for day in given if day < today], booked, planned_sessions(plan), today)


def _last_charted(db: Db, patient_id: int) -> tuple[tuple[ExpectedService, ...], tuple[str, ...]]:
    """The services and diagnoses of the patient's last signed visit; nothing for a new patient."""
    last = db.scalars(
        select(ClinicSession)
        .where(ClinicSession.patient_id == patient_id, ClinicSession.state == SessionState.SIGNED)
        .order_by(ClinicSession.starts_at.desc(), ClinicSession.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return (), ()
    chart = charts(db, [last])[last.id]
    units: dict[str, int] = {}
    for line in coded_session(chart).lines:
        units[line.code] = units.get(line.code, 0) + line.units
    return tuple(ExpectedService(code, count) for code, count in units.items()), tuple(chart.diagnoses)


def _frequency(plan: TreatmentPlan, left: int) -> str:
    """How often the course of care has the patient come for the sessions that are left of it, in words."""
    counts = []
    for number, often in (
        (plan.monthly_sessions, "monthly"),
        (plan.fortnightly_sessions, "every other week"),
        (plan.weekly_sessions, "weekly"),
    ):
        counts.append((min(number, left), often))
        left -= counts[-1][0]
    return ", then ".join(f"{number} {often}" for number, often in reversed(counts) if number)
