"""Claims, their problems, their history, their frozen versions, and the files that carried them."""

from __future__ import annotations

from datetime import date, datetime
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


class Verdict(StrEnum):
    """What an acknowledgement or status report says of a claim."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RECEIVED = "received"
    """It arrived; nothing is said yet about taking it into adjudication."""
    NOTED = "noted"
    """Something worth knowing that moves nothing: pending, forwarded, finalised."""


class Claim(Base):
    """A demand for payment of one session from one payer."""

    __tablename__ = "claim"
    __table_args__ = (
        sa.Index("uq_claim_session", "session_id", "responsibility", unique=True,
                 sqlite_where=sa.text("state NOT IN ('replaced', 'voided')"),
                 postgresql_where=sa.text("state NOT IN ('replaced', 'voided')")),
        sa.Index("ix_claim_state_moved_at_id", "state", "moved_at", "id"),
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
    moved_at: Mapped[datetime | None]
    """When it came into its state; empty until it first moves."""


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


class ClaimAnswer(Base):
    """What an acknowledgement or status report said of a claim, whether it moved the claim or not."""

    __tablename__ = "claim_answer"
    __table_args__ = (sa.UniqueConstraint("claim_id", "kind", "reference", "code"),)

    id: Mapped[Key]
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey(Claim.id))
    file_id: Mapped[int] = mapped_column(sa.ForeignKey("received_file.id"), index=True)
    kind: Mapped[str]
    """The transaction set: ``999``, ``TA1``, ``277CA``, ``277`` or ``835``."""
    reference: Mapped[str]
    """The answer's own number, so that the same answer in another file is known again."""
    code: Mapped[str]
    """As sent, such as ``A3:33`` or ``R``."""
    verdict: Mapped[Verdict] = mapped_column(words(Verdict))
    said_on: Mapped[date | None]
    """The date in the answer, as the other side wrote it."""
    why: Mapped[str]
    """The code in plain words."""
    received_at: Mapped[datetime]


class Adjudication(Base):
    """One payer's decision on a claim, or on some of its lines, as it was posted."""

    __tablename__ = "adjudication"
    __table_args__ = (
        sa.Index("ix_adjudication_claim_id", "claim_id"),
        sa.Index("ix_adjudication_payer_claim_number", "payer_claim_number"),
    )

    source: Mapped[str] = mapped_column(primary_key=True)
    """Where it was learned from, such as ``remittance:17:claim:3``; the books' entries begin with it."""
    claim_id: Mapped[int] = mapped_column(sa.ForeignKey(Claim.id))
    decided_on: Mapped[date]
    status_code: Mapped[str]
    """CLP02 of the 835."""
    payer_claim_number: Mapped[str]
    """The payer's own number for the claim; a corrected claim must name it."""
    charge_cents: Mapped[Cents]
    paid_cents: Mapped[Cents]
    patient_cents: Mapped[Cents]
    """The sum of the adjustments of group PR."""
    is_denial: Mapped[bool]
    remarks: Mapped[list[str]]
    """Remark codes that stand at the claim."""
    posted_at: Mapped[datetime]
    reversed_at: Mapped[datetime | None]
    """When the payer took it back, or replaced it by another decision."""


class AdjudicatedLine(Base):
    """What a payer decided about one charge."""

    __tablename__ = "adjudicated_line"
    __table_args__ = (sa.Index("ix_adjudicated_line_charge_id", "charge_id"),)

    source: Mapped[str] = mapped_column(sa.ForeignKey(Adjudication.source), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    """From 1 in the adjudication; the books' entry is ``<source>:line:<position>``."""
    charge_id: Mapped[int] = mapped_column(sa.ForeignKey("charge.id"))
    paid_cents: Mapped[Cents]
    adjustments: Mapped[list[Any]]
    """Each as ``[group, reason, cents]``: ``["CO", "45", 5000]``."""
    remarks: Mapped[list[str]]
    is_denied: Mapped[bool]
