from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.codes.publishers.icd10cm import complete_codes
from billing.codes.publishers.recognising import head_of
from billing.errors import Refused
from tests.codes.published import code_list, file_of, order_file

CODES = ["M542", "M5450", "M5451", "R51", "S134XXA"]


def read(text: str) -> list[str]:
    file = file_of(text, "icd10cm_order_2027.txt")
    return list(complete_codes(file, head_of(file)))


def faults(text: str) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(text)
    return [one.why for one in refused.value.problems]


def test_the_complete_codes_of_an_order_file_are_read_and_its_headings_are_not() -> None:
    text = order_file(CODES)

    assert read(text) == CODES
    assert "M54 " in text


def test_a_list_of_complete_codes_is_read_as_it_is() -> None:
    assert read(code_list(CODES)) == CODES


@given(st.sets(st.from_regex(r"[A-Z][0-9][0-9A-Z][0-9A-Z]{4}", fullmatch=True), min_size=1, max_size=30))
def test_whatever_codes_there_are_come_out_as_they_went_in(codes: set[str]) -> None:
    assert read(order_file(codes)) == sorted(codes)
    assert read(code_list(codes)) == sorted(codes)


@given(st.text(max_size=300))
def test_no_text_is_read_in_silence(text: str) -> None:
    whole = order_file(CODES)
    try:
        found = read(whole + text)
    except Refused as refused:
        assert all("line" in one.why for one in refused.problems)
    else:
        assert set(found) >= set(CODES)
        assert len(found) - len(CODES) <= len(text.splitlines())


def test_a_line_that_was_cut_is_told_by_its_number() -> None:
    text = order_file(CODES)

    assert faults(text[: text.index("00005") + 40]) == [
        "icd10cm_order_2027.txt, line 5: it is no line of an order file: '00005 R51     1 Short words for R51     '."
    ]


def test_a_file_that_ends_at_a_heading_was_cut_off() -> None:
    lines = order_file(CODES).splitlines()

    assert faults("\n".join(lines[:-1])) == [
        "icd10cm_order_2027.txt, line 6: the file ends at the heading S13: it was cut off."
    ]


def test_lines_that_are_missing_within_show_by_a_heading_without_codes() -> None:
    lines = order_file(CODES).splitlines()

    assert faults("\n".join([lines[0], *lines[4:]])) == [
        "icd10cm_order_2027.txt, line 2: the heading M54 has no codes of its own; lines are missing before this one."
    ]


def test_a_complete_code_that_is_divided_further_is_a_contradiction() -> None:
    text = order_file(["M5450", "M5450A"])

    assert [one.partition(": ")[2] for one in faults(text)] == ["M5450 is called complete, and M5450A divides it."]


def test_a_code_that_stands_twice_is_told_and_order_numbers_must_rise() -> None:
    lines = order_file(CODES).splitlines()

    told = [one.partition(": ")[2] for one in faults("\n".join([*lines, lines[-1]]))]

    assert told[:2] == ["its order number 7 does not follow 7.", "S134XXA stands in the file twice."]


def test_many_faults_end_the_reading_and_say_so() -> None:
    with pytest.raises(Refused, match="20 lines and more of it are at fault"):
        read(order_file(CODES) + "not a line\n" * 500)
