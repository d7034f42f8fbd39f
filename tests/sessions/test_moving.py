"""What the desk does with those who come; each of it leaves a row, and a page that is out of date is told so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import ClinicSession, NeedleSet
from billing.sessions.moving import (
    NOTED_AFTERWARDS,
    assign_room,
    cancel,
    check_in,
    check_out,
    miss,
    move_session,
    undo_arrival,
)
from tests.factories import DAY, moment
from tests.sessions.booked import FAY, MORNING, history, open_front, told


def test_checking_in_notes_when_and_keeps_the_room(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        check_in(db, session.id, by=FAY, at=moment(DAY, "09:02"))

        assert (session.state, session.arrived_at) == (SessionState.ARRIVED, moment(DAY, "09:02"))
        assert session.room_id == front.alder.id
        assert told(history(db, session))[1:] == [("checked in", "booked", "arrived")]


def test_a_room_is_given_on_arrival(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db, room_id=None)

        check_in(db, session.id, by=FAY, at=MORNING, room_id=front.birch.id)

        assert session.room_id == front.birch.id
        assert history(db, session)[1].why == "Room: Birch."


def test_a_room_that_is_taken_meanwhile_is_not_given(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        front.book(db, "09:30", patient=front.other, room_id=front.birch.id)
        session = front.book(db, "09:00")

    with (
        pytest.raises(Refused, match=r"Birch is taken by Osei Brandt on 3 Mar 2026 from 09:30 to 10:30\."),
        database.transaction() as db,
    ):
        check_in(db, session.id, by=FAY, at=MORNING, room_id=front.birch.id)

    with database.reading() as db:
        kept = db.get_one(ClinicSession, session.id)
        assert (kept.state, kept.room_id, len(history(db, kept))) == (SessionState.BOOKED, front.alder.id, 1)


def test_who_is_here_is_given_another_room_or_none(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        check_in(db, session.id, by=FAY, at=MORNING)

        assign_room(db, session.id, front.birch.id, by=FAY, at=MORNING)
        assign_room(db, session.id, front.birch.id, by=FAY, at=MORNING)
        assign_room(db, session.id, None, by=FAY, at=MORNING)

        assert session.room_id is None
        assert [one.why for one in history(db, session)[2:]] == ["Room: Birch.", "Room: none."]


def test_a_closed_room_is_not_given(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        front.birch.closed_on = DAY

        with pytest.raises(Refused, match="Birch is closed from 2026-03-03 on"):
            assign_room(db, session.id, front.birch.id, by=FAY, at=MORNING)


def test_nobody_is_checked_in_before_the_day(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db, on=DAY + timedelta(days=1))

        with pytest.raises(Refused, match="before that day"):
            check_in(db, session.id, by=FAY, at=MORNING)


def test_who_came_on_an_earlier_day_is_noted_with_the_sessions_own_start(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        check_in(db, session.id, by=FAY, at=moment(DAY + NOTED_AFTERWARDS, "18:00"))

        assert (session.state, session.arrived_at) == (SessionState.ARRIVED, moment(DAY, "09:00"))
        assert history(db, session)[-1].at == moment(DAY + NOTED_AFTERWARDS, "18:00")


def test_nobody_is_checked_in_for_a_visit_of_weeks_ago(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        with pytest.raises(Refused, match="was on 3 Mar 2026: book it again for today, or mark it as a no-show"):
            check_in(db, session.id, by=FAY, at=moment(DAY + NOTED_AFTERWARDS + timedelta(days=1), "09:00"))

        assert (session.state, session.arrived_at) == (SessionState.BOOKED, None)


def test_an_arrival_by_mistake_is_taken_back(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        check_in(db, session.id, by=FAY, at=MORNING)

        undo_arrival(db, session.id, by=FAY, at=MORNING)

        assert (session.state, session.arrived_at) == (SessionState.BOOKED, None)
        assert told(history(db, session))[2:] == [("not here", "arrived", "booked")]


@pytest.mark.parametrize(
    "taken_back", [undo_arrival, lambda db, number, **how: cancel(db, number, why="Mistake", **how)]
)
def test_who_was_treated_was_here(sqlite_database: Database, taken_back: Callable[..., ClinicSession]) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        check_in(db, session.id, by=FAY, at=MORNING)
        db.add(NeedleSet(session_id=session.id, position=1, minutes=15, new_needles=True, estim=False))

        with pytest.raises(Refused, match="charted in this session"):
            taken_back(db, session.id, by=FAY, at=MORNING)

        assert session.state is SessionState.ARRIVED


def test_a_no_show_is_one_only_once_the_session_should_have_begun(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        with pytest.raises(Refused, match="begins on 2026-03-03 at 09:00"):
            miss(db, session.id, by=FAY, at=MORNING)
        miss(db, session.id, by=FAY, at=moment(DAY, "09:20"))

        assert session.state is SessionState.NO_SHOW


def test_a_cancellation_needs_its_reason(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        with pytest.raises(Refused) as refused:
            cancel(db, session.id, why="  ", by=FAY, at=MORNING)
        cancel(db, session.id, why=" Patient ill ", by=FAY, at=MORNING)

        assert [problem.where for problem in refused.value.problems] == ["field:why"]
        assert history(db, session)[-1].why == "Patient ill"


def test_a_cancelled_slot_is_free_for_another(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        cancel(db, front.book(db).id, why="Snow", by=FAY, at=MORNING)

        assert front.book(db, patient=front.other).state is SessionState.BOOKED


def test_the_patient_leaves_before_or_after_the_note_is_signed(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        early, late = front.book(db), front.book(db, "11:00", patient=front.other)
        for one in (early, late):
            check_in(db, one.id, by=FAY, at=MORNING)

        check_out(db, early.id, by=FAY, at=moment(DAY, "10:01"))
        move_session(db, early.id, SessionEvent.SIGNED, by="user:2", at=moment(DAY, "18:00"))
        move_session(db, late.id, SessionEvent.SIGNED, by="user:2", at=moment(DAY, "12:00"))
        check_out(db, late.id, by=FAY, at=moment(DAY, "12:05"))

        assert (early.state, early.left_at, early.signed_at) == (
            SessionState.SIGNED, moment(DAY, "10:01"), moment(DAY, "18:00"),
        )  # fmt: skip
        assert (late.state, late.left_at) == (SessionState.SIGNED, moment(DAY, "12:05"))
        assert told(history(db, early))[2:] == [("checked out", "arrived", "arrived"), ("signed", "arrived", "signed")]


def test_nobody_leaves_twice(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        check_in(db, session.id, by=FAY, at=MORNING)
        check_out(db, session.id, by=FAY, at=moment(DAY, "10:01"))

        for late in (check_out, undo_arrival):
            with pytest.raises(Refused, match=r"The patient was checked out already at 10:01\."):
                late(db, session.id, by=FAY, at=moment(DAY, "10:05"))


Step = Callable[[Db, int], Any]
_HOW: dict[str, Any] = {"by": FAY, "at": moment(DAY, "09:02")}
STALE: list[tuple[Step, Step, str]] = [
    (lambda db, one: check_in(db, one, **_HOW), lambda db, one: check_in(db, one, **_HOW),
     "This session was checked in already at 09:02."),
    (lambda db, one: cancel(db, one, why="Ill", **_HOW), lambda db, one: check_in(db, one, **_HOW),
     "This session was cancelled at 09:02, so it cannot be checked in any more."),
    (lambda db, one: miss(db, one, **_HOW), lambda db, one: miss(db, one, **_HOW),
     "This session was marked as a no-show already at 09:02."),
    (lambda db, one: None, lambda db, one: check_out(db, one, **_HOW),
     "The patient of this session is not checked in, so it cannot be checked out."),
    (lambda db, one: None, lambda db, one: undo_arrival(db, one, **_HOW),
     "The patient of this session is not checked in, so it cannot be put back."),
    (lambda db, one: check_in(db, one, **_HOW), lambda db, one: miss(db, one, **_HOW),
     "This session was checked in at 09:02, so it cannot be marked as a no-show any more."),
]  # fmt: skip


@pytest.mark.parametrize(("first", "late", "words"), STALE, ids=[words for *_, words in STALE])
def test_a_page_that_is_out_of_date_is_told_what_happened(
    sqlite_database: Database, first: Step, late: Step, words: str
) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        first(db, session.id)
        rows = len(history(db, session))

        with pytest.raises(Refused) as refused:
            late(db, session.id)

        assert str(refused.value) == words
        assert len(history(db, session)) == rows


def test_what_happened_on_another_day_is_told_with_its_day(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        cancel(db, session.id, why="Snow", by=FAY, at=moment(DAY - timedelta(days=1), "17:00"))

        with pytest.raises(Refused, match="was cancelled on 2026-03-02 at 17:00, so"):
            check_in(db, session.id, by=FAY, at=MORNING)


def test_an_imported_session_has_no_history_and_says_none(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.scene.visit(db)

        with pytest.raises(Refused, match=r"This session was signed, so it cannot be checked in any more\."):
            check_in(db, session.id, by=FAY, at=MORNING)


def test_what_does_not_exist_is_not_moved(sqlite_database: Database) -> None:
    now: datetime = MORNING
    with sqlite_database.transaction() as db:
        open_front(db)

        with pytest.raises(NotFound):
            check_in(db, 999, by=FAY, at=now)
