"""Whenever the demo is opened there is work to be billed, somebody to remind, and somebody to follow up."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from billing import clock
from billing.access.users import add_user
from billing.clinic.queries import the_clinic
from billing.database import Database
from billing.operations import schema
from billing.operations.billing_run import BillingRun
from billing.operations.demo import CLINIC, PEOPLE, PRACTITIONER, PRACTITIONER_EMAIL, THROUGH
from billing.operations.demo_day import let_it_run, open_the_day
from billing.operations.errands.kinds import ErrandKind
from billing.operations.importing.reading.folder import read_folder
from billing.operations.importing.writing import bring_in
from billing.operations.regular import ask_what_is_regular
from billing.patients.models import Patient
from billing.relay import climb
from billing.reminders.automation import by_itself
from billing.reminders.models import Channel, Message, Rule
from billing.reminders.rounds import plan_messages
from billing.reminders.timing import Hours
from billing.reports.due_courses import Urgency, due_courses
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession

HOURS = [
    datetime(2026, 11, 21, 16, 20, tzinfo=UTC),
    datetime(2027, 1, 31, 9, 30, 20, tzinfo=UTC),
    datetime(2026, 8, 1, 5, 59, 40, tzinfo=UTC),
]
"""A Saturday morning; the small hours of a month's last day, a Sunday; the last seconds of a day, all at the clinic."""


@pytest.fixture(scope="module", params=HOURS, ids=["by day", "at night", "at midnight"])
def opened_at(request: pytest.FixtureRequest) -> datetime:
    at: datetime = request.param
    return at


@pytest.fixture(scope="module")
def opened(opened_at: datetime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The demo on its own day, by itself from then on; what the old system treated is billed."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('demo') / 'meridian.sqlite3'}")
    schema.upgrade(database)
    with clock.stopped_at(opened_at):
        with database.transaction() as db:
            bring_in(db, read_folder(CLINIC), opened_at)
            for person in PEOPLE:
                add_user(db, person.email, person.name, person.role, "no password")
        climb(database, BillingRun(THROUGH).stage)
        with database.transaction() as db:
            open_the_day(db, opened_at, PRACTITIONER_EMAIL, PRACTITIONER)
            let_it_run(db, opened_at)
    yield database
    database.close()


def here(database: Database, at: datetime) -> date:
    with database.reading() as db:
        return clock.local(at, the_clinic(db).time_zone).date()


def test_sessions_of_patients_with_and_without_insurance_wait_to_be_billed(opened: Database) -> None:
    with opened.reading() as db:
        waiting = select(ClinicSession.bill_to).where(ClinicSession.awaits_billing, ClinicSession.service_on > THROUGH)
        found = Counter(db.scalars(waiting))

    assert found == {BillTo.INSURANCE: 5, BillTo.SELF: 1}


def test_billing_and_statements_are_asked_for_within_two_minutes(opened: Database, opened_at: datetime) -> None:
    asked = []
    for seconds in (0, 60, 120):
        with clock.stopped_at(opened_at + timedelta(seconds=seconds)), opened.transaction() as db:
            asked += [
                (one.kind, one.facts.get("through") or one.facts["on"]) for one in ask_what_is_regular(db, clock.now())
            ]

    by_kind = dict(asked)
    assert set(by_kind) == {ErrandKind.BILL, ErrandKind.STATEMENTS}
    assert by_kind[ErrandKind.BILL] >= here(opened, opened_at).isoformat()


def test_some_messages_are_due_at_once_whatever_the_hour(opened: Database, opened_at: datetime) -> None:
    with clock.stopped_at(opened_at):
        plan_messages(opened)

    with opened.reading() as db:
        hours = by_itself(db)
        planned = db.scalars(select(Message)).all()
        due = Counter((one.rule, one.channel) for one in planned if one.due_at <= opened_at)
        zone = the_clinic(db).time_zone
    assert Hours(hours.quiet_until, hours.quiet_from).next_open(opened_at, zone) - opened_at < timedelta(minutes=1)
    assert due[Rule.SESSION_IN_3_DAYS, Channel.TEXT] >= 3
    assert due[Rule.SESSION_IN_3_DAYS, Channel.EMAIL] >= 3
    assert due[Rule.LICENCE, Channel.EMAIL] >= 2
    assert {one.rule for one in planned} == set(Rule)


def test_nobody_is_told_on_the_eve_of_a_visit_that_it_is_in_three_days(opened: Database, opened_at: datetime) -> None:
    today = here(opened, opened_at)

    with clock.stopped_at(opened_at):
        plan_messages(opened)

    with opened.reading() as db:
        told = select(ClinicSession.service_on).join(Message, Message.subject_id == ClinicSession.id)
        days = set(db.scalars(told.where(Message.rule == Rule.SESSION_IN_3_DAYS)))
    assert min(days) > today + timedelta(days=1)


def test_there_is_somebody_to_follow_up_in_every_urgency(opened: Database, opened_at: datetime) -> None:
    with opened.reading() as db:
        found = Counter(one.urgency for one in due_courses(db, here(opened, opened_at)))

    assert found == {Urgency.OVERDUE: 2, Urgency.DUE: 2, Urgency.LAPSED: 1}


def test_no_note_of_a_day_before_is_left_unsigned(opened: Database, opened_at: datetime) -> None:
    with opened.reading() as db:
        arrived = select(ClinicSession.service_on).where(ClinicSession.state == SessionState.ARRIVED)
        days = set(db.scalars(arrived.where(ClinicSession.service_on > THROUGH)))

    assert days == {here(opened, opened_at)}


def test_everybody_who_may_be_written_to_is_nobody(opened: Database) -> None:
    with opened.reading() as db:
        people = db.scalars(select(Patient)).all()

    assert {re.sub(r"\D", "", one.phone or "")[-7:-2] for one in people} == {"55501"}
    assert {one.email.rpartition("@")[2] for one in people if one.email} == {"mail.example"}
