"""Papers."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Cents, Key, words


class PaperKind(StrEnum):
    """What sort of paper."""

    INVOICE = "invoice"
    SUPERBILL = "superbill"
    RECEIPT = "receipt"
    """For money a patient paid, or was given back."""
    STATEMENT = "statement"


class Paper(Base):
    """An issued paper. The row never changes; a correction is another paper."""

    __tablename__ = "paper"
    __table_args__ = (
        sa.UniqueConstraint("kind", "number"),
        sa.UniqueConstraint("kind", "session_id"),
        sa.UniqueConstraint("payment_id"),
        sa.UniqueConstraint("refund_id"),
        sa.Index("uq_paper_statement", "patient_id", "issued_on", unique=True,
                 sqlite_where=sa.text("kind = 'statement'"), postgresql_where=sa.text("kind = 'statement'")),
    )  # fmt: skip

    id: Mapped[Key]
    kind: Mapped[PaperKind] = mapped_column(words(PaperKind))
    number: Mapped[int]
    session_id: Mapped[int | None] = mapped_column(sa.ForeignKey("clinic_session.id"), index=True)
    """The session that an invoice or a superbill is for."""
    payment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payment.id"))
    refund_id: Mapped[int | None] = mapped_column(sa.ForeignKey("refund.id"))
    """What a receipt is for."""
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    total_cents: Mapped[Cents]
    snapshot: Mapped[dict[str, Any]]
