"""A decision taken back leaves nothing; the one that follows balances again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.deciding import adjudicated
from billing.adapters.sandbox.rates import FLAWLESS, Rates
from billing.adapters.sandbox.reconsidering import decided_again, taken_back
from billing.edi.claim_837p.claim import ClaimBatch
from billing.edi.remittance_835.remittance import ClaimPayment
from tests.edi.claims_on_stage import BACK_PAIN, VARIANTS
from tests.edi.strategies import batches

LUCK = Chance("seed").of("CEDAR1")
PAID = adjudicated(BACK_PAIN, 1, FLAWLESS, LUCK)


def assert_balances(payment: ClaimPayment) -> None:
    for line in payment.lines:
        assert line.charge_cents - sum(one.cents for one in line.adjustments) == line.paid_cents
    assert payment.paid_cents == sum(line.paid_cents for line in payment.lines)


def test_a_reversal_turns_every_amount_and_keeps_every_reason() -> None:
    reversal = taken_back(PAID)

    assert reversal.status == "22"
    assert (reversal.charge_cents, reversal.paid_cents) == (-PAID.charge_cents, -PAID.paid_cents)
    assert reversal.patient_cents == -PAID.patient_cents
    assert reversal.payer_claim_number == PAID.payer_claim_number
    assert [(one.group, one.reason, -one.cents) for line in reversal.lines for one in line.adjustments] == [
        (one.group, one.reason, one.cents) for line in PAID.lines for one in line.adjustments
    ]
    assert_balances(reversal)


def test_a_reversal_says_nothing_of_interest_or_of_another_payer() -> None:
    crossed = PAID._replace(status="19", forwarded_to="MAPLE MUTUAL", interest_cents=12, remarks=("MA18",))

    reversal = taken_back(crossed)

    assert (reversal.forwarded_to, reversal.interest_cents, reversal.remarks) == ("", 0, ())


@pytest.mark.parametrize("name", VARIANTS)
def test_a_correction_balances_and_stays_within_the_charge(name: str) -> None:
    payment = adjudicated(VARIANTS[name], 1, Rates(), LUCK)

    again = decided_again(payment, LUCK)

    assert_balances(again)
    assert again.charge_cents == payment.charge_cents
    assert all(0 <= line.paid_cents <= line.charge_cents for line in again.lines)
    assert all(one.cents > 0 for line in again.lines for one in line.adjustments)
    assert again.patient_cents == payment.patient_cents


@given(batch=batches())
def test_whatever_was_decided_its_correction_balances(batch: ClaimBatch) -> None:
    for claim in batch.claims:
        assert_balances(decided_again(adjudicated(claim, 1, Rates(), LUCK), LUCK))


def test_corrections_go_both_ways() -> None:
    claims = [replace(BACK_PAIN, control_number=f"WB-{number}") for number in range(40)]
    payments = [adjudicated(claim, 1, FLAWLESS, LUCK) for claim in claims]

    changes = [decided_again(payment, LUCK).paid_cents - payment.paid_cents for payment in payments]

    assert min(changes) < 0 < max(changes)


def test_what_paid_nothing_is_decided_the_same_again() -> None:
    denied = adjudicated(BACK_PAIN, 1, replace(FLAWLESS, denied=1), LUCK)

    assert decided_again(denied, LUCK) == denied
