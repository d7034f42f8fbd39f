"""Asking a payer about a policy: the question is written down, and a worker carries it out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from billing.clinic.numbering import take_numbers
from billing.clinic.queries import the_clinic
from billing.clock import today
from billing.coverage.eligibility.lifecycle import OPEN, QuestionState
from billing.coverage.eligibility.models import EligibilityQuestion, Occasion
from billing.coverage.eligibility.moving import record_asked
from billing.coverage.eligibility.posing import (
    Insured,
    askable_day,
    asking_problems,
    policy_digest,
    service_types_for,
)
from billing.coverage.models import Policy
from billing.database import Db, hold_lock
from billing.errors import NotFound, Refused
from billing.many_rows import among, insert_new
from billing.patients.models import Patient
from billing.payers.models import Payer

SERIES = "eligibility"
STILL_WAITING = timedelta(minutes=10)
"""A question that has waited for less than this is not asked a second time because somebody clicks again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that a rule wants asked, once."""

    insured: Insured
    about_on: date
    occasion: Occasion
    slot: str | None
    """Its name, which is unique; a person's wish has none."""


def insured_by(db: Db, policy_id: int) -> Insured:
    """A policy with whom it insures and who insures. Raises :class:`NotFound`."""
    found = insured_of(db, [policy_id])
    if policy_id not in found:
        raise NotFound(f"There is no policy {policy_id}.")
    return found[policy_id]


def insured_of(db: Db, policy_ids: Collection[int]) -> dict[int, Insured]:
    """These policies with whom they insure and who insures, by policy."""
    joined = (
        select(Policy, Patient, Payer)
        .join(Patient, Patient.id == Policy.patient_id)
        .join(Payer, Payer.id == Policy.payer_id)
    )
    return {row[0].id: Insured(*row) for row in db.execute(joined.where(among(db, Policy.id, policy_ids)))}


def ask(db: Db, policy_id: int, on: date, *, by: str, at: datetime) -> EligibilityQuestion:
    """Write down that somebody wants to know what a policy covers on ``on``.

    Gives the question that is on its way already, when there is one about the same policy. Raises :class:`NotFound`,
    :class:`Refused` with every reason when the payer cannot be asked.
    """
    insured, clinic = insured_by(db, policy_id), the_clinic(db)
    about_on = askable_day(on, today(clinic.time_zone))
    problems = asking_problems(insured, clinic, about_on)
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    hold_lock(db, f"eligibility:{policy_id}")
    waiting = db.scalar(
        select(EligibilityQuestion)
        .where(
            EligibilityQuestion.policy_id == policy_id,
            EligibilityQuestion.state.in_(OPEN),
            EligibilityQuestion.asked_at > at - STILL_WAITING,
        )
        .order_by(EligibilityQuestion.id.desc())
        .limit(1)
    )
    if waiting is not None and waiting.policy_sha256 == policy_digest(insured):
        return waiting
    row = question_row(insured, about_on, Occasion.PERSON, None, by=by, at=at)
    (question_id,) = _written(db, [row], by=by, at=at)
    return question_with_id(db, question_id)


def ask_in_turn(db: Db, turns: Sequence[Turn], *, by: str, at: datetime) -> int:
    """Write down what rules want asked and was not before; gives how many are new.

    A turn about a payer that cannot be asked is passed over: the worklist tells why.
    """
    clinic = the_clinic(db)
    day = today(clinic.time_zone)
    rows = []
    for turn in turns:
        about_on = askable_day(turn.about_on, day)
        if not asking_problems(turn.insured, clinic, about_on):
            rows.append(question_row(turn.insured, about_on, turn.occasion, turn.slot, by=by, at=at))
    return len(_written(db, rows, by=by, at=at))


def _written(db: Db, rows: Sequence[dict[str, Any]], *, by: str, at: datetime) -> list[int]:
    if not rows:
        return []
    numbers = take_numbers(db, SERIES, len(rows))
    traces = [f"{at:%y%m%d}-{number:06d}" for number in numbers]
    new = insert_new(
        db, EligibilityQuestion, [{"trace": trace, **row} for trace, row in zip(traces, rows, strict=True)]
    )
    record_asked(db, new, by=by, at=at)
    return new


def question_row(
    insured: Insured, about_on: date, occasion: Occasion, slot: str | None, *, by: str, at: datetime
) -> dict[str, Any]:
    """The cells of a new question, but for its trace."""
    return {
        "slot": slot,
        "occasion": occasion,
        "patient_id": insured.patient.id,
        "policy_id": insured.policy.id,
        "payer_id": insured.payer.id,
        "about_on": about_on,
        "service_types": list(service_types_for(insured.payer)),
        "policy_sha256": policy_digest(insured),
        "by": by,
        "asked_at": at,
        "state": QuestionState.TO_SEND,
        "moved_at": at,
        "why": "",
        "taken_at": None,
        "tries": 0,
        "due_at": at,
        "file_number": None,
        "file_name": None,
    }


def question_with_id(db: Db, question_id: int) -> EligibilityQuestion:
    """The question with that number. Raises :class:`NotFound`."""
    question = db.get(EligibilityQuestion, question_id)
    if question is None:
        raise NotFound(f"There is no eligibility question {question_id}.")
    return question
