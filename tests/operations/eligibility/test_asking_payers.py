"""A question is a row first, is asked at most once under its trace, and its answer becomes the benefit on file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from billing import clock
from billing.adapters.memory import MemoryClearinghouse
from billing.coverage.benefit_history import versions_of
from billing.coverage.eligibility.asking import ask
from billing.coverage.eligibility.lifecycle import QuestionState
from billing.coverage.eligibility.reading.facts import ROWS, FactKind
from billing.coverage.models import BenefitSource
from billing.database import Database
from billing.edi.eligibility_270.reader import read_270
from billing.edi.eligibility_271.answer import Benefit as Row
from billing.edi.eligibility_271.answer import EligibilityAnswer as Answer
from billing.edi.eligibility_271.answer import Identity, Member, Rejection, Trace, Where
from billing.edi.eligibility_271.writer import encode_271
from billing.edi.parties import Organisation, Person
from billing.errors import NotDelivered, OutcomeUnknown, Refused
from billing.operations.answers import read_answers
from billing.operations.eligibility.overruling import let_answer_count, overrule
from billing.operations.eligibility.sending import LEASE, RESTS
from billing.payers.models import Payer, PayerKind
from tests.claims.answers.answer_texts import a999, ta1
from tests.factories import DAY
from tests.operations.eligibility.stage import AT, BY, TO_US, Line, Stage, answer, set_stage

ACTIVE = Row("1", "", ("64",), plan="PPO GOLD")
COPAY = Row("B", "", ("64",), period="27", cents=2500)
TWENTY = Row("F", "", ("64",), period="23", quantity_qualifier="VS", quantity=Decimal(20))
SEVEN_LEFT = replace(TWENTY, period="29", quantity=Decimal(7))
COVERED = (ACTIVE, COPAY, TWENTY, SEVEN_LEFT)


@pytest.fixture
def stage(database: Database) -> Stage:
    return set_stage(database)


def test_a_question_is_written_down_before_it_is_asked_and_says_who_asked(stage: Stage) -> None:
    question = stage.question(stage.ask())

    assert (question.state, question.by, question.about_on) == (QuestionState.TO_SEND, BY, DAY)
    assert question.service_types == ["30", "64", "98"]
    assert stage.history(question.id) == ["asked"]


def test_the_payer_is_asked_what_stands_on_file_and_its_answer_becomes_the_benefit(stage: Stage) -> None:
    question_id = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, COVERED))

    stage.send(line)

    (inquiry,) = read_270(line.heard[0], [])
    benefit = stage.benefit()
    assert inquiry.subscriber.member_id == stage.scene.policy.member_id
    assert inquiry.subscriber.birth_date == stage.scene.patient.birth_date
    assert stage.history(question_id) == ["asked", "taken", "delivered", "answered"]
    assert benefit is not None
    assert (benefit.covered, benefit.copay_cents, benefit.visits_allowed, benefit.visits_remaining) == (
        True,
        2500,
        20,
        7,
    )
    assert (benefit.source, benefit.reference) == (BenefitSource.ANSWER_271, "REF-9")
    assert benefit.verified_on == date(2026, 3, 1)
    assert benefit.plan_name == "PPO GOLD"


def test_every_row_of_the_answer_is_kept_with_the_reading(stage: Stage) -> None:
    stage.check(*COVERED)

    (kept,) = stage.answers()
    assert [replace(row, position=0) for row in ROWS.validate_python(kept.rows)] == list(COVERED)
    assert kept.applied_at == AT
    assert not kept.is_rejection


def test_what_the_payer_counted_already_is_not_counted_twice_5_2(stage: Stage) -> None:
    stage.check(*COVERED)

    benefit = stage.benefit()
    assert benefit is not None
    assert benefit.visits_used_elsewhere == 13


def test_asking_twice_within_minutes_gives_the_question_that_waits_already(stage: Stage) -> None:
    first, second = stage.ask(), stage.ask(AT + timedelta(minutes=1))

    assert first == second


def test_a_payer_that_takes_one_kind_of_service_is_asked_about_acupuncture_alone(stage: Stage) -> None:
    with stage.database.transaction() as db:
        db.get_one(Payer, stage.scene.payer.id).takes_one_service_type = True

    assert stage.question(stage.ask()).service_types == ["64"]


def test_a_payer_of_injuries_cannot_be_asked_and_nothing_is_written_down(database: Database) -> None:
    stage = set_stage(database)
    with stage.database.transaction() as db:
        db.get_one(Payer, stage.scene.payer.id).kind = PayerKind.WORKERS_COMP

    with pytest.raises(Refused, match="covers injuries"):
        stage.ask()

    assert stage.send(Line(lambda inquiry: answer(inquiry, COVERED))) == []


def test_the_day_asked_about_is_one_that_payers_must_answer_for(stage: Stage) -> None:
    with clock.stopped_at(AT), stage.database.transaction() as db:
        question = ask(db, stage.scene.policy.id, date(2026, 5, 20), by=BY, at=AT)

    assert question.about_on == date(2026, 3, 31)


def test_what_was_lost_on_the_way_is_unknown_and_never_asked_again_under_its_trace(stage: Stage) -> None:
    question_id = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, COVERED), fails=OutcomeUnknown("The line broke."))

    stage.send(line)
    stage.send(line, AT + timedelta(days=1))

    assert stage.question(question_id).state is QuestionState.UNKNOWN
    assert len(line.heard) == 1
    assert stage.benefit() is None


def test_what_certainly_was_not_asked_is_tried_again_after_a_rest_and_given_up_in_the_end(stage: Stage) -> None:
    question_id = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, COVERED), fails=NotDelivered("Nobody answers."))
    at = AT

    for rest in (*RESTS, timedelta(0)):
        stage.send(line, at)
        stage.send(line, at)
        at += rest

    assert len(line.heard) == len(RESTS) + 1
    assert stage.question(question_id).state is QuestionState.FAILED


def test_a_question_of_a_process_that_died_is_unknown_and_its_late_answer_still_counts(stage: Stage) -> None:
    question_id = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, COVERED), fails=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        stage.send(line)

    stage.send(Line(lambda inquiry: answer(inquiry, COVERED)), AT + LEASE + timedelta(minutes=1))
    was = stage.question(question_id)
    content = encode_271([answer(read_270(line.heard[0], [])[0], COVERED)], TO_US)
    report = take_in(stage, content)

    assert was.state is QuestionState.UNKNOWN
    assert stage.question(question_id).state is QuestionState.ANSWERED
    assert [one["question"] for one in report["matched"]] == [was.trace]
    assert stage.benefit() is not None


def take_in(stage: Stage, content: bytes) -> dict:
    """The report of a file that was dropped in."""
    with clock.stopped_at(AT + timedelta(hours=1)):
        return read_answers(stage.database, stage.store, [_InMemory(content)])


class _InMemory:
    name = "cover.271"

    def __init__(self, content: bytes) -> None:
        self.content = content

    def read_bytes(self) -> bytes:
        return self.content


def test_by_file_many_questions_go_in_one_and_are_answered_through_the_inbox(stage: Stage) -> None:
    question_id = stage.ask()
    clearinghouse = MemoryClearinghouse()

    stage.send_by_file(clearinghouse)
    (name, content), *_ = clearinghouse.received
    report = take_in(stage, encode_271([answer(one, COVERED) for one in read_270(content, [])], TO_US))

    assert name.endswith(".270")
    assert stage.history(question_id) == ["asked", "taken", "delivered", "answered"]
    assert [(one["kind"], one["claim"], one["state"]) for one in report["matched"]] == [("271", None, "answered")]
    assert report["unmatched"] == []


def test_the_same_file_again_changes_nothing_and_is_told_again(stage: Stage) -> None:
    stage.ask()
    clearinghouse = MemoryClearinghouse()
    stage.send_by_file(clearinghouse)
    content = encode_271([answer(one, COVERED) for one in read_270(clearinghouse.received[0][1], [])], TO_US)
    first = take_in(stage, content)

    second = take_in(stage, content)

    with stage.database.reading() as db:
        versions = versions_of(db, stage.scene.patient.id, [stage.scene.payer.id])
    assert first == second
    assert (len(stage.answers()), len(versions)) == (1, 1)


def test_an_answer_to_no_question_of_ours_is_kept_told_and_applied_to_nobody(stage: Stage) -> None:
    question_id = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, COVERED, traces=(Trace("2", "SOMEBODY-ELSE"),)))
    stage.send(line)

    report = take_in(stage, encode_271([answer(read_270(line.heard[0], [])[0], COVERED, traces=())], TO_US))

    assert stage.question(question_id).state is QuestionState.SENT
    assert report["matched"] == []
    assert "does not say which eligibility question" in report["unmatched"][0]["why"]
    assert [one.question_id for one in stage.answers()] == [None, None]
    assert stage.benefit() is None


def test_a_rejection_is_told_in_words_with_what_to_do_and_leaves_the_benefit_alone(stage: Stage) -> None:
    rejected = Rejection(Where.SUBSCRIBER, "75", "C", True)

    question_id = stage.check(rejections=(rejected,))

    question = stage.question(question_id)
    assert question.state is QuestionState.REJECTED
    assert "subscriber was not found" in question.why
    assert stage.benefit() is None


def test_an_answer_about_another_birth_date_is_kept_and_not_applied(stage: Stage) -> None:
    somebody = Member(Identity("IL", Person("OKORO", "MIRI"), "MI", "X1"), date(1950, 1, 1))

    question_id = stage.check(*COVERED, subscriber=somebody)

    (kept,) = stage.answers()
    assert stage.question(question_id).state is QuestionState.ANSWERED
    assert "another birth date" in kept.why_not_applied
    assert stage.benefit() is None


def test_the_answer_to_an_older_question_does_not_replace_a_newer_one(stage: Stage) -> None:
    older = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, COVERED), fails=OutcomeUnknown("The line broke."))
    stage.send(line)
    stage.check(ACTIVE, replace(COPAY, cents=3000), at=AT + timedelta(hours=1))

    take_in(stage, encode_271([answer(read_270(line.heard[0], [])[0], COVERED)], TO_US))

    benefit = stage.benefit()
    assert stage.question(older).state is QuestionState.ANSWERED
    assert benefit is not None
    assert benefit.copay_cents == 3000


def test_an_answer_that_is_silent_about_acupuncture_makes_it_neither_covered_nor_not_5_2(stage: Stage) -> None:
    stage.check(Row("1", "", ("30",), plan="PPO GOLD"))

    benefit = stage.benefit()
    assert benefit is not None
    assert benefit.covered is None


def test_what_was_learned_by_telephone_stays_and_grows_no_younger_when_the_payer_is_silent_about_it(
    database: Database,
) -> None:
    stage = set_stage(database, verified=True)
    with stage.database.transaction() as db:
        benefit = db.get_one(type(stage.scene.benefit), stage.scene.benefit.id)
        benefit.source, benefit.reference = BenefitSource.PHONE, "CALL-1"

    stage.check(Row("1", "", ("30",)), Row("C", "IND", ("30",), period="29", cents=40000))

    kept = stage.benefit()
    assert kept is not None
    assert (kept.covered, kept.verified_on, kept.source) == (True, date(2026, 2, 20), BenefitSource.PHONE)
    assert (kept.copay_cents, kept.deductible_remaining_cents) == (2500, 40000)


def test_a_plan_that_is_inactive_is_put_on_file_as_not_covering(stage: Stage) -> None:
    stage.check(Row("6", "", ("30",)))

    benefit = stage.benefit()
    assert benefit is not None
    assert benefit.covered is False
    assert "not in force" in (benefit.remarks or "")


def test_what_a_person_sets_with_a_reason_stands_until_a_newer_answer_tells_it_differently(stage: Stage) -> None:
    stage.check(*COVERED)
    (first,) = stage.answers()
    with clock.stopped_at(AT), stage.database.transaction() as db:
        overrule(db, first.id, FactKind.COPAY, 1500, "The plan's booklet says so.", by=BY, at=AT)
    set_by_hand = stage.benefit()

    stage.check(*COVERED, at=AT + timedelta(hours=1))
    told_the_same = stage.benefit()
    stage.check(ACTIVE, replace(COPAY, cents=4000), at=AT + timedelta(hours=2))
    told_differently = stage.benefit()

    copays = [one.copay_cents for one in (set_by_hand, told_the_same, told_differently) if one]
    assert copays == [1500, 1500, 4000]


def test_what_was_set_by_hand_can_be_taken_back(stage: Stage) -> None:
    stage.check(*COVERED)
    (first,) = stage.answers()
    with clock.stopped_at(AT), stage.database.transaction() as db:
        overrule(db, first.id, FactKind.COPAY, 1500, "The plan's booklet says so.", by=BY, at=AT)
        let_answer_count(db, first.id, FactKind.COPAY, by=BY, at=AT)

    benefit = stage.benefit()
    assert benefit is not None
    assert benefit.copay_cents == 2500


def test_nothing_is_set_against_an_answer_without_a_reason(stage: Stage) -> None:
    stage.check(*COVERED)
    (first,) = stage.answers()

    with pytest.raises(Refused, match="not said why"), stage.database.transaction() as db:
        overrule(db, first.id, FactKind.COPAY, 1500, "  ", by=BY, at=AT)

    benefit = stage.benefit()
    assert benefit is not None
    assert benefit.copay_cents == 2500


def test_a_question_that_cannot_be_written_fails_with_its_reason_and_holds_up_no_other(stage: Stage) -> None:
    with stage.database.transaction() as db:
        db.get_one(type(stage.scene.patient), stage.scene.patient.id).last_name = "\u738b"
    question_id = stage.ask()
    line = Line(lambda inquiry: answer(inquiry, COVERED))

    stage.send(line)

    assert stage.question(question_id).state is QuestionState.FAILED
    assert "does not allow" in stage.question(question_id).why
    assert line.heard == []


def sent_by_file(stage: Stage) -> tuple[int, int]:
    """A question that went out in a file, and the number of the file."""
    question_id = stage.ask()
    stage.send_by_file(MemoryClearinghouse())
    number = stage.question(question_id).file_number
    assert number is not None
    return question_id, number


@pytest.mark.parametrize(("decision", "state"), [("A", "sent"), ("R", "rejected"), ("P", "rejected")])
def test_a_999_that_refuses_a_file_of_questions_refuses_what_was_asked_in_it(
    stage: Stage, decision: str, state: str
) -> None:
    question_id, number = sent_by_file(stage)
    of_set = "A" if decision == "A" else "R*5"

    report = take_in(stage, a999(number, of_set, decision, functional_id="HS"))

    assert [(one["kind"], one["claim"], one["state"]) for one in report["matched"]] == [("999", None, state)]
    assert report["unmatched"] == []
    assert stage.question(question_id).state == state


def test_a_ta1_that_refuses_an_interchange_of_questions_refuses_them_and_speaks_of_no_claim(stage: Stage) -> None:
    question_id, number = sent_by_file(stage)

    report = take_in(stage, ta1(number, "R", "020"))

    assert [(one["kind"], one["state"]) for one in report["matched"]] == [("TA1", "rejected")]
    assert report["unmatched"] == []
    assert stage.question(question_id).state is QuestionState.REJECTED


def test_a_999_to_a_file_of_questions_that_is_not_ours_is_told(stage: Stage) -> None:
    report = take_in(stage, a999(4711, functional_id="HS"))

    assert report["matched"] == []
    assert "no file of eligibility questions 4711" in report["unmatched"][0]["why"]


def test_text_that_not_every_database_keeps_holds_up_no_answer(stage: Stage) -> None:
    question_id, _ = sent_by_file(stage)
    asked = stage.question(question_id)
    content = encode_271([_told(stage, asked.trace, "ABC")], TO_US).replace(b"MSG*ABC", b"MSG*A\x00C")

    report = take_in(stage, content)

    assert [one["state"] for one in report["matched"]] == ["answered"]
    assert stage.benefit() is not None


def _told(stage: Stage, trace: str, message: str) -> Answer:
    patient = stage.scene.patient
    return Answer(
        reference="X",
        produced_on=DAY.replace(day=1),
        payer=Identity("PR", Organisation("PAYER"), "PI", "P1"),
        receiver=Identity("1P", Organisation("CLINIC"), "XX", "1234567893"),
        subscriber=Member(Identity("IL", Person("OKORO", "MIRI"), "MI", "M1"), patient.birth_date),
        traces=(Trace("2", trace),),
        benefits=(replace(ACTIVE, messages=(message,)),),
    )
