"""Policies, verified benefits and authorisations."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words
from billing.patients.models import Sex


class Relationship(StrEnum):
    """What the patient is to the subscriber."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    OTHER = "other"


class BenefitPeriod(StrEnum):
    """The year in which a plan counts visits."""

    CALENDAR_YEAR = "calendar_year"
    PLAN_YEAR = "plan_year"


class BenefitSource(StrEnum):
    """Where a benefit was learned from."""

    IMPORT = "import"
    PHONE = "phone"
    PORTAL = "portal"
    PAPER = "paper"


class Policy(Base):
    """A patient's cover by a payer; rank 1 pays first. An empty end is open."""

    __tablename__ = "policy"
    __table_args__ = (sa.UniqueConstraint("patient_id", "payer_id", "rank", "effective_from"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("payer.id"))
    rank: Mapped[int]
    member_id: Mapped[str]
    group_number: Mapped[str | None]
    relationship: Mapped[Relationship] = mapped_column(words(Relationship))
    subscriber_first_name: Mapped[str | None]
    subscriber_last_name: Mapped[str | None]
    subscriber_birth_date: Mapped[date | None]
    subscriber_sex: Mapped[Sex | None] = mapped_column(words(Sex))
    subscriber_address1: Mapped[str | None]
    subscriber_city: Mapped[str | None]
    subscriber_state: Mapped[str | None]
    subscriber_zip: Mapped[str | None]
    employer: Mapped[str | None]
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]


class Benefit(Base):
    """What a payer said it covers of this patient's acupuncture, and when it said so."""

    __tablename__ = "benefit"
    __table_args__ = (sa.UniqueConstraint("patient_id", "payer_id"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("payer.id"))
    covered: Mapped[bool]
    copay_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    coinsurance_basis_points: Mapped[int | None]
    """The patient's share in hundredths of a percent: 20 % is 2000."""
    deductible_remaining_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    visits_allowed: Mapped[int | None]
    visits_used_elsewhere: Mapped[int]
    """Visits to others in the period that was current on ``verified_on``."""
    period: Mapped[BenefitPeriod] = mapped_column(words(BenefitPeriod))
    authorisation_required: Mapped[bool]
    verified_on: Mapped[date | None]
    reference: Mapped[str | None]
    """The payer's reference number of the call or look-up."""
    out_of_pocket_remaining_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    """What the patient can at most still have to pay this year; empty when nobody said."""
    representative: Mapped[str | None]
    """Who at the payer said so."""
    source: Mapped[BenefitSource | None] = mapped_column(words(BenefitSource))
    remarks: Mapped[str | None]
    """Conditions in the payer's words, such as diagnoses it covers."""


class Authorisation(Base):
    """A payer's permission for a number of visits between two days inclusive."""

    __tablename__ = "authorisation"
    __table_args__ = (sa.UniqueConstraint("patient_id", "payer_id", "number"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("payer.id"))
    number: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    visits: Mapped[int]
