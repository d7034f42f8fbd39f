"""Who works at a clinic under fire: sessions are signed, visits are booked, and everything signed is filed by a click.

A clerk does what people do: what the desk did not answer is done again. Each batch can be told from any other, so a
commit that nobody heard of is not made twice.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from time import monotonic
from typing import TypeVar

import httpx
import sqlalchemy as sa

from billing import clock
from billing.access.models import User
from billing.access.signing_in import begin_login
from billing.database import Database, Db
from billing.errors import MeridianError
from billing.patients.models import Patient
from billing.reminders.automation import ByItself, choose
from billing.reminders.models import Rule
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from tests.access.cast import make_cast
from tests.factories import Scene, make_benefit, make_patient, make_policy, make_session, set_scene
from tests.remittances.payer import PAYER_NAME, PAYER_NUMBER

VISITS_A_BATCH = 2
SECONDS_BETWEEN_BATCHES = 1.5
SECONDS_BEFORE_ANOTHER_TRY = 0.2
SESSIONS_A_DAY = 8
FIRST_HOUR = 9
FAULTS = (sa.exc.OperationalError, sa.exc.InterfaceError, MeridianError, httpx.HTTPError)
"""What a clerk meets while something is down."""
PATIENCE = 90.0
"""Seconds; then a clerk goes home."""
_Answer = TypeVar("_Answer")


class NotThere(MeridianError):
    """The desk did not answer as it should."""


def zone_at_noon(at: datetime) -> str:
    """A zone in which it is about noon then: messages may be sent for hours to come, and the day does not end."""
    hours = at.hour - 12
    return f"Etc/GMT{hours:+d}" if hours else "Etc/GMT"


@dataclass
class Clerk:
    """One person, at work until told to stop."""

    database: Database
    scene: Scene
    user: User
    zone: str
    browser: httpx.Client
    telephones: set[str] = field(default_factory=set)
    """Everybody who is to get a text about tomorrow."""
    mailboxes: set[str] = field(default_factory=set)
    """The same by e-mail."""
    sessions: set[int] = field(default_factory=set)
    """What was signed."""
    clicks: int = 0
    """How often filing was asked for, and heard."""
    ended: threading.Event = field(default_factory=threading.Event)
    _batches: int = 0

    def work(self) -> None:
        """Sign, book and file until the end."""
        while not self.ended.wait(SECONDS_BETWEEN_BATCHES):
            self.sign_and_book()
            self.file()

    def sign_and_book(self) -> None:
        """Some sessions are signed, and their patients will come again tomorrow at about this time."""
        self._batches += 1
        number = self._batches
        for session_id, patient in again_and_again(lambda: self._write(number)):
            self.sessions.add(session_id)
            self.telephones.add(str(patient.phone))
            self.mailboxes.add(str(patient.email))

    def file(self) -> None:
        """Click on filing, once more whenever nothing is answered."""
        again_and_again(self._click)
        self.clicks += 1

    def login(self) -> str:
        """A token that signs the browser in."""
        with self.database.transaction() as db:
            return begin_login(db, self.user.id, clock.now())

    def _write(self, batch: int) -> list[tuple[int, Patient]]:
        with self.database.transaction() as db:
            known = db.scalars(sa.select(Patient).where(Patient.external_id.like(f"B{batch}-%"))).all()
            return [self._found(db, one) for one in known] or [
                self._visit(db, batch, place) for place in range(VISITS_A_BATCH)
            ]

    def _found(self, db: Db, patient: Patient) -> tuple[int, Patient]:
        own = (ClinicSession.patient_id == patient.id, ClinicSession.state == SessionState.SIGNED)
        return db.scalars(sa.select(ClinicSession.id).where(*own)).one(), patient

    def _visit(self, db: Db, batch: int, place: int) -> tuple[int, Patient]:
        scene, number = self.scene, batch * VISITS_A_BATCH + place
        patient = make_patient(
            db, external_id=f"B{batch}-{place}", phone=f"+1503{2_000_000 + number}", email=f"p{number}@example.org"
        )
        make_policy(db, patient, scene.payer)
        make_benefit(db, patient, scene.payer)
        on = clock.today(self.zone) - timedelta(days=1 + number // SESSIONS_A_DAY)
        began_at = clock.instant(on, time(FIRST_HOUR + number % SESSIONS_A_DAY), self.zone)
        session = make_session(db, patient, scene.practitioner, on, starts_at=began_at)
        comes_at = clock.now() + timedelta(days=1, seconds=2)
        make_session(
            db, patient, scene.practitioner, clock.local(comes_at, self.zone).date(), starts_at=comes_at, sets=(),
            diagnoses=(), state=SessionState.BOOKED, onset_on=None,
        )  # fmt: skip
        return session.id, patient

    def _click(self) -> None:
        page = self.browser.get("/account")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        if token is None:
            raise NotThere(f"no page but {page.status_code}")
        answer = self.browser.post("/claims/file", data={"csrf_token": token[1]})
        if answer.status_code != httpx.codes.SEE_OTHER or "errands" not in answer.headers["location"]:
            raise NotThere(f"not filed but {answer.status_code}")


def again_and_again(act: Callable[[], _Answer]) -> _Answer:
    """Do it until it is answered."""
    pause, give_up_at = threading.Event(), monotonic() + PATIENCE
    while True:
        try:
            return act()
        except FAULTS:
            if monotonic() > give_up_at:
                raise
        pause.wait(SECONDS_BEFORE_ANOTHER_TRY)


def open_clinic(database: Database, browser: httpx.Client) -> Clerk:
    """A clinic in which every rule is content, where it is noon, and its clerk."""
    zone = zone_at_noon(clock.now())
    user = make_cast(database).ada
    with database.transaction() as db:
        scene = set_scene(db)
        scene.clinic.time_zone = zone
        scene.payer.name, scene.payer.payer_number = PAYER_NAME, PAYER_NUMBER
        choose(db, ByItself(rules_off=frozenset({Rule.SESSION_IN_3_DAYS})))
    return Clerk(database, scene, user, zone, browser)
