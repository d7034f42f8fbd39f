from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.claim_837p.writer import encode_837p
from billing.edi.eligibility_271.answer import (
    Benefit,
    Communication,
    Condition,
    DatedPeriod,
    Delivery,
    EligibilityAnswer,
    Identity,
    Member,
    Reference,
    Rejection,
    RelatedEntity,
    Trace,
    Where,
)
from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.edi.parties import Address, Organisation, Person, Sex
from billing.errors import Severity
from tests.edi.answers_on_stage import COVER, answer_of
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, batch_of

GOLDEN = Path(__file__).parents[2] / "golden"

PAYER = Identity("PR", Organisation("CEDAR HEALTH PLAN"), "PI", "CEDAR1")
CLINIC = Identity("1P", Organisation("WILLOW BARK ACUPUNCTURE"), "XX", "1234567893")
ODIN = ("HL*3*2*22*1", "NM1*IL*1*FINCH*ODIN****MI*CH900800700")
IVY = ("HL*4*3*23*0", "TRN*2*ASK-5-2*9WB0001", "NM1*03*1*FINCH*IVY", "INS*N*19", "EB*1**64")
LARK = ("HL*5*3*23*0", "TRN*2*ASK-5-3*9WB0001", "NM1*03*1*FINCH*LARK", "INS*N*19", "EB*6**64")
NEXT = ("HL*6*2*22*0", "TRN*2*ASK-6-1*9WB0001", "NM1*IL*1*FINCH*EMIL****MI*MM55", "EB*1**30")


def read(text: str | bytes) -> tuple[list[EligibilityAnswer], list[str]]:
    """The answers, and the rules of all findings with any weight."""
    findings: list[Finding] = []
    answers = read_271(text, findings)
    return answers, [finding.rule for finding in findings if finding.severity is not Severity.INFO]


def the_benefits(*lines: str) -> tuple[Benefit, ...]:
    (answer,), _ = read(answer_of("HL*3*2*22*0", "NM1*IL*1*FINCH*ROSA****MI*CH1", *lines))
    return answer.benefits


def who(answer: EligibilityAnswer) -> tuple[str, str, str]:
    """First names of subscriber and dependent, and the trace numbers."""
    subscriber, dependent = answer.subscriber, answer.dependent
    names = [one.identity.name for one in (subscriber, dependent) if one]
    firsts = [name.first if isinstance(name, Person) else "" for name in names]
    both = [*firsts, ""] if subscriber else ["", *firsts]
    return both[0], both[1], " ".join(trace.number for trace in answer.traces)


def test_the_golden_file_is_the_one_that_is_read_here() -> None:
    assert (GOLDEN / "a_subscriber_with_acupuncture_cover.271").read_text() == COVER


def test_who_is_covered_is_read_as_the_payer_knows_them() -> None:
    (answer,), rules = read(COVER)

    assert rules == []
    assert replace(answer, benefits=()) == EligibilityAnswer(
        reference="ASK-5",
        produced_on=date(2026, 4, 1),
        payer=PAYER,
        receiver=CLINIC,
        subscriber=Member(
            identity=Identity("IL", Person("FINCH", "ROSA", "M"), "MI", "CH100200300"),
            birth_date=date(1979, 4, 2),
            sex=Sex.FEMALE,
            address=Address("7 FERN COURT", "MEDFORD", "OR", "97501"),
            relationship="18",
            references=(Reference("18", "PLAN-3", "GOLD"), Reference("1L", "G-4411")),
            dates=(DatedPeriod("291", date(2026, 1, 1), date(2026, 12, 31)),),
        ),
        traces=(Trace("2", "ASK-5-1", "9WB0001"), Trace("1", "CEDAR-55", "9CEDAR1")),
        rejections=(Rejection(Where.BENEFIT, "62", "C", False),),
    )
    assert answer.patient == answer.subscriber


