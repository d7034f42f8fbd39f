from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.edi.remittance_835.remittance import Procedure
from billing.edi.remittance_835.values import DAYS, Implausible, Procedures, cents
from billing.edi.segment_writer import amount


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("150", 15000),
        ("72.5", 7250),
        ("72.50", 7250),
        (".05", 5),
        ("5.", 500),
        ("0", 0),
        ("-0", 0),
        ("-94.01", -9401),
        ("-.5", -50),
        ("007", 700),
        (" 12.34 ", 1234),
        ("123456789012.99", 12345678901299),
    ],
)
def test_an_amount_is_understood_in_every_form_x12_has_for_it(text: str, expected: int) -> None:
    assert cents(text) == expected


@pytest.mark.parametrize(
    "text", ["", "-", ".", "1.234", "1.000", "1,5", "1e3", "+1", "--1", "0x1", "1 2", "\u0663", "nan"]
)
def test_what_is_not_whole_cents_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="whole cents"):
        cents(text)


@given(st.integers(-(10**14), 10**14))
def test_an_amount_is_read_as_it_was_written(value: int) -> None:
    assert cents(amount(value)) == value


@pytest.mark.parametrize("text", ["20260230", "260101", "2026-01-01", "2026010", "2026010\u0661", "00000000"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a date|must be in|out of range") as refused:
        DAYS[text]

    assert not isinstance(refused.value, Implausible)


@pytest.mark.parametrize("text", ["19000101", "19891231", "21010101", "99991231"])
def test_a_day_that_no_claim_can_have_is_implausible(text: str) -> None:
    with pytest.raises(Implausible):
        DAYS[text]


def test_a_day_is_a_date_and_no_text_is_none() -> None:
    assert (DAYS["20240229"], DAYS[""]) == (date(2024, 2, 29), None)


def test_a_procedure_is_what_its_components_say() -> None:
    procedures = Procedures(">")

    assert procedures["HC>97810>GP>>59"] == Procedure("HC", "97810", ("GP", "59"))
    assert procedures["HC"] == Procedure("HC", "")
    assert procedures["NU:0250"] == Procedure("NU:0250", "")
