"""The sums of a payment, worked out by hand."""

from __future__ import annotations

import pytest

from billing.edi.remittance_835.balance import MOST_KEPT, Balance, Imbalance, balance_of
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, ProviderAdjustment
from tests.edi.remittances_on_stage import (
    CHECK,
    DECIDED_CLAIM,
    DECIDED_LINE,
    OTHER_CLAIM,
    RECOVERY,
    REVERSAL_AND_CORRECTION,
)


def taken(*claims: ClaimPayment) -> Balance:
    balance = Balance()
    for claim in claims:
        balance.take(claim)
    return balance


def cents_in_group(claim: ClaimPayment, group: str) -> int:
    adjustments = [*claim.adjustments, *(one for line in claim.lines for one in line.adjustments)]
    return sum(one.cents for one in adjustments if one.group == group)


def test_a_charge_of_150_less_50_written_off_and_44_of_the_patients_share_pays_56() -> None:
    balance = balance_of(CHECK._replace(paid_cents=5600), [DECIDED_CLAIM], [])

    assert balance.is_balanced
    assert balance.arithmetic == "Check 56.00 = claims 56.00 - provider-level 0.00"
    assert cents_in_group(DECIDED_CLAIM, "CO") == 5000
    assert cents_in_group(DECIDED_CLAIM, "PR") == DECIDED_CLAIM.patient_cents == 4400


def test_claims_of_56_and_44_less_a_recovery_of_10_make_a_check_of_90() -> None:
    balance = balance_of(CHECK, [DECIDED_CLAIM, OTHER_CLAIM], [RECOVERY])

    assert (balance.claims, balance.claims_paid_cents, balance.provider_cents) == (2, 10000, 1000)
    assert balance.is_balanced
    assert balance.arithmetic == "Check 90.00 = claims 100.00 - provider-level 10.00"


def test_a_reversal_a_correction_and_interest_make_a_check_together() -> None:
    payment = REVERSAL_AND_CORRECTION

    balance = balance_of(payment.header, payment.claims, payment.provider_adjustments)

    assert balance.arithmetic == "Check 31.25 = claims 30.00 - provider-level -1.25"


@pytest.mark.parametrize("off", [-1, 1])
def test_a_check_that_is_one_cent_off_is_out_of_balance(off: int) -> None:
    balance = balance_of(CHECK._replace(paid_cents=9000 + off), [DECIDED_CLAIM, OTHER_CLAIM], [RECOVERY])

    said = f"{(9000 + off) / 100:.2f}"
    assert balance.imbalances == [
        Imbalance("payment", "check", f"claims 100.00 - provider-level 10.00 = 90.00, but the check says {said}")
    ]
    assert balance.arithmetic == f"Check {said}, but claims 100.00 - provider-level 10.00 = 90.00"


def test_a_line_that_is_one_cent_off_is_named_with_its_sum() -> None:
    line = DECIDED_LINE._replace(paid_cents=5601)
    claim = DECIDED_CLAIM._replace(paid_cents=5601, lines=(DECIDED_LINE._replace(charge_cents=0), line))

    balance = taken(claim)

    assert balance.imbalances[1] == Imbalance(
        "line", "claim MER0000011 line 2 (97810)", "150.00 - 94.00 = 56.00, but 56.01 was paid"
    )


def test_a_claim_is_checked_against_the_adjustments_of_its_lines_and_its_own() -> None:
    wrong = DECIDED_CLAIM._replace(charge_cents=15001)

    assert taken(wrong).imbalances == [
        Imbalance("claim", "claim MER0000011", "150.01 - 94.00 = 56.01, but 56.00 was paid")
    ]


def test_a_claim_is_checked_against_what_its_lines_were_paid() -> None:
    """Charge and adjustments come out here; what the lines were paid does not."""
    wrong = DECIDED_CLAIM._replace(charge_cents=16000, paid_cents=6600)

    assert taken(wrong).imbalances == [
        Imbalance("claim", "the lines of claim MER0000011", "56.00 - 0.00 = 56.00, but 66.00 was paid")
    ]


def test_an_adjustment_of_the_claim_lowers_what_its_lines_were_paid() -> None:
    claim = DECIDED_CLAIM._replace(paid_cents=5000, adjustments=(Adjustment("OA", "253", 600),))

    assert taken(claim).is_balanced


def test_a_claim_without_lines_is_checked_by_its_own_adjustments() -> None:
    claim = DECIDED_CLAIM._replace(lines=(), paid_cents=5600, adjustments=(Adjustment("CO", "45", 9400),))

    assert taken(claim).is_balanced
    assert not taken(claim._replace(paid_cents=5500)).is_balanced


def test_what_is_information_only_has_no_part_in_any_sum() -> None:
    line = DECIDED_LINE._replace(allowed_cents=1)
    claim = DECIDED_CLAIM._replace(patient_cents=99999, interest_cents=777, lines=(line,))

    assert balance_of(CHECK._replace(paid_cents=5600), [claim], []).is_balanced


def test_a_payment_that_the_payer_takes_is_below_zero() -> None:
    taking = CHECK._replace(direction="D", paid_cents=1000)

    balance = balance_of(taking, [], [RECOVERY])

    assert balance.check_cents == -1000
    assert balance.arithmetic == "Check -10.00 = claims 0.00 - provider-level 10.00"


def test_provider_adjustments_below_zero_raise_the_check() -> None:
    interest, owed_from_before = RECOVERY._replace(reason="L6", cents=-125), RECOVERY._replace(reason="FB", cents=-2000)

    balance = balance_of(CHECK._replace(paid_cents=7725), [DECIDED_CLAIM], [interest, owed_from_before])

    assert balance.is_balanced


def test_without_claims_and_adjustments_nothing_is_paid() -> None:
    assert balance_of(CHECK._replace(paid_cents=0), [], []).is_balanced
    assert not balance_of(CHECK._replace(paid_cents=1), [], [ProviderAdjustment("", "WO", "", 0)]).is_balanced


def test_a_balance_under_way_says_how_far_it_is() -> None:
    assert taken(DECIDED_CLAIM).arithmetic == "So far 56.00 = claims 56.00 - provider-level 0.00"


def test_of_very_many_imbalances_the_first_are_spelled_out_and_the_rest_are_counted() -> None:
    wrong = DECIDED_CLAIM._replace(charge_cents=15001)

    balance = taken(*[wrong] * (MOST_KEPT + 7))

    assert (len(balance.imbalances), balance.further) == (MOST_KEPT, 7)
    assert balance.arithmetic.endswith("\nand 7 more sums that do not come out")
    assert balance.arithmetic.count("\n") == MOST_KEPT + 1
