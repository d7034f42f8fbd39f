"""Booking a session, moving it elsewhere, and booking it again after all.

Law: no planned span of a practitioner, a room or a patient overlaps another (:mod:`billing.sessions.slots`).
What speaks against billing the session is told before it is booked (:mod:`billing.sessions.outlook`) and
never keeps it from being booked: people are treated who pay themselves, and cover may still be found.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from billing import clock
from billing.clinic.models import Room
from billing.coverage.models import Policy
from billing.coverage.policies import in_force
from billing.database import Db
from billing.errors import NotFound, Refused, block
from billing.patients.models import Patient
from billing.payers.models import Payer, PayerKind
from billing.practitioners.models import Practitioner
from billing.practitioners.supervising import proposed_supervisor, supervisions_of
from billing.sessions.day import PLANNED, as_planned
from billing.sessions.lifecycle import SESSION, SessionEvent, SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.moving import move_session, note_event, the_session
from billing.sessions.payment_order import in_order_of_payment
from billing.sessions.slots import Slot, hold_calendar, refuse_any, slot_problems, today_in

OFFICE = "11"
"""Place of service of a clinic (CMS place of service code set)."""
_CONDITION = (
    "onset_on", "accident", "accident_state", "claim_number", "supervising_id", "referring_npi", "referring_name",
)  # fmt: skip
"""What a session says of the condition treated, and a further one for the same condition says too."""


def book(
    db: Db,
    patient_id: int,
    slot: Slot,
    *,
    by: str,
    at: datetime,
    bill_to: BillTo | None = None,
    continues: int | None = None,
    why: str = "",
) -> ClinicSession:
    """Book a session of the patient in that slot.

    ``bill_to`` left out is the insurance when a policy is in force that day, else the patient. ``continues``
    is a session of the same patient for the same condition: its onset, accident, claim number, supervisor and
    referrer are taken over. Raises :class:`Refused` with every reason against the slot, each at its field.
    """
    hold_calendar(db)
    if db.get(Patient, patient_id) is None:
        raise NotFound("There is no such patient.")
    today, zone = today_in(db, at)
    refuse_any(slot_problems(db, slot, patient_id, today))
    session = ClinicSession(
        patient_id=patient_id,
        state=SessionState.BOOKED,
        bill_to=bill_to or usual_bill_to(db, patient_id, slot.on),
        place_of_service=OFFICE,
        acupuncture_modifiers=[],
        **_condition_of(db, patient_id, continues),
    )
    _put(session, slot, zone)
    if session.supervising_id is None:
        session.supervising_id = usual_supervisor(db, session)
    db.add(session)
    note_event(db, session, SessionEvent.BOOKED, None, by=by, why=why, at=at)
    return session


def usual_supervisor(db: Db, session: ClinicSession) -> int | None:
    """Who supervises a session that goes to Medicare, by the supervision on file for its day; often nobody is needed.

    One query where no supervision of the practitioner is on file, two more elsewhere.
    """
    supervisions = supervisions_of(db, session.practitioner_id)
    if not supervisions or session.bill_to is not BillTo.INSURANCE:
        return None
    policies = in_force(db.scalars(select(Policy).where(Policy.patient_id == session.patient_id)), session.service_on)
    payers = {one.id: one for one in db.scalars(select(Payer).where(Payer.id.in_({one.payer_id for one in policies})))}
    paying = in_order_of_payment(policies, session.accident, payers)
    if not paying or payers[paying[0].payer_id].kind is not PayerKind.MEDICARE:
        return None
    return proposed_supervisor(supervisions, paying[0].payer_id, session.service_on)


def reschedule(db: Db, session_id: int, slot: Slot, *, by: str, at: datetime, why: str = "") -> ClinicSession:
    """Move a booked or arrived session to another slot; one that was booked elsewhere comes under the law with it.

    Raises :class:`Refused` with every reason against the slot, and when somebody who is here would be moved
    to another day. To its own slot nothing happens.
    """
    hold_calendar(db)
    session = the_session(db, session_id)
    today, zone = today_in(db, at)
    if session.state in PLANNED:
        if slot_of(session, zone) == slot and session.contact_minutes is not None:
            return session
        if session.state is SessionState.ARRIVED and slot.on != session.service_on:
            reason = "The patient is here: the session can be moved within this day only."
            refuse_any([block("booking.arrived", reason, "Undo the arrival first.", "field:day")])
        refuse_any(slot_problems(db, slot, session.patient_id, today, session.id))
        was = _in_words(db, session, zone)
        _put(session, slot, zone)
        now = _in_words(db, session, zone)
        why = f"{was}, now {now}{': ' + why.strip() if why.strip() else '.'}"
    return move_session(db, session_id, SessionEvent.MOVED, by=by, why=why, at=at)


def rebook(db: Db, session_id: int, *, by: str, at: datetime, why: str = "") -> ClinicSession:
    """Book a missed or cancelled session again in the slot it had, if that is still free."""
    hold_calendar(db)
    session = the_session(db, session_id)
    if SESSION.allows(session.state, SessionEvent.REBOOKED):
        today, zone = today_in(db, at)
        session.contact_minutes = as_planned(session).contact_minutes
        session.confirmed_at = None
        refuse_any(slot_problems(db, slot_of(session, zone), session.patient_id, today, session.id))
    return move_session(db, session_id, SessionEvent.REBOOKED, by=by, why=why, at=at)


def slot_of(session: ClinicSession, zone: str) -> Slot:
    """The slot a session is in."""
    begins, planned = clock.local(session.starts_at, zone), as_planned(session)
    return Slot(
        session.practitioner_id,
        begins.date(),
        begins.time(),
        session.room_id,
        planned.minutes,
        planned.contact_minutes,
    )


def usual_bill_to(db: Db, patient_id: int, on: date) -> BillTo:
    """Who is billed unless somebody says otherwise: the insurance when a policy is in force that day."""
    policies = db.scalars(select(Policy).where(Policy.patient_id == patient_id))
    return BillTo.INSURANCE if in_force(policies, on) else BillTo.SELF


def _put(session: ClinicSession, slot: Slot, zone: str) -> None:
    session.practitioner_id, session.room_id = slot.practitioner_id, slot.room_id
    starts_at = clock.instant(slot.on, slot.at, zone)
    if starts_at != session.starts_at:
        # Who agreed to come at another time has not agreed to this one.
        session.confirmed_at = None
    session.service_on, session.starts_at = slot.on, starts_at
    session.minutes, session.contact_minutes = slot.minutes, slot.contact_minutes


def _condition_of(db: Db, patient_id: int, continues: int | None) -> dict[str, object]:
    if continues is None:
        return {}
    earlier = db.get(ClinicSession, continues)
    if earlier is None or earlier.patient_id != patient_id:
        raise Refused("The session that this one is to continue is not one of this patient's.")
    return {name: getattr(earlier, name) for name in _CONDITION}


def _in_words(db: Db, session: ClinicSession, zone: str) -> str:
    """Where and when a session is, for its history: nothing about the patient."""
    begins = clock.local(session.starts_at, zone)
    practitioner = db.get(Practitioner, session.practitioner_id)
    room = db.get(Room, session.room_id) if session.room_id is not None else None
    who = f" with {practitioner.first_name} {practitioner.last_name}" if practitioner else ""
    return f"{begins.date()} {begins:%H:%M}{who}{' in ' + room.name if room else ''}, {session.minutes} minutes"
