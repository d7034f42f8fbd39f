"""The demo clinic's own today: its regulars are booked, so that the desk has a day to show whenever it is opened.

Some have come already, and one of them is treated: the note is signed, and the patient waits to be checked out. The
days ahead were booked a while ago, so that reminders of them are due; newcomers wait to be billed and followed up.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice

from sqlalchemy import Select, func, select

from billing import clock
from billing.access.queries import user_called
from billing.clinic.models import Room
from billing.clinic.queries import the_clinic
from billing.coverage.models import Benefit
from billing.database import Db
from billing.errors import Refused
from billing.operations.demo_newcomers import BY, free_slots, welcome_newcomers
from billing.practitioners.accounts import link_account
from billing.practitioners.credentials import renew_credential
from billing.practitioners.models import Credential, CredentialKind, Practitioner
from billing.reminders.automation import ByItself, choose
from billing.sessions.booking import book
from billing.sessions.charting import ChartContent, ChartedSet, NoteText
from billing.sessions.documenting import save_chart
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.sessions.moving import check_in
from billing.sessions.signing import sign

A_DAY = 13
"""Sessions of today; of each day that follows, a few less."""
LONG_AGO, LATELY = timedelta(days=14), timedelta(days=1)
"""When the days ahead were booked, and when tomorrow was: too late to be told of three days before."""
AHEAD = (A_DAY, 9, 8, 6, 5)
HERE = 3
"""How many of today's patients have come already."""
VERIFIED_AGO = timedelta(days=3)
NEVER_QUIET, ALMOST_MIDNIGHT = time(0, 0), time(23, 59)
LAPSES_IN = timedelta(days=25)
"""Until the practitioner's course in first aid has to be taken again, of which people are told."""
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


def open_the_day(db: Db, at: datetime, email: str, practitioner: str) -> None:
    """Book today and the days that follow, check some in, and let a practitioner sign in with that address.

    ``practitioner`` is the old system's id. Every second patient's benefits were verified some days ago.
    """
    user, own = user_called(db, email), _practitioner(db, practitioner)
    link_account(db, own, user.id)
    zone = the_clinic(db).time_zone
    today = clock.local(at, zone).date()
    rooms = list(db.scalars(select(Room.id).order_by(Room.name)))
    regulars = cycle(_regulars(db))
    for ahead, wanted in enumerate(AHEAD):
        on = today + timedelta(days=ahead)
        for patient_id, practitioner_id in islice(regulars, wanted):
            slot = next(free_slots(db, patient_id, practitioner_id, on, today, rooms), None)
            if slot is not None:
                book(db, patient_id, slot, by=BY, at=at - _booked_before(ahead))
    _verify(db, today)
    _renew(db, own, today)
    welcome_newcomers(db, own, user.id, today, rooms)
    here = db.scalars(_booked_on(today).limit(HERE)).all()
    theirs = db.scalars(_booked_on(today).where(ClinicSession.practitioner_id == own).limit(HERE)).all()
    for session_id in dict.fromkeys((*here, *theirs)):
        check_in(db, session_id, by=BY, at=at)
    for session_id in theirs[:1]:
        save_chart(db, session_id, TREATED, by=BY, at=at)
        # The demo's licences end some day; from then on the note stays a draft, and says why.
        with suppress(Refused):
            sign(db, session_id, user_id=user.id, at=at)


def let_it_run(db: Db, at: datetime) -> time:
    """Have the clinic bill and make statements by itself at the next full minute, and write at any hour.

    Gives the clinic's time of the billing. Hardly any hour is quiet, since a demo may be opened at night.
    """
    there = clock.local(at, the_clinic(db).time_zone).replace(second=0, microsecond=0) + timedelta(minutes=1)
    choose(db, ByItself(NEVER_QUIET, ALMOST_MIDNIGHT, bills_at=there.time(), statements_on=there.day))
    return there.time()


def _booked_before(ahead: int) -> timedelta:
    """How long before now a session was booked that is so many days ahead."""
    return {0: timedelta(0), 1: LATELY}.get(ahead, LONG_AGO)


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


def _verify(db: Db, today: date) -> None:
    for benefit in db.scalars(select(Benefit).where(Benefit.id % 2 == 0)):
        benefit.verified_on = today - VERIFIED_AGO


def _renew(db: Db, practitioner_id: int, today: date) -> None:
    """The course in first aid was taken again, and lapses soon: alerts about licences are due."""
    aid = (Credential.practitioner_id == practitioner_id, Credential.kind == CredentialKind.CPR)
    last = db.scalars(select(Credential).where(*aid).order_by(Credential.valid_to.desc())).first()
    if last is not None and last.ends_on < today:
        renew_credential(db, last.id, last.number, last.ends_on + timedelta(days=1), today + LAPSES_IN)


def _booked_on(on: date) -> Select[int]:
    return (
        select(ClinicSession.id)
        .where(ClinicSession.service_on == on, ClinicSession.state == SessionState.BOOKED)
        .order_by(ClinicSession.starts_at, ClinicSession.id)
    )
