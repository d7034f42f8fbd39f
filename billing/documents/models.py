"""Documents."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key

PDF = "application/pdf"


class Document(Base):
    """A named, hashed file that belongs to something."""

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("owner_kind", "owner_id", "kind", "version"),)

    id: Mapped[Key]
    owner_kind: Mapped[str]
    owner_id: Mapped[int] = mapped_column(sa.BigInteger())
    kind: Mapped[str]
    version: Mapped[int]
    file_name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(sa.BigInteger())
    """Bytes."""
    created_at: Mapped[datetime]
    retain_until: Mapped[date]
    """It may not be deleted before this day."""


class HandedOut(Base):
    """That a document has been written into a folder for people, and told of in that run's report."""

    __tablename__ = "handed_out"

    document_id: Mapped[int] = mapped_column(sa.ForeignKey(Document.id), primary_key=True)
    at: Mapped[datetime]


class ReceivedFile(Base):
    """A file that came from outside, once for each content, whatever name it came under."""

    __tablename__ = "received_file"

    id: Mapped[Key]
    sha256: Mapped[str] = mapped_column(unique=True)
    file_name: Mapped[str]
    """The name it first came under, without its folder."""
    size: Mapped[int] = mapped_column(sa.BigInteger())
    """Bytes."""
    received_at: Mapped[datetime]
