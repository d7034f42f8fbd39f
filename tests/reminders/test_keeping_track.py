"""Consent kept with its words, what the clinic chose, and what the desk asks about messages."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import sqlalchemy as sa

from billing.errors import NotDelivered, NotFound, Refused
from billing.patients.models import Patient
from billing.reminders.automation import ByItself, automation_problems, by_itself, choose
from billing.reminders.consenting import Reach, consent_history, note_consent, reach_of
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, ConsentGiven, Rule
from billing.reminders.queries import (
    Chosen,
    View,
    message_counts,
    message_told,
    messages_of_patient,
    messages_page,
)
from tests.factories import moment
from tests.reminders.stage import LONG_BEFORE, VISIT, Stage

TOLD = moment(VISIT - timedelta(days=3), "10:00")


def test_consent_is_kept_for_an_address_and_taken_back_for_it(stage: Stage) -> None:
    miri = stage.patient(email="miri@example.org", email_consent=True)

    def change(**cells: object) -> int:
        with stage.database.transaction() as db:
            patient = db.get_one(Patient, miri.id)
            before = reach_of(patient)
            for name, value in cells.items():
                setattr(patient, name, value)
            return note_consent(db, patient, before, by="user:7", at=LONG_BEFORE)

    with stage.database.transaction() as db:
        first = note_consent(db, db.get_one(Patient, miri.id), Reach(), by="user:7", at=LONG_BEFORE)
    counts = [change(), change(phone="+15035550199"), change(sms_consent=False), change(email_consent=False)]

    assert (first, counts) == (2, [0, 2, 1, 1])
    with stage.database.reading() as db:
        history = [(one.channel, one.address, one.is_given) for one in reversed(consent_history(db, miri.id))]
        words = db.scalars(sa.select(ConsentGiven.wording)).all()
    assert history == [
        (Channel.TEXT, "+15035550111", True),
        (Channel.EMAIL, "miri@example.org", True),
        (Channel.TEXT, "+15035550111", False),
        (Channel.TEXT, "+15035550199", True),
        (Channel.TEXT, "+15035550199", False),
        (Channel.EMAIL, "miri@example.org", False),
    ]
    assert all("Still Water Acupuncture may send me" in one for one in words)


def test_a_clinic_that_chose_nothing_has_the_defaults_and_what_it_chose_is_kept(stage: Stage) -> None:
    wanted = ByItself(time(9), time(20), frozenset({Rule.RECALL}), time(19, 30), 2, 5)

    before = stage.write(by_itself)
    stage.write(lambda db: choose(db, ByItself()))
    stage.write(lambda db: choose(db, wanted))

    assert before == ByItself()
    assert stage.write(by_itself) == wanted


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (ByItself(time(8), time(9, 59)), "field:quiet_from"),
        (ByItself(time(21), time(8)), "field:quiet_from"),
        (ByItself(superbills_on=32), "field:superbills_on"),
        (ByItself(statements_on=0), "field:statements_on"),
    ],
)
def test_what_cannot_be_chosen_is_refused_at_its_field(stage: Stage, wanted: ByItself, field: str) -> None:
    assert [one.where for one in automation_problems(wanted)] == [field]
    with pytest.raises(Refused):
        stage.write(lambda db: choose(db, wanted))
    assert stage.write(by_itself) == ByItself()


def test_other_quiet_hours_hold_from_the_next_message_on(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()
    stage.write(lambda db: choose(db, ByItself(quiet_until=time(11))))

    stage.send(TOLD)

    assert stage.one(Rule.SESSION_IN_3_DAYS).due_at == moment(VISIT - timedelta(days=3), "11:00")


def test_pages_follow_one_another_without_a_gap_or_a_repeat(stage: Stage) -> None:
    for number in range(7):
        stage.session(stage.patient(phone=f"+1503555012{number}"), start=f"{9 + number:02d}:00")
    stage.plan()

    seen: list[int] = []
    after = ""
    while True:
        with stage.database.reading() as db:
            page = messages_page(db, Chosen(rule=Rule.SESSION_TOMORROW), after, limit=3)
        seen += [row.id for row in page.rows]
        if not (after := page.following):
            break

    assert seen == [one.id for one in stage.messages(rule=Rule.SESSION_TOMORROW)]
    assert len(seen) == 7


def test_each_view_has_its_messages_and_its_count(stage: Stage) -> None:
    names = {"Ann": None, "Bea": NotDelivered("No such number.", is_final=True), "Cai": None}
    for number, (name, failure) in enumerate(names.items()):
        patient = stage.patient(first_name=name, phone=f"+1503555012{number}")
        stage.session(patient, start=f"{9 + number:02d}:00")
        if failure:
            stage.texts.failures[f"+1503555012{number}"] = failure
    stage.plan()
    stage.send(moment(VISIT - timedelta(days=3), "10:30"))

    with stage.database.reading() as db:
        counts = message_counts(db, moment(VISIT - timedelta(days=3), "10:30"))
        shown = {view: [(one.name, one.rule) for one in messages_page(db, Chosen(view)).rows] for view in View}
        (failed,) = messages_page(db, Chosen(View.NOT_SAID)).rows

    assert counts == {View.TO_COME: 4, View.SAID: 1, View.NOT_SAID: 1, View.UNKNOWN: 0}
    assert shown[View.SAID] == [("Ann Okoro", Rule.SESSION_IN_3_DAYS)]
    assert shown[View.NOT_SAID] == [("Bea Okoro", Rule.SESSION_IN_3_DAYS)]
    assert failed.why == "No such number."
    assert failed.may_be_sent_again(TOLD)
    assert not failed.may_be_sent_again(failed.not_after)


def test_one_message_is_told_with_its_words_and_its_way(stage: Stage) -> None:
    miri = stage.patient()
    stage.session(miri)
    stage.plan()
    stage.send(TOLD)
    message = stage.one(Rule.SESSION_IN_3_DAYS)

    with stage.database.reading() as db:
        told = message_told(db, message.id)
        theirs = messages_of_patient(db, miri.id)

    assert "Still Water" in told.said
    assert [one.to_state for one in told.moves] == [MessageState.PLANNED, MessageState.SENDING, MessageState.SENT]
    assert [row.rule for row in theirs.rows] == [Rule.SESSION_TOMORROW, Rule.SESSION_IN_3_DAYS]
    with pytest.raises(NotFound), stage.database.reading() as db:
        message_told(db, 0)


@pytest.mark.parametrize("after", ["", "~", "yesterday~3", "2026-03-01T10:00~3", "2026-03-01T10:00:00+00:00~x"])
def test_a_place_that_is_none_begins_anew(stage: Stage, after: str) -> None:
    stage.session(stage.patient())
    stage.plan()

    with stage.database.reading() as db:
        page = messages_page(db, Chosen(), after)

    assert len(page.rows) == 2
