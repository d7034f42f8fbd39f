from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.element_values import Unreadable, cents, code, day, day_or_none, whole_number
from billing.edi.findings import Finding
from billing.edi.parties import Sex
from billing.edi.segment_writer import amount
from billing.edi.segments import Segment, Separators


def holding(value: str) -> Segment:
    return Segment("AMT", ["AMT", value], 7, Separators())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("165", 16500),
        ("72.5", 7250),
        ("72.50", 7250),
        (".5", 50),
        ("12.", 1200),
        ("-3.1", -310),
        ("1.005", 101),
        ("0", 0),
    ],
)
def test_amounts_are_read_as_cents(text: str, expected: int) -> None:
    assert cents(holding(text), 1) == expected


@given(st.integers(-(10**11), 10**11))
def test_an_amount_is_read_back_as_it_was_written(value: int) -> None:
    assert cents(holding(amount(value)), 1) == value


@pytest.mark.parametrize("text", ["", "A", "1,5", "NaN", "Infinity", "9" * 5000, "1e400", "\N{SUPERSCRIPT TWO}"])
def test_what_is_no_amount_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable) as unreadable:
        cents(holding(text), 1)

    assert unreadable.value.finding.position == 7


@pytest.mark.parametrize(("text", "count", "found"), [("3", 3, 0), ("3.00", 3, 0), ("2.5", 3, 1)])
def test_counts_are_whole_and_fractions_are_told(text: str, count: int, found: int) -> None:
    findings: list[Finding] = []

    assert whole_number(holding(text), 1, findings) == count
    assert len(findings) == found


def test_days_are_read_or_refused() -> None:
    assert day(holding("20260302"), 1) == date(2026, 3, 2)
    assert day_or_none(holding("20260230"), 1) is None
    assert day_or_none(None, 1) is None
    with pytest.raises(Unreadable):
        day(holding("20260230"), 1)


def test_an_unknown_code_becomes_the_default_and_a_finding() -> None:
    findings: list[Finding] = []

    assert code(Sex, "F", Sex.UNKNOWN, holding("F"), findings) is Sex.FEMALE
    assert code(Sex, "X", Sex.UNKNOWN, holding("X"), findings) is Sex.UNKNOWN
    assert [finding.rule for finding in findings] == ["value.code_unknown"]
