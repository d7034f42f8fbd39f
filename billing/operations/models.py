"""Long work that somebody or the clock asked for, who does it, and what was fetched from outside."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.access.models import User
from billing.database import Base, Key, words


class ErrandState(StrEnum):
    """How far an errand is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Errand(Base):
    """One piece of long work: what is to be done, how far it is, and what came of it."""

    __tablename__ = "errand"
    __table_args__ = (sa.Index("ix_errand_state", "state"),)

    id: Mapped[Key]
    kind: Mapped[str]
    facts: Mapped[dict[str, Any]]
    """What it needs to know: days, record numbers and hashes of kept files; never anything about a patient."""
    asked_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    """Empty when the clock asked."""
    period: Mapped[str | None] = mapped_column(unique=True)
    """Which turn of something regular it is, such as ``statements:2026-11``: each is asked for once."""
    tries: Mapped[int]
    """How often it was taken up."""
    asked_at: Mapped[datetime]
    state: Mapped[ErrandState] = mapped_column(words(ErrandState))
    seen_at: Mapped[datetime | None]
    """When whoever runs it last gave a sign of life; after a while without one, another takes it up."""
    ended_at: Mapped[datetime | None]
    doing: Mapped[str]
    """What is being done right now, in words."""
    done: Mapped[int]
    total: Mapped[int | None]
    """How many there are to do, where that is known."""
    result: Mapped[dict[str, Any] | None]
    failure: Mapped[str]
    """Why it failed, in words fit to be shown; empty otherwise."""


class WorkerSign(Base):
    """The last sign of life of one process that works by itself."""

    __tablename__ = "worker_sign"

    name: Mapped[str] = mapped_column(primary_key=True)
    """Its machine and process number, such as ``worker@desk-1:4711``."""
    kind: Mapped[str]
    """``worker`` or ``beat``."""
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """When it said that it would stop; one that just fell silent has not said so."""


class FetchedFile(Base):
    """A file of a place outside that was taken from there, so that it need not be fetched again to be known."""

    __tablename__ = "fetched_file"
    __table_args__ = (sa.UniqueConstraint("place", "name", "size", "changed_at"),)

    id: Mapped[Key]
    place: Mapped[str]
    """Where it lies, without a password."""
    name: Mapped[str]
    size: Mapped[int]
    """Bytes."""
    changed_at: Mapped[datetime]
    """As that place says it."""
    sha256: Mapped[str]


class InboxTrouble(Base):
    """What could not be read the last time a place outside was looked into; it goes away when it can be."""

    __tablename__ = "inbox_trouble"

    place: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    """The file; empty when it is the place itself."""
    since: Mapped[datetime]
    why: Mapped[str]
    """In words, without anything of the file."""
