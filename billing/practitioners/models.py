"""Practitioners, their credentials and their enrolments with payers."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

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


class CredentialStatus(StrEnum):
    """What its issuer says of it."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


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


class PractitionerAccount(Base):
    """The account with which a practitioner signs in, and so signs notes."""

    __tablename__ = "practitioner_account"

    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id), primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user_account.id"), unique=True)


class Credential(Base):
    """A licence, certificate or policy, valid from and to given days inclusive."""

    __tablename__ = "credential"
    __table_args__ = (sa.UniqueConstraint("practitioner_id", "kind", "issuer", "number", "valid_from"),)

    id: Mapped[Key]
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id))
    kind: Mapped[CredentialKind] = mapped_column(words(CredentialKind))
    issuer: Mapped[str]
    """A state's two letters for a licence, else the body that issued it."""
    number: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    status: Mapped[CredentialStatus] = mapped_column(words(CredentialStatus))


class Enrolment(Base):
    """A practitioner's standing with a payer over a span of days; an empty end is open."""

    __tablename__ = "enrolment"
    __table_args__ = (sa.UniqueConstraint("practitioner_id", "payer_id", "effective_from"),)

    id: Mapped[Key]
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey(Practitioner.id))
    payer_id: Mapped[int] = mapped_column(sa.ForeignKey("payer.id"))
    network: Mapped[Network] = mapped_column(words(Network))
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
