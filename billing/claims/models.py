"""Claims, their problems, their history, their frozen versions, and the files that carried them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.database import Base, Cents, Key, words
from billing.errors import Severity


class Responsibility(StrEnum):
    """Which payer in the patient's order a claim goes to."""

    PRIMARY = "P"
    SECONDARY = "S"
    TERTIARY = "T"


class FileState(StrEnum):
    """Where a claim file stands on its way out."""

    PREPARED = "prepared"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"


class Claim(Base):
    """A demand for payment of one session from one payer."""

    __tablename__ = "claim"
    __table_args__ = (
        sa.Index("uq_claim_session", "session_id", "responsibility", unique=True,
                 sqlite_where=sa.text("state NOT IN ('replaced', 'voided')"),
                 postgresql_where=sa.text("state NOT IN ('replaced', 'voided')")),
        sa.Index("ix_claim_state", "state"),
        sa.Index("ix_claim_session_id", "session_id"),
    )  # fmt: skip

    id: Mapped[Key]
    control_number: Mapped[str] = mapped_column(unique=True)
    """Patient control number: CLM01, box 26, and CLP01 of the answer."""
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("clinic_session.id"))
    responsibility: Mapped[Responsibility] = mapped_column(words(Responsibility))
    payer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("payer.id"))
    policy_id: Mapped[int | None] = mapped_column(sa.ForeignKey("policy.id"))
    state: Mapped[ClaimState] = mapped_column(words(ClaimState))
    total_cents: Mapped[Cents]
    file_id: Mapped[int | None] = mapped_column(sa.ForeignKey("claim_file.id"), index=True)
    """The file it is waiting in, or was sent in."""


class ClaimProblem(Base):
    """What the last scrubbing found."""

    __tablename__ = "claim_problem"

    claim_id: Mapped[int] = mapped_column(sa.ForeignKey(Claim.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[str]
    severity: Mapped[Severity] = mapped_column(words(Severity))
    why: Mapped[str]
    fix: Mapped[str]
    where: Mapped[str]


class ClaimMove(Base):
    """One change of a claim's state: history, audit and outbox at once."""

    __tablename__ = "claim_move"

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey(Claim.id), index=True)
    at: Mapped[datetime]
    event: Mapped[ClaimEvent] = mapped_column(words(ClaimEvent))
    from_state: Mapped[ClaimState] = mapped_column(words(ClaimState, "from_state"))
    to_state: Mapped[ClaimState] = mapped_column(words(ClaimState, "to_state"))
    by: Mapped[str]
    """Who caused it, as ``kind:id``."""
    why: Mapped[str]


class ClaimFile(Base):
    """One interchange of claims, with the exact bytes kept as a document."""

    __tablename__ = "claim_file"

    id: Mapped[Key]
    control_number: Mapped[int] = mapped_column(unique=True)
    """ISA13, and GS06 of its one group."""
    name: Mapped[str] = mapped_column(unique=True)
    sha256: Mapped[str]
    state: Mapped[FileState] = mapped_column(words(FileState))
    prepared_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    """When delivery began; the lease that tells a crash from work in progress."""
    sent_at: Mapped[datetime | None]


class FiledVersion(Base):
    """A claim exactly as it was written into a file. Never changed, whatever is edited later."""

    __tablename__ = "filed_version"

    claim_id: Mapped[int] = mapped_column(sa.ForeignKey(Claim.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(sa.ForeignKey(ClaimFile.id), index=True)
    frozen_at: Mapped[datetime]
    total_cents: Mapped[Cents]
    snapshot: Mapped[dict[str, Any]]


class FiledLine(Base):
    """Which charge a filed claim's line carried, and under which line control number (REF*6R)."""

    __tablename__ = "filed_line"

    claim_id: Mapped[int] = mapped_column(sa.ForeignKey(Claim.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    charge_id: Mapped[int] = mapped_column(sa.ForeignKey("charge.id"))
    control_number: Mapped[str] = mapped_column(unique=True)
