"""Whatever the order of planning, moving, sending and dying: each thing is said at most once."""

from __future__ import annotations

import itertools
import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, time, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.database import Database
from billing.errors import NotDelivered, OutcomeUnknown, Refused
from billing.patients.models import Patient
from billing.reminders.lifecycle import MessageState
from billing.reminders.links import cancel_visit, token
from billing.sessions.booking import rebook, reschedule
from billing.sessions.models import ClinicSession
from billing.sessions.moving import cancel
from billing.sessions.slots import Slot
from tests.factories import moment
from tests.reminders.stage import SECRET, VISIT, Stage, open_stage

_numbers = itertools.count()
_EARLIEST = moment(VISIT - timedelta(days=3), "09:58")
"""Shortly before the first message is due."""

Act = Callable[[Stage, ClinicSession, datetime], None]


def _move_to(days: int, hour: int) -> Act:
    def act(stage: Stage, session: ClinicSession, at: datetime) -> None:
        slot = Slot(stage.practitioner.id, VISIT + timedelta(days=days), time(hour))
        stage.write(lambda db: reschedule(db, session.id, slot, by="user:1", at=at))

    return act


def _call_off(stage: Stage, session: ClinicSession, at: datetime) -> None:
    stage.write(lambda db: cancel(db, session.id, why="Ill.", by="user:1", at=at))


def _book_again(stage: Stage, session: ClinicSession, at: datetime) -> None:
    stage.write(lambda db: rebook(db, session.id, by="user:1", at=at))


def _agree(agrees: bool) -> Act:
    def act(stage: Stage, session: ClinicSession, at: datetime) -> None:
        stage.write(lambda db: setattr(db.get_one(Patient, session.patient_id), "sms_consent", agrees))

    return act


def _fail(stage: Stage, session: ClinicSession, at: datetime) -> None:
    stage.texts.failure = stage.mailer.failure = NotDelivered("503")
    stage.texts.takes_before_failing = stage.mailer.takes_before_failing = False
    stage.send(at)
    stage.texts.failure = stage.mailer.failure = None


def _cut_off(stage: Stage, session: ClinicSession, at: datetime) -> None:
    stage.texts.failure = stage.mailer.failure = OutcomeUnknown("cut off")
    stage.texts.takes_before_failing = stage.mailer.takes_before_failing = True
    stage.send(at)
    stage.texts.failure = stage.mailer.failure = None


def _by_link(stage: Stage, session: ClinicSession, at: datetime) -> None:
    if sent := stage.messages(state=MessageState.SENT):
        stage.write(lambda db: cancel_visit(db, token(sent[-1].id, SECRET), SECRET, at))


ACTS: dict[str, Act] = {
    "plan": lambda stage, session, at: (stage.plan(at), None)[1],
    "send": lambda stage, session, at: (stage.send(at), None)[1],
    "die before sending": lambda stage, session, at: stage.die(at, having_sent=False),
    "die after sending": lambda stage, session, at: stage.die(at, having_sent=True),
    "gateways down": _fail,
    "cut off after taking": _cut_off,
    "called off": _call_off,
    "booked again": _book_again,
    "called off by link": _by_link,
    "moved a day": _move_to(1, 10),
    "moved back": _move_to(0, 10),
    "moved to the afternoon": _move_to(0, 16),
    "consent taken back": _agree(False),
    "consent given": _agree(True),
}
OFTEN = ("plan", "send", "send", "die after sending", "die after sending")
STEPS = st.lists(
    st.tuples(st.sampled_from([*OFTEN, *sorted(ACTS)]), st.sampled_from([0, 2, 6, 6, 60, 1440])),
    min_size=8,
    max_size=30,
)
"""What happens, and how many minutes after what was before it: a lease is five."""


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, texts_repeat=st.booleans(), mail_repeats=st.booleans())
def test_each_thing_reaches_the_far_end_at_most_once(
    sqlite_database: Database,
    tmp_path: Path,
    steps: list[tuple[str, int]],
    texts_repeat: bool,
    mail_repeats: bool,
) -> None:
    file = tmp_path / f"{next(_numbers)}.sqlite3"
    shutil.copyfile(str(sqlite_database.url.database), file)
    stage = open_stage(Database(f"sqlite:///{file}"))
    stage.texts.may_repeat, stage.mailer.may_repeat = texts_repeat, mail_repeats
    session = stage.session(stage.patient(email="miri@example.org", email_consent=True))
    at = _EARLIEST
    stage.plan(at)

    for name, minutes in steps:
        at += timedelta(minutes=minutes)
        with suppress(Refused):
            ACTS[name](stage, session, at)

    for received in (stage.texts.received, stage.mailer.received):
        assert all(len(several) == 1 for several in received.values())
    said_of = Counter(
        (one.subject_kind, one.subject_id, one.rule, one.slot, one.channel)
        for one in stage.messages()
        if f"message:{one.id}" in stage.texts.received or f"message:{one.id}" in stage.mailer.received
    )
    assert all(count == 1 for count in said_of.values())
    stage.database.close()