def test_every_benefit_row_is_kept_as_it_was_sent() -> None:
    (answer,), _ = read(COVER)

    review = RelatedEntity(
        identity=Identity("X3", Organisation("MAPLE UTILISATION"), "PI", "MAPLE2"),
        address=Address("1 PLAZA WAY", "PORTLAND", "OR", "97201"),
        contacts=(Communication("REVIEW DESK", (("TE", "8005550101"), ("FX", "8005550102"))),),
        taxonomy="171100000X",
    )
    visits = Benefit("F", "", ("64",), period="23", quantity_qualifier="VS", quantity=Decimal(20))
    first_of_year = date(2026, 1, 1)
    assert [replace(benefit, position=0) for benefit in answer.benefits] == [
        Benefit("1", "", ("64",), plan="PPO GOLD"),
        Benefit("C", "IND", ("30",), period="23", cents=150000, in_network="Y"),
        Benefit("C", "IND", ("30",), period="29", cents=40000, in_network="Y"),
        Benefit("B", "", ("64", "98"), period="27", cents=2500, authorisation="U", in_network="W"),
        Benefit("A", "", ("64",), share=Decimal("0.2"), in_network="N"),
        replace(
            visits,
            deliveries=(Delivery("VS", Decimal(20), period="23", periods="1"),),
            references=(Reference("G1", "AUTH77"),),
            dates=(DatedPeriod("292", first_of_year, first_of_year),),
            messages=("LIMIT SHARED WITH CHIROPRACTIC", "PLAN YEAR"),
            conditions=(Condition("ZZ", "11"),),
            entities=(review,),
        ),
        replace(visits, period="29", quantity=Decimal(7)),
        Benefit("1", authorisation="Y", procedure=("HC", "97810", "GP"), diagnosis_pointers=("1", "2")),
        Benefit("V", "", ("33",), rejections=(Rejection(Where.BENEFIT, "62", "C", False),)),
    ]


def test_a_row_knows_its_place_in_the_file() -> None:
    (answer,), _ = read(COVER)
    rows = COVER.split("~\n")

    assert all(rows[benefit.position - 1].startswith(f"EB*{benefit.information}*") for benefit in answer.benefits)


def test_each_dependent_and_each_subscriber_has_an_answer_with_their_own_rows() -> None:
    answers, rules = read(answer_of(*ODIN, *IVY, *LARK, *NEXT))

    assert [(*who(answer), [row.information for row in answer.benefits]) for answer in answers] == [
        ("ODIN", "IVY", "ASK-5-2", ["1"]),
        ("ODIN", "LARK", "ASK-5-3", ["6"]),
        ("EMIL", "", "ASK-6-1", ["1"]),
    ]
    assert [answer.patient is answer.dependent for answer in answers] == [True, True, False]
    assert rules == []


def test_a_subscriber_with_rows_of_their_own_is_answered_beside_the_dependents() -> None:
    answers, _ = read(answer_of(*ODIN, "EB*1**30", *IVY))

    assert [(*who(answer), len(answer.benefits)) for answer in answers] == [
        ("ODIN", "", "", 1),
        ("ODIN", "IVY", "ASK-5-2", 1),
    ]


def test_a_trace_at_the_subscriber_is_that_of_the_dependent_too() -> None:
    answers, _ = read(answer_of(ODIN[0], "TRN*2*ASK-5-1*9WB0001", ODIN[1], "HL*4*3*23*0", "NM1*03*1*FINCH*IVY"))

    assert [who(answer) for answer in answers] == [("ODIN", "IVY", "ASK-5-1")]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("HL*3*2*22*0", "NM1*IL*1*FINCH*ROSA", "AAA*N**72*C"), [("subscriber", "72", "C", False)]),
        (("HL*3*2*22*0", "AAA*Y**42*R", "NM1*IL*1*FINCH*ROSA"), [("subscriber", "42", "R", True)]),
        (
            (*ODIN, "AAA*N**75*C", "HL*4*3*23*0", "NM1*03*1*FINCH*IVY", "AAA*N**67*N"),
            [("subscriber", "75", "C", False), ("dependent", "67", "N", False)],
        ),
        (("AAA*N**43*C",), [("receiver", "43", "C", False)]),
    ],
)
def test_a_rejection_is_told_with_its_level_and_what_to_do(
    lines: tuple[str, ...], expected: list[tuple[str, str, str, bool]]
) -> None:
    answers, _ = read(answer_of(*lines))

    assert [(one.where, one.reason, one.follow_up, one.is_valid_request) for one in answers[-1].rejections] == expected


