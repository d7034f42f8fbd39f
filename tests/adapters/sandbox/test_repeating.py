"""The same services billed once more are noticed, and refused without a debt for anybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.deciding import adjudicated
from billing.adapters.sandbox.rates import FLAWLESS, Rates
from billing.adapters.sandbox.reconsidering import taken_back
from billing.adapters.sandbox.repeating import is_refused_as_repeated, refused_as_repeated, what_was_billed
from billing.edi.claim_837p.claim import ClaimBatch, ProfessionalClaim
from billing.edi.remittance_835.remittance import ClaimPayment
from tests.edi.claims_on_stage import BACK_PAIN, VARIANTS
from tests.edi.strategies import batches

LUCK = Chance("seed").of("CEDAR1")
FIRST, NEXT = BACK_PAIN.lines


def decided(claim: ProfessionalClaim, rates: Rates = FLAWLESS) -> ClaimPayment:
    return adjudicated(claim, 1, rates, LUCK)


def test_another_number_or_another_decision_does_not_make_it_other_services() -> None:
    once = what_was_billed(decided(BACK_PAIN))

    assert what_was_billed(decided(replace(BACK_PAIN, control_number="WB-2"))) == once
    assert what_was_billed(decided(BACK_PAIN, replace(FLAWLESS, denied=1))) == once
    assert what_was_billed(decided(replace(BACK_PAIN, lines=(NEXT, FIRST)))) == once


def test_what_is_taken_back_is_what_was_billed() -> None:
    payment = decided(BACK_PAIN)

    assert what_was_billed(taken_back(payment)) == what_was_billed(payment)


@pytest.mark.parametrize(
    "other",
    [
        replace(BACK_PAIN, subscriber=replace(BACK_PAIN.subscriber, member_id="CH999")),
        replace(BACK_PAIN, lines=(FIRST,)),
        replace(BACK_PAIN, lines=(FIRST, replace(NEXT, service_on=date(2026, 3, 9)))),
        replace(BACK_PAIN, lines=(FIRST, replace(NEXT, modifiers=("GP",)))),
        replace(BACK_PAIN, lines=(FIRST, replace(NEXT, charge_cents=1))),
    ],
)
def test_another_member_line_day_modifier_or_charge_is_another_claim(other: ProfessionalClaim) -> None:
    assert what_was_billed(decided(other)) != what_was_billed(decided(BACK_PAIN))


def test_two_children_of_one_member_are_two_patients() -> None:
    child = VARIANTS["a_child_of_the_subscriber"]
    assert child.patient is not None
    sibling = replace(child, patient=replace(child.patient, name=replace(child.patient.name, first="LARK")))

    assert what_was_billed(decided(child)) != what_was_billed(decided(sibling))


def test_workers_compensation_says_it_in_the_contractual_group() -> None:
    injured = refused_as_repeated(decided(VARIANTS["a_work_accident_of_an_employee"]))

    assert {one[:2] for line in injured.lines for one in line.adjustments} == {("CO", "18")}


@given(batch=batches())
def test_a_refusal_accounts_for_the_whole_charge_and_leaves_nobody_owing(batch: ClaimBatch) -> None:
    for claim in batch.claims:
        refused = refused_as_repeated(decided(claim, Rates()))

        assert (refused.paid_cents, refused.patient_cents, refused.status) == (0, 0, "4")
        assert all(sum(one.cents for one in line.adjustments) == line.charge_cents for line in refused.lines)
        assert is_refused_as_repeated(refused)


def test_no_other_decision_is_taken_for_such_a_refusal() -> None:
    for rates in (FLAWLESS, replace(FLAWLESS, denied=1), replace(FLAWLESS, line_denied=1)):
        assert not is_refused_as_repeated(decided(BACK_PAIN, rates))
