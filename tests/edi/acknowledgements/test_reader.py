from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer, SegmentError
from billing.edi.acknowledgements.reader import MOST_ERROR_SEGMENTS, read_acknowledgements
from billing.edi.acknowledgements.writer import encode_999, encode_ta1
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.findings import Finding
from billing.errors import Severity
from tests.edi.answers_on_stage import ARRIVED, PARTLY, REFUSED, TAKEN, TO_US, WHOLLY, counted
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, batch_of

PARTLY_FILE = encode_999([PARTLY], TO_US).decode()
BOTH_FILE = encode_999([PARTLY, WHOLLY], TO_US).decode()
ARRIVED_FILE = encode_ta1([ARRIVED], TO_US).decode()


def read(text: str | bytes) -> tuple[list[InterchangeAnswer | GroupAnswer], list[str]]:
    """The answers, and the rules of all findings with any weight."""
    findings: list[Finding] = []
    answers = read_acknowledgements(text, findings)
    return answers, [finding.rule for finding in findings if finding.severity is not Severity.INFO]


def the_group(text: str) -> tuple[GroupAnswer, list[str]]:
    (answer,), rules = read(counted(text))
    assert isinstance(answer, GroupAnswer)
    return answer, rules


def test_a_ta1_in_front_of_a_999_gives_both_answers_in_order() -> None:
    ta1 = ARRIVED_FILE.splitlines(keepends=True)[1]
    group = PARTLY_FILE.index("GS*")

    assert read(PARTLY_FILE[:group] + ta1 + PARTLY_FILE[group:]) == ([ARRIVED, PARTLY], [])


def test_the_older_997_gives_the_same_answer() -> None:
    older = PARTLY_FILE.replace("ST*999", "ST*997").replace("IK", "AK")

    assert read(older) == ([PARTLY], [])


def test_two_groups_in_one_transaction_set_are_both_answered() -> None:
    first_end = BOTH_FILE.index("SE*")
    second_begin = BOTH_FILE.index("AK1*", first_end)
    joined = counted(BOTH_FILE[:first_end] + BOTH_FILE[second_begin:]).replace("*0002~\nGE*2", "*0001~\nGE*1")

    answers, rules = read(joined)

    assert answers == [PARTLY, replace(WHOLLY, reference=PARTLY.reference)]
    assert rules == ["segment.repeated"]


@pytest.mark.parametrize("code", ["M", "R", "W", "X"])
def test_codes_that_reject_for_security_reject(code: str) -> None:
    answer, rules = the_group(PARTLY_FILE.replace("AK9*P*2*2*1*5", f"AK9*{code}*2*2*0").replace("IK5*A", f"IK5*{code}"))

    assert answer.decision is Decision.REJECTED
    assert [one.decision for one in answer.sets] == [Decision.REJECTED] * 2
    assert rules == []


@pytest.mark.parametrize("lost", ["IK5*A~\n", "IK5*A"])
def test_a_set_without_a_decision_is_left_out_of_a_partly_accepted_group(lost: str) -> None:
    answer, rules = the_group(PARTLY_FILE.replace(lost, "" if lost.endswith("\n") else "IK5*Q", 1))

    assert answer.sets == (REFUSED,)
    assert "answer.left_out" in rules


@pytest.mark.parametrize(("of_group", "decision"), [("A", Decision.ACCEPTED), ("R", Decision.REJECTED)])
def test_a_set_without_a_decision_has_that_of_a_group_taken_or_refused_as_a_whole(
    of_group: str, decision: Decision
) -> None:
    answer, rules = the_group(PARTLY_FILE.replace("IK5*A~\n", "").replace("AK9*P", f"AK9*{of_group}"))

    assert answer.sets[0] == replace(TAKEN, decision=decision)
    assert "segment.missing" in rules
    assert "answer.left_out" not in rules


@pytest.mark.parametrize(("trailer", "rule"), [("", "segment.missing"), ("AK9*Q*2*2*1~\n", "element.code")])
def test_a_group_without_a_decision_is_partly_accepted_when_any_set_is(trailer: str, rule: str) -> None:
    answer, rules = the_group(PARTLY_FILE.replace("AK9*P*2*2*1*5~\n", trailer))

    assert answer == replace(PARTLY, codes=())
    assert rules == [rule]


def test_a_group_without_a_decision_is_rejected_when_all_its_sets_are() -> None:
    text = PARTLY_FILE.replace("AK9*P*2*2*1*5~\n", "").replace("AK2*837*0001*005010X222A1~\nIK5*A~\n", "")

    answer, _ = the_group(text)

    assert (answer.decision, answer.included, answer.received, answer.accepted) == (Decision.REJECTED, 1, 1, 0)


def test_a_group_that_says_nothing_gives_no_answer() -> None:
    begin, end = PARTLY_FILE.index("AK2*"), PARTLY_FILE.index("SE*")

    answers, rules = read(counted(PARTLY_FILE[:begin] + PARTLY_FILE[end:]))

    assert answers == []
    assert "answer.left_out" in rules


