"""A session is booked where nobody and nothing of it is taken, and what is refused is refused with its reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from billing.clock import local
from billing.database import Database
from billing.errors import NotFound, Refused
from billing.payers.models import PayerKind
from billing.practitioners.models import Supervision
from billing.sessions.booking import book, rebook, reschedule, slot_of
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, BillTo, ClinicSession, SessionMove
from billing.sessions.moving import cancel, check_in
from tests.factories import DAY, ZONE, make_patient, make_physician, make_session, moment, written
from tests.sessions.booked import FAY, MORNING, history, open_front, second_practitioner, told


def rules(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(problem.rule, problem.where) for problem in refused.value.problems]


def test_a_session_is_booked_with_everything_that_was_asked_for(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)

        session = front.book(db, "09:15", minutes=45, contact_minutes=20)

        assert session.state is SessionState.BOOKED
        assert (session.service_on, session.starts_at) == (DAY, moment(DAY, "09:15"))
        assert (session.minutes, session.contact_minutes, session.room_id) == (45, 20, front.alder.id)
        assert (session.bill_to, session.place_of_service) == (BillTo.INSURANCE, "11")
        assert told(history(db, session)) == [("booked", None, "booked")]
        assert history(db, session)[0].by == FAY


def test_without_a_policy_in_force_that_day_the_patient_is_billed(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)

        assert front.book(db, patient=front.other).bill_to is BillTo.SELF
        front.scene.policy.effective_to = DAY - timedelta(days=1)
        assert front.book(db, "11:00").bill_to is BillTo.SELF


def test_staggered_rooms_are_booked_and_contact_minutes_never_overlap(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        front.book(db, "09:00")
        front.book(db, "09:30", patient=front.other, room_id=front.birch.id)

        with pytest.raises(Refused) as refused:
            front.book(db, "09:45", patient=make_patient(db), room_id=None)

        assert rules(refused) == [("booking.practitioner_taken", "field:practitioner")]
        problem = refused.value.problems[0]
        assert problem.why == "Ben Quill is with Osei Brandt on 3 Mar 2026 from 09:30 to 10:00."
        assert problem.fix == "The nearest free time that day is 10:00."
        assert db.scalar(select(func.count()).select_from(ClinicSession)) == 2


def test_everything_that_is_taken_is_told_at_its_field(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        front.book(db, "09:00")

        with pytest.raises(Refused) as refused:
            front.book(db, "09:00")

        assert rules(refused) == [
            ("booking.practitioner_taken", "field:practitioner"),
            ("booking.room_taken", "field:room"),
            ("booking.patient_taken", "field:at"),
        ]
        assert [problem.why for problem in refused.value.problems] == [
            "Ben Quill is with Miri Okoro on 3 Mar 2026 from 09:00 to 09:30.",
            "Alder is taken by Miri Okoro on 3 Mar 2026 from 09:00 to 10:00.",
            "Miri Okoro has a session with Ben Quill on 3 Mar 2026 from 09:00 to 10:00.",
        ]


def test_on_a_full_day_another_day_is_proposed(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        front.book(db, "07:00", minutes=480, contact_minutes=480)
        front.book(db, "15:00", patient=front.other, minutes=480, contact_minutes=480)

        with pytest.raises(Refused) as refused:
            front.book(db, "09:00", patient=make_patient(db), room_id=None)

        assert "Choose another day" in refused.value.problems[0].fix


def test_a_session_of_the_old_system_is_in_the_way_like_any_other(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        make_session(
            db, front.other, front.scene.practitioner, state=SessionState.BOOKED, room_id=front.alder.id, sets=()
        )

        with pytest.raises(Refused) as refused:
            front.book(db, "09:15")

        assert [rule for rule, _ in rules(refused)] == ["booking.practitioner_taken", "booking.room_taken"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"minutes": 4, "contact_minutes": 4}, "field:minutes"),
        ({"minutes": 481}, "field:minutes"),
        ({"minutes": 30, "contact_minutes": 31}, "field:contact_minutes"),
        ({"contact_minutes": 0}, "field:contact_minutes"),
        ({"on": DAY - timedelta(days=367)}, "field:day"),
        ({"on": DAY + timedelta(days=732)}, "field:day"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], field: str
) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)

        with pytest.raises(Refused) as refused:
            front.book(db, **changes)

        assert [problem.where for problem in refused.value.problems] == [field]


def test_nobody_is_booked_with_a_practitioner_who_has_left_or_into_a_closed_room(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        front.scene.practitioner.left_on = front.alder.closed_on = DAY

        with pytest.raises(Refused) as refused:
            front.book(db)
        the_day_before = front.book(db, on=DAY - timedelta(days=1))

        assert rules(refused) == [
            ("booking.practitioner_left", "field:practitioner"),
            ("booking.room_closed", "field:room"),
        ]
        assert the_day_before.state is SessionState.BOOKED


def test_what_does_not_exist_cannot_be_booked(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)

        for slot in (front.slot(practitioner_id=999), front.slot(room_id=999)):
            with pytest.raises(NotFound):
                book(db, front.scene.patient.id, slot, by=FAY, at=MORNING)
        with pytest.raises(NotFound):
            book(db, 999, front.slot(), by=FAY, at=MORNING)


def test_a_start_that_the_clock_change_skips_is_moved_on_to_one_that_exists(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)

        session = front.book(db, "02:30", on=date(2026, 3, 8))

        assert f"{local(session.starts_at, ZONE):%H:%M}" == "03:30"


def test_a_further_session_for_the_same_condition_says_the_same_about_it(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        earlier = front.scene.visit(
            db, DAY - timedelta(days=7), accident=AccidentKind.WORK, claim_number="WC-7", onset_on=date(2026, 1, 4),
            referring_name="Dr Vale",
        )  # fmt: skip

        session = book(db, front.scene.patient.id, front.slot(), by=FAY, at=MORNING, continues=earlier.id)

        assert (session.accident, session.claim_number) == (AccidentKind.WORK, "WC-7")
        assert (session.onset_on, session.referring_name) == (date(2026, 1, 4), "Dr Vale")


def test_a_session_of_another_patient_is_never_continued(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        others = make_session(db, front.other, front.scene.practitioner, DAY - timedelta(days=7))

        with pytest.raises(Refused, match="not one of this patient's"):
            book(db, front.scene.patient.id, front.slot(), by=FAY, at=MORNING, continues=others.id)


def test_a_session_moves_to_another_day_practitioner_and_room(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session, ida = front.book(db), second_practitioner(db)
        there = front.slot("14:30", DAY + timedelta(days=1), practitioner_id=ida.id, room_id=front.birch.id, minutes=75)

        reschedule(db, session.id, there, by=FAY, at=MORNING, why="Patient called")

        assert (session.service_on, slot_of(session, ZONE)) == (DAY + timedelta(days=1), there)
        assert told(history(db, session))[1:] == [("moved", "booked", "booked")]
        assert history(db, session)[1].why == (
            "2026-03-03 09:00 with Ben Quill in Alder, 60 minutes, "
            "now 2026-03-04 14:30 with Ida Moreau in Birch, 75 minutes: Patient called"
        )


def test_a_session_may_move_by_a_quarter_of_an_hour_into_its_own_time(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        reschedule(db, session.id, front.slot("09:15"), by=FAY, at=MORNING)

        assert session.starts_at == moment(DAY, "09:15")


def test_a_session_is_not_moved_onto_another_and_stays_where_it_was(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        front.book(db, "09:00")
        session = front.book(db, "11:00", patient=front.other)
    with pytest.raises(Refused) as refused, database.transaction() as db:
        reschedule(db, session.id, front.slot("09:15"), by=FAY, at=MORNING)
    with database.reading() as db:
        kept = db.get_one(ClinicSession, session.id)

        assert [rule for rule, _ in rules(refused)] == ["booking.practitioner_taken", "booking.room_taken"]
        assert kept.starts_at == moment(DAY, "11:00")
        assert len(history(db, kept)) == 1


def test_somebody_who_is_here_moves_within_the_day_only(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        check_in(db, session.id, by=FAY, at=MORNING)

        reschedule(db, session.id, front.slot("09:30"), by=FAY, at=MORNING)
        with pytest.raises(Refused) as refused:
            reschedule(db, session.id, front.slot("09:30", DAY + timedelta(days=1)), by=FAY, at=MORNING)

        assert rules(refused) == [("booking.arrived", "field:day")]
        assert session.starts_at == moment(DAY, "09:30")


def test_to_its_own_slot_a_session_is_not_moved(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        reschedule(db, session.id, slot_of(session, ZONE), by=FAY, at=MORNING)

        assert told(history(db, session)) == [("booked", None, "booked")]


def test_a_session_of_the_old_system_comes_under_the_law_when_it_is_moved(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = make_session(
            db, front.other, front.scene.practitioner, state=SessionState.BOOKED, sets=(), minutes=20
        )

        reschedule(db, session.id, slot_of(session, ZONE), by=FAY, at=MORNING)

        assert session.contact_minutes == 20
        assert told(history(db, session)) == [("moved", "booked", "booked")]


def test_a_signed_session_is_not_moved(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.scene.visit(db)

        with pytest.raises(Refused, match="was signed, so it cannot be moved"):
            reschedule(db, session.id, front.slot("11:00"), by=FAY, at=MORNING)


def test_a_cancelled_session_is_booked_again_in_its_slot_while_that_is_free(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        cancel(db, session.id, why="Snow", by=FAY, at=MORNING)

        rebook(db, session.id, by=FAY, at=MORNING)

        assert session.state is SessionState.BOOKED
        assert told(history(db, session))[1:] == [
            ("cancelled", "booked", "cancelled"),
            ("rebooked", "cancelled", "booked"),
        ]


def test_a_slot_that_was_given_away_is_not_booked_again(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        session = front.book(db)
        cancel(db, session.id, why="Snow", by=FAY, at=MORNING)
        front.book(db, patient=front.other)

        with pytest.raises(Refused) as refused:
            rebook(db, session.id, by=FAY, at=MORNING)

        assert [rule for rule, _ in rules(refused)] == ["booking.practitioner_taken", "booking.room_taken"]
        assert db.scalar(select(func.count()).select_from(SessionMove)) == 3


def test_a_session_that_stands_is_not_booked_again(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        front = open_front(db)
        session = front.book(db)

        with pytest.raises(Refused, match="This session is booked already"):
            rebook(db, session.id, by=FAY, at=MORNING)


def test_a_medicare_session_is_booked_with_the_supervisor_on_file_for_its_day(database: Database) -> None:
    with database.transaction() as db:
        front = open_front(db)
        supervisor = make_physician(db)
        written(
            db,
            Supervision(
                practitioner_id=front.scene.practitioner.id, supervisor_id=supervisor.id, payer_id=None,
                starts_on=DAY, ends_on=DAY, attested_on=DAY,
            ),
        )  # fmt: skip

        commercial = front.book(db, "09:00")
        front.scene.payer.kind = PayerKind.MEDICARE
        medicare = front.book(db, "11:00")
        paid_by_herself = book(db, front.scene.patient.id, front.slot("13:00"), by=FAY, at=MORNING, bill_to=BillTo.SELF)
        the_day_after = front.book(db, "09:00", on=DAY + timedelta(days=1))

        proposed = [one.supervising_id for one in (commercial, medicare, paid_by_herself, the_day_after)]
        assert proposed == [None, supervisor.id, None, None]
