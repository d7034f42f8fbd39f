"""Whose cover is not known for the next days: planned sessions that insurance is to pay for, by day. Six queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from billing import clock
from billing.clinic.models import Clinic
from billing.clinic.queries import the_clinic
from billing.coverage.eligibility.asking import Turn
from billing.coverage.eligibility.lifecycle import QuestionState
from billing.coverage.eligibility.models import EligibilityQuestion, Occasion
from billing.coverage.eligibility.posing import Insured, askable_day, asking_problems
from billing.coverage.eligibility.queries import last_questions
from billing.coverage.models import Benefit, Policy
from billing.coverage.policies import in_force
from billing.coverage.visits import STALE_AFTER_DAYS
from billing.coverage.wording import contradiction_words
from billing.database import Db
from billing.many_rows import among
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Practitioner
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.payment_order import in_order_of_payment

DAYS_AHEAD = 3
MOST = 200
_WAITS = timedelta(days=1)
"""A payer that says nothing for longer than this is silent."""


class Cover(StrEnum):
    """How a session stands with its payer."""

    NO_POLICY = "no policy"
    NOT_COVERED = "not covered"
    REJECTED = "payer refused"
    LOST = "lost on the way"
    FAILED = "could not be asked"
    SILENT = "no answer"
    CALL = "to be called"
    NEVER = "never asked"
    UNKNOWN = "unknown"
    STALE = "old"
    CONTRADICTORY = "contradictory"
    ASKED = "asked"
    VERIFIED = "verified"


TONES = {
    Cover.NO_POLICY: "bad", Cover.NOT_COVERED: "bad", Cover.REJECTED: "bad", Cover.LOST: "warn", Cover.FAILED: "bad",
    Cover.SILENT: "warn", Cover.CALL: "warn", Cover.NEVER: "warn", Cover.UNKNOWN: "warn", Cover.STALE: "warn",
    Cover.CONTRADICTORY: "warn",
    Cover.ASKED: "info", Cover.VERIFIED: "good",
}  # fmt: skip
_BY_STATE = {
    QuestionState.REJECTED: Cover.REJECTED,
    QuestionState.UNKNOWN: Cover.LOST,
    QuestionState.FAILED: Cover.FAILED,
}


@dataclass(frozen=True, slots=True)
class Expected:
    """A planned session, and what is known of its cover."""

    session: ClinicSession
    patient: Patient
    practitioner: Practitioner
    insured: Insured | None
    """The policy that pays first; none when none is in force."""
    cover: Cover
    why: str
    question: EligibilityQuestion | None
    can_be_asked: bool

    @property
    def tone(self) -> str:
        """How it looks."""
        return TONES[self.cover]


@dataclass(frozen=True, slots=True)
class Worklist:
    """The sessions of the next days that somebody should see to, and how many need nobody."""

    rows: Sequence[Expected]
    verified: int
    first_on: date
    last_on: date

    @property
    def turns(self) -> list[Turn]:
        """The questions that can be asked now, each policy once."""
        by_policy = {
            one.insured.policy.id: Turn(one.insured, one.session.service_on, Occasion.PERSON, None)
            for one in reversed(self.rows)
            if one.insured is not None and one.can_be_asked and one.cover is not Cover.ASKED
        }
        return list(by_policy.values())


def coverage_worklist(db: Db, at: datetime) -> Worklist:
    """The planned insurance sessions from today on. Raises :class:`NoClinic` before there is a clinic."""
    clinic = the_clinic(db)
    today = clock.local(at, clinic.time_zone).date()
    last_on = today + timedelta(days=DAYS_AHEAD)
    sessions = db.execute(
        select(ClinicSession, Patient, Practitioner)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .join(Practitioner, Practitioner.id == ClinicSession.practitioner_id)
        .where(
            ClinicSession.state.in_((SessionState.BOOKED, SessionState.ARRIVED)),
            ClinicSession.service_on.between(today, last_on),
            ClinicSession.bill_to == BillTo.INSURANCE,
        )
        .order_by(ClinicSession.starts_at, ClinicSession.id)
        .limit(MOST)
    ).all()
    known = _known(db, {row[1].id for row in sessions}, clinic, today, at)
    rows = [known.expected(*row) for row in sessions]
    shown = [one for one in rows if one.cover is not Cover.VERIFIED]
    return Worklist(shown, len(rows) - len(shown), today, last_on)


@dataclass(frozen=True, slots=True)
class _Known:
    clinic: Clinic
    today: date
    at: datetime
    payers: Mapping[int, Payer]
    policies: Mapping[int, Sequence[Policy]]
    benefits: Mapping[tuple[int, int], Benefit]
    last: Mapping[int, EligibilityQuestion]

    def expected(self, session: ClinicSession, patient: Patient, practitioner: Practitioner) -> Expected:
        on = session.service_on
        paying = in_order_of_payment(in_force(self.policies.get(patient.id, ()), on), session.accident, self.payers)
        if not paying:
            why = "By what is on file no policy is in force that day."
            return Expected(session, patient, practitioner, None, Cover.NO_POLICY, why, None, can_be_asked=False)
        policy = paying[0]
        insured = Insured(policy, patient, self.payers[policy.payer_id])
        problems = asking_problems(insured, self.clinic, askable_day(on, self.today))
        benefit, question = self.benefits.get((patient.id, policy.payer_id)), self.last.get(policy.id)
        cover, why = cover_of(benefit, question, on, self.at)
        if problems and cover not in (Cover.VERIFIED, Cover.CONTRADICTORY, Cover.NOT_COVERED):
            cover, why = Cover.CALL, " ".join(problem.why for problem in problems)
        return Expected(session, patient, practitioner, insured, cover, why, question, can_be_asked=not problems)


def cover_of(
    benefit: Benefit | None, question: EligibilityQuestion | None, on: date, at: datetime
) -> tuple[Cover, str]:
    """How a session on ``on`` stands, and why, by what is on file and what was asked last. Pure."""
    verified = benefit.verified_on if benefit else None
    is_fresh = verified is not None and (on - verified).days <= STALE_AFTER_DAYS
    if benefit is not None and is_fresh and benefit.covered is not None:
        return _known_cover(benefit)
    if question is not None and (verified is None or question.asked_at.date() >= verified):
        if question.state in _BY_STATE:
            return _BY_STATE[question.state], f"{question.why[:1].upper()}{question.why[1:]}"
        if question.state is not QuestionState.ANSWERED:
            return _waiting(question, at)
    if benefit is None or verified is None:
        return Cover.NEVER, "Nobody has asked the payer yet."
    if benefit.covered is None:
        return Cover.UNKNOWN, "The payer answered, and did not say whether acupuncture is covered. Call it."
    age = f"What is known is {(on - verified).days} days old on that day"
    if question is not None and question.asked_at.date() >= verified:
        return Cover.STALE, f"{age}; the payer answered since, and did not say whether acupuncture is covered. Call it."
    return Cover.STALE, f"{age}."


def _known_cover(benefit: Benefit) -> tuple[Cover, str]:
    words = contradiction_words(benefit)
    if not benefit.covered:
        why = f"The payer does not cover it. Talk with the patient before the visit. {words}"
        return Cover.NOT_COVERED, why.rstrip()
    return (Cover.CONTRADICTORY, f"The payer said both. {words} Ask it again.") if words else (Cover.VERIFIED, "")


def _waiting(question: EligibilityQuestion, at: datetime) -> tuple[Cover, str]:
    if at - question.asked_at > _WAITS:
        return Cover.SILENT, "The payer was asked and has not answered. Ask again, or call it."
    return Cover.ASKED, "The payer has been asked; the answer is awaited."


def _known(db: Db, patient_ids: set[int], clinic: Clinic, today: date, at: datetime) -> _Known:
    policies: dict[int, list[Policy]] = {}
    for policy in db.scalars(select(Policy).where(among(db, Policy.patient_id, patient_ids))):
        policies.setdefault(policy.patient_id, []).append(policy)
    benefits = db.scalars(select(Benefit).where(among(db, Benefit.patient_id, patient_ids)))
    return _Known(
        clinic=clinic,
        today=today,
        at=at,
        payers={one.id: one for one in db.scalars(select(Payer))},
        policies=policies,
        benefits={(one.patient_id, one.payer_id): one for one in benefits},
        last=last_questions(db, [one.id for theirs in policies.values() for one in theirs]),
    )
