"""Consent to be written to, kept with the words that were agreed to whenever a patient's form changes it.

Patients know nothing of messages, so whoever changes a patient's details at the desk notes it here: the page that
keeps the form takes :func:`reach_of` before and after, and hands both to :func:`note_consent`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.patients.models import Patient
from billing.reminders.models import Channel, ConsentGiven

WORDING = {
    Channel.TEXT: "{clinic} may send me text messages about my visits and my course of care to this number. They name "
    "me and the clinic and are not encrypted. Message and data rates may apply. I can end them at any time by "
    "answering STOP.",
    Channel.EMAIL: "{clinic} may send me e-mail about my visits and my course of care to this address. They name me "
    "and the clinic and are not encrypted. I can end them at any time by the link in each of them.",
}
"""What a patient agrees to, by channel."""


@dataclass(frozen=True, slots=True)
class Reach:
    """By which ways somebody may be written to, and where."""

    text: str = ""
    """The number that texts may go to; empty without consent."""
    email: str = ""


def wording(channel: Channel, clinic_name: str) -> str:
    """The words of consent that a form shows."""
    return WORDING[channel].format(clinic=clinic_name)


def reach_of(patient: Patient) -> Reach:
    """By which ways the patient agrees to be written to, as on file."""
    return Reach(
        (patient.phone or "") if patient.sms_consent else "",
        (patient.email or "") if patient.email_consent else "",
    )


def note_consent(db: Db, patient: Patient, before: Reach, *, by: str, at: datetime) -> int:
    """Keep what has changed since ``before`` with its wording: given for an address, or taken back for one.

    A new address under an old consent is a consent of its own. ``by`` is who wrote it down (``user:7``). Gives how
    many rows were added.
    """
    after, clinic = reach_of(patient), the_clinic(db).name
    rows = []
    for channel, old, new in (
        (Channel.TEXT, before.text, after.text),
        (Channel.EMAIL, before.email, after.email),
    ):
        if old != new:
            rows += [(channel, address, given) for address, given in ((old, False), (new, True)) if address]
    for channel, address, given in rows:
        db.add(
            ConsentGiven(
                patient_id=patient.id, channel=channel, address=address, is_given=given, at=at, by=by,
                wording=wording(channel, clinic),
            )
        )  # fmt: skip
    db.flush()
    return len(rows)


def consent_history(db: Db, patient_id: int) -> list[ConsentGiven]:
    """Every consent a patient gave or took back, the latest first."""
    theirs = select(ConsentGiven).where(ConsentGiven.patient_id == patient_id)
    return list(db.scalars(theirs.order_by(ConsentGiven.id.desc())))
