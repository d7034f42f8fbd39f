"""Estimates that were told: of single sessions, and good-faith estimates on paper with what became of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Cents, Key, words


class Occasion(StrEnum):
    """When a session's estimate was taken."""

    BOOKING = "booking"
    CHECKOUT = "checkout"


class KeptEstimate(Base):
    """What a session was expected to cost the patient, as it was reckoned and told at the time.

    The row never changes. What the payer decided afterwards stands in its adjudication, and is compared when asked.
    """

    __tablename__ = "session_estimate"
    __table_args__ = (
        sa.Index("ix_session_estimate_session_id_id", "session_id", "id"),
        sa.Index("ix_session_estimate_payer_id_id", "payer_id", "id"),
    )

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic_session.id"))
    occasion: Mapped[Occasion] = mapped_column(words(Occasion))
    at: Mapped[datetime]
    by: Mapped[str]
    payer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payer.id"))
    """Empty when no policy was in force."""
    charge_cents: Mapped[Cents]
    low_cents: Mapped[int | None]
    expected_cents: Mapped[int | None]
    """The patient's part; empty while nobody could tell."""
    high_cents: Mapped[int | None]
    plan_cents: Mapped[int | None]
    """What the plan was expected to pay."""
    inputs: Mapped[dict[str, Any]]
    """The lines, the cover and the terms it was reckoned from."""
    sources: Mapped[dict[str, Any]]
    """Ids of policy, benefit, authorisation and fees, and the edition of each rule pack."""
    shown: Mapped[list[str]]
    """What was told, sentence by sentence."""


class EstimateKind(StrEnum):
    """What sort of paper an estimate is."""

    GOOD_FAITH = "good_faith"
    """One that the No Surprises Act asks for."""
    PLAIN = "plain"
    """One that no law asks for."""


class GoodFaithEstimate(Base):
    """An issued estimate of a course of visits. The row never changes; a later version replaces it."""

    __tablename__ = "good_faith_estimate"
    __table_args__ = (
        sa.UniqueConstraint("number", "version"),
        sa.UniqueConstraint("supersedes_id"),
        sa.CheckConstraint("from_on <= to_on", name="begins_before_it_ends"),
        sa.CheckConstraint("(version = 1) = (supersedes_id IS NULL)", name="later_versions_supersede"),
        sa.Index("ix_good_faith_estimate_patient_id_from_on", "patient_id", "from_on"),
    )

    id: Mapped[Key]
    kind: Mapped[EstimateKind] = mapped_column(words(EstimateKind))
    number: Mapped[int]
    version: Mapped[int]
    supersedes_id: Mapped[int | None] = mapped_column(sa.ForeignKey("good_faith_estimate.id"))
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey("practitioner.id"))
    from_on: Mapped[date]
    to_on: Mapped[date]
    """The last day on which it speaks, at most twelve months after the first."""
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str]
    """Why it replaces the one before; empty for a first version."""
    total_cents: Mapped[Cents]
    scope: Mapped[dict[str, Any]]
    """The services and days it is about, and what each visit was expected to cost."""
    snapshot: Mapped[dict[str, Any]]
    """What is printed."""


class EstimateEvent(StrEnum):
    """What happened to an issued estimate."""

    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    """The patient signed that they have it."""
    COPIED = "copied"
    """The patient was given a copy on request."""
    LET_PASS = "let_pass"
    """The owner let a bill pass that is far above it."""


class Delivery(StrEnum):
    """How an estimate reached the patient."""

    HANDED_OVER = "handed_over"
    POSTED = "posted"
    EMAILED = "emailed"
    PORTAL = "portal"
    """Put where the patient fetches papers."""


class EstimateHistory(Base):
    """One thing that happened to an issued estimate; rows are only ever added."""

    __tablename__ = "good_faith_event"

    id: Mapped[Key]
    estimate_id: Mapped[int] = mapped_column(sa.ForeignKey(GoodFaithEstimate.id), index=True)
    event: Mapped[EstimateEvent] = mapped_column(words(EstimateEvent))
    on: Mapped[date]
    """The day it happened, which may lie before it was written down."""
    how: Mapped[Delivery | None] = mapped_column(words(Delivery, "how"))
    at: Mapped[datetime]
    by: Mapped[str]
    why: Mapped[str]
    up_to_cents: Mapped[int | None]
    """Of a bill let pass: how far above the estimate it may be."""


class EstimateRequest(Base):
    """That somebody asked what care would cost them."""

    __tablename__ = "estimate_request"

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    asked_on: Mapped[date]
    at: Mapped[datetime]
    by: Mapped[str]
    remark: Mapped[str]
    """What was asked, in a few words; may be empty."""
    withdrawn_at: Mapped[datetime | None]
    why_withdrawn: Mapped[str | None]
