"""What the writer makes, and what it refuses to make."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from billing.edi.remittance_835.payment_to_write import PaymentToWrite
from billing.edi.remittance_835.remittance import Adjustment
from billing.edi.remittance_835.writer import encode_835
from billing.errors import Refused
from tests.edi.remittance_835.payment_strategies import payments
from tests.edi.remittances_on_stage import (
    CHECK,
    DECIDED_CLAIM,
    DECIDED_LINE,
    DENIED,
    ENVELOPE,
    OTHER_CLAIM,
    REVERSAL_AND_CORRECTION,
    TWO_CLAIMS_LESS_A_RECOVERY,
    read_all,
    read_one,
    text_of,
)

GOLDEN = Path(__file__).parents[2] / "golden"
GOLDEN_FILES = {
    "two_claims_less_a_recovery": [TWO_CLAIMS_LESS_A_RECOVERY],
    "a_reversal_and_a_correction_with_interest": [REVERSAL_AND_CORRECTION],
    "a_denial_without_money": [DENIED],
}


def decided(**changes: Any) -> PaymentToWrite:
    """The check for one claim, with some of the claim's fields changed."""
    claim = DECIDED_CLAIM._replace(**changes)
    return replace(
        TWO_CLAIMS_LESS_A_RECOVERY,
        header=CHECK._replace(paid_cents=claim.paid_cents),
        claims=(claim,),
        provider_adjustments=(),
    )


def starting(start: str, payment: PaymentToWrite) -> list[str]:
    return [line for line in text_of(payment).split("~\n") if line.startswith(start)]


@pytest.mark.parametrize("name", GOLDEN_FILES)
def test_the_file_is_the_golden_one(name: str) -> None:
    expected = (GOLDEN / f"{name}.835").read_bytes()

    assert encode_835(GOLDEN_FILES[name], ENVELOPE) == expected


@given(payments())
def test_what_is_written_is_read_back_unchanged(written: list[PaymentToWrite]) -> None:
    read = read_all(encode_835(written, ENVELOPE))

    assert [one.header for one in read] == [one.header for one in written]
    assert [one.claims for one in read] == [one.claims for one in written]
    assert [one.provider_adjustments for one in read] == [one.provider_adjustments for one in written]
    assert [one.balance.imbalances for one in read] == [[] for _ in written]
    assert [one.rules for one in read] == [[] for _ in written]


def test_a_seventh_adjustment_of_a_group_goes_into_a_segment_of_its_own() -> None:
    seven = tuple(Adjustment("CO", reason, 100) for reason in ("1", "2", "3", "4", "5", "6", "7"))
    line = DECIDED_LINE._replace(paid_cents=14300, adjustments=seven)

    written = starting("CAS", decided(paid_cents=14300, lines=(line,)))

    assert written == ["CAS*CO*1*1**2*1**3*1**4*1**5*1**6*1", "CAS*CO*7*1"]


def test_adjustments_keep_their_order_even_when_groups_alternate() -> None:
    alternating = (Adjustment("CO", "45", 5000), Adjustment("PR", "1", 3000), Adjustment("CO", "253", 1400))

    written = decided(lines=(DECIDED_LINE._replace(adjustments=alternating),))

    assert starting("CAS", written) == ["CAS*CO*45*50", "CAS*PR*1*30", "CAS*CO*253*14"]
    assert read_one(text_of(written)).claims[0].lines[0].adjustments == alternating


def test_a_line_of_several_days_is_written_with_both() -> None:
    line = DECIDED_LINE._replace(service_through=date(2026, 3, 4))

    assert starting("DTM*15", decided(lines=(line,))) == ["DTM*150*20260302", "DTM*151*20260304"]


def test_a_payee_known_by_its_tax_number_is_named_with_it() -> None:
    by_tax_number = replace(DENIED, header=DENIED.header._replace(payee_identifier="931000001"))

    assert starting("N1*PE", by_tax_number) == ["N1*PE*WILLOW BARK ACUPUNCTURE*FI*931000001"]


