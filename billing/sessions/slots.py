"""May a session take place there and then? Asked before it is booked, moved or given a room.

Whoever asks holds the calendar's lock, so that what is free stays free until they have written. The database
itself refuses two planned spans that overlap, should anything ever write without asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.exc import IntegrityError

from billing import clock
from billing.clinic.models import Room
from billing.clinic.queries import the_clinic
from billing.coverage.wording import day_words
from billing.database import Db, hold_lock
from billing.errors import Conflict, NotFound, Problem, Refused, block
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.sessions.calendar import (
    DEFAULT_CONTACT_MINUTES,
    DEFAULT_MINUTES,
    Clash,
    Planned,
    Sole,
    clashes,
    nearest_free,
)
from billing.sessions.day import planned_around

SHORTEST_MINUTES, LONGEST_MINUTES = 5, 480
FURTHEST_BACK = timedelta(days=366)
FURTHEST_AHEAD = timedelta(days=731)
FIELDS = {Sole.PRACTITIONER: "practitioner", Sole.ROOM: "room", Sole.PATIENT: "at"}
"""The field of a booking form at which each kind of clash is mended; the patient stays, so the time has to go."""


@dataclass(frozen=True, slots=True)
class Slot:
    """Where and when a session is to take place, as the clinic's clocks show it."""

    practitioner_id: int
    on: date
    at: time
    room_id: int | None = None
    minutes: int = DEFAULT_MINUTES
    contact_minutes: int = DEFAULT_CONTACT_MINUTES
    """From the start on; the rest of ``minutes`` the patient rests."""

    def planned(self, zone: str, patient_id: int | None, session_id: int = 0) -> Planned:
        """The spans a session in this slot takes."""
        starts_at = clock.instant(self.on, self.at, zone)
        taken = (patient_id, self.practitioner_id, self.room_id)
        return Planned(session_id, *taken, starts_at, self.minutes, self.contact_minutes)


def hold_calendar(db: Db) -> None:
    """Wait until nobody else books or moves a session; held until this transaction ends."""
    hold_lock(db, "calendar")


def slot_problems(db: Db, slot: Slot, patient_id: int, today: date, session_id: int = 0) -> list[Problem]:
    """Everything that keeps a session of the patient from that slot; hold the calendar when it is to be written.

    ``session_id`` is the session's own number when it exists already. A slot whose length makes no
    sense is not compared with others.
    """
    zone = the_clinic(db).time_zone
    problems = [*_day_problems(slot, today), *_people_problems(db, slot), *length_problems(slot)]
    if length_problems(slot):
        return problems
    wanted = slot.planned(zone, patient_id, session_id)
    return [*problems, *clash_problems(db, wanted, planned_around(db, slot.on), slot.on, zone)]


def refuse_any(problems: Sequence[Problem]) -> None:
    """Raise :class:`Refused` with the problems when there are any."""
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)


def clash_problems(db: Db, wanted: Planned, others: Sequence[Planned], on: date, zone: str) -> list[Problem]:
    """Who or what is in the way from when to when, and the nearest free time of that day."""
    found = clashes(wanted, others)
    if not found:
        return []
    nearest = nearest_free(wanted, others, on, zone)
    if nearest is None:
        fix = f"Nothing is free for so long on {on}. Choose another day, room or practitioner."
    else:
        fix = f"The nearest free time that day is {clock.local(nearest, zone):%H:%M}."
    return [
        block(f"booking.{one.sole}_taken", _taken(db, one, zone), fix, f"field:{FIELDS[one.sole]}") for one in found
    ]


def write_slot(db: Db) -> None:
    """Send what was booked or moved to the database, which has the last word about overlaps.

    Raises :class:`Conflict` when it refuses, which takes a writer that did not hold the calendar.
    """
    try:
        db.flush()
    except IntegrityError as error:
        said = str(error.orig)
        if "one_at_a_time" in said or "is taken at that time" in said:
            raise Conflict("Somebody else has just taken that time.") from None
        raise


def _taken(db: Db, clash: Clash, zone: str) -> str:
    other = clash.other
    begins, ends = clock.local(other.starts_at, zone), clock.local(other.until(clash.sole), zone)
    when = f"on {day_words(begins.date())} from {begins:%H:%M} to {ends:%H:%M}"
    patient = _named(db.get(Patient, other.patient_id))
    practitioner = _named(db.get(Practitioner, other.practitioner_id))
    if clash.sole is Sole.PRACTITIONER:
        return f"{practitioner} is with {patient} {when}."
    if clash.sole is Sole.ROOM:
        room = db.get(Room, other.room_id)
        return f"{room.name if room else 'The room'} is taken by {patient} {when}."
    return f"{patient} has a session with {practitioner} {when}."


def _named(person: Patient | Practitioner | None) -> str:
    return f"{person.first_name} {person.last_name}" if person else "Somebody"


def _day_problems(slot: Slot, today: date) -> list[Problem]:
    if slot.on < today - FURTHEST_BACK:
        why, fix = f"{slot.on} is more than a year ago.", "Choose a later day; check the year."
        return [block("booking.too_far_back", why, fix, "field:day")]
    if slot.on > today + FURTHEST_AHEAD:
        why, fix = f"{slot.on} is more than two years ahead.", "Choose an earlier day; check the year."
        return [block("booking.too_far_ahead", why, fix, "field:day")]
    return []


def length_problems(slot: Slot) -> list[Problem]:
    """Whether the session's and the practitioner's minutes make sense."""
    problems = []
    if not SHORTEST_MINUTES <= slot.minutes <= LONGEST_MINUTES:
        why = f"A session takes between {SHORTEST_MINUTES} and {LONGEST_MINUTES} minutes."
        problems.append(block("booking.length", why, "Correct the minutes.", "field:minutes"))
    if not 1 <= slot.contact_minutes <= slot.minutes:
        why = f"Of {slot.minutes} minutes {slot.contact_minutes} cannot be the practitioner's."
        fix = "The practitioner's minutes are at least one, and not more than the session's."
        problems.append(block("booking.contact", why, fix, "field:contact_minutes"))
    return problems


def _people_problems(db: Db, slot: Slot) -> list[Problem]:
    """Whether the practitioner is still here that day and the room still open."""
    problems = []
    practitioner = db.get(Practitioner, slot.practitioner_id)
    if practitioner is None:
        raise NotFound("There is no such practitioner.")
    if practitioner.left_on is not None and slot.on >= practitioner.left_on:
        why = f"{_named(practitioner)} has left the clinic on {practitioner.left_on}."
        fix = "Choose another practitioner, or an earlier day."
        problems.append(block("booking.practitioner_left", why, fix, "field:practitioner"))
    return [*problems, *room_problems(db, slot.room_id, slot.on)]


def room_problems(db: Db, room_id: int | None, on: date) -> list[Problem]:
    """Whether the room, if one is named, is open that day. Raises :class:`NotFound` when there is none such."""
    if room_id is None:
        return []
    room = db.get(Room, room_id)
    if room is None:
        raise NotFound("There is no such room.")
    if room.closed_on is None or on < room.closed_on:
        return []
    why = f"{room.name} is closed from {room.closed_on} on."
    return [block("booking.room_closed", why, "Choose another room.", "field:room")]


def today_in(db: Db, at: datetime) -> tuple[date, str]:
    """The clinic's own date at that instant, and its time zone."""
    zone = the_clinic(db).time_zone
    return clock.local(at, zone).date(), zone