def test_a_decision_about_an_interchange_in_an_unknown_code_is_no_answer() -> None:
    answers, rules = read(ARRIVED_FILE.replace("*A*000", "*Q*000"))

    assert answers == []
    assert rules == ["element.code", "answer.left_out"]


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("AK9*P*2*2*1*5", "AK9*A*2*2*2", "answer.contradiction"),
        ("AK9*P*2*2*1*5", "AK9*R*2*2*0", "answer.contradiction"),
        ("AK9*P*2*2*1*5", "AK9*P*2*2*2", "answer.count_wrong"),
        ("AK9*P*2*2*1*5", "AK9*P*2*1*1", "answer.count_wrong"),
        ("AK9*P*2*2*1*5", "AK9*P*2*2*ONE", "value.unreadable"),
        ("IK3*CLM*22*", "IK3*CLM*NEAR*", "value.unreadable"),
    ],
)
def test_what_does_not_agree_is_found_and_the_answer_read(right: str, wrong: str, rule: str) -> None:
    answer, rules = the_group(PARTLY_FILE.replace(right, wrong))

    assert len(answer.sets) == 2
    assert rule in rules


def test_a_group_may_count_more_sets_than_it_mentions() -> None:
    answer, rules = the_group(PARTLY_FILE.replace("AK9*P*2*2*1*5", "AK9*P*9*9*8"))

    assert (answer.received, len(answer.sets)) == (9, 2)
    assert rules == []


def test_the_bad_data_itself_is_never_kept() -> None:
    answer, _ = the_group(PARTLY_FILE.replace("IK4*2**1~", "IK4*2*782*1*FINCH~"))

    assert answer == PARTLY


def test_contexts_are_lawful_and_weigh_nothing() -> None:
    text = PARTLY_FILE.replace("IK4*2**1~\n", "CTX*CLM01:123456789~\nIK4*2**1~\nCTX*SITUATIONAL TRIGGER*CLM*43**5:3~\n")

    assert the_group(text) == (PARTLY, [])


def test_the_place_of_an_element_is_read_with_any_component_separator() -> None:
    answer, _ = the_group(PARTLY_FILE.replace("*T*:~", "*T*|~").replace("5:3", "5|3|2"))

    assert answer.sets[1].errors[0] == SegmentError("CLM", 22, "2300", "8", (("2", "1"), ("5:3", "7")))


def test_an_answer_without_envelopes_has_no_date_and_no_reference() -> None:
    bare = PARTLY_FILE[PARTLY_FILE.index("AK1*") : PARTLY_FILE.index("SE*")]

    (answer,), rules = read(bare)

    assert answer == replace(PARTLY, answered_on=None, reference="")
    assert "transaction.header_missing" in rules


def test_the_date_of_the_interchange_stands_in_for_that_of_the_group() -> None:
    answer, _ = the_group(PARTLY_FILE.replace("*20260401*0830*78*", "**0830*78*").replace("*260401*", "*260331*"))

    assert answer.answered_on == date(2026, 3, 31)


def test_other_transaction_sets_are_passed_over_and_told() -> None:
    assert read(encode_837p(batch_of(BACK_PAIN), ENVELOPE)) == ([], ["transaction.other_kind"])


@pytest.mark.parametrize(
    "content",
    [b"", b" \r\n", b"\x00\xff\x07" * 99, b"%PDF-1.7 no X12 at all", b"ISA", b"TA1", b"AK2*837*1~IK5*A~", b"ST*999*1~"],
)
def test_what_is_no_acknowledgement_gives_no_answer(content: bytes) -> None:
    answers, _ = read(content)

    assert answers == []


@pytest.mark.parametrize("length", range(0, len(BOTH_FILE), 17))
def test_a_file_cut_off_anywhere_is_read_and_never_as_more_than_it_said(length: int) -> None:
    answers, rules = read(BOTH_FILE[:length])

    for answer in answers:
        assert isinstance(answer, GroupAnswer)
        assert answer == WHOLLY or answer.decision is Decision.PARTLY_ACCEPTED
        assert all(one in (TAKEN, REFUSED) for one in answer.sets if one.decision is Decision.ACCEPTED)
    assert rules or length == 0


@given(st.data())
def test_no_damage_to_a_file_makes_the_reader_fail(data: st.DataObject) -> None:
    segments = BOTH_FILE.split("~\n")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(segments) - 1))
        parts = segments[place].split("*")
        parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.text(max_size=9))
        segments[place] = "*".join(parts)

    answers, rules = read("~\n".join(segments).encode())

    assert isinstance(answers, list)
    assert isinstance(rules, list)


def test_of_errors_without_end_so_many_are_read_for_each_set() -> None:
    error = "IK3*CLM*23*2300*8~\nIK4*2*782*6~\n"
    place = PARTLY_FILE.index("AK2*")
    endless = f"AK2*837*0077*005010X222A1~\n{error * MOST_ERROR_SEGMENTS}IK5*R*5~\n"

    answer, _ = the_group(PARTLY_FILE[:place] + endless + PARTLY_FILE[place:])

    assert (len(answer.sets[0].errors), answer.sets[0].decision) == (MOST_ERROR_SEGMENTS // 2, Decision.REJECTED)
    assert answer.sets[1:] == PARTLY.sets
