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


class Paper(Base):
    """An issued paper. The row never changes; a correction is another paper."""

    __tablename__ = "paper"
    __table_args__ = (sa.UniqueConstraint("kind", "number"), sa.UniqueConstraint("kind", "session_id"))

    id: Mapped[Key]
    kind: Mapped[PaperKind] = mapped_column(words(PaperKind))
    number: Mapped[int]
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic_session.id"), index=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"), index=True)
    issued_on: Mapped[date]
    issued_at: Mapped[datetime]
    total_cents: Mapped[Cents]
    snapshot: Mapped[dict[str, Any]]
