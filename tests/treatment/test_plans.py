"""Courses of care begin and end; a flare-up begins a new one, which ends the old one that day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.treatment.models import TreatmentPlan
from billing.treatment.plans import end_plan, plan_in_force, plans_of, start_plan
from tests.factories import DAY, Scene, make_clinic, make_patient, make_practitioner, set_scene

WEEK = timedelta(weeks=1)


def begin(db: Db, scene: Scene, on: date = DAY, **changes: Any) -> TreatmentPlan:
    given = {"weekly": 6, "fortnightly": 4, "monthly": 3, "diagnosis": "M54.50", **changes}
    return start_plan(db, scene.patient.id, scene.practitioner.id, on, **given)


def refusal(db: Db, scene: Scene, on: date = DAY, **changes: Any) -> list[tuple[str, str]]:
    """The rules and places that refuse a plan; nothing must have been begun or ended."""
    before = [(one.id, one.ended_on) for one in plans_of(db, scene.patient.id)]
    with pytest.raises(Refused) as refused:
        begin(db, scene, on, **changes)
    assert [(one.id, one.ended_on) for one in plans_of(db, scene.patient.id)] == before
    return [(one.rule, one.where) for one in refused.value.problems]


def test_a_course_is_in_force_from_its_first_day_on(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        plan = begin(db, scene, diagnosis="m5450")

        assert plan.diagnosis == "M54.50"
        assert plan_in_force(db, scene.patient.id, DAY - timedelta(days=1)) is None
        assert plan_in_force(db, scene.patient.id, DAY) is plan


def test_a_flare_up_begins_a_new_course_and_ends_the_old_one_that_day(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        old = begin(db, scene)

        new = begin(db, scene, DAY + 5 * WEEK, why="Flare-up after lifting")

        assert (old.ended_on, old.why_ended) == (DAY + 5 * WEEK, "Flare-up after lifting")
        assert plan_in_force(db, scene.patient.id, DAY + 5 * WEEK) is new
        assert plan_in_force(db, scene.patient.id, DAY + 4 * WEEK) is old


def test_another_patients_course_goes_on(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        other = make_patient(db)
        theirs = start_plan(db, other.id, scene.practitioner.id, DAY, 6, 0, 0)

        begin(db, scene)

        assert (theirs.ended_on, plan_in_force(db, other.id, DAY)) == (None, theirs)


def test_a_course_is_ended_with_a_reason(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        plan = begin(db, scene)

        end_plan(db, plan.id, DAY + WEEK, " Free of pain ")

        assert (plan.ended_on, plan.why_ended) == (DAY + WEEK, "Free of pain")
        assert plan_in_force(db, scene.patient.id, DAY + WEEK) is None
        assert plan_in_force(db, scene.patient.id, DAY) is plan


@pytest.mark.parametrize(
    ("on", "why", "rules"),
    [
        (DAY + WEEK, " ", ["plan.why"]),
        (DAY - WEEK, "Moved away", ["plan.day"]),
        (DAY - WEEK, "x" * 301, ["plan.why", "plan.day"]),
    ],
)
def test_a_course_is_not_ended_without_a_reason_or_before_it_began(
    database: Database, on: date, why: str, rules: list[str]
) -> None:
    with database.transaction() as db:
        plan = begin(db, set_scene(db))

        with pytest.raises(Refused) as refused:
            end_plan(db, plan.id, on, why)

        assert [one.rule for one in refused.value.problems] == rules
        assert plan.ended_on is None


def test_an_ended_course_is_not_ended_again(database: Database) -> None:
    with database.transaction() as db:
        plan = begin(db, set_scene(db))
        end_plan(db, plan.id, DAY + WEEK, "Free of pain")

        with pytest.raises(Refused, match="ended on 2026-03-10 already"):
            end_plan(db, plan.id, DAY + 2 * WEEK, "Moved away")

        assert (plan.ended_on, plan.why_ended) == (DAY + WEEK, "Free of pain")


def test_every_reason_against_a_course_is_told_at_its_field(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        scene.practitioner.left_on = date(1970, 1, 1)

        found = refusal(db, scene, date(1979, 1, 1), weekly=-1, monthly=99, diagnosis="M54.5", why="")

        assert found == [
            ("plan.sessions", "field:weekly"),
            ("plan.sessions", "field:monthly"),
            ("plan.day", "field:starts_on"),
            ("plan.practitioner", "field:practitioner"),
            ("plan.diagnosis", "field:diagnosis"),
            ("plan.why", "field:why"),
        ]


def test_a_course_without_any_session_is_refused(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        assert refusal(db, scene, weekly=0, fortnightly=0, monthly=0) == [("plan.sessions", "field:weekly")]


@pytest.mark.parametrize("days", [0, -1])
def test_a_new_course_begins_after_the_last_one_began(database: Database, days: int) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        begin(db, scene)

        assert refusal(db, scene, DAY + timedelta(days=days)) == [("plan.day", "field:starts_on")]


def test_a_clinic_outside_the_united_states_writes_its_diagnoses_as_it_likes(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db, currency="GBP", time_zone="Europe/London")
        patient, practitioner = make_patient(db), make_practitioner(db)

        plan = start_plan(db, patient.id, practitioner.id, DAY, 6, 0, 0, "M54.5")

        assert plan.diagnosis == "M54.5"


def test_plans_are_only_for_patients_and_practitioners_there_are(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)

        with pytest.raises(NotFound, match="no patient"):
            start_plan(db, 999, scene.practitioner.id, DAY, 6, 0, 0)
        with pytest.raises(NotFound, match="no practitioner"):
            start_plan(db, scene.patient.id, 999, DAY, 6, 0, 0)
        with pytest.raises(NotFound, match="no treatment plan"):
            end_plan(db, 999, DAY, "Moved away")
