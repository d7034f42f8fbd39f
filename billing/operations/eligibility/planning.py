"""Which policies are to be asked about again by themselves, and why: the rules of re-verification.

At booking; three days before a visit when what is known is older than thirty days; when a new year of the plan has
begun; after a change of the policy; and again what was lost or the payer could not answer. Each turn of a rule is
asked once: it has a name, which is unique.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select

from billing.clinic.queries import NoClinic, the_clinic
from billing.clock import local
from billing.coverage.eligibility.asking import Turn, ask_in_turn
from billing.coverage.eligibility.lifecycle import OPEN, QuestionState
from billing.coverage.eligibility.models import EligibilityAnswer, EligibilityQuestion, Occasion
from billing.coverage.eligibility.posing import NOT_ASKED, Insured, policy_digest
from billing.coverage.eligibility.queries import last_questions
from billing.coverage.eligibility.reading.facts import READING
from billing.coverage.models import Benefit, Policy
from billing.coverage.policies import in_force
from billing.coverage.visits import STALE_AFTER_DAYS, benefit_year
from billing.database import Db, batches
from billing.many_rows import among
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import BillTo, ClinicSession, SessionMove

BY = "worker:ask_payers"
DAYS_BEFORE = 3
LOOKS_AHEAD = timedelta(days=30)
JUST_BOOKED = timedelta(days=2)
ASKED_AGAIN_AFTER = timedelta(hours=1)
MOST_AGAIN = 3
"""How often what was lost or not answered is asked anew by itself, each after a longer rest."""
SILENT_AFTER_DAYS = 1
"""A payer that was asked and says nothing for longer than this will not answer any more."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Coming:
    """A planned session that insurance is to pay for."""

    session_id: int
    patient_id: int
    on: date
    just_booked: bool


def ask_what_is_due(db: Db, at: datetime) -> int:
    """Write down every question that a rule wants asked and that was not; gives how many are new."""
    try:
        today = local(at, the_clinic(db).time_zone).date()
    except NoClinic:
        return 0
    asked = ask_in_turn(db, list(_again(db, at)), by=BY, at=at)
    coming = _coming(db, today, at)
    for patient_ids in batches(sorted({one.patient_id for one in coming}), _AT_ONCE):
        asked += ask_in_turn(db, list(_turns(db, coming, patient_ids, today)), by=BY, at=at)
    return asked


def _coming(db: Db, today: date, at: datetime) -> list[Coming]:
    booked = exists().where(
        SessionMove.session_id == ClinicSession.id, SessionMove.event == SessionEvent.BOOKED,
        SessionMove.at >= at - JUST_BOOKED,
    )  # fmt: skip
    rows = db.execute(
        select(ClinicSession.id, ClinicSession.patient_id, ClinicSession.service_on, booked)
        .where(
            ClinicSession.state.in_((SessionState.BOOKED, SessionState.ARRIVED)),
            ClinicSession.service_on.between(today, today + LOOKS_AHEAD),
            ClinicSession.bill_to == BillTo.INSURANCE,
            ClinicSession.accident.is_(None),
        )
        .order_by(ClinicSession.service_on, ClinicSession.id)
    )
    return [Coming(row[0], row[1], row[2], bool(row[3])) for row in rows]


def _turns(db: Db, coming: Iterable[Coming], patient_ids: Sequence[int], today: date) -> Iterator[Turn]:
    patients = {one.id: one for one in db.scalars(select(Patient).where(among(db, Patient.id, patient_ids)))}
    policies: dict[int, list[Policy]] = {}
    for policy in db.scalars(select(Policy).where(among(db, Policy.patient_id, patient_ids))):
        policies.setdefault(policy.patient_id, []).append(policy)
    payers = {one.id: one for one in db.scalars(select(Payer))}
    benefits = {
        (one.patient_id, one.payer_id): one
        for one in db.scalars(select(Benefit).where(among(db, Benefit.patient_id, patient_ids)))
    }
    last = last_questions(db, [one.id for theirs in policies.values() for one in theirs])
    of_these = set(patient_ids)
    asked: set[int] = set()
    for one in coming:
        if one.patient_id not in of_these:
            continue
        for policy in in_force(policies.get(one.patient_id, ()), one.on)[:1]:
            if policy.id in asked or payers[policy.payer_id].kind in NOT_ASKED:
                continue
            insured = Insured(policy, patients[one.patient_id], payers[policy.payer_id])
            benefit = benefits.get((one.patient_id, policy.payer_id))
            turn = turn_for(one, insured, benefit, last.get(policy.id), today)
            if turn is not None:
                asked.add(policy.id)
                yield turn


