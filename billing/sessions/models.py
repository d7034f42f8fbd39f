"""Clinic sessions, what becomes of them, and what is charted in them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words
from billing.sessions.lifecycle import SessionEvent, SessionState


class BillTo(StrEnum):
    """Who gets the bill for a session."""

    INSURANCE = "insurance"
    SUPERBILL = "superbill"
    """The patient pays and claims it back with a superbill."""
    SELF = "self"


class AccidentKind(StrEnum):
    """What kind of accident the condition comes from."""

    AUTO = "auto"
    WORK = "work"
    OTHER = "other"


class ClinicSession(Base):
    """One visit of one patient to one practitioner."""

    __tablename__ = "clinic_session"
    __table_args__ = (
        sa.Index("ix_clinic_session_patient_id_service_on", "patient_id", "service_on"),
        sa.Index("ix_clinic_session_practitioner_id_service_on", "practitioner_id", "service_on"),
        sa.Index("ix_clinic_session_state_service_on", "state", "service_on"),
        sa.Index("ix_clinic_session_service_on", "service_on"),
        sa.Index(
            "ix_clinic_session_awaits_billing",
            "service_on",
            "id",
            sqlite_where=sa.text("awaits_billing = 1"),
            postgresql_where=sa.text("awaits_billing"),
        ),
        sa.CheckConstraint("minutes > 0", name="takes_time"),
        sa.CheckConstraint("(state = 'signed') = (signed_at IS NOT NULL)", name="signed_has_an_instant"),
    )

    id: Mapped[Key]
    external_id: Mapped[str | None] = mapped_column(unique=True)
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey("practitioner.id"))
    room_id: Mapped[int | None] = mapped_column(sa.ForeignKey("room.id"))
    service_on: Mapped[date]
    """Local date of service."""
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    """Planned length of the room's span."""
    state: Mapped[SessionState] = mapped_column(words(SessionState))
    signed_at: Mapped[datetime | None]
    bill_to: Mapped[BillTo] = mapped_column(words(BillTo))
    place_of_service: Mapped[str]
    onset_on: Mapped[date | None]
    """Onset of the condition; with an accident, the day of the accident."""
    accident: Mapped[AccidentKind | None] = mapped_column(words(AccidentKind))
    accident_state: Mapped[str | None]
    claim_number: Mapped[str | None]
    """The workers' compensation or auto insurer's own number for the injury."""
    acupuncture_modifiers: Mapped[list[str]]
    supervising_id: Mapped[int | None] = mapped_column(sa.ForeignKey("practitioner.id"))
    referring_npi: Mapped[str | None]
    referring_name: Mapped[str | None]
    contact_minutes: Mapped[int | None]
    """Planned minutes from the start on that the practitioner spends with the patient; empty for what the old
    system booked. While booked or arrived, no two planned spans of one practitioner, room or patient overlap:
    the database refuses it."""
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    """When the patient was checked out."""
    confirmed_at: Mapped[datetime | None]
    """When the patient said that they would come."""
    awaits_billing: Mapped[bool] = mapped_column(server_default=sa.false())
    """Whether it is signed and neither a claim that stands nor a paper bills it. The database keeps it so by itself:
    nobody writes it, and a row held in memory may be behind."""


class SessionMove(Base):
    """One thing that happened to a session: history, audit and outbox at once."""

    __tablename__ = "session_move"

    id: Mapped[Key]
    session_id: Mapped[int] = mapped_column(sa.ForeignKey(ClinicSession.id), index=True)
    at: Mapped[datetime]
    event: Mapped[SessionEvent] = mapped_column(words(SessionEvent))
    from_state: Mapped[SessionState | None] = mapped_column(words(SessionState, "from_state"))
    """Empty when it was booked."""
    to_state: Mapped[SessionState] = mapped_column(words(SessionState, "to_state"))
    by: Mapped[str]
    """Who caused it, as ``kind:id``."""
    why: Mapped[str]


class NeedleSet(Base):
    """One set of needles: contact minutes, fresh needles or retained ones, with current or without."""

    __tablename__ = "needle_set"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey(ClinicSession.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    minutes: Mapped[int]
    new_needles: Mapped[bool]
    estim: Mapped[bool]
    starts_at: Mapped[datetime | None]
    """When this set began, if it was noted; it then takes place exactly there."""
    points: Mapped[list[str]] = mapped_column(default=list, server_default=sa.text("'[]'"))
    """The points needled, such as ``BL23``."""
    needles_in: Mapped[int | None]
    needles_out: Mapped[int | None]
    """Needles counted when placed and when taken out; a note is signed when they agree."""


class Procedure(Base):
    """A service besides the needles, as the practitioner coded it."""

    __tablename__ = "procedure"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey(ClinicSession.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]
    modifiers: Mapped[list[str]]
    units: Mapped[int]


class SessionDiagnosis(Base):
    """A diagnosis of the session; position 1 is the principal one."""

    __tablename__ = "session_diagnosis"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey(ClinicSession.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str]


class DraftNote(Base):
    """What of a session's note is written and not signed yet; signing makes it a :class:`Note`."""

    __tablename__ = "draft_note"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey(ClinicSession.id), primary_key=True)
    subjective: Mapped[str]
    objective: Mapped[str]
    assessment: Mapped[str]
    plan: Mapped[str]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str]
    """Who saved it last, as ``kind:id``."""


class Note(Base):
    """The practitioner's note; a later version amends, never overwrites."""

    __tablename__ = "note"

    session_id: Mapped[int] = mapped_column(sa.ForeignKey(ClinicSession.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    subjective: Mapped[str]
    objective: Mapped[str]
    assessment: Mapped[str]
    plan: Mapped[str]
    signed_at: Mapped[datetime]
    signed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("practitioner.id"))
    chart_sha256: Mapped[str]
    """Digest of the sets, procedures and diagnoses that were signed."""
    chart: Mapped[dict[str, Any] | None]
    """The sets, procedures, diagnoses and scores that were signed; empty for what was imported."""
    why_amended: Mapped[str | None]
    """The reason for a version after the first."""
