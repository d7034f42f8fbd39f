"""What one asks about the sessions of a day, whatever became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from billing.clinic.models import Room
from billing.database import Db
from billing.patients.models import Patient
from billing.sessions.calendar import Planned, assumed_contact
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

PLANNED = (SessionState.BOOKED, SessionState.ARRIVED)
"""While a session is in one of these, nobody and nothing of it may be in another."""
IN_THE_CALENDAR = (*PLANNED, SessionState.SIGNED)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A session with whose it is and where."""

    session: ClinicSession
    patient: Patient
    room: Room | None


def sessions_on(db: Db, on: date) -> list[Seen]:
    """All sessions of the day in order of time; one query."""
    rows = db.execute(
        select(ClinicSession, Patient, Room)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .outerjoin(Room, Room.id == ClinicSession.room_id)
        .where(ClinicSession.service_on == on)
        .order_by(ClinicSession.starts_at, ClinicSession.id)
    )
    return [Seen(session, patient, room) for session, patient, room in rows]


def counts_by_day(db: Db, first: date, last: date) -> dict[date, int]:
    """How many sessions the calendar has on each day from ``first`` to ``last``; days without any are left out."""
    rows = db.execute(
        select(ClinicSession.service_on, func.count())
        .where(ClinicSession.service_on.between(first, last), ClinicSession.state.in_(IN_THE_CALENDAR))
        .group_by(ClinicSession.service_on)
    )
    return dict(rows.all())


@dataclass(frozen=True, slots=True)
class LeftOver:
    """Sessions of earlier days that are still in a state in which no day should end."""

    days: list[tuple[date, int]]
    """Each day that has any, and how many; oldest first."""

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(number for _, number in self.days)

    @property
    def oldest_on(self) -> date:
        """The first day that has any."""
        return self.days[0][0]


def left_over(db: Db, before: date) -> dict[SessionState, LeftOver]:
    """By state, the sessions of days before that one which are still booked or not signed; one query."""
    rows = db.execute(
        select(ClinicSession.state, ClinicSession.service_on, func.count())
        .where(ClinicSession.state.in_(PLANNED), ClinicSession.service_on < before)
        .group_by(ClinicSession.state, ClinicSession.service_on)
        .order_by(ClinicSession.service_on)
    )
    found: dict[SessionState, LeftOver] = {}
    for state, on, number in rows:
        found.setdefault(state, LeftOver([])).days.append((on, number))
    return found


def planned_around(db: Db, *days: date) -> list[Planned]:
    """The planned sessions that may take somebody's time on these days, those of the days beside too; one query."""
    rows = db.execute(
        select(
            ClinicSession.id,
            ClinicSession.patient_id,
            ClinicSession.practitioner_id,
            ClinicSession.room_id,
            ClinicSession.starts_at,
            ClinicSession.minutes,
            ClinicSession.contact_minutes,
        ).where(
            ClinicSession.service_on.in_({on + beside for on in days for beside in (-_DAY, _DAY * 0, _DAY)}),
            ClinicSession.state.in_(PLANNED),
        )
    )
    return [
        Planned(number, patient, practitioner, room, starts_at, minutes, assumed_contact(minutes, contact))
        for number, patient, practitioner, room, starts_at, minutes, contact in rows
    ]


def as_planned(session: ClinicSession) -> Planned:
    """The spans that a session takes while it is planned."""
    return Planned(
        session.id,
        session.patient_id,
        session.practitioner_id,
        session.room_id,
        session.starts_at,
        session.minutes,
        assumed_contact(session.minutes, session.contact_minutes),
    )
