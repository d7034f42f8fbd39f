"""Payers are asked by themselves when a rule says so, each turn of a rule once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from billing import clock
from billing.coverage.eligibility.lifecycle import QuestionState
from billing.coverage.eligibility.models import EligibilityQuestion, Occasion
from billing.coverage.models import Benefit, BenefitPeriod, Policy
from billing.database import Database
from billing.edi.eligibility_271.answer import Benefit as Row
from billing.edi.eligibility_271.answer import Rejection, Where
from billing.errors import OutcomeUnknown
from billing.operations.eligibility.planning import ASKED_AGAIN_AFTER, ask_what_is_due
from billing.payers.models import Payer, PayerKind
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import AccidentKind, BillTo, SessionMove
from tests.factories import make_session, written
from tests.operations.eligibility.stage import AT, Line, Stage, answer, set_stage

ACTIVE = Row("1", "", ("64",))
NEAR = date(2026, 3, 3)
FAR = date(2026, 3, 20)


@pytest.fixture
def stage(database: Database) -> Stage:
    return set_stage(database)


def booked(stage: Stage, on: date = NEAR, *, lately: datetime | None = None, start: str = "09:00", **changes) -> int:
    with stage.database.transaction() as db:
        session = make_session(
            db, stage.scene.patient, stage.scene.practitioner, on, start=start, minutes=45, contact_minutes=20,
            sets=(), diagnoses=(), state=SessionState.BOOKED, **changes,
        )  # fmt: skip
        if lately:
            move = SessionMove(
                session_id=session.id, at=lately, event=SessionEvent.BOOKED, from_state=None,
                to_state=SessionState.BOOKED, by="user:1", why="",
            )  # fmt: skip
            written(db, move)
        return session.id


def plan(stage: Stage, at: datetime = AT) -> int:
    with clock.stopped_at(at), stage.database.transaction() as db:
        return ask_what_is_due(db, at)


def occasions(stage: Stage) -> list[Occasion]:
    with stage.database.reading() as db:
        return list(db.scalars(select(EligibilityQuestion.occasion).order_by(EligibilityQuestion.id)))


def verified(stage: Stage, on: date) -> None:
    with stage.database.transaction() as db:
        benefit = db.scalars(select(Benefit)).one()
        benefit.verified_on = on


def test_5_1_three_days_before_a_visit_what_is_older_than_thirty_days_is_asked_again_once(database: Database) -> None:
    stage = set_stage(database, verified=True)
    booked(stage)
    verified(stage, NEAR - timedelta(days=31))

    assert (plan(stage), plan(stage)) == (1, 0)
    assert occasions(stage) == [Occasion.VISIT]


def test_5_1_what_was_verified_within_thirty_days_is_not_asked_again(database: Database) -> None:
    stage = set_stage(database, verified=True)
    booked(stage)
    verified(stage, NEAR - timedelta(days=30))

    assert plan(stage) == 0


def test_5_1_a_visit_that_is_far_off_waits_for_its_turn(stage: Stage) -> None:
    booked(stage, FAR)

    assert plan(stage) == 0


def test_5_1_at_booking_the_payer_is_asked_however_far_off_the_visit_is(stage: Stage) -> None:
    booked(stage, FAR, lately=AT - timedelta(minutes=1))

    assert plan(stage) == 1
    assert occasions(stage) == [Occasion.BOOKING]


@pytest.mark.parametrize("period", [BenefitPeriod.CALENDAR_YEAR, BenefitPeriod.CALENDAR_MONTH])
def test_5_1_when_a_new_year_of_the_plan_has_begun_who_comes_is_asked_about_anew(
    database: Database, period: BenefitPeriod
) -> None:
    stage = set_stage(database, verified=True)
    verified(stage, date(2025, 12, 20))
    with database.transaction() as db:
        db.scalars(select(Benefit)).one().period = period
    booked(stage, date(2026, 1, 12))

    before = plan(stage, datetime(2025, 12, 31, 18, tzinfo=UTC))
    after = plan(stage, datetime(2026, 1, 1, 18, tzinfo=UTC))

    assert (before, after) == (0, 1)
    assert occasions(stage) == [Occasion.NEW_YEAR]


def test_5_1_after_a_change_of_the_policy_the_payer_is_asked_anew(stage: Stage) -> None:
    booked(stage, FAR)
    stage.check(ACTIVE)
    unchanged = plan(stage)
    with stage.database.transaction() as db:
        db.get_one(Policy, stage.scene.policy.id).member_id = "OTHER1"

    assert (unchanged, plan(stage)) == (0, 1)
    assert occasions(stage) == [Occasion.PERSON, Occasion.CHANGE]


def test_a_policy_with_several_visits_is_asked_about_once(stage: Stage) -> None:
    booked(stage)
    booked(stage, start="14:00")

    assert plan(stage) == 1


@pytest.mark.parametrize("changes", [{"bill_to": BillTo.SELF}, {"bill_to": BillTo.SUPERBILL},
                                     {"accident": AccidentKind.WORK}])  # fmt: skip
def test_visits_that_no_health_insurer_pays_for_are_not_asked_about(stage: Stage, changes: dict) -> None:
    booked(stage, **changes)

    assert plan(stage) == 0


def test_insurers_of_injuries_are_not_asked(stage: Stage) -> None:
    booked(stage)
    with stage.database.transaction() as db:
        db.get_one(Payer, stage.scene.payer.id).kind = PayerKind.AUTO

    assert plan(stage) == 0


def test_a_question_that_waits_for_its_answer_is_not_joined_by_another(stage: Stage) -> None:
    booked(stage)
    stage.ask()

    assert plan(stage) == 0


def test_what_was_lost_is_asked_again_after_a_rest_under_another_trace_and_not_for_ever(stage: Stage) -> None:
    first = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, [ACTIVE]), fails=OutcomeUnknown("The line broke."))
    stage.send(line)

    asked, at = [], AT
    for _ in range(30):
        at += ASKED_AGAIN_AFTER / 2
        asked.append(plan(stage, at))
        stage.send(line, at)

    with stage.database.reading() as db:
        traces = list(db.scalars(select(EligibilityQuestion.trace)))
    assert asked[0] == 0
    assert sum(asked) == 3
    assert len(set(traces)) == 4
    assert stage.question(first).state is QuestionState.UNKNOWN


def test_a_payer_that_could_not_answer_just_then_is_asked_again_and_one_that_does_not_know_the_member_is_not(
    stage: Stage,
) -> None:
    busy, stranger = Rejection(Where.PAYER, "42", "R", True), Rejection(Where.SUBSCRIBER, "75", "C", True)
    stage.check(rejections=(stranger,))
    after_stranger = plan(stage, AT + 2 * ASKED_AGAIN_AFTER)
    stage.check(rejections=(busy,), at=AT + 3 * ASKED_AGAIN_AFTER)

    after_busy = plan(stage, AT + 6 * ASKED_AGAIN_AFTER)

    assert (after_stranger, after_busy) == (0, 1)
    assert occasions(stage)[-1] is Occasion.AGAIN


def test_before_there_is_a_clinic_nothing_is_asked(database: Database) -> None:
    with database.transaction() as db:
        assert ask_what_is_due(db, AT) == 0


def test_an_answer_without_a_date_counts_as_told_on_the_day_it_came(stage: Stage) -> None:
    booked(stage)
    plan(stage)
    stage.send(Line(lambda inquiry: replace(answer(inquiry, [ACTIVE]), produced_on=None)))

    benefit = stage.benefit()
    assert benefit is not None
    assert benefit.verified_on == date(2026, 3, 1)
