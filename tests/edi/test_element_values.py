from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.element_values import (
    Unreadable,
    cents,
    cents_or_none,
    code,
    day,
    day_or_none,
    decimal_or_none,
    envelope_day,
    period,
    whole_number,
)
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


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("20260302", date(2026, 3, 2), date(2026, 3, 2)),
        ("20260302-20260304", date(2026, 3, 2), date(2026, 3, 4)),
        ("20260302-", date(2026, 3, 2), None),
        ("20260230-20260304", None, date(2026, 3, 4)),
        ("", None, None),
    ],
)
def test_a_period_has_a_first_and_a_last_day_and_one_day_is_both(
    text: str, first: date | None, last: date | None
) -> None:
    assert period(holding(text), 1) == (first, last)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("260331", date(2026, 3, 31)), ("20260331", date(2026, 3, 31)), ("260231", None), ("", None), ("0331", None)],
)
def test_dates_of_envelopes_are_read_with_and_without_their_century(text: str, expected: date | None) -> None:
    assert envelope_day(text) == expected


@pytest.mark.parametrize(
    ("text", "in_cents", "in_units", "found"),
    [("12.5", 1250, Decimal("12.5"), 0), ("0", 0, Decimal(0), 0), ("", None, None, 0), ("MANY", None, None, 2)],
)
def test_a_number_that_may_be_missing_is_read_and_one_that_is_none_is_found(
    text: str, in_cents: int | None, in_units: Decimal | None, found: int
) -> None:
    findings: list[Finding] = []

    assert cents_or_none(holding(text), 1, findings) == in_cents
    assert decimal_or_none(holding(text), 1, findings) == in_units
    assert len(findings) == found


def test_an_unknown_code_becomes_the_default_and_a_finding() -> None:
    findings: list[Finding] = []

    assert code(Sex, "F", Sex.UNKNOWN, holding("F"), findings) is Sex.FEMALE
    assert code(Sex, "X", Sex.UNKNOWN, holding("X"), findings) is Sex.UNKNOWN
    assert [finding.rule for finding in findings] == ["value.code_unknown"]
