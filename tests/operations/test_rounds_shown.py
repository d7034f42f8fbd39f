"""What happens by itself is told with how often, and when it last had work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing import clock
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.database import Database
from billing.documents.keeping import NewDocument, keep
from billing.documents.models import PDF
from billing.documents.receiving import receive
from billing.operations import rounds
from billing.operations.errands.asking import ask_by_clock
from billing.operations.errands.kinds import ErrandKind
from billing.operations.rounds_shown import in_words, rounds_shown
from billing.operations.sealing_all import seal_trail
from billing.operations.signs_of_life import WORKER, give_sign
from billing.reminders.models import Channel
from billing.reminders.opting_out import BY_REPLY, stop
from tests.access.cast import NOON
from tests.reminders.stage import LONG_BEFORE, open_stage


@pytest.mark.parametrize(
    ("every", "words"),
    [
        (timedelta(seconds=30), "every 30 seconds"),
        (timedelta(minutes=1), "every minute"),
        (timedelta(minutes=5), "every 5 minutes"),
        (timedelta(hours=1), "every hour"),
        (timedelta(seconds=90), "every 90 seconds"),
        (timedelta(days=1), "every day"),
    ],
)
def test_how_often_is_said_as_people_say_it(every: timedelta, words: str) -> None:
    assert in_words(every) == words


def test_a_clinic_where_nothing_was_done_yet_shows_every_round(database: Database) -> None:
    with database.reading() as db:
        shown = rounds_shown(db, NOON, NOON)

    assert [one.round for one in shown.rounds] == list(rounds.ROUNDS)
    assert {one.last_done_at for one in shown.rounds} == {None}
    assert (list(shown.there), shown.seen_at, shown.is_silent) == ([], None, False)


def test_the_last_sign_of_a_worker_is_known(database: Database) -> None:
    with database.transaction() as db:
        give_sign(db, "worker@desk-1:1", WORKER, NOON)

    with database.reading() as db:
        there = rounds_shown(db, NOON - timedelta(hours=1), NOON + timedelta(minutes=1))
        gone = rounds_shown(db, NOON - timedelta(hours=1), NOON + timedelta(hours=1))

    signs = [one.last_done_at for one in there.rounds if one.round.task == rounds.GIVE_SIGN]
    assert signs == [NOON]
    assert ([one.name for one in there.there], there.is_silent) == (["worker@desk-1:1"], False)
    assert (list(gone.there), gone.is_silent) == ([], True)


def test_it_is_known_when_messages_last_went_out(database: Database) -> None:
    stage = open_stage(database)
    stage.session(stage.patient())
    stage.plan()
    at = LONG_BEFORE + timedelta(days=6, hours=20)
    stage.send(at)

    with database.reading() as db:
        shown = rounds_shown(db, at, at)

    known = {one.round.task: one.last_done_at for one in shown.rounds}
    assert known.get(rounds.SEND_MESSAGES, at) == at
    assert len(stage.texted) == 1


def test_it_is_known_when_messages_were_planned_what_is_regular_was_asked_for_and_the_trail_was_sealed(
    database: Database,
) -> None:
    stage = open_stage(database)
    stage.session(stage.patient())
    with clock.stopped_at(LONG_BEFORE):
        stage.plan()
        with database.transaction() as db:
            record(db, Actor(ActorKind.COMMAND, "test"), "something", Subject("clinic", "1"), LONG_BEFORE)
            ask_by_clock(db, ErrandKind.STATEMENTS, {"on": "2026-03-31"}, "statements:2026-03", LONG_BEFORE)
        seal_trail(database)

    with database.reading() as db:
        shown = rounds_shown(db, LONG_BEFORE, LONG_BEFORE)

    known = {one.round.task: one.last_done_at for one in shown.rounds}
    assert known[rounds.PLAN_MESSAGES] == known[rounds.ASK_WHAT_IS_REGULAR] == known[rounds.SEAL_AUDIT] == LONG_BEFORE


def test_it_is_known_when_something_last_came_was_drawn_and_was_answered(database: Database) -> None:
    with database.transaction() as db:
        receive(db, "answer.999", "0" * 64, 3, "999", NOON)
        drawn = NewDocument("paper", 1, "invoice", "INV-1.pdf", PDF, "1" * 64, 3)
        keep(db, [drawn], NOON)
        stop(db, Channel.TEXT, "+15035550100", by=BY_REPLY, said="STOP", at=NOON)

    with database.reading() as db:
        shown = rounds_shown(db, NOON, NOON)

    known = {one.round.task: one.last_done_at for one in shown.rounds}
    assert known[rounds.FETCH_ANSWERS] == known[rounds.DRAW_PAPERS] == known[rounds.READ_REPLIES] == NOON
