from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.segment_writer import SegmentWriter
from billing.edi.text import characters_not_allowed, characters_replaced, plain_text


@pytest.mark.parametrize(
    ("given_name", "plain"),
    [
        ("Rosa", "ROSA"),
        ("Zoë Núñez", "ZOE NUNEZ"),
        ("Łukasz Strauß", "LUKASZ STRAUSS"),
        ("Æsir Øster", "AESIR OSTER"),
        ("O\u2019Brien", "O'BRIEN"),
        ("Ka\u02bbiulani", "KA'IULANI"),
        ("Smith\u2013Jones", "SMITH-JONES"),
        ("“Bea”", '"BEA"'),
        ("e\u0301lan", "ELAN"),
        ("  two   blanks ", "TWO BLANKS"),
        ("no\u00a0break", "NO BREAK"),
        ("line\r\nbreak\ttab", "LINE BREAK TAB"),
        ("soft\u00adhyphen", "SOFTHYPHEN"),
        ("C/O A&B #2 (REAR), 50% @ HOME", "C/O A&B #2 (REAR), 50% @ HOME"),
        ("", ""),
    ],
)
def test_latin_text_is_folded_into_the_characters_of_x12(given_name: str, plain: str) -> None:
    assert plain_text(given_name) == plain
    assert characters_not_allowed(given_name) == []


@pytest.mark.parametrize("separator", ["*", ":", "~", "^"])
def test_a_separator_becomes_a_blank(separator: str) -> None:
    assert plain_text(f"SUITE{separator}5") == "SUITE 5"
    assert characters_replaced(f"SUITE{separator}5") == [separator]
    assert characters_not_allowed(f"SUITE{separator}5") == []


@pytest.mark.parametrize(
    ("name", "strangers"),
    [
        ("李雷", ["李", "雷"]),
        ("Ив", ["И", "в"]),
        ("שרה", ["ש", "ר", "ה"]),
        ("Rosa \N{GRINNING FACE}", ["\N{GRINNING FACE}"]),
        ("a\x1db", ["\x1d"]),
        ("a\x00b\x00", ["\x00"]),
        ("del\x7f", ["\x7f"]),
        ("12½", ["½"]),
    ],
)
def test_what_has_no_plain_form_is_named_and_left_for_a_person(name: str, strangers: list[str]) -> None:
    assert characters_not_allowed(name) == strangers
    assert all(stranger.upper() in plain_text(name) for stranger in strangers)


def test_what_was_changed_is_told_once_for_each_character() -> None:
    assert characters_replaced("Zoë, Noë: 1*2") == ["ë", ":", "*"]


def test_case_and_doubled_blanks_are_no_change() -> None:
    assert characters_replaced("rosa  finch") == []


@given(st.text())
def test_plain_text_can_be_written_exactly_when_nothing_is_forbidden(value: str) -> None:
    plain = plain_text(value)

    try:
        SegmentWriter().add("NTE", "ADD", plain)
    except ValueError:
        assert characters_not_allowed(value)
    else:
        assert not characters_not_allowed(value)


@given(st.text())
def test_plain_text_is_the_plain_text_of_itself(value: str) -> None:
    assert plain_text(plain_text(value)) == plain_text(value)
