"""What the payer decides about a claim: always balanced, never more than the charge."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.deciding import adjudicated, payer_claim_number
from billing.adapters.sandbox.rates import FLAWLESS, Rates
from billing.edi.claim_837p.claim import ClaimBatch, ProfessionalClaim, Responsibility
from billing.edi.remittance_835.remittance import ClaimPayment, ServicePayment
from tests.edi.claims_on_stage import ANOTHER_COVERAGE, BACK_PAIN, VARIANTS
from tests.edi.strategies import batches

LUCK = Chance("seed").of("CEDAR1")
PRIMARY = BACK_PAIN
SECONDARY = VARIANTS["a_secondary_claim_with_the_primarys_payment"]
MEDICARE = replace(BACK_PAIN, subscriber=replace(BACK_PAIN.subscriber, filing_indicator="MB"))


def decided(claim: ProfessionalClaim, rates: Rates = FLAWLESS, luck: Chance = LUCK) -> ClaimPayment:
    return adjudicated(claim, 1, rates, luck)


def many(claim: ProfessionalClaim, rates: Rates, count: int = 300) -> list[ClaimPayment]:
    return [decided(replace(claim, control_number=f"WB-{number}"), rates) for number in range(count)]


def reasons(payment: ClaimPayment) -> set[str]:
    return {f"{one.group}-{one.reason}" for line in payment.lines for one in line.adjustments}


def line_balances(line: ServicePayment) -> bool:
    return line.charge_cents - sum(one.cents for one in line.adjustments) == line.paid_cents


def assert_sound(payment: ClaimPayment, claim: ProfessionalClaim) -> None:
    assert all(line_balances(line) for line in payment.lines)
    assert sum(line.paid_cents for line in payment.lines) == payment.paid_cents
    assert sum(line.charge_cents for line in payment.lines) == payment.charge_cents == claim.total_cents
    assert all(0 <= line.paid_cents <= line.charge_cents for line in payment.lines)
    assert all(one.cents > 0 for line in payment.lines for one in line.adjustments)
    assert 0 <= payment.patient_cents <= payment.charge_cents - payment.paid_cents


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("rates", [FLAWLESS, Rates(), replace(FLAWLESS, denied=1), replace(FLAWLESS, deductible=1)])
def test_every_kind_of_claim_is_accounted_for_to_the_cent(name: str, rates: Rates) -> None:
    claim = VARIANTS[name]

    payment = decided(claim, rates)

    assert_sound(payment, claim)
    assert payment.control_number == claim.control_number
    assert [line.control_number for line in payment.lines] == [line.control_number for line in claim.lines]


@given(batch=batches())
def test_whatever_is_claimed_is_accounted_for_to_the_cent(batch: ClaimBatch) -> None:
    for claim in batch.claims:
        assert_sound(decided(claim, Rates()), claim)


def test_the_same_claim_is_decided_the_same_way_wherever_it_stands() -> None:
    assert decided(PRIMARY) == decided(PRIMARY)
    assert adjudicated(PRIMARY, 7, Rates(), LUCK)._replace(ordinal=1) == decided(PRIMARY, Rates())


def test_the_fee_schedule_is_one_for_all_claims_of_a_payer() -> None:
    allowed = {payment.lines[0].allowed_cents for payment in many(PRIMARY, FLAWLESS, 20)}
    elsewhere = decided(PRIMARY, luck=Chance("seed").of("ANOTHER PAYER")).lines[0].allowed_cents

    assert len(allowed) == 1
    assert elsewhere not in allowed


def test_patients_owe_deductible_coinsurance_or_copay() -> None:
    said = Counter(reason for payment in many(PRIMARY, Rates()) for reason in reasons(payment))

    assert said["CO-45"] > 200
    assert min(said["PR-1"], said["PR-2"], said["PR-3"]) > 20


def test_a_copay_is_taken_once_a_claim() -> None:
    with_copay = [payment for payment in many(PRIMARY, Rates(denied=0, line_denied=0)) if "PR-3" in reasons(payment)]

    assert {payment.patient_cents for payment in with_copay} <= {1500, 2000, 2500, 3000, 4000}
    assert len(with_copay) > 20


def test_workers_compensation_asks_nothing_of_the_patient() -> None:
    injured = VARIANTS["a_work_accident_of_an_employee"]

    payments = many(injured, Rates(denied=0, line_denied=0))

    assert {reason for payment in payments for reason in reasons(payment)} == {"CO-P12"}
    assert {payment.patient_cents for payment in payments} == {0}


def test_medicare_takes_its_sequestration_off_what_it_pays() -> None:
    line = decided(MEDICARE).lines[0]

    amounts = {f"{one.group}-{one.reason}": one.cents for one in line.adjustments}
    due = line.charge_cents - amounts["CO-45"] - amounts["PR-2"]
    assert amounts["PR-2"] == (line.charge_cents - amounts["CO-45"]) * 20 // 100
    assert amounts["CO-253"] == due * 2 // 100
    assert line.paid_cents == due - amounts["CO-253"]


def test_a_denial_pays_nothing_and_gives_one_reason_for_the_whole_charge() -> None:
    payments = many(PRIMARY, replace(FLAWLESS, denied=1))

    said = {reason for payment in payments for reason in reasons(payment)}
    assert {payment.paid_cents for payment in payments} == {0}
    assert {"CO-50", "CO-16", "CO-197", "PR-204"} <= said
    assert {payment.status for payment in payments} == {"1", "4"}
    assert all(len(line.adjustments) == 1 for payment in payments for line in payment.lines)


def test_missing_information_is_never_said_without_a_remark() -> None:
    lines = [line for payment in many(PRIMARY, replace(FLAWLESS, denied=1)) for line in payment.lines]

    assert [line for line in lines if line.adjustments[0].reason in ("16", "96") and not line.remarks] == []


def test_one_line_can_be_denied_and_the_others_paid() -> None:
    payment = decided(PRIMARY, replace(FLAWLESS, line_denied=1))

    assert [line.paid_cents > 0 for line in payment.lines] == [True, False]
    assert payment.status == "1"


def test_a_second_payer_pays_what_the_first_left_to_the_patient_save_its_own_copay() -> None:
    payments = many(SECONDARY, Rates())

    left = 700 + 300
    assert {payment.status for payment in payments} == {"2"}
    assert {payment.paid_cents + payment.patient_cents for payment in payments} == {left}
    assert {payment.patient_cents for payment in payments} <= {0, 500, 1000}
    assert any(payment.patient_cents for payment in payments)


def test_what_the_first_payer_did_is_not_repeated_but_summed_up() -> None:
    first, second = decided(SECONDARY).lines

    assert first.adjustments[0][:3] == ("OA", "23", 8500 - 1000)
    assert second.adjustments[0][:3] == ("OA", "23", 6050)
    assert second.paid_cents == 0


def test_a_decision_on_the_claim_as_a_whole_is_spread_over_its_lines() -> None:
    payment = decided(VARIANTS["a_secondary_claim_decided_as_a_whole"])

    assert payment.paid_cents + payment.patient_cents == 14550
    assert payment.status == "2"


def test_a_third_payer_says_so() -> None:
    subscriber = replace(SECONDARY.subscriber, responsibility=Responsibility.TERTIARY)

    assert decided(replace(SECONDARY, subscriber=subscriber)).status == "3"


def test_a_second_payer_that_is_not_told_what_the_first_paid_denies() -> None:
    subscriber = replace(PRIMARY.subscriber, responsibility=Responsibility.SECONDARY)
    undecided = replace(ANOTHER_COVERAGE, responsibility=Responsibility.PRIMARY)

    payment = decided(replace(PRIMARY, subscriber=subscriber, other_payers=(undecided,)))

    assert reasons(payment) == {"CO-22"}
    assert {line.remarks for line in payment.lines} == {("MA04",)}
    assert (payment.status, payment.paid_cents) == ("2", 0)


def test_medicare_passes_a_claim_on_to_the_payer_that_comes_next() -> None:
    claim = replace(MEDICARE, other_payers=(ANOTHER_COVERAGE,))

    payment = decided(claim, replace(FLAWLESS, crossed_over=1))

    assert (payment.status, payment.remarks) == ("1", ("MA18",))


@pytest.mark.parametrize("claim", [MEDICARE, replace(PRIMARY, other_payers=(ANOTHER_COVERAGE,))])
def test_nothing_is_passed_on_without_medicare_and_a_next_payer(claim: ProfessionalClaim) -> None:
    payment = decided(claim, replace(FLAWLESS, crossed_over=1))

    assert (payment.status, payment.remarks) == ("1", ())


def test_the_patient_is_named_who_was_treated() -> None:
    payment = decided(VARIANTS["a_child_of_the_subscriber"])

    assert (payment.patient_last_name, payment.patient_first_name) == ("FINCH", "IVY")
    assert payment.patient_identifier == "CH900800700"


def test_the_period_spans_all_lines() -> None:
    payment = decided(VARIANTS["lines_with_everything"])

    assert (payment.service_from, payment.service_through) == (date(2026, 3, 2), date(2026, 3, 4))


def test_the_payers_number_is_its_own_for_each_claim() -> None:
    numbers = {payment.payer_claim_number for payment in many(PRIMARY, FLAWLESS)}

    assert len(numbers) == 300
    assert payer_claim_number(PRIMARY, LUCK) == decided(PRIMARY).payer_claim_number
