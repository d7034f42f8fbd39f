"""Payments."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Cents, Key, words


class PaymentMethod(StrEnum):
    """How the money came."""

    CARD = "card"
    CASH = "cash"
    CHECK = "check"
    OTHER = "other"
    """By any other way, or nobody noted how."""


class Payment(Base):
    """Money a patient handed over, posted to the ledger under ``payment:<id>``."""

    __tablename__ = "payment"
    __table_args__ = (
        sa.Index("uq_payment_standing", "source", unique=True, sqlite_where=sa.text("reversed_at IS NULL"),
                 postgresql_where=sa.text("reversed_at IS NULL")),
        sa.Index("ix_payment_reference", "reference"),
    )  # fmt: skip

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("clinic_session.id"), index=True)
    cents: Mapped[Cents]
    method: Mapped[PaymentMethod] = mapped_column(words(PaymentMethod))
    received_on: Mapped[date]
    source: Mapped[str]
    """Where it was learned from, such as ``session:17`` or ``desk:5``: one standing payment each."""
    reversed_at: Mapped[datetime | None]
    reference: Mapped[str | None]
    """A check's number, or a card's brand and last four digits; never more of a card."""


class Refund(Base):
    """Money given back to a patient, posted to the ledger under ``refund:<id>``."""

    __tablename__ = "refund"

    id: Mapped[Key]
    payment_id: Mapped[int] = mapped_column(sa.ForeignKey(Payment.id), index=True)
    cents: Mapped[Cents]
    method: Mapped[PaymentMethod] = mapped_column(words(PaymentMethod))
    refunded_on: Mapped[date]
    reference: Mapped[str | None]
    why: Mapped[str]
