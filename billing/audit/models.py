"""Audit rows and the seals over them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key


class AuditEntry(Base):
    """One thing someone did or saw."""

    __tablename__ = "audit_entry"
    __table_args__ = (sa.Index("ix_audit_entry_subject_kind_subject_id", "subject_kind", "subject_id"),)

    id: Mapped[Key]
    at: Mapped[datetime]
    actor_kind: Mapped[str]
    """``user``, ``command`` or ``worker``."""
    actor_id: Mapped[str]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]]
    """Facts about the act; never clinical data."""


class AuditSeal(Base):
    """The link that binds one audit row to all before it."""

    __tablename__ = "audit_seal"

    position: Mapped[Key]
    """1, 2, 3 … without gaps."""
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey(AuditEntry.id), unique=True)
    chain_sha256: Mapped[str]
    """Over the previous link and the row's content."""