def turn_for(
    coming: Coming, insured: Insured, benefit: Benefit | None, last: EligibilityQuestion | None, today: date
) -> Turn | None:
    """Which rule wants a policy asked about because of a planned session, if any does. Pure."""
    policy = insured.policy
    if last is not None and last.state in OPEN and (today - last.asked_at.date()).days <= SILENT_AFTER_DAYS:
        return None
    digest = policy_digest(insured)
    if last is not None and last.policy_sha256 != digest:
        return Turn(insured, coming.on, Occasion.CHANGE, f"change:{policy.id}:{digest[:24]}")
    verified = benefit.verified_on if benefit else None
    if benefit is not None and verified is not None:
        first, _ = benefit_year(benefit, policy, today)
        if verified < first:
            return Turn(insured, coming.on, Occasion.NEW_YEAR, f"year:{policy.id}:{first}")
    is_near = (coming.on - today).days <= DAYS_BEFORE
    if is_near and (verified is None or (coming.on - verified).days > STALE_AFTER_DAYS):
        return Turn(insured, coming.on, Occasion.VISIT, f"visit:{policy.id}:{coming.session_id}")
    if coming.just_booked and (verified is None or (today - verified).days > STALE_AFTER_DAYS):
        return Turn(insured, coming.on, Occasion.BOOKING, f"booking:{policy.id}:{coming.session_id}")
    return None


def _again(db: Db, at: datetime) -> Iterator[Turn]:
    """What was lost, or what a payer could not answer just then, is asked anew under a trace of its own."""
    rows = db.execute(
        select(EligibilityQuestion, Policy, Patient, Payer)
        .join(Policy, Policy.id == EligibilityQuestion.policy_id)
        .join(Patient, Patient.id == EligibilityQuestion.patient_id)
        .join(Payer, Payer.id == EligibilityQuestion.payer_id)
        .where(
            EligibilityQuestion.state.in_((QuestionState.UNKNOWN, QuestionState.REJECTED)),
            EligibilityQuestion.moved_at.between(at - timedelta(days=2), at - ASKED_AGAIN_AFTER),
        )
        .order_by(EligibilityQuestion.id)
    ).all()
    last = last_questions(db, [row[1].id for row in rows])
    busy = _busy(db, [row[0].id for row in rows if row[0].state is QuestionState.REJECTED])
    for question, policy, patient, payer in rows:
        turn = _times_again(question)
        is_last = last[policy.id].id == question.id
        rested = question.moved_at <= at - ASKED_AGAIN_AFTER * (turn + 1)
        if (
            is_last
            and rested
            and turn < MOST_AGAIN
            and (question.state is QuestionState.UNKNOWN or question.id in busy)
        ):
            slot = f"again:{question.id}:{turn + 1}"
            yield Turn(Insured(policy, patient, payer), question.about_on, Occasion.AGAIN, slot)


def _times_again(question: EligibilityQuestion) -> int:
    """How often its line of questions has been asked anew."""
    return int((question.slot or "").rpartition(":")[2]) if question.occasion is Occasion.AGAIN else 0


def _busy(db: Db, question_ids: Sequence[int]) -> set[int]:
    """Those of the rejected questions that may simply be asked again."""
    answers = select(EligibilityAnswer.question_id, EligibilityAnswer.reading).where(
        EligibilityAnswer.question_id.in_(question_ids)
    )
    return {
        question_id
        for question_id, reading in db.execute(answers)
        if any(one.may_ask_again for one in READING.validate_python(reading).rejections)
    }
