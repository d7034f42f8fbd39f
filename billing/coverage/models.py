"""Policies, verified benefits with their history, authorisations, and the clinic's own rule packs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words
from billing.patients.models import Sex
from billing.practitioners.models import Network


class Relationship(StrEnum):
    """What the patient is to the subscriber."""

    SELF = "self"
    SPOUSE = "spouse"
    CHILD = "child"
    OTHER = "other"


class BenefitPeriod(StrEnum):
    """The span in which a plan counts visits."""

    CALENDAR_YEAR = "calendar_year"
    PLAN_YEAR = "plan_year"
    """From the day the plan names, or else from the anniversary of the policy."""
    ROLLING_MONTHS = "rolling_months"
    """The months before each visit, as many as the plan names."""
    CALENDAR_MONTH = "calendar_month"
    LIFETIME = "lifetime"
    """As long as the policy lasts."""


class BenefitSource(StrEnum):
    """Where a benefit was learned from."""

    IMPORT = "import"
    PHONE = "phone"
    PORTAL = "portal"
    PAPER = "paper"
    ANSWER_271 = "271"
    """The payer's electronic answer, X12 005010X279A1."""


class CopayPer(StrEnum):
    """How often a copayment is asked for."""

    VISIT = "visit"
    """Once for everything done on a day."""
    SERVICE = "service"


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
    rule_pack: Mapped[str | None]
    """The key of the rule pack that judges this plan; empty: the payer's."""


class Benefit(Base):
    """What a payer said it covers of this patient's acupuncture, and when it said so.

    What is empty was never said; it is unknown, neither yes nor no, neither nothing nor without limit.
    """

    __tablename__ = "benefit"
    __table_args__ = (sa.UniqueConstraint("patient_id", "payer_id"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("payer.id"))
    covered: Mapped[bool | None]
    copay_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    coinsurance_basis_points: Mapped[int | None]
    """The patient's share in hundredths of a percent: 20 % is 2000."""
    deductible_remaining_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    visits_allowed: Mapped[int | None]
    visits_used_elsewhere: Mapped[int]
    """Visits to others in the period that was current on ``verified_on``."""
    period: Mapped[BenefitPeriod] = mapped_column(words(BenefitPeriod))
    authorisation_required: Mapped[bool | None]
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
    plan_name: Mapped[str | None]
    network: Mapped[Network | None] = mapped_column(words(Network))
    """Whose terms these are: those for clinics in the plan's network, or for others."""
    referral_required: Mapped[bool | None]
    period_months: Mapped[int | None]
    """How many months a rolling period has; empty: twelve."""
    plan_year_from: Mapped[date | None]
    """A day on which one of the plan's years begins; empty: the anniversary of the policy."""
    visits_remaining: Mapped[int | None]
    """What the payer said is left, having counted what it had decided by then."""
    limit_in_answer: Mapped[str | None]
    """What the payer's electronic answer says of the limit, where the stricter one that a person noted counts still."""
    shared_with: Mapped[list[str]] = mapped_column(default=list)
    """Other therapies that use up the same visits: ``chiropractic``, ``therapy``, ``massage``."""
    dollar_limit_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    """What the plan pays at most in the period."""
    dollars_remaining_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    dollars_told_on: Mapped[date | None]
    """The day on which what is left of it was told; what the payer paid since then is taken off."""
    deductible_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    family_deductible_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    family_deductible_remaining_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    out_of_pocket_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    family_out_of_pocket_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    family_out_of_pocket_remaining_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    deductible_applies: Mapped[bool] = mapped_column(default=True)
    copay_waives_deductible: Mapped[bool] = mapped_column(default=False)
    copay_counts_to_out_of_pocket: Mapped[bool] = mapped_column(default=True)
    copay_per: Mapped[CopayPer] = mapped_column(words(CopayPer), default=CopayPer.VISIT)
    set_by_hand: Mapped[list[str]] = mapped_column(default=list)
    """The facts of the payer's electronic answer against which people set something else."""
    without_hand: Mapped[dict[str, Any] | None]
    """What would be on file without them, as :class:`BenefitVersion` keeps it; empty while there are none."""
    contradicted_by: Mapped[dict[str, Any] | None]
    """What the payer said elsewhere of whether acupuncture is covered, where it said the opposite."""


class BenefitVersion(Base):
    """One time that a benefit was learned: what was said, by whom it was written down, and what it changed."""

    __tablename__ = "benefit_version"
    __table_args__ = (sa.Index(None, "patient_id", "payer_id"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("payer.id"))
    at: Mapped[datetime]
    by: Mapped[str]
    source: Mapped[BenefitSource] = mapped_column(words(BenefitSource))
    verified_on: Mapped[date | None]
    said: Mapped[dict[str, Any]]
    """Everything that was on file afterwards, by the names of :class:`Benefit`; days as text."""
    changed: Mapped[list[str]]
    """Names of what was different before; empty when it was the first time, or nothing changed."""
    answer_id: Mapped[int | None]
    """The payer's electronic answer it was taken from."""


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
    seoc_name: Mapped[str | None]
    """The standardised episode of care it is for, in the words of the VA."""
    units_per_visit: Mapped[int | None]
    """How many units of acupuncture a visit may have, the first one counted; empty: as many as the plan pays."""
    codes_allowed: Mapped[list[str]] = mapped_column(default=list)
    """The procedure codes it covers; none named: any."""
    diagnoses: Mapped[list[str]] = mapped_column(default=list)
    """The diagnoses it was given for; none named: any."""
    referring_npi: Mapped[str | None]
    used_before: Mapped[int] = mapped_column(default=0)
    """Visits that were used of it elsewhere, or here before it was entered."""


class RulePack(Base):
    """One version of a rule pack that the clinic wrote itself; the last of a key counts, the others are kept.

    An empty text withdraws the pack: then what Meridian brings along under the same key counts again.
    """

    __tablename__ = "rule_pack"
    __table_args__ = (sa.UniqueConstraint("key", "version"),)

    id: Mapped[Key]
    key: Mapped[str]
    version: Mapped[int]
    text: Mapped[str]
    """TOML, as it was typed."""
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    review_by: Mapped[date | None]
    by: Mapped[str]
    at: Mapped[datetime]