def test_a_payer_that_cannot_answer_gives_an_answer_without_a_person() -> None:
    begin, end = COVER.index("HL*2"), COVER.index("SE*")

    (answer,), _ = read(COVER[:begin] + "AAA*Y**42*P~\n" + COVER[end:])

    assert answer.patient is None
    assert answer.rejections == (Rejection(Where.PAYER, "42", "P", True),)


def test_what_a_payer_rejects_is_in_every_answer_below() -> None:
    text = answer_of(*ODIN, *IVY, *LARK).replace("HL*2*1*21", "AAA*Y**42*R~\nHL*2*1*21")

    answers, _ = read(text)

    assert [one.rejections for one in answers] == [(Rejection(Where.PAYER, "42", "R", True),)] * 2


def test_an_answer_that_says_nothing_is_found() -> None:
    assert read(answer_of()) == ([], ["answer.empty"])


def test_a_subscriber_is_an_answer_even_without_a_single_row() -> None:
    answers, rules = read(answer_of("HL*3*2*22*0", "NM1*IL*1*FINCH*ROSA"))

    assert [who(answer) for answer in answers] == [("ROSA", "", "")]
    assert rules == []


def test_entities_stand_with_their_row_with_and_without_the_loop_markers() -> None:
    marked = the_benefits("EB*R**30", "LS*2120", "NM1*IL*1*FINCH*EMIL****MI*MM55", "LE*2120", "EB*1**64")
    unmarked = the_benefits("EB*R**30", "NM1*PR*2*MAPLE MUTUAL*****PI*MAPLE2", "REF*18*X", "EB*1**64")

    assert [[one.identity.role for one in row.entities] for row in marked] == [["IL"], []]
    assert [[one.identity.role for one in row.entities] for row in unmarked] == [["PR"], []]
    assert unmarked[0].references == (Reference("18", "X"),)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("EB*C**64***23*MANY", "value.unreadable"),
        ("EB*A**64*****HALF", "value.unreadable"),
        ("EB*F**64***23***VS*SOME", "value.unreadable"),
    ],
)
def test_a_number_that_is_none_is_found_and_the_row_still_kept(line: str, rule: str) -> None:
    (answer,), rules = read(answer_of("HL*3*2*22*0", "NM1*IL*1*FINCH*ROSA", line, "EB*1**30"))

    assert [(row.cents, row.share, row.quantity) for row in answer.benefits] == [(None, None, None)] * 2
    assert rule in rules


def test_codes_that_are_not_known_are_kept_as_they_are() -> None:
    (row,) = the_benefits("EB*QQ*XYZ*9999*ZZZ**99*****Q*Q")

    assert (row.information, row.level, row.service_types) == ("QQ", "XYZ", ("9999",))
    assert (row.authorisation, row.in_network) == ("Q", "Q")


def test_without_a_repetition_separator_a_list_of_services_stays_one_text() -> None:
    older = COVER.replace("*^*00501*", "*U*00401*").replace("64^98", "64")

    (answer,), _ = read(older)

    assert len(answer.benefits) == 9


def test_rows_without_a_name_before_them_are_kept() -> None:
    (answer,), rules = read(answer_of("HL*3*2*22*0", "TRN*2*ASK-5-1*9WB0001", "EB*1**64"))

    assert [row.information for row in answer.benefits] == ["1"]
    assert "loop.missing" in rules


