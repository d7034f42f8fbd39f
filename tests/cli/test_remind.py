"""``meridian remind``: everything due until an instant is said, and what is not is told with its reason."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing import clock
from billing.patients.models import Patient
from billing.reminders.planning import Span
from billing.reminders.rounds import plan_messages
from billing.sessions.lifecycle import SessionState
from tests.cli.conftest import Shell
from tests.factories import make_clinic, make_patient, make_practitioner, make_session, moment

VISIT = date(2026, 4, 14)
NOW = moment(VISIT - timedelta(days=10), "12:00")


@pytest.fixture
def visits(shell: Shell) -> Shell:
    """A clinic with three booked visits: one patient agreed to texts, one to e-mail, one to nothing."""
    with shell.database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db)
        for number, ways in enumerate(((True, False), (False, True), (False, False))):
            patient = make_patient(
                db, phone=f"503-555-011{number}", email=f"p{number}@example.org", sms_consent=ways[0],
                email_consent=ways[1],
            )  # fmt: skip
            make_session(
                db, patient, ben, VISIT, start=f"{10 + number}:00", sets=(), diagnoses=(), external_id=f"S{number}",
                state=SessionState.BOOKED,
            )  # fmt: skip
    return shell


def test_days_gone_by_are_replayed_each_message_at_its_own_time(visits: Shell) -> None:
    told = visits.ask("remind", "--until", "2026-04-14T09:00")
    again = visits.ask("remind", "--until", "2026-04-14T09:00")

    assert told["planned"] == 4
    assert [(one["session"], one["rule"], one["channel"], one["due_at"]) for one in told["sent"]] == [
        ("S0", "session_in_3_days", "text", "2026-04-11T10:00:00-07:00"),
        ("S1", "session_in_3_days", "email", "2026-04-11T11:00:00-07:00"),
        ("S0", "session_tomorrow", "text", "2026-04-13T10:00:00-07:00"),
        ("S1", "session_tomorrow", "email", "2026-04-13T11:00:00-07:00"),
    ]
    assert (again["planned"], again["sent"]) == (0, [])
    assert len(list((visits.data / "outbox" / "texts").iterdir())) == 2
    assert len(list((visits.data / "outbox" / "mail").iterdir())) == 2


def test_only_what_is_due_by_then_is_said(visits: Shell) -> None:
    told = visits.ask("remind", "--until", "2026-04-11T17:00:00Z")

    assert [one["session"] for one in told["sent"]] == ["S0"]


def test_an_instant_to_come_is_judged_then_and_nothing_is_said_that_is_over(visits: Shell) -> None:
    with clock.stopped_at(moment(VISIT - timedelta(days=2), "12:00")):
        told = visits.ask("remind", "--until", "2026-04-13T23:00")

    assert [(one["session"], one["rule"]) for one in told["sent"]] == [
        ("S0", "session_in_3_days"), ("S1", "session_in_3_days"), ("S0", "session_tomorrow"),
        ("S1", "session_tomorrow"),
    ]  # fmt: skip


def test_a_nightly_job_that_names_the_minute_it_began_says_nothing_of_visits_gone_by(visits: Shell) -> None:
    with clock.stopped_at(moment(VISIT + timedelta(days=30), "20:00")):
        told = visits.ask("remind", "--until", f"{VISIT + timedelta(days=30)}T19:59")

    assert (told["planned"], told["sent"]) == (0, [])


def test_what_is_not_said_is_told_with_its_reason(visits: Shell) -> None:
    with clock.stopped_at(NOW):
        plan_messages(visits.database, Span(moment(VISIT, "23:00"), NOW))
    with visits.database.transaction() as db:
        db.execute(sa.update(Patient).values(sms_consent=False))

    told = visits.ask("remind", "--until", "2026-04-12T12:00")

    reason = "The patient has not agreed to text messages, or no longer does."
    assert [(one["session"], one["why"]) for one in told["withheld"]] == [("S0", reason)]
    assert [one["session"] for one in told["sent"]] == ["S1"]
    assert told["reasons"] == {reason: 1}


def test_what_is_no_instant_is_refused(visits: Shell) -> None:
    result = visits.run("remind", "--until", "tomorrow", "--json")

    assert result.exit_code == 1
    assert result.stdout == '{"error": "tomorrow is no instant. Write it like 2026-03-31T18:00."}\n'


def test_people_are_told_in_words(visits: Shell) -> None:
    result = visits.run("remind", "--until", "2026-04-14T09:00")

    assert result.exit_code == 0
    assert result.stdout == (
        "4 messages were planned; until 2026-04-14T09:00:00-07:00:\n"
        "  4 sent\n"
        "    1 Visit in three days, by email\n"
        "    1 Visit in three days, by text\n"
        "    1 Visit tomorrow, by email\n"
        "    1 Visit tomorrow, by text\n"
    )
