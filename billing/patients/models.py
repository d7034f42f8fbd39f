"""Patients."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words


class Sex(StrEnum):
    """As an insurer has it on file; U when unknown or neither."""

    F = "F"
    M = "M"
    U = "U"


class Patient(Base):
    """A person who is treated."""

    __tablename__ = "patient"

    id: Mapped[Key]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    first_name: Mapped[str]
    middle_name: Mapped[str | None]
    last_name: Mapped[str]
    birth_date: Mapped[date]
    sex: Mapped[Sex] = mapped_column(words(Sex))
    address1: Mapped[str | None]
    address2: Mapped[str | None]
    city: Mapped[str | None]
    state: Mapped[str | None]
    zip: Mapped[str | None]
    phone: Mapped[str | None]
    email: Mapped[str | None]
    sms_consent: Mapped[bool]
    email_consent: Mapped[bool]
    signature_on_file: Mapped[bool]
    flags: Mapped[list[str]]
    """Safety flags in lower case: ``pacemaker``, ``pregnant``, ``anticoagulant`` …"""
    time_zone: Mapped[str | None]
    """Where the patient is, when not where the clinic is: quiet hours are judged there."""
