"""A clinic that reminds its patients, and whoever is at the far end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryMailer, MemoryTexts
from billing.database import Database, Db
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.relay import Delivery
from billing.reminders.lifecycle import MessageState
from billing.reminders.links import Links
from billing.reminders.models import Channel, Message, MessageMove, Rule
from billing.reminders.rounds import Planned, plan_messages, send_messages
from billing.reminders.sending import Letter, Taken, messages_route
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.treatment.models import TreatmentPlan
from tests.factories import make_clinic, make_patient, make_practitioner, make_session, moment, written

VISIT = date(2026, 4, 14)
"""A Tuesday."""
LONG_BEFORE = moment(VISIT - timedelta(days=7), "12:00")
SECRET = "a secret for tests"
LINKS = Links("https://desk.example.org", SECRET)
_Made = TypeVar("_Made")


@dataclass
class Stage:
    """A clinic with one practitioner; the far ends are remembered."""

    database: Database
    practitioner: Practitioner
    mailer: MemoryMailer = field(default_factory=MemoryMailer)
    texts: MemoryTexts = field(default_factory=MemoryTexts)
    links: Links = LINKS

    def write(self, act: Callable[[Db], _Made]) -> _Made:
        with self.database.transaction() as db:
            return act(db)

    def patient(self, **changes: Any) -> Patient:
        """One who may be texted, and nothing else, unless told otherwise."""
        numbers = {"phone": "+15035550111", "email": None, "sms_consent": True, "email_consent": False}
        return self.write(lambda db: make_patient(db, **{**numbers, **changes}))

    def change(self, patient: Patient, **cells: Any) -> None:
        self.write(lambda db: db.execute(sa.update(Patient).where(Patient.id == patient.id).values(**cells)))

    def session(self, patient: Patient, on: date = VISIT, start: str = "10:00", **changes: Any) -> ClinicSession:
        cells = {"state": SessionState.BOOKED, "onset_on": None, **changes}
        return self.write(
            lambda db: make_session(db, patient, self.practitioner, on, start=start, sets=(), diagnoses=(), **cells)
        )

    def plan_of(self, patient: Patient, starts_on: date, weekly: int = 6, monthly: int = 0) -> TreatmentPlan:
        cells = {"diagnosis": None, "fortnightly_sessions": 0, "ended_on": None, "why_ended": None}
        return self.write(
            lambda db: written(
                db,
                TreatmentPlan(
                    patient_id=patient.id, practitioner_id=self.practitioner.id, starts_on=starts_on,
                    weekly_sessions=weekly, monthly_sessions=monthly, **cells,
                ),
            )
        )  # fmt: skip

    def plan(self, at: datetime = LONG_BEFORE) -> Planned:
        with clock.stopped_at(at):
            return plan_messages(self.database)

    def send(self, at: datetime) -> list[Delivery[Letter, Taken]]:
        with clock.stopped_at(at):
            return send_messages(self.database, self.mailer, self.texts, self.links)

    def round(self, at: datetime) -> None:
        """What the workers do at that instant."""
        self.plan(at)
        self.send(at)

    def messages(self, **cells: Any) -> list[Message]:
        """Those with such cells, by when they are due."""
        with self.database.reading() as db:
            asked = sa.select(Message).filter_by(**cells).order_by(Message.due_at, Message.id)
            return list(db.scalars(asked))

    def one(self, rule: Rule, channel: Channel = Channel.TEXT) -> Message:
        (found,) = self.messages(rule=rule, channel=channel)
        return found

    def states(self) -> Counter[MessageState]:
        return Counter(one.state for one in self.messages())

    def way(self, message_id: int) -> list[str]:
        """The events of a message, in order."""
        with self.database.reading() as db:
            asked = sa.select(MessageMove.event).where(MessageMove.message_id == message_id).order_by(MessageMove.id)
            return [event.value for event in db.scalars(asked)]

    @property
    def texted(self) -> list[tuple[str, str]]:
        """Number and words of every text that reached a telephone, in order."""
        return [one for several in self.texts.received.values() for one in several]

    @property
    def mailed(self) -> list[str]:
        """The recipient of every mail."""
        return [one.to for several in self.mailer.received.values() for one in several]

    def die(self, at: datetime, *, having_sent: bool) -> None:
        """A worker takes what is due and is killed before it has recorded anything, after or before it was sent."""
        with clock.stopped_at(at):
            route = messages_route(self.mailer, self.texts, self.links)
            letters = self.write(lambda db: route.take(db, route.limit))
            if having_sent:
                for letter in letters:
                    route.deliver(letter)


def open_stage(database: Database, **clinic: Any) -> Stage:
    with database.transaction() as db:
        make_clinic(db, **clinic)
        return Stage(database, make_practitioner(db))
