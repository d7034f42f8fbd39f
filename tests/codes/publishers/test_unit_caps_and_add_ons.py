from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes.publishers.add_ons import PublishedAddOn, add_ons
from billing.codes.publishers.diagnosis_list import listed
from billing.codes.publishers.recognising import head_of
from billing.codes.publishers.unit_caps import PublishedCap, caps
from billing.errors import Refused
from tests.codes.published import CAPS_HEAD, add_on_row, cap_row, file_of


def read_caps(text: str) -> list[PublishedCap]:
    file = file_of(text, "MCR_MUE_PractitionerServices_Eff_10-01-2026.csv")
    return list(caps(file, head_of(file)))


def read_add_ons(text: str) -> list[PublishedAddOn]:
    file = file_of(text, "AOC_V2026Q4-F-MCR.txt")
    return list(add_ons(file, head_of(file)))


def read_list(text: str) -> list[str]:
    return list(listed(file_of(text, "codes.csv")))


def test_caps_are_read_behind_notices_and_a_heading_over_several_lines() -> None:
    assert read_caps(CAPS_HEAD + cap_row("97810", 1, 2) + cap_row("A4215", 0)) == [
        PublishedCap("97810", 1, 2),
        PublishedCap("A4215", 0, 3),
    ]


def test_caps_apart_by_tabs_are_read_too() -> None:
    head = "HCPCS/CPT Code\tPractitioner Services MUE Values\tMUE Adjudication Indicator\tMUE Rationale\n"

    assert read_caps(head + "97811\t2\t3 Date of Service Edit: Clinical\tA, B\n") == [PublishedCap("97811", 2, 3)]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (cap_row("9781", 1), "'9781' is no procedure code."),
        ("97812,many,3 x,y\n", "'many' is no number of units."),
        ("97812,-1,3 x,y\n", "'-1' is no number of units."),
        ("97812,1,4 x,y\n", "the adjudication indicator '4 x' is not 1, 2 or 3."),
        ("97812,1\n", "it has 2 columns; a row has four."),
        (cap_row("97810", 3), "97810 stands in the file twice."),
    ],
)
def test_a_faulty_cap_is_told_with_its_line(row: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_caps(CAPS_HEAD + cap_row("97810", 1) + row)

    assert [one.why.partition(", ")[2] for one in refused.value.problems] == [f"line 6: {why}"]


def test_quotation_marks_that_do_not_match_are_told() -> None:
    with pytest.raises(Refused, match="quotation marks do not match"):
        read_caps(CAPS_HEAD + cap_row("97810", 1) + '"97811,2,3 x,y\n')


def test_add_ons_are_read_from_their_fixed_places() -> None:
    assert read_add_ons(add_on_row("97811", "97810") + add_on_row("99415", "CCCCC", 2, "2016001")) == [
        PublishedAddOn(1, "97811", "97810", date(2020, 1, 1), None),
        PublishedAddOn(2, "99415", "CCCCC", date(2016, 1, 1), None),
    ]


def test_an_add_on_ends_with_the_first_of_edit_and_codes_to_end() -> None:
    row = add_on_row("97811", "97810", last="2026365", gone="2025181", away="2025365")

    assert read_add_ons(row)[0].last == date(2025, 6, 30)


def test_blanks_at_the_end_of_a_line_may_be_missing() -> None:
    assert read_add_ons(add_on_row("97811", "97810").rstrip() + "\n") == read_add_ons(add_on_row("97811", "97810"))


def test_the_sheet_of_add_ons_saved_as_comma_separated_text_is_read_too() -> None:
    heading = (
        '"Notices of the publisher"\nAOC_Edit_Type,Add-On_Code,AOC_DelDT,Primary_Code,Primary_Code_DelDT,'
        "AOC_Edit_EffDT,AOC_Edit_DelDT,Special_Instruction_Notes\n"
    )

    assert read_add_ons(heading + "1,97811,,97810,,2020001,,\n") == read_add_ons(add_on_row("97811", "97810"))


@pytest.mark.parametrize("first", ["2026366", "2026000", "20261  ", "       "])
def test_a_day_that_is_none_is_told(first: str) -> None:
    with pytest.raises(Refused) as refused:
        read_add_ons(add_on_row("97811", "97810") + add_on_row("97811", "97813", first=first))

    assert "line 2" in refused.value.problems[0].why
    assert "is no day of the form YYYYDDD" in refused.value.problems[0].why


@given(
    st.lists(st.tuples(st.from_regex(r"[0-9A-Z]{5}", fullmatch=True), st.integers(0, 99_999)), min_size=1, max_size=30)
)
def test_every_cap_comes_out_as_it_went_in(written: list[tuple[str, int]]) -> None:
    once = dict(written)

    found = read_caps(CAPS_HEAD + "".join(cap_row(code, units) for code, units in once.items()))

    assert {one.code: one.units for one in found} == once


@given(st.text(max_size=200))
def test_no_text_makes_the_readers_stumble(text: str) -> None:
    readers: list[tuple[Callable[[str], Sequence[object]], str]] = [
        (read_caps, CAPS_HEAD + cap_row("97810", 1)),
        (read_add_ons, add_on_row("97811", "97810")),
        (read_list, "M54.50\n"),
    ]
    for read, whole in readers:
        try:
            found = read(whole + text)
        except Refused as refused:
            assert str(refused)
        else:
            assert found


def test_a_list_of_diagnoses_is_read_dotted_or_not_with_or_without_a_heading() -> None:
    assert read_list("M54.50\nm5451\n") == ["M5450", "M5451"]
    assert read_list("ICD-10-CM code,Words\nM54.50,ours\nM54.51,ours\n") == ["M5450", "M5451"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("M54.50\nback pain\n", "line 2: 'back pain' is no diagnosis code."),
        ("M54.50\nM5450\n", "line 2: M5450 stands in the file twice."),
        ("", "line 1: the file has no code."),
        ("Code\nDiagnosis\nM54.50\n", "line 2: 'Diagnosis' is no diagnosis code."),
    ],
)
def test_a_faulty_list_of_diagnoses_is_told(text: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        read_list(text)

    assert [one.why.partition(", ")[2] for one in refused.value.problems] == [why]