def test_a_payment_that_only_takes_back_needs_no_claims() -> None:
    taking = replace(TWO_CLAIMS_LESS_A_RECOVERY, header=CHECK._replace(paid_cents=1000, direction="D"), claims=())

    read = read_one(text_of(taking))

    assert (read.claims, read.provider_adjustments, read.rules) == ((), taking.provider_adjustments, [])
    assert starting("LX", taking) == []


@pytest.mark.parametrize(
    ("payment", "why"),
    [
        (
            replace(TWO_CLAIMS_LESS_A_RECOVERY, header=CHECK._replace(paid_cents=9001)),
            "Check 90.01, but claims 100.00 - provider-level 10.00 = 90.00",
        ),
        (decided(charge_cents=15001), "claim MER0000011: 150.01 - 94.00 = 56.01, but 56.00 was paid"),
        (decided(ordinal=2), "Claim MER0000011: its ordinal is not 1."),
        (decided(forwarded_to="MAPLE"), "Claim MER0000011: there is no room for the payer it was passed on to."),
        (decided(remarks=("MA01",) * 6), "Claim MER0000011: there is room for 5 remarks only."),
        (
            decided(lines=(DECIDED_LINE._replace(service_on=None, service_through=date(2026, 3, 4)),)),
            "Claim MER0000011: a line ends but does not begin.",
        ),
        (
            replace(TWO_CLAIMS_LESS_A_RECOVERY, header=CHECK._replace(method="ACH")),
            "A payment between banks, and no other, names their accounts.",
        ),
        (
            replace(DENIED, transfer=REVERSAL_AND_CORRECTION.transfer),
            "A payment between banks, and no other, names their accounts.",
        ),
        (
            replace(DENIED, header=DENIED.header._replace(paid_cents=-1)),
            "A payment below zero is written with direction D.",
        ),
    ],
)
def test_a_payment_that_contradicts_itself_is_refused_in_words(payment: PaymentToWrite, why: str) -> None:
    with pytest.raises(ValueError, match=f"(?m)^{re.escape(why)}$"):
        encode_835([DENIED, payment], ENVELOPE)


def test_an_interchange_without_payments_is_refused() -> None:
    with pytest.raises(ValueError, match="without a transaction set"):
        encode_835([], ENVELOPE)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"status": "99"}, "CLP02"),
        ({"filing_indicator": "QQ"}, "CLP06"),
        ({"payer_claim_number": ""}, "CLP07"),
        ({"control_number": "M" * 39}, "CLP01"),
        ({"patient_last_name": ""}, "NM103"),
        ({"lines": (DECIDED_LINE._replace(procedure=DECIDED_LINE.procedure._replace(code="")),)}, "SVC01"),
        (
            {"lines": (DECIDED_LINE._replace(adjustments=(Adjustment("CR", "45", 9400),)),)},
            "CAS01",
        ),
    ],
)
def test_a_value_that_the_guide_does_not_allow_is_refused(changes: dict[str, Any], where: str) -> None:
    with pytest.raises(Refused) as refused:
        encode_835([decided(**changes)], ENVELOPE)

    assert any(problem.why.startswith(where) for problem in refused.value.problems)


@pytest.mark.parametrize("text", ["FI*NCH", "FINCH~", "FI:NCH", "FI^NCH", "FINCH\n", "F\u0130NCH"])
def test_a_text_that_would_break_the_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="NM1"):
        encode_835([decided(patient_last_name=text)], ENVELOPE)


def test_every_segment_is_counted_and_every_transaction_numbered() -> None:
    text = text_of(TWO_CLAIMS_LESS_A_RECOVERY, DENIED)

    lines = text.split("~\n")
    assert [line for line in lines if line.startswith(("ST", "SE", "GE"))] == [
        "ST*835*0001",
        "SE*34*0001",
        "ST*835*0002",
        "SE*16*0002",
        "GE*2*71",
    ]


def test_two_claims_share_one_header_number() -> None:
    assert starting("LX", TWO_CLAIMS_LESS_A_RECOVERY) == ["LX*1"]
    assert len(starting("CLP", TWO_CLAIMS_LESS_A_RECOVERY)) == len((DECIDED_CLAIM, OTHER_CLAIM))
