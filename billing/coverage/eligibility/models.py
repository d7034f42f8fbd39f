"""Questions to payers about cover, what became of them, the answers, and what people set against an answer."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.coverage.eligibility.lifecycle import QuestionEvent, QuestionState
from billing.coverage.eligibility.reading.facts import FactKind
from billing.coverage.models import Policy
from billing.database import Base, Key, words
from billing.documents.models import ReceivedFile
from billing.patients.models import Patient
from billing.payers.models import Payer


class Occasion(StrEnum):
    """Why a payer is asked."""

    PERSON = "person"
    """Somebody asked for it."""
    BOOKING = "booking"
    VISIT = "visit"
    """A visit is near and what is known is old."""
    NEW_YEAR = "new_year"
    """A new year of the plan has begun."""
    CHANGE = "change"
    """The policy says something else than when the payer was asked last."""
    AGAIN = "again"
    """What was asked before was lost, or the payer could not answer then."""


def _while(state: QuestionState) -> dict[str, Any]:
    condition = sa.text(f"state = '{state}'")
    return {"sqlite_where": condition, "postgresql_where": condition}


class EligibilityQuestion(Base):
    """One question about one policy on one day; written down before it is asked."""

    __tablename__ = "eligibility_question"
    __table_args__ = (
        sa.Index(None, "policy_id", "id"),
        sa.Index("ix_eligibility_question_to_send", "id", **_while(QuestionState.TO_SEND)),
        sa.Index("ix_eligibility_question_sending", "taken_at", **_while(QuestionState.SENDING)),
    )

    id: Mapped[Key]
    trace: Mapped[str] = mapped_column(unique=True)
    """By which its answer is known; never used twice."""
    slot: Mapped[str | None] = mapped_column(unique=True)
    """Which turn of which rule it is, so that no rule asks twice; empty where a person asked."""
    occasion: Mapped[Occasion] = mapped_column(words(Occasion))
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey(Patient.id), index=True)
    policy_id: Mapped[int] = mapped_column(sa.ForeignKey(Policy.id))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey(Payer.id))
    about_on: Mapped[date]
    """The day of treatment asked about."""
    service_types: Mapped[list[str]]
    policy_sha256: Mapped[str]
    """Digest of what the policy and the patient said, to see later whether it changed."""
    by: Mapped[str]
    """Who asked, as ``kind:id``."""
    asked_at: Mapped[datetime]
    state: Mapped[QuestionState] = mapped_column(words(QuestionState))
    moved_at: Mapped[datetime]
    why: Mapped[str]
    """What was said of its last move."""
    taken_at: Mapped[datetime | None]
    """When a worker took it; after a lease it is taken for lost."""
    tries: Mapped[int]
    due_at: Mapped[datetime]
    """Before this it is not offered again."""
    file_number: Mapped[int | None] = mapped_column(index=True)
    """Control number of the interchange it went in."""
    file_name: Mapped[str | None]


class EligibilityMove(Base):
    """One thing that happened to a question."""

    __tablename__ = "eligibility_move"

    id: Mapped[Key]
    question_id: Mapped[int] = mapped_column(sa.ForeignKey(EligibilityQuestion.id), index=True)
    at: Mapped[datetime]
    event: Mapped[QuestionEvent] = mapped_column(words(QuestionEvent))
    from_state: Mapped[QuestionState | None] = mapped_column(words(QuestionState, "from_state"))
    to_state: Mapped[QuestionState] = mapped_column(words(QuestionState, "to_state"))
    by: Mapped[str]
    why: Mapped[str]


class EligibilityAnswer(Base):
    """What a payer said about one person, with every row and what was read out of them. Never changed."""

    __tablename__ = "eligibility_answer"
    __table_args__ = (sa.UniqueConstraint("file_id", "position"), sa.Index(None, "policy_id", "id"))

    id: Mapped[Key]
    file_id: Mapped[int] = mapped_column(sa.ForeignKey(ReceivedFile.id))
    position: Mapped[int]
    """Its place in the file, from 1."""
    question_id: Mapped[int | None] = mapped_column(sa.ForeignKey(EligibilityQuestion.id), index=True)
    """Empty when it answers no question of ours."""
    policy_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Policy.id))
    received_at: Mapped[datetime]
    produced_on: Mapped[date | None]
    """The day that the payer wrote on it."""
    reference: Mapped[str]
    """The payer's own number for it."""
    rows: Mapped[list[Any]]
    reading: Mapped[dict[str, Any]]
    is_rejection: Mapped[bool]
    applied_at: Mapped[datetime | None]
    """When it became the benefit on file; empty when it did not."""
    why_not_applied: Mapped[str]


class EligibilityOverride(Base):
    """A person sets something else against a fact of the answers about a policy; the last one of a fact counts."""

    __tablename__ = "eligibility_override"

    id: Mapped[Key]
    policy_id: Mapped[int] = mapped_column(sa.ForeignKey(Policy.id), index=True)
    answer_id: Mapped[int] = mapped_column(sa.ForeignKey(EligibilityAnswer.id))
    fact: Mapped[FactKind] = mapped_column(words(FactKind))
    stands: Mapped[bool]
    """False once a newer answer told it differently, or a person took it back."""
    value: Mapped[dict[str, Any]]
    """What counts instead, under ``value``, and what the payer had said, under ``said``."""
    why: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]
