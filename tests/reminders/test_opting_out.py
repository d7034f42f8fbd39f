"""They asked to stop: whatever the wording, at once, and until they say otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from billing import clock
from billing.errors import NotDelivered
from billing.ports import Reply
from billing.reminders.models import Channel
from billing.reminders.opting_out import RepliesRead, Word, asked_by, heed, opt_outs, replies_since, resume, stop
from billing.reminders.rounds import read_replies
from tests.factories import moment
from tests.reminders.stage import LONG_BEFORE, VISIT, Stage

NUMBER = "+15035550111"


def at(minutes: int) -> datetime:
    return LONG_BEFORE + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "words",
    ["STOP", "stop", " Stop. ", "STOPALL", "Stop all", "quit", "END", "revoke", "opt out", "Opt-out", "cancel",
     "UNSUBSCRIBE", "please stop texting me", "Stop these messages now!", "STOP, thank you"],
)  # fmt: skip
def test_any_plain_wording_of_stop_counts(words: str) -> None:
    assert asked_by(words) is Word.STOP


@pytest.mark.parametrize("words", ["START", "unstop", "Yes", "yes please"])
def test_who_wants_messages_again_says_so(words: str) -> None:
    assert asked_by(words) is Word.START


@pytest.mark.parametrize("words", ["help", "INFO", "Help!"])
def test_help_is_told_apart(words: str) -> None:
    assert asked_by(words) is Word.HELP


@pytest.mark.parametrize(
    "words",
    ["", "?", "I'll stop by at ten", "please cancel my appointment", "yes I can come at 3", "the end is near", "ok"],
)
def test_what_is_said_besides_is_for_a_person_to_read(words: str) -> None:
    assert asked_by(words) is None


def test_a_reply_heard_again_changes_nothing_and_an_old_stop_does_not_undo_a_start(stage: Stage) -> None:
    replies = [Reply(NUMBER, "STOP", at(1)), Reply(NUMBER, "START", at(2)), Reply(NUMBER, "when?", at(3))]

    first = stage.write(lambda db: heed(db, replies))
    again = stage.write(lambda db: heed(db, replies))
    stopped_anew = stage.write(lambda db: heed(db, [*replies, Reply(NUMBER, "stop", at(4))]))

    assert first == RepliesRead(stopped=1, resumed=1, others=1)
    assert again == RepliesRead(others=1)
    assert stopped_anew.stopped == 1
    history = stage.write(lambda db: opt_outs(db, Channel.TEXT, NUMBER))
    assert [(one.at, one.resumed_at) for one in history] == [(at(4), None), (at(1), at(2))]


def test_a_start_from_before_the_stop_is_not_one(stage: Stage) -> None:
    stage.write(lambda db: stop(db, Channel.TEXT, NUMBER, by="user:1", said="on the telephone", at=at(5)))

    resumed = stage.write(lambda db: resume(db, Channel.TEXT, NUMBER, at=at(4)))

    assert resumed is False


def test_an_address_is_the_same_in_capitals(stage: Stage) -> None:
    first = stage.write(lambda db: stop(db, Channel.EMAIL, "Miri@Example.org", by="link", said="", at=at(1)))
    second = stage.write(lambda db: stop(db, Channel.EMAIL, " miri@example.org", by="link", said="", at=at(2)))

    assert (first, second) == (True, False)


def test_replies_are_read_by_the_round_and_stop_the_next_text(stage: Stage) -> None:
    stage.session(stage.patient(phone="(503) 555-0111"))
    stage.plan()
    stage.texts.came_in = [Reply(NUMBER, "Stop", at(1))]

    with clock.stopped_at(at(2)):
        read = read_replies(stage.database, stage.texts)
    stage.send(moment(VISIT, "09:00"))
    stage.send(moment(VISIT - timedelta(days=1), "10:00"))

    assert read.stopped == 1
    assert stage.texted == []


def test_a_gateway_that_cannot_be_asked_says_so(stage: Stage) -> None:
    stage.texts.failure = NotDelivered("The gateway answers 500.")

    with pytest.raises(NotDelivered), clock.stopped_at(at(2)):
        read_replies(stage.database, stage.texts)


def test_after_a_long_stop_replies_to_the_last_text_are_still_looked_for(stage: Stage) -> None:
    stage.session(stage.patient())
    stage.plan()
    said_at = moment(VISIT - timedelta(days=1), "10:00")
    stage.send(said_at)

    since = stage.write(lambda db: replies_since(db, said_at + timedelta(days=40)))

    assert since == said_at - timedelta(days=7)
