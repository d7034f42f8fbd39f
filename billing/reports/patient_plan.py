"""A patient's courses of care: how far each has come, and when the next sessions should be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, case, or_, select

from billing.codes.diagnoses import diagnosis_label
from billing.database import Db
from billing.practitioners.models import Practitioner
from billing.reports.patient_record import name_of
from billing.sessions.booking import slot_of
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.proposals import Proposal, first_day_at, proposals
from billing.treatment.models import Measure, OutcomeScore, TreatmentPlan
from billing.treatment.plans import plans_of
from billing.treatment.proposing import PlanProgress, plan_progress, proposed_days
from billing.treatment.scores import has_improved

PROPOSED = 8
_GIVEN = (SessionState.ARRIVED, SessionState.SIGNED)


@dataclass(frozen=True, slots=True)
class Course:
    """A treatment plan and how far it has come."""

    plan: TreatmentPlan
    practitioner: str
    diagnosis: str
    """The label of its code; empty when it has none."""
    progress: PlanProgress
    in_force: bool


@dataclass(frozen=True, slots=True)
class PainScore:
    """How much pain the patient told, 0 to 10."""

    on: date
    value: int


@dataclass(frozen=True, slots=True)
class BookedVisit:
    """A session to come."""

    session_id: int
    on: date


@dataclass(frozen=True, slots=True)
class PatientPlan:
    """What the plan page shows."""

    current: Course | None
    """The course in force, or the next one to begin."""
    earlier: list[Course]
    proposed: list[date]
    """The days of the next sessions that are not booked yet."""
    booked: list[BookedVisit]
    given: list[date]
    """The days on which the patient was treated, in whatever course."""
    scores: list[PainScore]
    """Since the course in force began, in order."""
    improved: bool
    """Whether pain has fallen by what a patient notices."""


def patient_plan(db: Db, patient_id: int, today: date) -> PatientPlan:
    """The patient's courses of care on a day; four queries."""
    plans = plans_of(db, patient_id)
    treated, booked = _visits(db, patient_id, today)
    names = practitioner_names(db, {one.practitioner_id for one in plans})
    booked_days = [one.on for one in booked]
    courses = [
        Course(
            plan=one,
            practitioner=names[one.practitioner_id],
            diagnosis=diagnosis_label(one.diagnosis) if one.diagnosis else "",
            progress=plan_progress(one, treated, booked_days, today),
            in_force=one.ended_on is None or one.ended_on > today,
        )
        for one in plans
    ]
    current = next((one for one in courses if one.in_force), None)
    scores = _scores(db, patient_id, current.plan.starts_on if current else date.min)
    return PatientPlan(
        current=current,
        earlier=[one for one in courses if one is not current],
        proposed=proposed_days(current.plan, treated, booked_days, PROPOSED, today) if current else [],
        booked=booked,
        given=treated,
        scores=scores,
        improved=has_improved([one.value for one in scores]),
    )


@dataclass(frozen=True, slots=True)
class NextSessions:
    """The sessions that the course proposes, as they could be booked at once."""

    like: ClinicSession
    """The session that they are to be like."""
    practitioner: str
    proposals: list[Proposal]


def next_sessions(db: Db, shown: PatientPlan, at: datetime, zone: str) -> NextSessions | None:
    """The proposed sessions at the usual time of the patient's last session; at most four queries.

    ``None`` when the course asks for none, and before there is any session that they could be like.
    """
    like = usual_session(db, shown.current.plan) if shown.current else None
    if shown.current is None or like is None:
        return None
    first_on = first_day_at(slot_of(like, zone).at, at, zone)
    booked = [one.on for one in shown.booked]
    days = proposed_days(shown.current.plan, shown.given, booked, PROPOSED, first_on)
    if not days:
        return None
    own, who = shown.current.plan.practitioner_id, like.practitioner_id
    name = shown.current.practitioner if who == own else practitioner_names(db, {who})[who]
    return NextSessions(like, name, proposals(db, like, days, zone))


def usual_session(db: Db, plan: TreatmentPlan) -> ClinicSession | None:
    """The session that further ones of a course are like: its last one with its own practitioner, else the last given.

    Of a patient who has not been here yet it is the first one booked, so that booking more of them changes nothing.
    """
    one = ClinicSession
    is_given = one.state.in_(_GIVEN)
    is_own = and_(one.practitioner_id == plan.practitioner_id, one.service_on >= plan.starts_on)
    return db.scalars(
        select(one)
        .where(one.patient_id == plan.patient_id, or_(is_given, one.state == SessionState.BOOKED))
        .order_by(
            case((is_given, 0), else_=1),
            case((is_own, 0), else_=1),
            case((is_given, one.starts_at)).desc(),
            one.starts_at,
            one.id,
        )
        .limit(1)
    ).first()


def practitioners_on(db: Db, day: date) -> list[tuple[int, str]]:
    """Who treats at the clinic on a day, by name."""
    here = or_(Practitioner.left_on.is_(None), Practitioner.left_on > day)
    in_order = select(Practitioner).where(here).order_by(Practitioner.last_name, Practitioner.first_name)
    return [(one.id, name_of(one)) for one in db.scalars(in_order)]


def practitioner_names(db: Db, ids: set[int]) -> dict[int, str]:
    """The names of these practitioners."""
    return {one.id: name_of(one) for one in db.scalars(select(Practitioner).where(Practitioner.id.in_(ids)))}


def _visits(db: Db, patient_id: int, today: date) -> tuple[list[date], list[BookedVisit]]:
    """The days on which the patient was treated, and the sessions to come."""
    rows = db.execute(
        select(ClinicSession.id, ClinicSession.service_on, ClinicSession.state)
        .where(ClinicSession.patient_id == patient_id)
        .order_by(ClinicSession.service_on, ClinicSession.starts_at)
    ).all()
    treated = [on for _, on, state in rows if state in _GIVEN]
    to_come = [BookedVisit(own, on) for own, on, state in rows if state is SessionState.BOOKED and on >= today]
    return treated, to_come


def _scores(db: Db, patient_id: int, since: date) -> list[PainScore]:
    rows = db.execute(
        select(OutcomeScore.measured_on, OutcomeScore.value)
        .where(
            OutcomeScore.patient_id == patient_id,
            OutcomeScore.measure == Measure.NRS_PAIN,
            OutcomeScore.measured_on >= since,
        )
        .order_by(OutcomeScore.measured_on, OutcomeScore.id)
    )
    return [PainScore(on, value) for on, value in rows]
