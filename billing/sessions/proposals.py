"""The next sessions of a course of care, each at the time of day at which the patient came before.

Where that time is taken, the nearest free one of the day is proposed and said to be another; nothing is held for
a proposal, so that booking it may still be refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from billing import clock
from billing.clinic.models import Room
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.errors import Refused, block
from billing.practitioners.models import Practitioner
from billing.sessions.booking import book, slot_of
from billing.sessions.calendar import Planned, Sole, clashes, nearest_free
from billing.sessions.day import planned_around
from billing.sessions.models import ClinicSession
from billing.sessions.moving import the_session
from billing.sessions.slots import Slot, hold_calendar

BOOKED_ALREADY = "booking.already"
"""The rule by which a session is not booked a second time, as it would be from a page that is out of date."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A next session that could be booked."""

    slot: Slot
    """At the patient's usual time, or at the nearest free one."""
    usual_at: time
    is_free: bool
    """Whether the slot was free when it was proposed."""
    why: str = ""
    """Why it is not at the usual time, or not free at all; empty when it is as usual."""


def first_day_at(usual_at: time | None, at: datetime, zone: str) -> date:
    """The first day on which a session at that hour can be offered: today, unless the hour has passed there."""
    there = clock.local(at, zone)
    is_over = usual_at is not None and usual_at <= there.time()
    return there.date() + timedelta(days=is_over)


def proposals(db: Db, session: ClinicSession, days: Sequence[date], zone: str) -> list[Proposal]:
    """A proposal for each of the days, like ``session`` in everything but the day; two queries."""
    if not days:
        return []
    usual = slot_of(session, zone)
    practitioner, room = db.execute(
        select(Practitioner, Room)
        .join(Room, Room.id == session.room_id, isouter=True)
        .where(Practitioner.id == session.practitioner_id)
    ).one()
    others = planned_around(db, *days)
    found = []
    for day in days:
        slot = replace(usual, on=day, room_id=room.id if room and _is_open(room, day) else None)
        if practitioner.left_on is not None and practitioner.left_on <= day:
            found.append(Proposal(slot, usual.at, False, f"{_name(practitioner)} has left the clinic by then."))
        else:
            found.append(_proposal(slot, session.patient_id, others, zone, _name(practitioner), room))
    return found


def book_like(db: Db, session_id: int, on: date, starts_at: time, *, by: str, at: datetime) -> ClinicSession:
    """Book a further session like another one of the patient's, for the same condition, at that local day and time.

    Practitioner, room and length are the same; a room that is closed by then is left out. Raises
    :class:`NotFound` for an unknown session, and :class:`Refused` with every reason against the time, which is
    :data:`BOOKED_ALREADY` alone when the patient has that very session.
    """
    hold_calendar(db)
    session = the_session(db, session_id)
    zone = the_clinic(db).time_zone
    slot = replace(slot_of(session, zone), on=on, at=starts_at)
    begins = slot.planned(zone, session.patient_id).starts_at
    whose = (session.patient_id, session.practitioner_id, begins)
    if any((one.patient_id, one.practitioner_id, one.starts_at) == whose for one in planned_around(db, on)):
        why = "This session is booked already."
        raise Refused(why, [block(BOOKED_ALREADY, why, "Take its tick away.", "field:at")])
    room = db.get(Room, slot.room_id) if slot.room_id is not None else None
    if room is not None and not _is_open(room, on):
        slot = replace(slot, room_id=None)
    return book(db, session.patient_id, slot, by=by, at=at, continues=session_id)


def _proposal(
    slot: Slot, patient_id: int, others: Sequence[Planned], zone: str, practitioner: str, room: Room | None
) -> Proposal:
    wanted = slot.planned(zone, patient_id)
    found = clashes(wanted, others)
    if not found:
        return Proposal(slot, slot.at, True)
    taken = {
        Sole.PRACTITIONER: f"{practitioner} is taken",
        Sole.ROOM: f"{room.name if room else 'The room'} is taken",
        Sole.PATIENT: "the patient has another session",
    }
    reasons = " and ".join(dict.fromkeys(taken[one.sole] for one in found))
    why = f"At {slot.at:%H:%M} {reasons}"
    nearest = nearest_free(wanted, others, slot.on, zone)
    if nearest is None:
        return Proposal(slot, slot.at, False, f"{why}, and nothing is free for so long on that day.")
    at = clock.local(nearest, zone).time()
    return Proposal(replace(slot, at=at), slot.at, True, f"{why}; {at:%H:%M} is the nearest free time.")


def _is_open(room: Room, on: date) -> bool:
    return room.closed_on is None or on < room.closed_on


def _name(practitioner: Practitioner) -> str:
    return f"{practitioner.first_name} {practitioner.last_name}"
