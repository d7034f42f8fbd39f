"""The next sessions of a course are proposed at the usual time, or the nearest free one, and booked like the last."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.proposals import Proposal, book_like, proposals
from tests.factories import DAY, NOW, ZONE, Scene, make_patient, make_room, make_session, set_scene

WEEK = timedelta(weeks=1)
BY = "user:1"


def today(db: Db, scene: Scene) -> ClinicSession:
    """The session of the day, at nine in a room."""
    return scene.visit(db, state=SessionState.ARRIVED, contact_minutes=30, room_id=make_room(db).id)


def taken(db: Db, scene: Scene, on: date, start: str, **changes: object) -> ClinicSession:
    """Another patient's booking with the same practitioner."""
    return make_session(
        db, make_patient(db), scene.practitioner, on, start=start, state=SessionState.BOOKED, contact_minutes=30,
        sets=(), diagnoses=(), **changes,
    )  # fmt: skip


def only(found: list[Proposal]) -> Proposal:
    (one,) = found
    return one


def test_a_free_day_is_proposed_at_the_usual_time_place_and_length(database: Database) -> None:
    with database.transaction() as db:
        session = today(db, set_scene(db))

        found = only(proposals(db, session, [DAY + WEEK], ZONE))

        assert (found.slot.on, found.slot.at, found.slot.room_id) == (DAY + WEEK, time(9), session.room_id)
        assert (found.slot.minutes, found.slot.contact_minutes) == (60, 30)
        assert (found.is_free, found.why) == (True, "")


def test_the_usual_time_stays_the_same_by_the_clock_when_clocks_change(database: Database) -> None:
    with database.transaction() as db:
        session = today(db, set_scene(db))

        found = proposals(db, session, [date(2026, 3, 10), date(2026, 11, 3)], ZONE)

        assert [one.slot.at for one in found] == [time(9), time(9)]


def test_where_the_practitioner_is_taken_the_nearest_free_time_is_proposed_and_told(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = today(db, scene)
        taken(db, scene, DAY + WEEK, "09:00")

        found = only(proposals(db, session, [DAY + WEEK], ZONE))

        assert (found.slot.at, found.usual_at, found.is_free) == (time(8, 30), time(9), True)
        assert found.why == "At 09:00 Ben Quill is taken; 08:30 is the nearest free time."


def test_the_room_and_the_patients_own_bookings_are_in_the_way_too(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = today(db, scene)
        taken(db, scene, DAY + WEEK, "08:20", room_id=session.room_id)
        scene.visit(db, DAY + 2 * WEEK, start="09:30", state=SessionState.BOOKED, sets=(), diagnoses=())

        room, own = proposals(db, session, [DAY + WEEK, DAY + 2 * WEEK], ZONE)

        assert "Alder is taken" in room.why
        assert "the patient has another session" in own.why


def test_a_day_on_which_nothing_is_free_says_so(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = today(db, scene)
        for quarter in range(7 * 2, 20 * 2):
            taken(db, scene, DAY + WEEK, f"{quarter // 2:02d}:{quarter % 2 * 30:02d}")

        found = only(proposals(db, session, [DAY + WEEK], ZONE))

        assert (found.is_free, found.slot.at) == (False, time(9))
        assert "nothing is free" in found.why


def test_a_practitioner_who_will_have_left_is_not_proposed(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = today(db, scene)
        scene.practitioner.left_on = DAY + WEEK

        found = only(proposals(db, session, [DAY + WEEK], ZONE))

        assert (found.is_free, found.why) == (False, "Ben Quill has left the clinic by then.")


def test_a_room_that_will_be_closed_is_left_out(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        room = make_room(db)
        room.closed_on = DAY + WEEK
        session = scene.visit(db, state=SessionState.ARRIVED, contact_minutes=30, room_id=room.id)

        assert only(proposals(db, session, [DAY + WEEK], ZONE)).slot.room_id is None
        assert book_like(db, session.id, DAY + WEEK, time(9), by=BY, at=NOW).room_id is None


def test_a_further_session_is_booked_like_the_last_one_for_the_same_condition(database: Database) -> None:
    with database.transaction() as db:
        session = today(db, set_scene(db))

        made = book_like(db, session.id, DAY + 5 * WEEK, time(10, 15), by=BY, at=NOW)

        assert (made.state, made.service_on, made.bill_to) == (
            SessionState.BOOKED,
            DAY + 5 * WEEK,
            BillTo.INSURANCE,
        )
        assert (made.practitioner_id, made.room_id, made.minutes, made.contact_minutes, made.onset_on) == (
            session.practitioner_id,
            session.room_id,
            session.minutes,
            30,
            session.onset_on,
        )


def test_a_time_that_was_taken_meanwhile_is_refused(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = today(db, scene)
        taken(db, scene, DAY + 5 * WEEK, "10:00")

        with pytest.raises(Refused) as refused:
            book_like(db, session.id, DAY + 5 * WEEK, time(10), by=BY, at=NOW)

        assert [one.rule for one in refused.value.problems] == ["booking.practitioner_taken"]


def test_nothing_is_booked_like_a_session_that_does_not_exist(database: Database) -> None:
    with database.transaction() as db:
        set_scene(db)

        with pytest.raises(NotFound):
            book_like(db, 999, DAY + WEEK, time(9), by=BY, at=NOW)
