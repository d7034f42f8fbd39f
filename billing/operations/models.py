"""Long work that somebody asked for at the desk."""

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
    asked_by_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
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
