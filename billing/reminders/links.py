"""The private link of a message: it shows one visit and lets its patient confirm it, call it off, or end messages.

The link is signed and stored nowhere. Who has it sees a first name, the clinic, the day and the time; showing
changes nothing, since mail programs open links by themselves. Until the visit begins it can be confirmed or called
off; ending messages works for as long as there are messages.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime

from billing.clinic.country import country_of
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.errors import NotFound, Refused
from billing.identifiers import readable_phone
from billing.patients.models import Patient
from billing.reminders.models import Channel, Message
from billing.reminders.opting_out import BY_LINK, stop
from billing.reminders.rules import SESSION
from billing.sessions.confirming import confirm
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.moving import cancel

PATH = "/v"
"""Where the desk answers private links: ``/v/<token>``; one click to end messages posts to ``/v/<token>/stop``."""
STOP = "stop"
_PURPOSE = "visit-link"
_MARK_BYTES = 16
_MOST_ID_BYTES = 8
CALLED_OFF = "Called off by the patient with the link of a reminder."


@dataclass(frozen=True, slots=True)
class Links:
    """How this installation makes links; without a public address messages have none."""

    public_url: str
    """Where patients reach the desk, such as ``https://desk.example.org``; may be empty."""
    secret_key: str

    def visit(self, message_id: int) -> str:
        """The private link of a message; empty without a public address."""
        return f"{self.public_url.rstrip('/')}{PATH}/{token(message_id, self.secret_key)}" if self.public_url else ""

    def stop(self, visit: str) -> str:
        """Where one click ends such messages, of the message with that private link."""
        return f"{visit}/{STOP}" if visit else ""

    def desk(self, path: str) -> str:
        """A page of the desk, for staff; empty without a public address."""
        return f"{self.public_url.rstrip('/')}{path}" if self.public_url else ""


def token(message_id: int, secret_key: str) -> str:
    """The signed name of a message, safe in an address."""
    own = message_id.to_bytes(max(1, (message_id.bit_length() + 7) // 8), "big")
    return urlsafe_b64encode(own + _mark(message_id, secret_key)).decode("ascii").rstrip("=")


def message_named(name: str, secret_key: str) -> int | None:
    """The message that a token names; ``None`` when we did not make it."""
    if not name.isascii() or len(name) > 4 * (_MOST_ID_BYTES + _MARK_BYTES) // 3 + 1:
        return None
    try:
        raw = urlsafe_b64decode(name + "=" * (-len(name) % 4))
    except (binascii.Error, ValueError):
        return None
    own, mark = raw[:-_MARK_BYTES], raw[-_MARK_BYTES:]
    message_id = int.from_bytes(own, "big")
    # One message has one token: other spellings of it, such as with noughts before it, are not ours.
    is_ours = bool(own) and hmac.compare_digest(mark, _mark(message_id, secret_key))
    return message_id if is_ours and hmac.compare_digest(name, token(message_id, secret_key)) else None


def _mark(message_id: int, secret_key: str) -> bytes:
    signed = hmac.new(secret_key.encode(), f"{_PURPOSE}{message_id}".encode(), hashlib.sha256)
    return signed.digest()[:_MARK_BYTES]


@dataclass(frozen=True, slots=True)
class Visit:
    """What a private link shows."""

    first_name: str
    clinic_name: str
    clinic_phone: str
    """As people there write it."""
    zone: str
    """The clinic's."""
    channel: Channel
    starts_at: datetime | None
    """``None`` when the message is about no visit."""
    state: SessionState | None
    is_open: bool
    """Whether it can still be confirmed or called off: it is booked, for the time the message told, and not begun."""
    is_confirmed: bool
    was_moved: bool
    """The visit is at another time by now than the message said."""


def visit(db: Db, name: str, secret_key: str, at: datetime) -> Visit:
    """What the link shows. Raises :class:`NotFound`, one and the same, for every link that is not ours."""
    message, patient, session = _behind(db, name, secret_key)
    clinic = the_clinic(db)
    moved = session is not None and session.starts_at.isoformat() != message.slot
    return Visit(
        first_name=patient.first_name,
        clinic_name=clinic.name,
        clinic_phone=readable_phone(clinic.phone, country_of(clinic) or "ZZ"),
        zone=clinic.time_zone,
        channel=message.channel,
        starts_at=session.starts_at if session else None,
        state=session.state if session else None,
        is_open=session is not None and _is_open(session, at) and not moved,
        is_confirmed=session is not None and session.confirmed_at is not None,
        was_moved=moved,
    )


def confirm_visit(db: Db, name: str, secret_key: str, at: datetime) -> ClinicSession:
    """The patient says that they will come. Raises :class:`NotFound`, and :class:`Refused` when it is too late."""
    message, _, session = _behind(db, name, secret_key)
    return confirm(db, _still_open(message, session, at).id, at=at)


def cancel_visit(db: Db, name: str, secret_key: str, at: datetime) -> ClinicSession:
    """The patient calls the visit off. Raises :class:`NotFound`, and :class:`Refused` when it is too late."""
    message, patient, session = _behind(db, name, secret_key)
    open_one = _still_open(message, session, at)
    return cancel(db, open_one.id, why=CALLED_OFF, by=f"patient:{patient.id}", at=at)


def stop_messages(db: Db, name: str, secret_key: str, at: datetime) -> bool:
    """End messages to the address that this one went to. Gives whether that is news. Raises :class:`NotFound`."""
    message, _, _ = _behind(db, name, secret_key)
    return bool(message.address) and stop(
        db, message.channel, message.address, by=BY_LINK, said="the link in a message", at=at
    )


def _behind(db: Db, name: str, secret_key: str) -> tuple[Message, Patient, ClinicSession | None]:
    """The message, its patient, and the visit it is about."""
    message_id = message_named(name, secret_key)
    message = db.get(Message, message_id) if message_id is not None else None
    if message is None or message.patient_id is None:
        raise NotFound("There is no such page.")
    patient = db.get_one(Patient, message.patient_id)
    session = db.get(ClinicSession, message.subject_id) if message.subject_kind == SESSION else None
    return message, patient, session


def _is_open(session: ClinicSession, at: datetime) -> bool:
    return session.state is SessionState.BOOKED and at < session.starts_at


def _still_open(message: Message, session: ClinicSession | None, at: datetime) -> ClinicSession:
    if session is None:
        raise Refused("This message is about no visit. Call the clinic.")
    if session.starts_at.isoformat() != message.slot:
        raise Refused("This visit has been moved to another time since. Call the clinic if it does not suit you.")
    if session.state is SessionState.CANCELLED:
        raise Refused("This visit is called off already.")
    if not _is_open(session, at):
        raise Refused("It is too late to change this visit here. Call the clinic.")
    return session
