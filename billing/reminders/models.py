"""Messages, what became of them, and what people have agreed to or asked to stop."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.access.models import User
from billing.database import Base, Key, words
from billing.patients.models import Patient
from billing.reminders.lifecycle import MessageEvent, MessageState


class Channel(StrEnum):
    """By which way something is said."""

    TEXT = "text"
    EMAIL = "email"


class Rule(StrEnum):
    """Why something is said."""

    SESSION_IN_3_DAYS = "session_in_3_days"
    SESSION_TOMORROW = "session_tomorrow"
    FOLLOW_UP = "follow_up"
    """The treatment plan's next session is due and none is booked."""
    RECALL = "recall"
    """The course has lapsed: nobody booked for longer than its phase forgives."""
    LICENCE = "licence"
    """A practitioner's licence or certificate lapses soon: said to staff."""


class Message(Base):
    """Something that is to be said once, or was."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("subject_kind", "subject_id", "rule", "slot", "channel"),
        sa.CheckConstraint("(patient_id IS NULL) <> (user_id IS NULL)", name="one_recipient"),
        sa.Index("ix_message_state_due_at_id", "state", "due_at", "id"),
        sa.Index(
            "ix_message_planned", "channel", "due_at", "id",
            sqlite_where=sa.text("state = 'planned'"), postgresql_where=sa.text("state = 'planned'"),
        ),
        sa.Index(
            "ix_message_sending", "taken_at",
            sqlite_where=sa.text("state = 'sending'"), postgresql_where=sa.text("state = 'sending'"),
        ),
        sa.Index(
            "ix_message_address_taken_at", "address", "taken_at",
            sqlite_where=sa.text("address <> ''"), postgresql_where=sa.text("address <> ''"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    """Also the idempotency key that a gateway is handed."""
    rule: Mapped[Rule] = mapped_column(words(Rule))
    subject_kind: Mapped[str]
    """``session``, ``plan`` or ``licence``."""
    subject_id: Mapped[int]
    slot: Mapped[str]
    """Which of several times it is said for: the start that a session has, the day on which one is due, the day a
    licence lapses with how many days before and to whom. A session that is moved gets messages of its own."""
    channel: Mapped[Channel] = mapped_column(words(Channel))
    patient_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Patient.id), index=True)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    """Of the staff, where it is not said to a patient."""
    state: Mapped[MessageState] = mapped_column(words(MessageState))
    due_at: Mapped[datetime]
    not_after: Mapped[datetime]
    """From then on it would be of no use."""
    taken_at: Mapped[datetime | None]
    """When a worker took it; after a lease another may take it for lost."""
    tries: Mapped[int]
    moved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    address: Mapped[str]
    """The number or address it went to; empty until it is taken."""
    said: Mapped[str]
    """Its words; empty until it is taken."""
    receipt: Mapped[str]
    """What the other side calls it."""
    why: Mapped[str]
    """Why it is where it is, in plain words."""


class MessageMove(Base):
    """One change of a message's state: history, audit and outbox at once."""

    __tablename__ = "message_move"

    id: Mapped[Key]
    message_id: Mapped[int] = mapped_column(sa.ForeignKey(Message.id), index=True)
    at: Mapped[datetime]
    event: Mapped[MessageEvent] = mapped_column(words(MessageEvent))
    from_state: Mapped[MessageState | None] = mapped_column(words(MessageState, "from_state"))
    """Empty when it was planned."""
    to_state: Mapped[MessageState] = mapped_column(words(MessageState, "to_state"))
    by: Mapped[str]
    """Who caused it, as ``kind:id``."""
    why: Mapped[str]


class ConsentGiven(Base):
    """A patient agreed to messages, or took it back: append-only, with the words they were shown."""

    __tablename__ = "consent_given"

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey(Patient.id), index=True)
    channel: Mapped[Channel] = mapped_column(words(Channel))
    address: Mapped[str]
    is_given: Mapped[bool]
    at: Mapped[datetime]
    by: Mapped[str]
    """Who wrote it down, as ``kind:id``."""
    wording: Mapped[str]
    """What was agreed to."""


class OptOut(Base):
    """A number or address that must not be written to, whoever has it on file, until its owner says otherwise."""

    __tablename__ = "opt_out"
    __table_args__ = (
        sa.Index("uq_opt_out_channel_address", "channel", "address", unique=True,
                 sqlite_where=sa.text("resumed_at IS NULL"), postgresql_where=sa.text("resumed_at IS NULL")),
    )  # fmt: skip

    id: Mapped[Key]
    channel: Mapped[Channel] = mapped_column(words(Channel))
    address: Mapped[str]
    """As it is dialled (E.164), or in lower case."""
    at: Mapped[datetime]
    by: Mapped[str]
    """``reply``, ``link``, or who wrote it down as ``kind:id``."""
    said: Mapped[str]
    """What its owner said."""
    resumed_at: Mapped[datetime | None]


class Automation(Base):
    """What the clinic lets happen by itself, and when: local times of the clinic."""

    __tablename__ = "automation"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[Key]
    quiet_until: Mapped[time] = mapped_column(sa.Time)
    """Before it nothing is sent: 08:00."""
    quiet_from: Mapped[time] = mapped_column(sa.Time)
    """From it on nothing is sent: 21:00."""
    rules_off: Mapped[list[str]]
    """Rules that the clinic has switched off."""
    bills_at: Mapped[time | None] = mapped_column(sa.Time)
    """When the day's signed sessions are billed and filed; never by itself when empty."""
    superbills_on: Mapped[int | None]
    """The day of the month, 1 to 31, on which the month before is billed by superbill; never when empty."""
    statements_on: Mapped[int | None]
    """The day of the month, 1 to 31, on which statements are made; never when empty."""
