"""The remittance names who pays whom, from which bank to which, and under which number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.paying import Paid, paid
from billing.adapters.sandbox.rates import FLAWLESS
from billing.adapters.sandbox.remembering import Memory
from billing.adapters.sandbox.remitting import payment_to_write
from billing.edi.claim_837p.claim import Address, Payer, ProfessionalClaim
from billing.edi.remittance_835.payment_to_write import PaymentToWrite
from billing.edi.remittance_835.writer import encode_835
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, VARIANTS

DAY = date(2026, 3, 31)
LUCK = Chance("seed").of("CEDAR1")
NOTHING = Paid((), ())


def remitted(claim: ProfessionalClaim = BACK_PAIN, what: Paid | None = None, luck: Chance = LUCK) -> PaymentToWrite:
    decided = paid([claim], Memory([]), FLAWLESS, luck) if what is None else what
    return payment_to_write(decided, claim, "482000000042001", luck, DAY)


def check_digit_is_right(routing_number: str) -> bool:
    weights = (3, 7, 1) * 3
    return sum(weight * int(digit) for weight, digit in zip(weights, routing_number, strict=True)) % 10 == 0


def test_payer_and_clinic_are_named_as_the_claim_names_them() -> None:
    header = remitted().header

    assert (header.payer_name, header.payer_identifier) == ("CEDAR HEALTH PLAN", "CEDAR1")
    assert (header.payee_name, header.payee_identifier) == ("WILLOW BARK ACUPUNCTURE", "1234567893")
    assert header.trace_number == "482000000042001"


def test_a_person_who_bills_is_paid_under_first_and_last_name() -> None:
    claim = VARIANTS["billed_by_a_person_under_a_social_security_number"]

    assert remitted(claim).header.payee_name == "BEN THORNE"


def test_a_payer_pays_from_one_account_under_one_tax_number_and_another_payer_from_another() -> None:
    first, second, other = remitted(), remitted(), remitted(luck=Chance("seed").of("MAPLE2"))

    assert first.transfer is not None
    assert first.transfer == second.transfer != other.transfer
    assert first.header.originator == second.header.originator != other.header.originator
    assert (first.header.originator[0], len(first.header.originator)) == ("1", 10)


def test_the_banks_numbers_pass_for_routing_numbers() -> None:
    transfer = remitted().transfer

    assert transfer is not None
    assert check_digit_is_right(transfer.from_bank)
    assert check_digit_is_right(transfer.to_bank)


def test_a_payment_of_nothing_is_a_notice_without_banks() -> None:
    notice = remitted(what=NOTHING)

    assert (notice.header.handling, notice.header.method, notice.transfer) == ("H", "NON", None)


@pytest.mark.parametrize("address", [None, Address("", "PORTLAND", "OR", "97201"), Address("1 PLAZA WAY", "", "", "")])
def test_a_payer_whose_address_is_not_told_in_full_has_an_office_all_the_same(address: Address | None) -> None:
    claim = replace(BACK_PAIN, payer=Payer("CEDAR HEALTH PLAN", "CEDAR1", address))

    content = encode_835([remitted(claim)], ENVELOPE)

    assert b"N4*SANDPOINT*ID*83864" in content
