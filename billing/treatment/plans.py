"""Beginning and ending courses of care. A flare-up begins a new one, which ends the old one that day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import or_, select

from billing.clinic.queries import the_clinic
from billing.codes.diagnoses import is_billable, normal_code
from billing.database import Db, hold_lock
from billing.errors import NotFound, Problem, Refused, block
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.treatment.models import TreatmentPlan

MOST_SESSIONS = 60
"""Of one phase: more than a year of weekly sessions is surely mistyped."""
LONGEST_WHY = 300
SUCCEEDED = "A new course of care began."


def plan_in_force(db: Db, patient_id: int, on: date) -> TreatmentPlan | None:
    """The patient's course of care on a day: of several that were never ended, the one that began last."""
    return plans_in_force(db, [patient_id], on).get(patient_id)


def plans_in_force(db: Db, patient_ids: Iterable[int], on: date) -> dict[int, TreatmentPlan]:
    """The courses of care of these patients on a day, by patient; one query."""
    covering = (
        TreatmentPlan.patient_id.in_(list(patient_ids)),
        TreatmentPlan.starts_on <= on,
        or_(TreatmentPlan.ended_on.is_(None), TreatmentPlan.ended_on > on),
    )
    in_order = select(TreatmentPlan).where(*covering).order_by(TreatmentPlan.starts_on, TreatmentPlan.id)
    return {one.patient_id: one for one in db.scalars(in_order)}


def plans_of(db: Db, patient_id: int) -> list[TreatmentPlan]:
    """All courses of care of a patient, the latest first."""
    of_patient = select(TreatmentPlan).where(TreatmentPlan.patient_id == patient_id)
    return list(db.scalars(of_patient.order_by(TreatmentPlan.starts_on.desc(), TreatmentPlan.id.desc())))


def start_plan(
    db: Db,
    patient_id: int,
    practitioner_id: int,
    starts_on: date,
    weekly: int,
    fortnightly: int,
    monthly: int,
    diagnosis: str | None = None,
    why: str = SUCCEEDED,
) -> TreatmentPlan:
    """Begin a course of care: so many weekly, then fortnightly, then monthly sessions, the first due ``starts_on``.

    A course still in force ends that day; ``why`` is noted with it, such as a flare-up. Raises :class:`NotFound` for
    an unknown patient or practitioner, :class:`Refused` with every reason.
    """
    patient, practitioner = db.get(Patient, patient_id), db.get(Practitioner, practitioner_id)
    if patient is None:
        raise NotFound(f"There is no patient {patient_id}.")
    if practitioner is None:
        raise NotFound(f"There is no practitioner {practitioner_id}.")
    hold_lock(db, f"treatment plan:{patient_id}")
    earlier = plans_of(db, patient_id)
    code = normal_code(diagnosis) if diagnosis and diagnosis.strip() else None
    _refuse_any(
        [
            *_count_problems(weekly, fortnightly, monthly),
            *_day_problems(starts_on, patient, practitioner, earlier),
            *(_diagnosis_problems(code, starts_on) if the_clinic(db).currency == "USD" else ()),
            *_why_problems(why),
        ]
    )
    for one in earlier:
        if one.ended_on is None:
            one.ended_on, one.why_ended = starts_on, why.strip()
    made = TreatmentPlan(
        patient_id=patient_id, practitioner_id=practitioner_id, starts_on=starts_on, diagnosis=code,
        weekly_sessions=weekly, fortnightly_sessions=fortnightly, monthly_sessions=monthly,
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


def end_plan(db: Db, plan_id: int, on: date, why: str) -> TreatmentPlan:
    """End a course of care before its last session; from ``on`` on it is no longer in force.

    Raises :class:`NotFound` for an unknown one, :class:`Refused` with every reason.
    """
    plan = db.get(TreatmentPlan, plan_id)
    if plan is None:
        raise NotFound(f"There is no treatment plan {plan_id}.")
    hold_lock(db, f"treatment plan:{plan.patient_id}")
    db.refresh(plan)
    problems = _why_problems(why)
    if plan.ended_on is not None:
        why_not = f"This plan was ended on {plan.ended_on} already."
        problems.append(block("plan.ended", why_not, "Look at it again; nothing needs to be done."))
    elif on < plan.starts_on:
        problems.append(
            block("plan.day", f"The plan begins on {plan.starts_on}.", "Name that day or a later one.", "field:on")
        )
    _refuse_any(problems)
    plan.ended_on, plan.why_ended = on, why.strip()
    db.flush()
    return plan


def _count_problems(weekly: int, fortnightly: int, monthly: int) -> list[Problem]:
    problems = []
    for name, count in (("weekly", weekly), ("fortnightly", fortnightly), ("monthly", monthly)):
        if not 0 <= count <= MOST_SESSIONS:
            why = f"A plan has from 0 to {MOST_SESSIONS} {name} sessions, not {count}."
            problems.append(block("plan.sessions", why, "Correct the number.", f"field:{name}"))
    if not problems and not weekly + fortnightly + monthly:
        why = "The plan has no session at all."
        problems.append(block("plan.sessions", why, "Say how many sessions it begins with.", "field:weekly"))
    return problems


def _day_problems(
    starts_on: date, patient: Patient, practitioner: Practitioner, earlier: list[TreatmentPlan]
) -> list[Problem]:
    problems = []
    if starts_on < patient.birth_date:
        why = f"{starts_on} is before the patient was born."
        problems.append(block("plan.day", why, "Correct the first day.", "field:starts_on"))
    if earlier and starts_on <= earlier[0].starts_on:
        why = f"The patient's last plan began on {earlier[0].starts_on}; a new one begins after that."
        problems.append(block("plan.day", why, "Name a later first day.", "field:starts_on"))
    if practitioner.left_on is not None and practitioner.left_on <= starts_on:
        name = f"{practitioner.first_name} {practitioner.last_name}"
        why = f"{name} has left the clinic on {practitioner.left_on}."
        problems.append(block("plan.practitioner", why, "Choose somebody else.", "field:practitioner"))
    return problems


def _diagnosis_problems(code: str | None, on: date) -> list[Problem]:
    """What is wrong with the code that the plan is for, where ICD-10-CM is used."""
    if code is None or is_billable(code, on):
        return []
    why = f"{code} is not a complete diagnosis code (ICD-10-CM) in force on {on}."
    return [block("plan.diagnosis", why, "Correct the code, or leave it empty.", "field:diagnosis")]


def _why_problems(why: str) -> list[Problem]:
    if not why.strip():
        return [block("plan.why", "No reason is given.", "Say in a few words why the plan ends.", "field:why")]
    if len(why) > LONGEST_WHY:
        return [block("plan.why", f"The reason is longer than {LONGEST_WHY} characters.", "Shorten it.", "field:why")]
    return []


def _refuse_any(problems: list[Problem]) -> None:
    if problems:
        raise Refused(" ".join(f"{one.why} {one.fix}" for one in problems), problems)
