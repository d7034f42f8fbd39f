"""Questions are written by the guide, are read back to what they were, and carry nothing that is not allowed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.eligibility_270.inquiry import AskedPayer, Inquiry
from billing.edi.eligibility_270.reader import read_270
from billing.edi.eligibility_270.writer import encode_270, problems_270
from billing.edi.findings import Finding
from billing.edi.kinds import kind_of
from billing.edi.parties import Person, Relationship, Sex
from billing.errors import Refused
from tests.edi.eligibility_270.questions_on_stage import FROM_US, IVY, ROSA, inquiries

ROSA_270 = """\
ST*270*0001*005010X279A1~
BHT*0022*13*261121-000001*20260401*0905~
HL*1**20*1~
NM1*PR*2*CEDAR HEALTH PLAN*****PI*CEDAR1~
HL*2*1*21*1~
NM1*1P*2*WILLOW BARK ACUPUNCTURE*****XX*1234567893~
HL*3*2*22*0~
TRN*1*261121-000001*1931234567~
NM1*IL*1*FINCH*ROSA*M***MI*CH100200300~
DMG*D8*19790402*F~
DTP*291*D8*20260402~
EQ*30~
EQ*64~
EQ*98~
SE*15*0001~
"""
IVY_270 = """\
HL*3*2*22*1~
NM1*IL*1*FINCH*ODIN****MI*CH900800700~
HL*4*3*23*0~
TRN*1*261121-000002*1931234567~
NM1*03*1*FINCH*IVY~
DMG*D8*20120809*F~
INS*N*19~
DTP*291*D8*20260402~
EQ*64~
"""


def lines(content: bytes) -> str:
    return content.decode("ascii")


def test_a_subscribers_question_asks_for_plan_acupuncture_and_office_visits_at_once() -> None:
    assert ROSA_270 in lines(encode_270([ROSA], FROM_US))


def test_a_dependents_question_names_the_subscriber_and_asks_about_the_dependent() -> None:
    assert IVY_270 in lines(encode_270([IVY], FROM_US))


def test_every_question_has_a_transaction_set_of_its_own_in_one_interchange() -> None:
    text = lines(encode_270([ROSA, IVY], FROM_US))

    assert (text.count("ISA*"), text.count("GS*HS*"), text.count("ST*270*")) == (1, 1, 2)
    assert "GE*2*42~" in text
    assert kind_of(text) == "270"


@given(st.lists(inquiries, min_size=1, max_size=4))
def test_what_is_written_is_read_back_without_a_finding(asked: list[Inquiry]) -> None:
    findings: list[Finding] = []

    read = read_270(encode_270(asked, FROM_US), findings)

    assert (read, findings) == (asked, [])


def test_a_relationship_the_guide_does_not_know_travels_as_another_adult() -> None:
    assert IVY.dependent is not None
    friend = replace(IVY, dependent=replace(IVY.dependent, relationship=Relationship.LIFE_PARTNER))

    (read,) = read_270(encode_270([friend], FROM_US), [])

    assert read.dependent is not None
    assert read.dependent.relationship is Relationship.OTHER


def test_an_unknown_sex_is_not_sent() -> None:
    nobody_said = replace(ROSA, subscriber=replace(ROSA.subscriber, sex=Sex.UNKNOWN))

    assert "DMG*D8*19790402~" in lines(encode_270([nobody_said], FROM_US))


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (replace(ROSA, payer=AskedPayer("CEDAR", "")), "x12.element.missing"),
        (replace(ROSA, trace="T" * 51), "x12.element.length"),
        (replace(ROSA, originator="123"), "x12.element.length"),
        (replace(ROSA, subscriber=replace(ROSA.subscriber, name=Person("N" * 61, "ROSA"))), "x12.element.length"),
        (replace(ROSA, subscriber=replace(ROSA.subscriber, name=Person("FINCH"))), "x12.patient_name"),
    ],
)
def test_what_the_guide_does_not_allow_is_refused_with_the_rule(broken: Inquiry, rule: str) -> None:
    with pytest.raises(Refused):
        encode_270([broken], FROM_US)

    assert rule in [problem.rule for problem in problems_270(broken, FROM_US)]


@pytest.mark.parametrize("name", ["A*B", "A~B", "A:B", "A^B", "\u738b"])
def test_a_character_that_x12_does_not_allow_never_reaches_a_file(name: str) -> None:
    strange = replace(ROSA, subscriber=replace(ROSA.subscriber, name=Person(name, "ROSA")))

    (problem,) = problems_270(strange, FROM_US)

    assert problem.rule == "text.character_not_allowed"


def test_a_question_that_asks_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="asks something"):
        encode_270([replace(ROSA, service_types=())], FROM_US)


def test_several_kinds_of_service_in_one_element_are_read_too() -> None:
    text = lines(encode_270([ROSA], FROM_US)).replace("EQ*30~\nEQ*64~\nEQ*98~\n", "EQ*30^64^98~\n")

    (read,) = read_270(text, [])

    assert read.service_types == ("30", "64", "98")


def test_a_question_without_a_day_asks_about_the_day_of_the_file() -> None:
    (read,) = read_270(lines(encode_270([ROSA], FROM_US)).replace("DTP*291*D8*20260402~\n", ""), [])

    assert read.asked_on == date(2026, 4, 1)


@given(st.text(max_size=200), st.integers(0, 700))
def test_no_damage_makes_the_reader_stumble(put: str, start: int) -> None:
    text = lines(encode_270([ROSA, IVY], FROM_US))

    assert isinstance(read_270(text[:start] + put + text[start + 5 :], []), list)
