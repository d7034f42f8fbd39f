"""Entries and their postings."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Cents


class Entry(Base):
    """One event in the books. Its postings sum to zero; the database holds it to that."""

    __tablename__ = "ledger_entry"

    source: Mapped[str] = mapped_column(primary_key=True)
    """What caused it, such as ``charge:17`` or ``reversal:charge:17``."""
    booked_on: Mapped[date]
    recorded_at: Mapped[datetime]
    memo: Mapped[str]


class Posting(Base):
    """An amount on one account: positive is debit, negative is credit, in cents."""

    __tablename__ = "ledger_posting"
    __table_args__ = (
        # With what a balance is summed from, so that it is read from the index alone.
        sa.Index("ix_ledger_posting_account", "account", "about", "cents"),
        sa.Index("ix_ledger_posting_about", "about"),
    )

    entry: Mapped[str] = mapped_column(
        sa.ForeignKey(Entry.source, deferrable=True, initially="DEFERRED"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    account: Mapped[str]
    """An account's code, such as ``patient:45`` or ``income:services``."""
    about: Mapped[str | None]
    """What it concerns: a charge (``charge:17``), or the session a payment was taken with."""
    cents: Mapped[Cents]