@pytest.mark.parametrize("lost", [IVY[0], LARK[0], NEXT[0]])
def test_a_person_whose_level_is_lost_is_not_mixed_with_the_one_before(lost: str) -> None:
    lines = [line for line in (*ODIN, *IVY, *LARK, *NEXT) if line != lost]

    answers, rules = read(answer_of(*lines))

    assert [(*who(answer), [row.information for row in answer.benefits]) for answer in answers] == [
        ("ODIN", "IVY", "ASK-5-2", ["1"]),
        ("ODIN", "LARK", "ASK-5-3", ["6"]),
        ("EMIL", "", "ASK-6-1", ["1"]),
    ]
    assert "segment.repeated" in rules


def test_rows_at_a_level_of_unknown_meaning_are_kept_with_the_one_before_marked_and_told() -> None:
    answers, rules = read(answer_of(*ODIN, *IVY, "HL*5*3*77*0", "EB*6**64", "MSG*WHO KNOWS"))

    (answer,) = answers
    *_, last = answer.benefits
    assert (last.information, last.is_misplaced, last.messages) == ("6", True, ("WHO KNOWS",))
    assert not any(row.is_misplaced for row in answer.benefits[:-1])
    assert {"hierarchy.level", "answer.level_unknown"} <= set(rules)


def test_a_member_named_at_a_level_of_unknown_meaning_is_a_member() -> None:
    answers, rules = read(answer_of(*ODIN, "HL*5*2*77*0", "TRN*2*ASK-9", "NM1*IL*1*LARK*IVY****MI*7", "EB*6**64"))

    assert [one.benefits[-1].is_misplaced for one in answers if one.benefits][-1] is False
    assert [trace.number for trace in answers[-1].traces][-1:] == ["ASK-9"]
    assert "answer.level_unknown" in rules


def test_rows_at_a_level_of_unknown_meaning_under_nobody_are_an_answer_of_their_own() -> None:
    answers, _ = read(answer_of("HL*3*2*ZZ*0", "AAA*Y**42*R", "EB*1**64"))

    (answer,) = answers
    assert [row.is_misplaced for row in answer.benefits] == [True]
    assert [one.reason for one in answer.rejections] == ["42"]


def test_other_transaction_sets_are_passed_over_and_told() -> None:
    assert read(encode_837p(batch_of(BACK_PAIN), ENVELOPE)) == ([], ["transaction.other_kind"])


def test_a_group_that_names_the_wrong_kind_does_not_hide_the_answer() -> None:
    assert read(COVER.replace("GS*HB", "GS*HS")) == read(COVER)


def test_other_separators_read_the_same() -> None:
    translated = COVER.replace("~\n", "\x00").translate(str.maketrans("*:^\x00", "|>!\r"))

    assert read(translated.encode()) == read(COVER)


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"\x00\xff\x07" * 99, b"%PDF-1.7 no X12 at all", b"ISA", b"ST*271*1~HL*1**20~"]
)
def test_what_says_nothing_gives_no_answer(content: bytes) -> None:
    answers, _ = read(content)

    assert answers == []


@pytest.mark.parametrize("length", range(0, len(COVER), 19))
def test_a_file_cut_off_anywhere_gives_the_rows_up_to_there(length: int) -> None:
    (whole,), _ = read(COVER)

    answers, rules = read(COVER[:length])

    rows = [row for answer in answers for row in answer.benefits]
    assert rows[:-1] == list(whole.benefits[: max(len(rows) - 1, 0)])
    assert rules or length == 0


@given(st.data())
def test_no_damage_to_a_file_makes_the_reader_fail(data: st.DataObject) -> None:
    segments = COVER.split("~\n")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(segments) - 1))
        parts = segments[place].split("*")
        parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.text(max_size=9))
        segments[place] = "*".join(parts)

    answers, rules = read("~\n".join(segments).encode())

    assert isinstance(answers, list)
    assert isinstance(rules, list)
