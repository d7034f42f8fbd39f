"""Booking at a clinic's desk, for tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import select

from billing.clinic.models import Room
from billing.database import Db
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.sessions.booking import book
from billing.sessions.models import ClinicSession, SessionMove
from billing.sessions.slots import Slot
from tests.factories import DAY, Scene, make_patient, make_room, moment, set_scene

FAY = "user:4"
MORNING = moment(DAY, "08:00")
"""When tests stand at the desk: an hour before the first session."""


@dataclass(frozen=True, slots=True)
class Front:
    """A clinic with a second patient and two rooms, and somebody at its desk."""

    scene: Scene
    other: Patient
    alder: Room
    birch: Room

    def slot(self, at: str = "09:00", on: date = DAY, **changes: object) -> Slot:
        """An hour with Ben in the room Alder, half of it contact."""
        slot = Slot(self.scene.practitioner.id, on, time.fromisoformat(at), self.alder.id)
        return replace(slot, **changes)

    def book(self, db: Db, at: str = "09:00", patient: Patient | None = None, **changes: object) -> ClinicSession:
        """Book Miri, or that patient, in such a slot."""
        return book(db, (patient or self.scene.patient).id, self.slot(at, **changes), by=FAY, at=MORNING)


def open_front(db: Db) -> Front:
    """Write the clinic."""
    scene = set_scene(db)
    return Front(
        scene, make_patient(db, first_name="Osei", last_name="Brandt"), make_room(db, "Alder"), make_room(db, "Birch")
    )


def history(db: Db, session: ClinicSession) -> list[SessionMove]:
    """Everything that happened to the session, in order."""
    return list(db.scalars(select(SessionMove).where(SessionMove.session_id == session.id).order_by(SessionMove.id)))


def told(moves: list[SessionMove]) -> list[tuple[str, str | None, str]]:
    """Event, state before and state after of each."""
    return [(one.event.value, one.from_state.value if one.from_state else None, one.to_state.value) for one in moves]


def second_practitioner(db: Db, **changes: object) -> Practitioner:
    """Ida, who treats too."""
    cells = {
        "first_name": "Ida",
        "last_name": "Moreau",
        "credentials": "L.Ac.",
        "npi": None,
        "taxonomy": None,
        "email": None,
    }
    one = Practitioner(**{**cells, **changes})
    db.add(one)
    db.flush()
    return one


def at_clock(clock: str, on: date = DAY) -> datetime:
    """The instant at which the clinic's clocks show that time."""
    return moment(on, clock)
