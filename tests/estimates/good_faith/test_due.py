"""Which patients are to be given an estimate, why, and by when."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from billing.database import Database, Db
from billing.estimates.good_faith.deadlines import Deadline, Trigger
from billing.estimates.good_faith.due import Due, Step
from billing.estimates.good_faith.handing_over import ask_for_estimate, deliver, withdraw_request
from billing.estimates.good_faith.queries import all_due, without_estimate
from billing.estimates.models import Delivery, GoodFaithEstimate
from billing.sessions.booking import reschedule
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.moving import cancel
from billing.sessions.slots import Slot
from tests.estimates.good_faith.estimates_on_stage import (
    BY,
    MONDAY,
    at_nine,
    make_estimate,
    self_paid,
    weekly,
)
from tests.factories import Scene, make_fee, make_physician, make_session, set_scene

SOON = date(2026, 3, 9)
EARLY = date(2026, 3, 18)


def due(db: Db, today: date = MONDAY) -> list[Due]:
    db.flush()
    return all_due(db, today)


def given(db: Db, estimate: GoodFaithEstimate, at: datetime | None = None) -> None:
    deliver(db, estimate.id, Delivery.HANDED_OVER, estimate.issued_on, by=BY, at=at or at_nine(estimate.issued_on))


def steps(found: list[Due]) -> list[tuple[Step, Deadline]]:
    return [(one.step, one.deadline) for one in found]


def test_6_3_a_self_paid_visit_booked_ahead_asks_for_an_estimate_in_one_or_three_business_days(
    database: Database,
) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        early = self_paid(db, scene, EARLY)
        assert [(one.session_id, one.deadline) for one in due(db)] == [
            (early.id, Deadline(Trigger.SCHEDULED_EARLY, date(2026, 3, 5)))
        ]

        soon = self_paid(db, scene, SOON)

        assert [(one.session_id, one.deadline) for one in due(db)] == [
            (soon.id, Deadline(Trigger.SCHEDULED_SOON, date(2026, 3, 3)))
        ]


def test_6_3_nothing_is_due_for_short_notice_for_insured_visits_nor_for_cancelled_ones(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        self_paid(db, scene, date(2026, 3, 4))
        make_session(db, scene.patient, scene.practitioner, SOON, state=SessionState.BOOKED, sets=())
        gone = self_paid(db, scene, EARLY)
        cancel(db, gone.id, by=BY, at=at_nine(), why="Called.")

        assert due(db) == []


def test_6_3_a_visit_to_be_claimed_back_with_a_superbill_counts_as_self_paid(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        self_paid(db, scene, EARLY).bill_to = BillTo.SUPERBILL

        assert [one.step for one in due(db)] == [Step.ISSUE]


def test_6_3_where_no_law_asks_for_estimates_nothing_is_due(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        self_paid(db, scene, EARLY)
        scene.clinic.currency = "GBP"

        assert due(db) == []


def test_6_3_an_issued_estimate_is_due_until_it_is_delivered(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        self_paid(db, scene, EARLY)
        made = make_estimate(db, scene, weekly(EARLY, 1))
        before = due(db)

        given(db, made)

        assert steps(before) == [(Step.DELIVER, Deadline(Trigger.SCHEDULED_EARLY, date(2026, 3, 5)))]
        assert before[0].estimate_id == made.id
        assert due(db) == []


def test_6_3_one_estimate_of_a_course_is_enough_for_all_its_visits(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        given(db, make_estimate(db, scene, weekly(EARLY, 3)))
        for number in range(3):
            self_paid(db, scene, EARLY + timedelta(weeks=number))
        assert due(db) == []

        self_paid(db, scene, EARLY + timedelta(weeks=1, days=1))

        (found,) = due(db)
        assert (found.step, found.deadline.trigger) == (Step.REPLACE, Trigger.CHANGED)
        assert found.why == "The visit on 2026-04-01 is number 4; 3 were estimated."


def test_6_3_a_reschedule_starts_the_time_anew(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = self_paid(db, scene, EARLY)
        moved_on = date(2026, 3, 11)
        slot = Slot(scene.practitioner.id, date(2026, 3, 20), time(9), None, 60, 30)

        reschedule(db, session.id, slot, by=BY, at=at_nine(moved_on))

        assert steps(due(db, moved_on)) == [(Step.ISSUE, Deadline(Trigger.SCHEDULED_SOON, date(2026, 3, 12)))]


def test_6_3_a_new_price_asks_for_a_new_estimate_a_business_day_before_the_visit(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        self_paid(db, scene, EARLY)
        first = make_estimate(db, scene, weekly(EARLY, 1))
        given(db, first)
        make_fee(db, "97810", 120_00, effective_from=date(2026, 3, 15))

        (found,) = due(db)

        assert (found.step, found.estimate_id) == (Step.REPLACE, first.id)
        assert found.deadline == Deadline(Trigger.CHANGED, date(2026, 3, 17))
        assert found.why == "The visit on 2026-03-18 would cost $190.00 by today's fees; $165.00 was told."
        second = make_estimate(db, scene, weekly(EARLY, 1), replaces=first.id, why="New fee.")
        assert steps(due(db)) == [(Step.DELIVER, Deadline(Trigger.CHANGED, date(2026, 3, 17)))]
        given(db, second)
        assert due(db) == []


def test_6_3_another_practitioner_asks_for_a_new_estimate(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = self_paid(db, scene, EARLY)
        given(db, make_estimate(db, scene, weekly(EARLY, 1)))
        session.practitioner_id = make_physician(db).id

        (found,) = due(db)

        assert (found.step, found.why) == (
            Step.REPLACE,
            "The visit on 2026-03-18 is with somebody else than the estimate names.",
        )


def test_6_3_who_asks_is_to_have_it_within_three_business_days_until_it_is_delivered(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        asked = ask_for_estimate(db, scene.patient.id, MONDAY, by=BY, at=at_nine(), remark="What is a visit?")
        first = due(db)
        made = make_estimate(db, scene, weekly(date(2026, 3, 3), 1), at=at_nine() + timedelta(hours=1))
        second = due(db)
        given(db, made, at_nine() + timedelta(hours=2))

        deadline = Deadline(Trigger.ASKED, date(2026, 3, 5))
        assert (steps(first), first[0].request_id) == ([(Step.ISSUE, deadline)], asked.id)
        assert first[0].why == "The patient asked on 2026-03-02: What is a visit?"
        assert (steps(second), second[0].estimate_id) == ([(Step.DELIVER, deadline)], made.id)
        assert due(db) == []


def test_a_request_that_was_withdrawn_asks_for_nothing(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        asked = ask_for_estimate(db, scene.patient.id, MONDAY, by=BY, at=at_nine())
        withdraw_request(db, asked.id, at=at_nine(), why="Changed their mind.")

        assert due(db) == []


def test_of_an_imported_visit_nobody_knows_when_it_was_booked_and_it_is_due_the_day_before(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        imported(db, scene, EARLY)

        assert steps(due(db)) == [(Step.ISSUE, Deadline(Trigger.SCHEDULED_SOON, date(2026, 3, 17)))]


def imported(db: Db, scene: Scene, on: date) -> ClinicSession:
    """A self-paid visit without any history."""
    return make_session(
        db, scene.patient, scene.practitioner, on, state=SessionState.BOOKED, sets=(), bill_to=BillTo.SELF
    )


def test_what_has_passed_asks_for_nothing_any_more(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        self_paid(db, scene, EARLY)

        assert due(db, EARLY + timedelta(days=1)) == []


def test_today_is_told_how_many_who_pay_themselves_have_no_estimate(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        self_paid(db, scene, EARLY)
        self_paid(db, scene, EARLY + timedelta(weeks=1))
        nobody_told = without_estimate(db, MONDAY)
        long = make_estimate(db, scene, weekly(EARLY, 2))
        told = without_estimate(db, MONDAY)
        make_estimate(db, scene, weekly(EARLY, 1), replaces=long.id, why="One visit.")
        told_of_one = without_estimate(db, MONDAY)
        scene.clinic.currency = "GBP"
        db.flush()

        assert (nobody_told, told, told_of_one, without_estimate(db, MONDAY)) == (1, 0, 1, 0)
