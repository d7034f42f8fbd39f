"""A file that answers claims is read to what it says of them; what answers nothing says so, and what to do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.claims.answers.acknowledgement import AboutClaim, AboutFile, Answer
from billing.claims.answers.files import NO_KIND, AnswerFile, read_answer_file
from billing.claims.models import Verdict
from tests.claims.answers.answer_texts import ON, a277, a277ca, a999, group, interchange, stc, ta1

V = Verdict
ERRORS = "IK3*CLM*23*2300*8~\nIK4*2*782*6~\nIK4*5:1**7~\n"
A_SEGMENT_TOO_MANY = "IK3*REF*30*2300*5~\n"


def only(content: bytes) -> Answer:
    """The one answer of a file in which nothing is left over."""
    read = read_answer_file(content)
    assert read.unmatched == ()
    (answer,) = read.answers
    return answer


def why_unmatched(content: bytes) -> str:
    """Why a file answers nothing."""
    read = read_answer_file(content)
    assert read.answers == ()
    (one,) = read.unmatched
    return one.why


def verdict_of(*statements: str) -> Verdict:
    return only(a277ca([("MER0000001", "".join(statements))])).verdict


def test_an_accepted_interchange_says_that_its_claims_arrived() -> None:
    answer = only(ta1(12, number=77))

    assert answer.about == AboutFile(12, "000000012")
    assert (answer.kind, answer.reference, answer.code, answer.verdict) == ("TA1", "000000077", "A:000", V.RECEIVED)
    assert answer.said_on == ON
    assert answer.why == "A:000 interchange accepted"


def test_a_rejected_interchange_says_why_in_words() -> None:
    answer = only(ta1(12, "R", "025"))

    assert (answer.code, answer.verdict) == ("R:025", V.REJECTED)
    assert "a file with this control number came before" in answer.why


@pytest.mark.parametrize(
    ("of_set", "of_group", "code", "verdict"),
    [
        ("A", "A", "A", V.RECEIVED),
        ("E", "E", "E", V.RECEIVED),
        ("R", "R", "R", V.REJECTED),
        ("R", "P", "R", V.REJECTED),
        ("R", "A", "R", V.REJECTED),
        ("A", "P", "A", V.RECEIVED),
        ("E", "P", "E", V.RECEIVED),
        ("A", "R", "R", V.REJECTED),
        ("M", "R", "R", V.REJECTED),
        ("", "A", "A", V.RECEIVED),
        ("", "E", "E", V.RECEIVED),
        ("", "R", "R", V.REJECTED),
        ("", "P", "P", V.NOTED),
    ],
)
def test_a_group_answers_for_our_one_set_in_it(of_set: str, of_group: str, code: str, verdict: Verdict) -> None:
    answer = only(a999(12, of_set, of_group))

    assert answer.about == AboutFile(12, "12")
    assert (answer.kind, answer.code, answer.verdict) == ("999", code, verdict)


def test_what_is_said_of_another_set_is_not_said_of_ours() -> None:
    other = "AK2*837*0002*005010X222A1~\nIK5*R*5~\n"
    body = f"AK1*HC*12*005010X222A1~\nAK2*837*0001*005010X222A1~\nIK5*A~\n{other}AK9*P*2*2*1~\n"

    answer = only(interchange(group("FA", [("999", "005010X231A1", body)])))

    assert (answer.code, answer.verdict) == ("A", V.RECEIVED)


def test_a_rejected_set_says_which_segment_and_element_were_wrong() -> None:
    answer = only(a999(12, "R*5*I6", "R", errors=ERRORS + A_SEGMENT_TOO_MANY))

    assert answer.why == (
        "R file rejected: segments are faulty; this guide is not supported; "
        "CLM (segment 23 in loop 2300) has faulty elements: element 2 a character that is not allowed, "
        "element 5:1 a code that is not valid; REF (segment 30 in loop 2300) is repeated too often"
    )


def test_of_many_errors_the_first_are_told_and_the_rest_are_counted() -> None:
    answer = only(a999(12, "R*5", "R", errors=A_SEGMENT_TOO_MANY * 8))

    assert answer.why.count("is repeated too often") == 3
    assert answer.why.endswith("and 5 more")


def test_of_errors_without_end_only_that_there_are_many_is_told() -> None:
    answer = only(a999(12, "R*5", "R", errors=A_SEGMENT_TOO_MANY * 3000))

    assert answer.verdict is V.REJECTED
    assert answer.why.endswith("and more than 96 others")


def test_what_a_file_says_twice_is_said_once() -> None:
    once = a999(12) + a277ca([("MER0000001", stc("A2:20"))])

    assert read_answer_file(once * 3) == read_answer_file(once)


def test_a_faulty_element_is_never_quoted() -> None:
    assert "782" not in only(a999(12, "R*5", "R", errors=ERRORS)).why


def test_an_elder_acknowledgement_is_read_like_its_successor() -> None:
    body = "AK1*HC*12~\nAK2*837*0001~\nAK5*R*5~\nAK9*R*1*1*0~\n"

    answer = only(interchange(group("FA", [("997", "004010", body)])))

    assert (answer.kind, answer.about, answer.verdict) == ("997", AboutFile(12, "12"), V.REJECTED)


def test_an_answer_to_a_group_of_questions_is_not_one_to_claims() -> None:
    assert "kind HR" in why_unmatched(a999(12, functional_id="HR"))


def test_an_answer_to_a_group_of_questions_about_cover_is_left_to_the_room_that_asked() -> None:
    read = read_answer_file(a999(12, functional_id="HS"))

    assert (read.kind, read.has_acknowledgements, read.answers, read.unmatched) == ("999", True, (), ())


@pytest.mark.parametrize(
    ("code", "action", "verdict"),
    [
        ("A0:19", "WQ", V.RECEIVED),
        ("A1:20", "WQ", V.RECEIVED),
        ("A2:20", "WQ", V.ACCEPTED),
        ("A2:20", "", V.ACCEPTED),
        ("A3:33", "U", V.REJECTED),
        ("A3:33", "", V.REJECTED),
        ("A6:562:85", "U", V.REJECTED),
        ("A7:507", "U", V.REJECTED),
        ("A8:21", "U", V.REJECTED),
        ("A4:35", "WQ", V.NOTED),
        ("A4:35", "U", V.REJECTED),
        ("A5:20", "WQ", V.NOTED),
        ("A1:19", "U", V.REJECTED),
        ("Z9:1", "", V.NOTED),
        ("A2:20 A7:507", "WQ", V.REJECTED),
        ("A1:20 A2:20", "WQ", V.ACCEPTED),
    ],
)
def test_the_category_of_an_acknowledgement_decides_with_its_action(code: str, action: str, verdict: Verdict) -> None:
    assert verdict_of(stc(code, action=action)) is verdict


def test_of_several_statements_a_rejection_outweighs() -> None:
    assert verdict_of(stc("A2:20"), stc("A7:507", action="U")) is V.REJECTED
    assert verdict_of(stc("A7:507", action="U"), stc("A2:20")) is V.REJECTED


def test_a_claims_answer_has_its_codes_its_words_its_day_and_its_number() -> None:
    later = ON + timedelta(days=2)
    said = stc("A2:20", on=later) + stc("A7:562:85 A3:33", action="U", message="SEE THE MANUAL")

    answer = only(a277ca([("MER0000001", said)], reference="CA-9"))

    assert answer.about == AboutClaim(("MER0000001",))
    assert (answer.kind, answer.reference, answer.code) == ("277CA", "CA-9", "A2:20 A7:562:85 A3:33")
    assert answer.said_on == ON
    assert "NPI (billing provider)" in answer.why
    assert answer.why.endswith("(SEE THE MANUAL)")


def test_what_is_wrong_with_a_line_is_told_with_its_claim() -> None:
    said = stc("A7:507", action="U") + "SVC*HC:97810*95~\n" + stc("A7:454", action="U") + "REF*FJ*MER0000001L1~\n"

    assert "line MER0000001L1: A7:454 " in only(a277ca([("MER0000001", said)])).why


def test_a_message_without_end_is_cut() -> None:
    assert len(only(a277ca([("MER0000001", stc("A3:33", action="U", message="X" * 264))])).why) < 300


def test_an_undated_statement_has_the_day_of_its_file() -> None:
    assert only(a277ca([("MER0000001", stc("A2:20", on=None))], on=date(2026, 4, 7))).said_on == date(2026, 4, 7)


def test_each_claim_of_a_file_is_answered_by_itself() -> None:
    read = read_answer_file(a277ca([("MER0000001", stc("A2:20")), ("MER0000002", stc("A3:33", action="U"))]))

    assert [(one.about, one.verdict) for one in read.answers] == [
        (AboutClaim(("MER0000001",)), V.ACCEPTED),
        (AboutClaim(("MER0000002",)), V.REJECTED),
    ]
    assert read.unmatched == ()


def test_a_file_refused_as_a_whole_is_refused_for_the_claims_that_are_not_named() -> None:
    refused = stc("A8:21", action="U")

    read = read_answer_file(a277ca([("MER0000001", stc("A2:20"))], file_number=12, receiver=refused))

    assert [one.about for one in read.answers] == [
        AboutClaim(("MER0000001",)),
        AboutFile(12, "000000012", frozenset({"MER0000001"})),
    ]
    assert read.answers[1].verdict is V.REJECTED


def test_a_provider_who_is_refused_takes_the_whole_file_along() -> None:
    answer = only(a277ca([], file_number=12, provider=stc("A3:24:85", action="U")))

    assert (answer.about, answer.verdict) == (AboutFile(12, "000000012"), V.REJECTED)
    assert answer.code == "A1:20 A3:24:85"


def test_that_a_file_arrived_is_said_only_where_no_claim_is_named() -> None:
    arrived = only(a277ca([], file_number=12))
    named = read_answer_file(a277ca([("MER0000001", stc("A2:20"))], file_number=12))

    assert (arrived.about, arrived.verdict) == (AboutFile(12, "000000012"), V.RECEIVED)
    assert [one.about for one in named.answers] == [AboutClaim(("MER0000001",))]


def test_no_file_is_accepted_into_adjudication_as_a_whole() -> None:
    assert only(a277ca([], receiver=stc("A2:20"))).verdict is V.RECEIVED


@pytest.mark.parametrize("code", ["P1:20", "F0:1", "F1:65", "F2:88", "R3:21", "D0:35", "E0:0"])
def test_a_status_report_on_a_claim_is_only_noted(code: str) -> None:
    answer = only(a277("MER0000001", stc(code, action="")))

    assert (answer.kind, answer.about, answer.verdict) == ("277", AboutClaim(("MER0000001", "T-1")), V.NOTED)


def test_a_status_report_that_acknowledges_is_an_acknowledgement() -> None:
    assert only(a277("MER0000001", stc("A2:20", action=""))).verdict is V.ACCEPTED
    assert only(a277("MER0000001", stc("A3:33", action=""))).verdict is V.REJECTED


def test_no_question_of_ours_is_taken_for_a_claim_file() -> None:
    text = a277("MER0000001", "").replace(b"TRN*2*T-1~\nREF*EJ*MER0000001~\n", b"")
    refused = text.replace(b"HL*3*2*19*1", b"TRN*2*000000012~\nSTC*A3:33*20260401~\nHL*3*2*19*1")

    assert "question about claims" in why_unmatched(refused)


def test_a_claim_acknowledged_twice_in_one_file_is_answered_once() -> None:
    answer = only(a277ca([("MER0000001", stc("A1:20")), ("MER0000001", stc("A3:33", action="U"))]))

    assert (answer.code, answer.verdict) == ("A1:20 A3:33", V.REJECTED)


def test_a_file_may_hold_several_kinds_of_answers() -> None:
    read = read_answer_file(ta1(12) + a999(12) + a277ca([("MER0000001", stc("A2:20"))]))

    assert [one.kind for one in read.answers] == ["TA1", "999", "277CA"]
    assert read.unmatched == ()


def test_an_answer_without_a_usable_number_names_none_of_ours() -> None:
    assert only(a999(12).replace(b"AK1*HC*12*", b"AK1*HC*X12*")).about == AboutFile(None, "X12")
    assert only(a999(12).replace(b"AK1*HC*12*", b"AK1*HC*1234567890*")).about == AboutFile(None, "1234567890")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"PK\x03\x04\x00\x00\xff\xfe", "no X12"),
        (b"Dear clinic, your claims were fine.", "no X12"),
        (ta1(12)[:60], "no X12"),
    ],
)
def test_what_is_no_x12_says_nothing(content: bytes, why: str) -> None:
    read = read_answer_file(content)

    assert (read.kind, read.answers) == ("", ())
    assert [one.kind for one in read.unmatched] == [NO_KIND]
    assert why in read.unmatched[0].why


def test_a_file_cut_off_within_a_set_says_nothing_at_all() -> None:
    whole = a277ca([("MER0000001", stc("A2:20")), ("MER0000002", stc("A2:20"))])

    read = read_answer_file(whole[: whole.index(b"MER0000002")])

    assert (read.kind, read.answers) == ("277CA", ())
    assert ["cut off" in one.why for one in read.unmatched] == [True]


def test_a_file_without_end_says_what_is_whole_and_that_more_may_be_missing() -> None:
    whole = a999(12)

    read = read_answer_file(whole[: whole.index(b"IEA*")])

    assert [one.kind for one in read.answers] == ["999"]
    assert ["may be cut off" in one.why for one in read.unmatched] == [True]


@pytest.mark.parametrize(
    ("functional_id", "set_id", "version", "words"),
    [
        ("HP", "835", "005010X221A1", "meridian remit"),
        ("HC", "837", "005010X222A1", "claim file"),
        ("AG", "824", "005010X186A1", "answers no claim"),
    ],
)
def test_other_sets_are_told_where_they_belong(functional_id: str, set_id: str, version: str, words: str) -> None:
    content = interchange(group(functional_id, [(set_id, version, "BHT*0022*11*1*20260401*0800~\n")]))

    assert read_answer_file(content).kind == set_id
    assert words in why_unmatched(content)


def test_answers_about_cover_are_left_to_the_room_that_reads_them() -> None:
    about_cover = group("HB", [("271", "005010X279A1", "BHT*0022*11*1*20260401*0800~\n")])

    read = read_answer_file(interchange(about_cover))

    assert (read.kind, read.has_eligibility, read.answers, read.unmatched) == ("271", True, (), ())


def test_an_answer_that_says_neither_yes_nor_no_is_told() -> None:
    assert "neither accepted nor rejected" in why_unmatched(ta1(12, "Q"))


def test_a_status_file_that_speaks_of_nothing_says_so() -> None:
    assert "nothing of any claim" in why_unmatched(a277("MER0000001", "").replace(b"REF*EJ*MER0000001~\n", b""))


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_stumble(content: bytes) -> None:
    assert isinstance(read_answer_file(content), AnswerFile)


@given(st.integers(0, 2000), st.integers(0, 2000), st.sampled_from([b"", b"~", b"*", b"STC", b"\xff"]))
def test_no_damage_to_an_answer_makes_the_reader_stumble(start: int, end: int, put: bytes) -> None:
    whole = a277ca([("MER0000001", stc("A2:20")), ("MER0000002", stc("A3:33", action="U"))]) + a999(12) + ta1(12)

    assert isinstance(read_answer_file(whole[:start] + put + whole[end:]), AnswerFile)
