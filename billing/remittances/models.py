"""Payers' payments and what they hold beyond claims."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Cents, Key, words


class RemittanceState(StrEnum):
    """Whether a payment is in the books."""

    POSTED = "posted"
    QUEUED = "queued"
    """It waits for a person; nothing of it is in the books."""


class Remittance(Base):
    """One payment of a payer: an ST to SE of an 835, or a file in which there was none to be found."""

    __tablename__ = "remittance"
    __table_args__ = (
        sa.UniqueConstraint("payment_key", "digest"),
        sa.Index("uq_remittance_posted", "payment_key", unique=True, sqlite_where=sa.text("state = 'posted'"),
                 postgresql_where=sa.text("state = 'posted'")),
        sa.Index("ix_remittance_trace_number", "trace_number"),
    )  # fmt: skip

    id: Mapped[Key]
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("received_file.id"), index=True)
    ordinal: Mapped[int]
    """Place among the payments of the file it was last read in, from 1; 0 when the file has none."""
    payment_key: Mapped[str]
    """Who paid and under which number: the payer's identifier, TRN03 and TRN02."""
    digest: Mapped[str]
    """SHA-256 of what the payment says, in hex, so that other content under the same key is seen."""
    trace_number: Mapped[str]
    """TRN02: the number of the check or transfer."""
    payer_name: Mapped[str]
    paid_on: Mapped[date | None]
    """BPR16: the day of the check or transfer."""
    method: Mapped[str]
    """BPR04: ``ACH``, ``CHK``, ``FWT``, ``NON`` …"""
    paid_cents: Mapped[Cents]
    claims: Mapped[int]
    """How many claims it answers."""
    state: Mapped[RemittanceState] = mapped_column(words(RemittanceState))
    why: Mapped[str]
    """Why it is queued; empty when it is posted."""
    arithmetic: Mapped[str]
    """Its sums: how the check is made up, and what does not add up."""
    recorded_at: Mapped[datetime]
    """When it was last judged."""


class ProviderAdjustment(Base):
    """What a payer withheld from, or added to, a posted payment for no claim in particular (PLB)."""

    __tablename__ = "provider_adjustment"

    remittance_id: Mapped[int] = mapped_column(sa.ForeignKey(Remittance.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reason: Mapped[str]
    reference: Mapped[str]
    """What it points to, often the payer's number of the claim it is about."""
    cents: Mapped[Cents]
    """Above zero it lowers the payment."""
