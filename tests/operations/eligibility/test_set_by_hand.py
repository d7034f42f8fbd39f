"""What a person set against an answer is named as such, leaves nothing behind, and the payer's own words stay apart."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from billing import clock
from billing.coverage.benefit_editing import Verified, verify_benefit
from billing.coverage.eligibility.reading.facts import FactKind, Value
from billing.coverage.models import Benefit, BenefitSource
from billing.coverage.wording import contradiction_words
from billing.database import Database
from billing.edi.eligibility_271.answer import Benefit as Row
from billing.operations.eligibility.overruling import let_answer_count, overrule, take_limit
from tests.operations.eligibility.stage import AT, BY, Stage, set_stage

SILENT = Row("1", "", ("30",))
ACTIVE = Row("1", "", ("64",))
NOT_COVERED = Row("I", "", ("64",))
COPAY = Row("B", "", ("64",), period="27", cents=2500)
CALLED_ON = date(2026, 3, 1)


@pytest.fixture
def stage(database: Database) -> Stage:
    return set_stage(database)


def set_fact(stage: Stage, fact: FactKind, value: Value, at: datetime = AT) -> None:
    with clock.stopped_at(at), stage.database.transaction() as db:
        overrule(db, stage.answers()[-1].id, fact, value, "The plan's booklet says so.", by=BY, at=at)


def take_back(stage: Stage, fact: FactKind, at: datetime = AT) -> None:
    with clock.stopped_at(at), stage.database.transaction() as db:
        let_answer_count(db, stage.answers()[-1].id, fact, by=BY, at=at)


def call(stage: Stage, at: datetime = AT, **said: Any) -> None:
    told = Verified(**{"covered": True, "verified_on": CALLED_ON, "source": BenefitSource.PHONE, "reference": "CALL-1",
                       **said})  # fmt: skip
    with clock.stopped_at(at), stage.database.transaction() as db:
        verify_benefit(db, stage.scene.patient.id, stage.scene.payer.id, told, by=BY, at=at)


def limit(allowed: int, left: int) -> list[Row]:
    return [
        Row("F", "", ("64",), period=period, quantity_qualifier="VS", quantity=Decimal(number))
        for period, number in (("23", allowed), ("29", left))
    ]


def on_file(stage: Stage) -> Benefit:
    benefit = stage.benefit()
    assert benefit is not None
    return benefit


def everything(stage: Stage) -> dict[str, Any]:
    benefit = on_file(stage)
    return {one.name: getattr(benefit, one.name) for one in Benefit.__table__.columns}


def test_5_2_what_is_taken_back_leaves_acupuncture_as_unknown_as_the_answer_left_it(stage: Stage) -> None:
    stage.check(SILENT)
    before = everything(stage)
    set_fact(stage, FactKind.COVERED, value=True)
    assert (on_file(stage).covered, on_file(stage).set_by_hand) == (True, ["covered"])

    take_back(stage, FactKind.COVERED)

    assert on_file(stage).covered is None
    assert everything(stage) == before


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        (FactKind.VISITS_LEFT, 2),
        (FactKind.VISITS_ALLOWED, 40),
        (FactKind.COPAY, None),
        (FactKind.COVERED, False),
        (FactKind.COVERED, None),
        (FactKind.SHARED, "chiropractic"),
        (FactKind.PLAN, "SILVER"),
    ],
)
def test_whatever_is_taken_back_leaves_nothing_behind(stage: Stage, fact: FactKind, value: Value) -> None:
    stage.check(ACTIVE, COPAY, *limit(20, 15))
    before = everything(stage)
    set_fact(stage, fact, value)
    assert everything(stage) != before

    take_back(stage, fact)

    assert everything(stage) == before


def test_what_a_person_sets_to_unknown_is_unknown(stage: Stage) -> None:
    stage.check(ACTIVE, COPAY)

    set_fact(stage, FactKind.COVERED, None)
    set_fact(stage, FactKind.COPAY, None)

    assert (on_file(stage).covered, on_file(stage).copay_cents) == (None, None)
    assert on_file(stage).set_by_hand == ["copay", "covered"]


def test_what_stood_through_a_further_answer_leaves_nothing_behind_either_and_that_answer_stays(stage: Stage) -> None:
    stage.check(SILENT)
    set_fact(stage, FactKind.COVERED, value=True)
    stage.check(SILENT, Row("C", "IND", ("30",), period="29", cents=40000), at=AT + timedelta(hours=1))
    stage.check(SILENT, at=AT + timedelta(hours=2))
    assert (on_file(stage).covered, on_file(stage).set_by_hand) == (True, ["covered"])

    take_back(stage, FactKind.COVERED, AT + timedelta(hours=3))

    assert (on_file(stage).covered, on_file(stage).deductible_remaining_cents) == (None, 40000)


def test_what_an_answer_ends_leaves_nothing_behind(stage: Stage) -> None:
    stage.check(SILENT, COPAY)
    set_fact(stage, FactKind.COPAY, 1500)

    stage.check(SILENT, at=AT + timedelta(hours=1))

    assert (on_file(stage).copay_cents, on_file(stage).set_by_hand) == (2500, [])


def test_a_limit_that_was_taken_stays_taken_when_something_else_is_taken_back(stage: Stage) -> None:
    call(stage, visits_allowed=12, visits_used_elsewhere=8)
    stage.check(ACTIVE, *limit(30, 29))
    set_fact(stage, FactKind.COPAY, 1500)
    with clock.stopped_at(AT), stage.database.transaction() as db:
        take_limit(db, db.get_one(Benefit, on_file(stage).id), by=BY, at=AT)

    take_back(stage, FactKind.COPAY)

    assert (on_file(stage).visits_allowed, on_file(stage).limit_in_answer) == (30, None)


def test_a_limit_set_by_hand_and_taken_back_lets_the_stricter_note_stand_again(stage: Stage) -> None:
    call(stage, visits_allowed=12, visits_used_elsewhere=8)
    stage.check(ACTIVE, *limit(30, 29))
    set_fact(stage, FactKind.VISITS_ALLOWED, 20)

    take_back(stage, FactKind.VISITS_ALLOWED)

    assert (on_file(stage).visits_allowed, on_file(stage).visits_used_elsewhere) == (12, 8)
    assert on_file(stage).limit_in_answer == "30 visits, 29 of them left"


def test_5_2_what_an_import_brought_keeps_its_day_with_its_source_and_reference_when_an_answer_is_silent(
    database: Database,
) -> None:
    stage = set_stage(database, verified=True)
    with stage.database.transaction() as db:
        benefit = db.get_one(Benefit, stage.scene.benefit.id)
        benefit.source, benefit.reference = BenefitSource.IMPORT, "Call 367"

    stage.check(SILENT, Row("C", "IND", ("30",), period="29", cents=40000))

    kept = on_file(stage)
    assert (kept.verified_on, kept.source, kept.reference) == (date(2026, 2, 20), BenefitSource.IMPORT, "Call 367")
    assert (kept.covered, kept.deductible_remaining_cents) == (True, 40000)


def test_5_2_a_call_that_contradicts_the_answer_of_the_same_day_counts_and_both_are_told(stage: Stage) -> None:
    stage.check(NOT_COVERED)
    assert contradiction_words(on_file(stage)) == ""

    call(stage)

    assert on_file(stage).covered is True
    assert contradiction_words(on_file(stage)) == (
        "Covered, on 1 Mar 2026 by phone, reference CALL-1, which is what counts. "
        "But not covered, on 1 Mar 2026 by electronic answer, reference REF-9."
    )


def test_a_contradiction_stands_through_a_second_call_and_ends_when_the_payer_answers_alike(stage: Stage) -> None:
    stage.check(NOT_COVERED)
    call(stage)
    call(stage, at=AT + timedelta(hours=1), reference="CALL-2")
    assert "CALL-2" in contradiction_words(on_file(stage))

    stage.check(ACTIVE, at=AT + timedelta(hours=2))

    assert contradiction_words(on_file(stage)) == ""


def test_an_answer_that_contradicts_a_call_of_these_days_says_so_and_one_long_after_does_not(stage: Stage) -> None:
    call(stage)
    stage.check(NOT_COVERED)
    assert contradiction_words(on_file(stage)).startswith("Not covered, on 1 Mar 2026 by electronic answer")

    call(stage, verified_on=date(2026, 1, 5))

    assert contradiction_words(on_file(stage)) == ""


def test_what_a_person_sets_against_an_answer_is_no_statement_of_the_payer(stage: Stage) -> None:
    stage.check(NOT_COVERED)

    set_fact(stage, FactKind.COVERED, value=True)

    assert contradiction_words(on_file(stage)) == ""
