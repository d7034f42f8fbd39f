"""What the booking form shows: whom it may be about, what speaks against it, and when it could be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import and_, func, or_, select

from billing import clock
from billing.database import Db
from billing.errors import Problem
from billing.patients.models import Patient
from billing.patients.queries import patient_with_id
from billing.reports.chips import Chip, chips
from billing.reports.outlook_facts import Surroundings, insured_here, on_account
from billing.sessions.calendar import free_starts
from billing.sessions.day import PLANNED, planned_around
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.outlook import Coming, outlook
from billing.sessions.slots import Slot, clash_problems, length_problems

_UPCOMING = 5


@dataclass(frozen=True, slots=True)
class Earlier:
    """The patient's last session, for whose condition a further one may be."""

    session: ClinicSession
    words: str
    """What of it would be taken over."""


@dataclass(frozen=True, slots=True)
class Booking:
    """What is known about a session that is about to be booked or moved."""

    patient: Patient
    chips: list[Chip]
    problems: list[Problem]
    """What speaks against billing it; nothing of it keeps it from being booked."""
    in_the_way: list[Problem]
    """What does keep it from being booked."""
    free: list[datetime]
    """When else it could begin that day."""
    upcoming: list[ClinicSession]
    """What the patient has booked already, the next first."""
    earlier: Earlier | None
    bill_to: BillTo


def booking(
    db: Db,
    around: Surroundings,
    patient_id: int,
    slot: Slot,
    at: datetime,
    bill_to: BillTo | None,
    moved: ClinicSession | None = None,
) -> Booking:
    """What is to be known of a session of the patient in that slot; ``moved`` is the session that is to go there.

    Raises :class:`NotFound` when there is no such patient.
    """
    patient = patient_with_id(db, patient_id)
    zone = around.clinic.time_zone
    today = clock.local(at, zone).date()
    known = insured_here(db, [patient.id], around, today)[patient.id]
    account = on_account(db, [patient.id])[patient.id]
    payers = around.clinicians.payers
    usual = BillTo.INSURANCE if known.paying(slot.on, None, payers) else BillTo.SELF
    billed = bill_to or (moved.bill_to if moved else usual)
    coming = Coming(
        patient.id,
        slot.practitioner_id,
        slot.on,
        billed,
        moved.accident if moved else None,
        moved.supervising_id if moved else None,
        f"session:{moved.id}" if moved else f"patient:{patient.id}",
        slot.room_id,
        is_new=moved is None,
    )
    found = outlook(coming, known, around.clinicians)
    others = planned_around(db, slot.on)
    wanted = slot.planned(zone, patient.id, moved.id if moved else 0)
    fits = not length_problems(slot)
    return Booking(
        patient=patient,
        chips=chips(found, patient, account, today, around.clinic.currency),
        problems=found.problems,
        in_the_way=clash_problems(db, wanted, others, slot.on, zone) if fits else [],
        free=free_starts(wanted, others, slot.on, zone) if fits else [],
        upcoming=_upcoming(db, patient.id, at),
        earlier=None if moved else _earlier(db, patient.id),
        bill_to=billed,
    )


def _upcoming(db: Db, patient_id: int, at: datetime) -> list[ClinicSession]:
    return list(
        db.scalars(
            select(ClinicSession)
            .where(
                ClinicSession.patient_id == patient_id,
                ClinicSession.state.in_(PLANNED),
                ClinicSession.starts_at >= at,
            )
            .order_by(ClinicSession.starts_at)
            .limit(_UPCOMING)
        )
    )


def _earlier(db: Db, patient_id: int) -> Earlier | None:
    """The last session that says something of the condition besides what is charted."""
    says = or_(
        ClinicSession.accident.is_not(None),
        ClinicSession.claim_number.is_not(None),
        ClinicSession.supervising_id.is_not(None),
        ClinicSession.referring_npi.is_not(None),
        ClinicSession.referring_name.is_not(None),
        ClinicSession.onset_on.is_not(None),
    )
    last = select(func.max(ClinicSession.starts_at)).where(ClinicSession.patient_id == patient_id).scalar_subquery()
    session = db.scalars(
        select(ClinicSession)
        .where(and_(ClinicSession.patient_id == patient_id, ClinicSession.starts_at == last, says))
        .limit(1)
    ).first()
    return Earlier(session, _said(session)) if session else None


def _said(session: ClinicSession) -> str:
    said = []
    if session.accident:
        said.append(f"{session.accident.value} accident")
    if session.onset_on:
        said.append(f"onset {session.onset_on}")
    if session.claim_number:
        said.append("the insurer's claim number")
    if session.supervising_id:
        said.append("who supervises")
    if session.referring_name or session.referring_npi:
        said.append("who referred")
    return ", ".join(said)


def last_treated_by(db: Db, patient_id: int) -> int | None:
    """Who treated the patient last, or is to treat them next."""
    return db.scalar(
        select(ClinicSession.practitioner_id)
        .where(ClinicSession.patient_id == patient_id)
        .order_by(ClinicSession.starts_at.desc())
        .limit(1)
    )


def first_free(db: Db, slot: Slot, patient_id: int, zone: str, at: datetime) -> time:
    """The first start of the slot's day that is free and not over yet; the slot's own when there is none."""
    wanted = slot.planned(zone, patient_id)
    starts = free_starts(wanted, planned_around(db, slot.on), slot.on, zone)
    return next((clock.local(start, zone).time() for start in starts if start >= at), slot.at)
