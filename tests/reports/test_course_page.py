"""What a course of care should cost, session by session, and where cover ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from billing.coverage.models import BenefitPeriod
from billing.database import Database, Db
from billing.estimates.course import CourseEstimate
from billing.payers.models import PayerKind
from billing.reports.course_page import course_of, tried_plan
from billing.reports.patient_plan import patient_plan
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.treatment.models import TreatmentPlan
from billing.treatment.plans import start_plan
from tests.factories import DAY, Scene, a_physician, make_authorisation, set_scene

WEEK = timedelta(weeks=1)
CHARGE = 165_00


def begin(db: Db, scene: Scene, weekly: int = 6, monthly: int = 0, on: date = DAY) -> None:
    start_plan(db, scene.patient.id, scene.practitioner.id, on, weekly, 0, monthly)


def course(db: Db, scene: Scene, today: date = DAY) -> CourseEstimate:
    db.flush()
    found = course_of(db, patient_plan(db, scene.patient.id, today), today)
    assert found is not None
    return found


def benefit(scene: Scene, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(scene.benefit, name, value)


def test_number_days_and_amounts_of_each_session_with_totals(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        begin(db, scene)

        found = course(db, scene)

        assert [(one.number, one.on, one.patient, one.plan) for one in found.sessions] == [
            (number + 1, DAY + number * WEEK, 25_00, 140_00) for number in range(6)
        ]
        assert (found.charge, found.plan, found.patient, found.low, found.high) == (
            6 * CHARGE, 6 * 140_00, 150_00, 150_00, 150_00,
        )  # fmt: skip
        assert (found.cover_ends, found.unknown) == (None, 0)
        assert {one.bill_to for one in found.sessions} == {BillTo.INSURANCE}


def test_cover_ends_where_the_plans_visits_are_used_up(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit(scene, visits_allowed=4)
        scene.visit(db, DAY - WEEK)
        begin(db, scene)

        found = course(db, scene)

        assert found.cover_ends is not None
        assert (found.cover_ends.number, found.cover_ends.on) == (4, DAY + 3 * WEEK)
        assert [one.rule for one in found.cover_ends.problems] == ["coverage.limit_reached"]
        assert [not one.problems for one in found.sessions] == [True, True, True, False, False, False]
        assert (found.patient, found.low, found.high) == (75_00, 75_00, 75_00 + 3 * CHARGE)


def test_a_deductible_is_used_up_session_by_session(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit(scene, copay_cents=None, coinsurance_basis_points=2000, deductible_remaining_cents=200_00)
        begin(db, scene, weekly=3)

        found = course(db, scene)

        assert [one.patient for one in found.sessions] == [165_00, 35_00 + 26_00, 33_00]


def test_a_new_plan_year_starts_the_deductible_anew_and_nobody_knows_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit(scene, copay_cents=None, coinsurance_basis_points=2000, deductible_remaining_cents=0,
                plan_year_from=date(2026, 3, 17), period=BenefitPeriod.PLAN_YEAR)  # fmt: skip
        begin(db, scene, weekly=3)

        found = course(db, scene)

        assert [one.new_year for one in found.sessions] == [False, False, True]
        assert [(one.low, one.patient, one.high) for one in found.sessions] == [
            (33_00, 33_00, 33_00), (33_00, 33_00, 33_00), (33_00, 33_00, CHARGE)
        ]  # fmt: skip


def test_cover_ends_with_the_authorisation(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.VA)
        make_authorisation(db, scene.patient, scene.payer, visits=2)
        begin(db, scene, weekly=4)

        found = course(db, scene)

        assert found.cover_ends is not None
        assert found.cover_ends.number == 3
        assert found.cover_ends.problems[0].rule.startswith("authorisation.")
        assert found.patient == 0


def test_medicare_asks_for_improvement_from_the_thirteenth_and_pays_none_from_the_twenty_first(
    database: Database,
) -> None:
    with database.transaction() as db:
        scene = set_scene(db, PayerKind.MEDICARE, a_physician())
        begin(db, scene, weekly=22)

        found = course(db, scene)

        rules = [{one.rule for one in session.problems} for session in found.sessions]
        assert found.cover_ends is not None
        assert found.cover_ends.number == 21
        assert rules[:20] == [set()] * 20
        assert all("medicare.visit_limit" in each for each in rules[20:])
        asked = [{one.rule for one in session.conditions} for session in found.sessions]
        assert asked[:20] == [set()] * 12 + [{"medicare.needs_improvement"}] * 8
        assert found.cover_asks_for_more is not None
        assert found.cover_asks_for_more.number == 13
        assert found.sessions[12].plan == found.sessions[11].plan


def test_a_booked_session_keeps_who_is_billed_for_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        begin(db, scene, weekly=2)
        own = scene.visit(db, DAY, state=SessionState.BOOKED, sets=(), bill_to=BillTo.SELF)

        first, second = course(db, scene).sessions

        assert (first.session_id, first.bill_to, first.patient, first.plan) == (own.id, BillTo.SELF, CHARGE, 0)
        assert (second.session_id, second.bill_to, second.patient) == (None, BillTo.INSURANCE, 25_00)


def test_without_a_policy_the_patient_pays_all_of_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.policy.effective_to = DAY + WEEK
        begin(db, scene, weekly=3)

        found = course(db, scene)

        assert [one.bill_to for one in found.sessions] == [BillTo.INSURANCE, BillTo.INSURANCE, BillTo.SELF]
        assert [one.patient for one in found.sessions] == [25_00, 25_00, CHARGE]


def test_nothing_is_written_by_reckoning_and_without_a_course_there_is_nothing_to_reckon(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        assert course_of(db, patient_plan(db, scene.patient.id, DAY), DAY) is None
        begin(db, scene)
        course(db, scene)

    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(ClinicSession)) == 0


def test_a_course_is_reckoned_before_it_begins_and_is_never_written_down(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        benefit(scene, visits_allowed=3)
        scene.visit(db, DAY, state=SessionState.BOOKED, sets=())
        tried = tried_plan(scene.patient.id, scene.practitioner.id, DAY, (3, 1, 1))
        db.flush()

        found = course_of(db, patient_plan(db, scene.patient.id, DAY), DAY, tried)

        assert found is not None
        assert [(one.number, one.on, one.session_id is not None) for one in found.sessions] == [
            (1, DAY, True), (2, DAY + WEEK, False), (3, DAY + 2 * WEEK, False), (4, DAY + 4 * WEEK, False),
            (5, DAY + 8 * WEEK, False),
        ]  # fmt: skip
        assert found.cover_ends is not None
        assert (found.cover_ends.number, found.patient) == (4, 75_00)

    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(TreatmentPlan)) == 0


def test_a_tried_course_stands_beside_the_one_that_has_begun(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        begin(db, scene, weekly=6)
        scene.visit(db, DAY)
        later = DAY + WEEK
        db.flush()
        shown = patient_plan(db, scene.patient.id, later)

        own = course_of(db, shown, later)
        tried = course_of(db, shown, later, tried_plan(scene.patient.id, scene.practitioner.id, later, (2, 0, 0)))

        assert own is not None
        assert tried is not None
        assert [one.number for one in own.sessions] == [2, 3, 4, 5, 6]
        assert [(one.number, one.on) for one in tried.sessions] == [(1, later), (2, later + WEEK)]
