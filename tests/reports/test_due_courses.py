"""Which courses of care are due with nothing booked: the same as each course's own page says, in few questions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.database import Database, Db
from billing.patients.models import Patient
from billing.reports.due_courses import DueCourse, Urgency, due_courses, overdue_count
from billing.reports.patient_plan import patient_plan
from billing.sessions.lifecycle import SessionState
from billing.treatment.models import TreatmentPlan
from tests.factories import Scene, make_patient, make_session, set_scene, written
from tests.web.statements import counted

TODAY = date(2026, 3, 31)
"""A Tuesday."""


def days_ago(count: int) -> date:
    return TODAY - timedelta(days=count)


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.transaction() as db:
        return set_scene(db)


def a_course(
    db: Db, scene: Scene, starts_on: date, counts: tuple[int, int, int] = (6, 3, 3), *given: date, **changes: object
) -> TreatmentPlan:
    """A course of a patient of its own, with sessions on those days."""
    patient = make_patient(db)
    made = add_plan(db, scene, patient, starts_on, counts, **changes)
    for on in given:
        come(db, scene, patient, on)
    return made


def add_plan(
    db: Db, scene: Scene, patient: Patient, starts_on: date, counts: tuple[int, int, int], **changes: object
) -> TreatmentPlan:
    weekly, fortnightly, monthly = counts
    cells = {"diagnosis": None, "ended_on": None, "why_ended": None, **changes}
    plan = TreatmentPlan(
        patient_id=patient.id, practitioner_id=scene.practitioner.id, starts_on=starts_on, weekly_sessions=weekly,
        fortnightly_sessions=fortnightly, monthly_sessions=monthly, **cells,
    )  # fmt: skip
    return written(db, plan)


def come(db: Db, scene: Scene, patient: Patient, on: date, state: SessionState = SessionState.SIGNED) -> None:
    make_session(db, patient, scene.practitioner, on, sets=(), diagnoses=(), state=state)


def found(database: Database, today: date = TODAY) -> dict[int, DueCourse]:
    with database.reading() as db:
        return {one.plan.id: one for one in due_courses(db, today)}


@pytest.mark.parametrize(
    ("counts", "last_seen", "urgency", "overdue"),
    [
        ((6, 0, 0), days_ago(1), Urgency.DUE, 0),
        ((6, 0, 0), days_ago(7), Urgency.DUE, 0),
        ((6, 0, 0), days_ago(8), Urgency.OVERDUE, 1),
        ((6, 0, 0), days_ago(14), Urgency.OVERDUE, 7),
        ((6, 0, 0), days_ago(15), Urgency.LAPSED, 8),
        ((1, 3, 0), days_ago(28), Urgency.OVERDUE, 14),
        ((1, 3, 0), days_ago(29), Urgency.LAPSED, 15),
        ((1, 0, 3), days_ago(58), Urgency.OVERDUE, 30),
        ((1, 0, 3), days_ago(59), Urgency.LAPSED, 31),
    ],
)
def test_each_phase_forgives_its_own_number_of_days(
    database: Database, scene: Scene, counts: tuple[int, int, int], last_seen: date, urgency: Urgency, overdue: int
) -> None:
    with database.transaction() as db:
        plan = a_course(db, scene, last_seen, counts, last_seen)

    one = found(database)[plan.id]

    assert (one.urgency, one.days_overdue, one.given, one.total) == (urgency, overdue, 1, sum(counts))


def test_who_is_not_due_within_seven_days_is_left_out(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        a_course(db, scene, TODAY, (6, 0, 0), TODAY)
        a_course(db, scene, days_ago(3), (1, 3, 0), days_ago(3))
        a_course(db, scene, TODAY + timedelta(days=7))

    assert found(database) == {}


def test_a_course_that_begins_this_week_and_has_no_booking_is_due(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        plan = a_course(db, scene, TODAY + timedelta(days=6))

    assert found(database)[plan.id].due_on == TODAY + timedelta(days=6)


def test_a_booking_to_come_takes_a_course_off_the_list_and_a_missed_one_does_not(
    database: Database, scene: Scene
) -> None:
    with database.transaction() as db:
        booked, missed, called_off, forgotten = (
            a_course(db, scene, days_ago(10), (6, 0, 0), days_ago(10)) for _ in range(4)
        )
        for plan, on, state in (
            (booked, TODAY, SessionState.BOOKED),
            (missed, days_ago(2), SessionState.NO_SHOW),
            (called_off, TODAY + timedelta(days=2), SessionState.CANCELLED),
            (forgotten, days_ago(2), SessionState.BOOKED),
        ):
            come(db, scene, db.get_one(Patient, plan.patient_id), on, state)

    assert set(found(database)) == {missed.id, called_off.id, forgotten.id}


def test_finished_and_ended_courses_are_not_followed_up(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        a_course(db, scene, days_ago(30), (1, 1, 0), days_ago(30), days_ago(16))
        a_course(db, scene, days_ago(30), (6, 0, 0), days_ago(30), ended_on=days_ago(3), why_ended="Moved away.")
        a_course(db, scene, days_ago(30), (6, 0, 0), days_ago(30), ended_on=TODAY + timedelta(days=3), why_ended="x")

    assert found(database) == {}


def test_of_several_courses_that_were_never_ended_the_last_is_followed(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        patient = make_patient(db)
        add_plan(db, scene, patient, days_ago(90), (6, 0, 0))
        last = add_plan(db, scene, patient, days_ago(20), (6, 0, 0))
        come(db, scene, patient, days_ago(9))

    assert {number: one.days_overdue for number, one in found(database).items()} == {last.id: 2}


def test_two_sessions_of_one_day_are_one_of_the_course(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        plan = a_course(db, scene, days_ago(9), (2, 2, 0), days_ago(9))
        make_session(
            db, db.get_one(Patient, plan.patient_id), scene.practitioner, days_ago(9), start="15:00", sets=(),
            diagnoses=(),
        )  # fmt: skip

    assert found(database)[plan.id].given == 1


def test_every_course_is_as_due_as_its_own_page_says(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        plans = [
            a_course(db, scene, days_ago(age), counts, *(days_ago(age - step * apart) for step in range(came)))
            for age in (0, 4, 13, 33, 71)
            for counts in ((2, 1, 1), (0, 2, 2), (0, 0, 3))
            for came, apart in ((0, 0), (1, 0), (2, 7), (3, 14), (4, 7))
            if age >= came * apart
        ]
        come(db, scene, db.get_one(Patient, plans[3].patient_id), TODAY + timedelta(days=1), SessionState.BOOKED)

    listed = found(database)

    horizon = TODAY + timedelta(days=6)
    with database.reading() as db:
        for plan in plans:
            course = patient_plan(db, plan.patient_id, TODAY).current
            assert course is not None
            told = course.progress
            is_due = told.next_due_on is not None and told.next_due_on <= horizon and not told.booked
            assert (plan.id in listed) is is_due
            if is_due:
                one = listed[plan.id]
                assert (one.due_on, one.phase, one.given) == (told.next_due_on, told.phase, told.done)
                assert (one.days_overdue, one.urgency is Urgency.LAPSED) == (told.overdue_days, told.is_lapsed)
        assert overdue_count(db, TODAY) == sum(one.urgency is Urgency.OVERDUE for one in listed.values()) > 5


def test_who_waits_longest_comes_first_and_of_the_lapsed_the_latest(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        for age in (9, 12, 11, 40, 60, 50):
            a_course(db, scene, days_ago(age), (6, 0, 0), days_ago(age))

    in_order = [(one.urgency, one.days_overdue) for one in found(database).values()]

    assert [days for urgency, days in in_order if urgency is Urgency.OVERDUE] == [5, 4, 2]
    assert [days for urgency, days in in_order if urgency is Urgency.LAPSED] == [33, 43, 53]


def test_however_many_there_are_each_question_is_asked_once(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        for age in range(8, 40):
            a_course(db, scene, days_ago(age), (6, 0, 0), days_ago(age))

    with database.reading() as db, counted(database) as seen:
        assert len(due_courses(db, TODAY)) == 32
        assert overdue_count(db, TODAY) == 7

    assert len(seen) == 2
