"""The demo clinic's own today: its regulars are booked, so that the desk has a day to show whenever it is opened.

Some have come already, and one of them is treated: the note is signed, and the patient waits to be checked out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice

from sqlalchemy import Select, func, select

from billing import clock
from billing.access.queries import user_called
from billing.audit.recording import Actor, ActorKind
from billing.clinic.models import Room
from billing.clinic.queries import the_clinic
from billing.coverage.models import Benefit
from billing.database import Db
from billing.errors import Refused
from billing.practitioners.accounts import link_account
from billing.practitioners.models import Practitioner
from billing.sessions.booking import book
from billing.sessions.calendar import DEFAULT_CONTACT_MINUTES, DEFAULT_MINUTES
from billing.sessions.charting import ChartContent, ChartedSet, NoteText
from billing.sessions.documenting import save_chart
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.moving import check_in
from billing.sessions.signing import sign
from billing.sessions.slots import Slot, slot_problems

BY = str(Actor(ActorKind.COMMAND, "demo"))
A_DAY = 13
"""Sessions of today; of each day that follows, a few less."""
AHEAD = (A_DAY, 9, 8, 6, 5)
HERE = 3
"""How many of today's patients have come already."""
VERIFIED_AGO = timedelta(days=3)
TREATED = ChartContent(
    text=NoteText(
        "Low back pain, now 3 of 10 after a week of gardening; slept through five nights of seven.",
        "Lumbar flexion 70 degrees without pain; tender at L4 on the left.",
        "Chronic low back pain, improving.",
        "Once more in a fortnight, then monthly; keep walking.",
    ),
    sets=(
        ChartedSet(16, True, False, None, ("BL23", "BL25", "GB30"), 8, 8),
        ChartedSet(15, True, False, None, ("BL40", "KI3"), 4, 4),
    ),
    diagnoses=("M54.50",),
    pain=3,
)
_FIRST, _LAST = time(8, 30), time(17, 30)
_STEP = timedelta(minutes=15)


def open_the_day(db: Db, at: datetime, email: str, practitioner: str) -> None:
    """Book today and the days that follow, check some in, and let a practitioner sign in with that address.

    ``practitioner`` is the old system's id. Every second patient's benefits were verified some days ago.
    """
    user = user_called(db, email)
    link_account(db, _practitioner(db, practitioner), user.id)
    zone = the_clinic(db).time_zone
    today = clock.local(at, zone).date()
    rooms = list(db.scalars(select(Room.id).order_by(Room.name)))
    regulars = cycle(_regulars(db))
    for ahead, wanted in enumerate(AHEAD):
        on = today + timedelta(days=ahead)
        for patient_id, practitioner_id in islice(regulars, wanted):
            slot = next(_free_slots(db, patient_id, practitioner_id, on, today, rooms), None)
            if slot is not None:
                book(db, patient_id, slot, by=BY, at=at)
    _verify(db, today)
    own = _practitioner(db, practitioner)
    here = db.scalars(_booked_on(today).limit(HERE)).all()
    theirs = db.scalars(_booked_on(today).where(ClinicSession.practitioner_id == own).limit(HERE)).all()
    for session_id in dict.fromkeys((*here, *theirs)):
        check_in(db, session_id, by=BY, at=at)
    for session_id in theirs[:1]:
        save_chart(db, session_id, TREATED, by=BY, at=at)
        # The demo's licences end some day; from then on the note stays a draft, and says why.
        with suppress(Refused):
            sign(db, session_id, user_id=user.id, at=at)


def _practitioner(db: Db, external_id: str) -> int:
    return db.scalars(select(Practitioner.id).where(Practitioner.external_id == external_id)).one()


def _regulars(db: Db) -> list[tuple[int, int]]:
    """Patients with the practitioner who treated them last, those who came most often first."""
    visits = (
        select(
            ClinicSession.patient_id,
            func.max(ClinicSession.practitioner_id).label("practitioner_id"),
            func.count().label("visits"),
        )
        .where(ClinicSession.state == SessionState.SIGNED)
        .group_by(ClinicSession.patient_id)
        .subquery()
    )
    ordered = select(visits.c.patient_id, visits.c.practitioner_id).order_by(
        visits.c.visits.desc(), visits.c.patient_id
    )
    return [(patient_id, practitioner_id) for patient_id, practitioner_id in db.execute(ordered)]


def _free_slots(
    db: Db, patient_id: int, practitioner_id: int, on: date, today: date, rooms: Sequence[int]
) -> Iterator[Slot]:
    begins = datetime.combine(on, _FIRST)
    while begins.time() <= _LAST:
        for room_id in rooms:
            slot = Slot(practitioner_id, on, begins.time(), room_id, DEFAULT_MINUTES, DEFAULT_CONTACT_MINUTES)
            if not slot_problems(db, slot, patient_id, today):
                yield slot
        begins += _STEP


def _verify(db: Db, today: date) -> None:
    for benefit in db.scalars(select(Benefit).where(Benefit.id % 2 == 0)):
        benefit.verified_on = today - VERIFIED_AGO


def _booked_on(on: date) -> Select[int]:
    return (
        select(ClinicSession.id)
        .where(ClinicSession.service_on == on, ClinicSession.state == SessionState.BOOKED)
        .order_by(ClinicSession.starts_at, ClinicSession.id)
    )
