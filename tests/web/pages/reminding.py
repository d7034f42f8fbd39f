"""A clinic that reminds its patients, seen from its desk and through its private links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from werkzeug.test import TestResponse

from billing import clock
from billing.audit.models import AuditEntry
from billing.patients.models import Patient
from billing.reminders.models import Channel, Message, Rule
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from tests.access.cast import NOON
from tests.factories import DAY
from tests.reminders.stage import Stage, open_stage
from tests.web.desk import Browser, Desk, audit_rows

VISIT = DAY + timedelta(days=1)
"""Two days after the noon at which the desk's tests stand: one reminder is due tomorrow, one would be past."""
AT_ONE = NOON + timedelta(days=1, hours=9)
"""Tomorrow, when the reminder of the visit is due."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """The desk, the clinic behind it, and a patient who is expected."""

    desk: Desk
    stage: Stage
    patient: Patient
    session: ClinicSession

    def fay(self) -> Browser:
        return self.desk.browser(self.desk.cast.fay)

    def message(self, channel: Channel = Channel.TEXT) -> Message:
        """The reminder of the visit tomorrow."""
        return self.stage.one(Rule.SESSION_TOMORROW, channel)

    def link(self, channel: Channel = Channel.TEXT) -> str:
        """The path behind the private link of that reminder."""
        return self.desk.app.extensions["meridian"].links.visit(self.message(channel).id).removeprefix(PUBLIC)

    def session_now(self) -> ClinicSession:
        with self.desk.database.reading() as db:
            return db.get_one(ClinicSession, self.session.id)

    def acts(self, action: str) -> list[AuditEntry]:
        """The audit rows of that action."""
        return [row for row in audit_rows(self.desk.database) if row.action == action]

    def post(self, path: str, **fields: str) -> TestResponse:
        """What a patient's phone sends: no cookie, no token."""
        return self.desk.app.test_client().post(path, data=fields)


PUBLIC = "https://desk.example.org"


def set_reminding(desk: Desk, at: datetime = NOON) -> Reminding:
    """Miri is expected at one o'clock on the visit's day and has agreed to both ways; her reminders are planned."""
    program = desk.app.extensions["meridian"]
    program.settings = program.settings.model_copy(update={"public_url": PUBLIC})
    stage = open_stage(desk.database)
    stage.links = program.links
    patient = stage.patient(email="miri@example.org", email_consent=True, phone="(503) 555-0111")
    session = stage.session(patient, VISIT, "13:00", state=SessionState.BOOKED)
    with clock.stopped_at(at):
        stage.plan(at)
    return Reminding(desk, stage, patient, session)
