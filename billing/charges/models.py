"""Fees and charges."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Cents, Key


class Fee(Base):
    """The price of one unit of a code from a day on: the standard fee, or what a payer's contract allows."""

    __tablename__ = "fee"
    __table_args__ = (
        sa.Index("uq_fee_standard", "code", "effective_from", unique=True, sqlite_where=sa.text("payer_id IS NULL"),
                 postgresql_where=sa.text("payer_id IS NULL")),
        sa.Index("uq_fee_contract", "code", "payer_id", "effective_from", unique=True,
                 sqlite_where=sa.text("payer_id IS NOT NULL"), postgresql_where=sa.text("payer_id IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[Key]
    code: Mapped[str]
    payer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payer.id"))
    """Empty for the standard fee; else the contract whose allowed amount this is."""
    cents: Mapped[Cents]
    effective_from: Mapped[date]


class Charge(Base):
    """One line of what a session costs, as posted to the ledger under ``charge:<id>``."""

    __tablename__ = "charge"
    __table_args__ = (
        sa.Index("uq_charge_standing", "session_id", "position", unique=True,
                 sqlite_where=sa.text("reversed_at IS NULL"), postgresql_where=sa.text("reversed_at IS NULL")),
    )  # fmt: skip

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic_session.id"), index=True)
    position: Mapped[int]
    service_on: Mapped[date]
    code: Mapped[str]
    modifiers: Mapped[list[str]]
    units: Mapped[int]
    cents: Mapped[Cents]
    """For all units together."""
    reversed_at: Mapped[datetime | None]
