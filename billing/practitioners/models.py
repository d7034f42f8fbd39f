"""Practitioners, their credentials, education, supervisors and enrolments with payers."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words


class CredentialKind(StrEnum):
    """What a credential proves."""

    LICENCE = "licence"
    CERTIFICATION = "certification"
    MALPRACTICE = "malpractice"
    CPR = "cpr"
    NEEDLE_TECHNIQUE = "needle_technique"
    ATTESTATION = "attestation"
    """That a provider's data was attested to a directory of insurers, such as CAQH."""
    EXCLUSION_CHECK = "exclusion_check"
    """That the lists of excluded people were looked through for this one, and what was found."""
    MEMBERSHIP = "membership"
    """Of a professional body."""
    REGISTRATION = "registration"
    """Of a person with a local authority or a statutory register."""
    PREMISES = "premises"
    """Of a place of work, and of nobody in particular."""
    TRAINING = "training"


class CredentialStatus(StrEnum):
    """What its issuer says of it."""

    ACTIVE = "active"
    RESTRICTED = "restricted"
    """In force under conditions: not enough where a licence has to be unrestricted."""
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class CoverForm(StrEnum):
    """What a malpractice policy goes by."""

    OCCURRENCE = "occurrence"
    """When it happened: the policy of the day of treatment answers, whenever it is claimed."""
    CLAIMS_MADE = "claims_made"
    """When it is claimed: for treatment since the retroactive date, as long as the policy or its tail is in force."""


class Network(StrEnum):
    """Whether a practitioner is contracted with a payer."""

    IN = "in"
    OUT = "out"


class Practitioner(Base):
    """A person who treats."""

    __tablename__ = "practitioner"

    id: Mapped[Key]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    first_name: Mapped[str]
    last_name: Mapped[str]
    credentials: Mapped[str | None]
    """Letters after the name, such as ``L.Ac.``."""
    npi: Mapped[str | None]
    taxonomy: Mapped[str | None]
    email: Mapped[str | None]
    left_on: Mapped[date | None]
    """From this day on nothing is booked with them."""
    birth_date: Mapped[date | None]
    """Some states' licences end with the holder's birthday or month of birth."""


class PractitionerAccount(Base):
    """The account with which a practitioner signs in, and so signs notes."""

    __tablename__ = "practitioner_account"

    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), unique=True)


class Credential(Base):
    """A licence, certificate or policy, valid from and to given days inclusive."""

    __tablename__ = "credential"
    __table_args__ = (
        sa.UniqueConstraint("practitioner_id", "kind", "issuer", "number", "valid_from"),
        sa.CheckConstraint("(kind = 'premises') = (practitioner_id IS NULL)", name="of_somebody_or_of_premises"),
    )

    id: Mapped[Key]
    practitioner_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Practitioner.id))
    """Empty for what belongs to a place of work."""
    kind: Mapped[CredentialKind] = mapped_column(words(CredentialKind))
    issuer: Mapped[str]
    """A state's two letters for a licence, else the body that issued it."""
    number: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    """The last day; empty while nobody knows it, and then it is valid on none."""
    status: Mapped[CredentialStatus] = mapped_column(words(CredentialStatus))
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"))
    """The place of work it is for: of a certificate of premises empty for the clinic's own address, of anything else
    empty for wherever they work."""
    form: Mapped[CoverForm | None] = mapped_column(words(CoverForm))
    """Of malpractice cover; empty while nobody looked."""
    retro_date: Mapped[date | None]
    """Of claims-made cover: treatment before this day is not covered."""
    per_claim_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    aggregate_cents: Mapped[int | None] = mapped_column(sa.BigInteger())
    """Limits of malpractice cover."""
    scope: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sa.text("'{}'"))
    """Of a licence: by class of services whether it allows them, where somebody has entered it."""

    @property
    def ends_on(self) -> date:
        """The last day on which it counts: one whose end is unknown ended before it began."""
        return self.valid_to if self.valid_to is not None else self.valid_from - timedelta(days=1)

    def covers(self, on: date) -> bool:
        """Whether the day is one of its days, whatever its status."""
        return self.valid_from <= on <= self.ends_on


class ContinuingEducation(Base):
    """A course that somebody took, as its certificate says."""

    __tablename__ = "continuing_education"
    __table_args__ = (sa.CheckConstraint("minutes > 0", name="takes_time"),)

    id: Mapped[Key]
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id), index=True)
    completed_on: Mapped[date]
    minutes: Mapped[int]
    category: Mapped[str]
    """One of those that the renewal rules know."""
    title: Mapped[str]
    provider: Mapped[str]
    is_distance: Mapped[bool]
    """Whether it was taken alone or from afar."""
    reference: Mapped[str]
    """The number of the certificate or of the approval; empty when there is none."""


class Enrolment(Base):
    """A practitioner's standing with a payer over a span of days; an empty end is open."""

    __tablename__ = "enrolment"
    __table_args__ = (
        sa.Index(
            "uq_enrolment_practitioner_id_payer_id_effective_from",
            "practitioner_id", "payer_id", "effective_from",
            unique=True,
            sqlite_where=sa.text("place_id IS NULL"), postgresql_where=sa.text("place_id IS NULL"),
        ),
        sa.Index(
            "uq_enrolment_at_place",
            "practitioner_id", "payer_id", "place_id", "effective_from",
            unique=True,
            sqlite_where=sa.text("place_id IS NOT NULL"), postgresql_where=sa.text("place_id IS NOT NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("payer.id"))
    network: Mapped[Network] = mapped_column(words(Network))
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    place_id: Mapped[int | None] = mapped_column(sa.ForeignKey("place.id"))
    """The one place of work it holds for; empty for all of them."""
    identifier: Mapped[str | None]
    """What the payer calls the practitioner."""
    recredential_by: Mapped[date | None]
    """By this day the payer wants the practitioner looked into again."""


class Supervision(Base):
    """That somebody supervises another's treatments, for one payer or for all, over a span of days."""

    __tablename__ = "supervision"
    __table_args__ = (sa.CheckConstraint("practitioner_id <> supervisor_id", name="not_of_oneself"),)

    id: Mapped[Key]
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id), index=True)
    """Who treats."""
    supervisor_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id))
    payer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payer.id"))
    """Empty for every payer that wants supervision."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """Empty while it goes on."""
    attested_on: Mapped[date | None]
    """When the supervisor attested it in writing; empty while it is only agreed."""
