"""A limit that a person noted is not raised by an electronic answer until somebody takes it; and answers lag."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from billing import clock
from billing.adapters.memory import MemoryStore
from billing.coverage.benefit_editing import Verified, verify_benefit
from billing.coverage.benefit_history import last_answer_of
from billing.coverage.eligibility.reading.facts import FactKind
from billing.coverage.models import Benefit, BenefitPeriod, BenefitSource
from billing.coverage.visits import benefit_problems
from billing.database import Database
from billing.edi.eligibility_271.answer import Benefit as Row
from billing.errors import NotFound, blocking
from billing.operations.eligibility.overruling import overrule, take_limit
from tests.claims.assembly.further_payers import LATER, decide
from tests.claims.office import open_office
from tests.factories import DAY
from tests.operations.eligibility.stage import AT, BY, Stage, set_stage

ACTIVE = Row("1", "", ("64",))
TOLD_ON = date(2026, 2, 20)
NOTE = Verified(True, TOLD_ON, BenefitSource.PHONE, visits_allowed=12, visits_used_elsewhere=8, reference="CALL-1")


def limit(allowed: int | None = None, left: int | None = None) -> list[Row]:
    rows = [("23", allowed), ("29", left)]
    return [
        Row("F", "", ("64",), period=period, quantity_qualifier="VS", quantity=Decimal(number))
        for period, number in rows
        if number is not None
    ]


@pytest.fixture
def stage(database: Database) -> Stage:
    """Somebody has called: twelve visits a year, eight of them used elsewhere."""
    stage = set_stage(database, verified=True)
    with clock.stopped_at(AT), database.transaction() as db:
        verify_benefit(db, stage.scene.patient.id, stage.scene.payer.id, NOTE, by=BY, at=AT)
    return stage


def on_file(stage: Stage) -> Benefit:
    benefit = stage.benefit()
    assert benefit is not None
    return benefit


def limit_on_file(stage: Stage) -> tuple[int | None, int, str | None]:
    benefit = on_file(stage)
    return benefit.visits_allowed, benefit.visits_used_elsewhere, benefit.limit_in_answer


def take(stage: Stage, at: datetime = AT) -> None:
    with clock.stopped_at(at), stage.database.transaction() as db:
        take_limit(db, db.get_one(Benefit, on_file(stage).id), by=BY, at=at)


def test_5_2_an_answer_does_not_raise_a_limit_that_a_person_noted_and_says_so(stage: Stage) -> None:
    question_id = stage.check(ACTIVE, *limit(30, 29))

    assert limit_on_file(stage) == (12, 8, "30 visits, 29 of them left")
    assert on_file(stage).visits_remaining is None
    assert on_file(stage).source is BenefitSource.ANSWER_271
    assert stage.question(question_id).why.endswith(
        "the limit noted by hand stands, the answer says 30 visits, 29 of them left"
    )
    fifth = [DAY - timedelta(days=day) for day in range(5)]
    [stopped] = blocking(benefit_problems(on_file(stage), stage.scene.policy, fifth, DAY))
    assert stopped.rule == "coverage.limit_reached"
    assert stopped.why.endswith("The payer's electronic answer says 30 visits, 29 of them left.")


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (limit(12, 5), (12, 8, "12 visits, 5 of them left")),
        (limit(12, 3), (12, 9, None)),
        (limit(10), (10, 8, None)),
        (limit(), (12, 8, None)),
        (limit(20), (12, 8, "20 visits")),
        (limit(None, 9), (12, 8, "9 visits left")),
        (limit(30, 1), (30, 29, None)),
        ([Row("H", "", ("64",))], (12, 8, "no limit of visits")),
    ],
)  # fmt: skip
def test_5_2_of_a_note_and_an_answer_the_one_that_leaves_fewer_visits_counts(
    stage: Stage, rows: list[Row], expected: tuple[int, int, str | None]
) -> None:
    stage.check(ACTIVE, *rows)

    assert limit_on_file(stage) == expected


def test_the_note_stands_through_further_answers_until_one_is_as_strict(stage: Stage) -> None:
    stage.check(ACTIVE, *limit(30, 29))
    stage.check(ACTIVE, *limit(30, 28), at=AT + timedelta(hours=1))
    assert limit_on_file(stage) == (12, 8, "30 visits, 28 of them left")

    stage.check(ACTIVE, at=AT + timedelta(hours=2))
    assert limit_on_file(stage) == (12, 8, "30 visits, 28 of them left")

    stage.check(ACTIVE, *limit(12, 2), at=AT + timedelta(hours=3))
    assert limit_on_file(stage) == (12, 10, None)


def test_a_person_takes_the_limit_of_the_answer(stage: Stage) -> None:
    stage.check(ACTIVE, *limit(30, 29))

    take(stage)

    assert limit_on_file(stage) == (30, 1, None)
    with pytest.raises(NotFound):
        take(stage)


def test_what_a_person_sets_against_the_answer_is_not_held_up_by_the_note(stage: Stage) -> None:
    stage.check(ACTIVE, *limit(30, 29))
    with stage.database.reading() as db:
        answer_id = last_answer_of(db, stage.scene.patient.id, stage.scene.payer.id)
    assert answer_id is not None

    with clock.stopped_at(AT), stage.database.transaction() as db:
        overrule(db, answer_id, FactKind.COPAY, 15_00, "The booklet says so.", by=BY, at=AT)
    assert limit_on_file(stage) == (12, 8, "30 visits, 29 of them left")

    with clock.stopped_at(AT), stage.database.transaction() as db:
        overrule(db, answer_id, FactKind.VISITS_ALLOWED, 20, "Called: twenty.", by=BY, at=AT)
    assert limit_on_file(stage)[2] is None


def test_a_note_of_last_year_does_not_stand_against_an_answer_of_this_one(stage: Stage) -> None:
    with stage.database.transaction() as db:
        db.get_one(Benefit, on_file(stage).id).verified_on = date(2025, 12, 30)

    stage.check(ACTIVE, *limit(30, 29))

    assert limit_on_file(stage) == (30, 1, None)


def test_the_payers_own_limit_may_be_raised_by_its_next_answer(database: Database) -> None:
    stage = set_stage(database)
    stage.check(ACTIVE, *limit(12, 6))

    stage.check(ACTIVE, *limit(20, 14), at=AT + timedelta(hours=1))

    assert limit_on_file(stage) == (20, 6, None)


def test_5_2_what_the_payer_decided_after_it_answered_is_not_in_what_it_said_was_left(database: Database) -> None:
    """Put on file again weeks later, an answer must not gain the visits that were decided since."""
    office = open_office(database)
    stage = Stage(database, office.scene, MemoryStore())
    with database.transaction() as db:
        db.delete(db.get_one(Benefit, office.scene.benefit.id))
    visit = office.visit()
    office.bill(LATER)
    stage.check(ACTIVE, *limit(None, 7))
    decide(office, visit, {1: [("PR", "3", 25_00)]})
    with database.reading() as db:
        answer_id = last_answer_of(db, stage.scene.patient.id, stage.scene.payer.id)
    assert answer_id is not None
    assert limit_on_file(stage) == (7, 0, None)

    weeks_later = AT + timedelta(days=60)
    with clock.stopped_at(weeks_later), database.transaction() as db:
        overrule(db, answer_id, FactKind.COPAY, 15_00, "The booklet says so.", by=BY, at=weeks_later)

    assert limit_on_file(stage) == (7, 0, None)


def test_5_1_of_a_monthly_limit_neither_the_note_nor_the_deductible_is_forgotten_with_the_month(stage: Stage) -> None:
    with stage.database.transaction() as db:
        kept = db.get_one(Benefit, on_file(stage).id)
        kept.visits_allowed, kept.visits_used_elsewhere, kept.period = 2, 1, BenefitPeriod.CALENDAR_MONTH
        kept.deductible_remaining_cents, kept.dollars_remaining_cents = 40_00, 100_00

    stage.check(ACTIVE, *limit(30))

    assert limit_on_file(stage) == (2, 0, "30 visits")
    assert on_file(stage).deductible_remaining_cents == 40_00
    assert on_file(stage).dollars_remaining_cents is None
