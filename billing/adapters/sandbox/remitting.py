"""What was paid, as the remittance that goes with the money: who pays whom, when, and under which number."""

from __future__ import annotations

from datetime import date

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.paying import Paid
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.edi.parties import Address, Contact, Organisation, Party
from billing.edi.remittance_835.payment_to_write import PaymentToWrite, Transfer
from billing.edi.remittance_835.remittance import PaymentHeader
from billing.edi.text import plain_text

_OFFICE = Address("1 PRACTICE WAY", "SANDPOINT", "ID", "83864")
"""Of a payer whose claims do not say where it lives."""
_HELP = Contact("PROVIDER SERVICES", "2085550100")
_PAYERS_BANK, _CLINICS_BANK = "990000000", "990000110"
"""Routing numbers with a right check digit in a range that no bank has."""


def payment_to_write(
    what: Paid, claim: ProfessionalClaim, trace_number: str, chance: Chance, on: date
) -> PaymentToWrite:
    """The transaction set for ``what``, between the payer and the billing provider that ``claim`` names.

    Money moves by ACH. A payment of nothing is a notice without money (handling ``H``, method ``NON``).
    ``chance`` is that of the payer.
    """
    is_money = what.total_cents > 0
    payee = claim.billing_provider
    header = PaymentHeader(
        handling="I" if is_money else "H",
        paid_cents=what.total_cents,
        method="ACH" if is_money else "NON",
        paid_on=on,
        trace_number=trace_number,
        originator="1" + chance.digits("tax number", 9),
        payer_name=plain_text(claim.payer.name),
        payer_identifier=plain_text(claim.payer.identifier),
        payee_name=_name(payee.name),
        payee_identifier=payee.npi,
        produced_on=on,
    )
    return PaymentToWrite(
        header=header,
        payer_address=_address(claim.payer.address),
        payer_contact=_HELP,
        claims=what.claims,
        provider_adjustments=what.provider_adjustments,
        payee_address=_address(payee.address),
        transfer=_transfer(payee.npi, chance) if is_money else None,
    )


def _transfer(payee: str, chance: Chance) -> Transfer:
    return Transfer(
        from_bank=_PAYERS_BANK,
        from_account=chance.digits("account", 10),
        to_bank=_CLINICS_BANK,
        to_account=chance.of(payee).digits("account", 10),
    )


def _name(party: Party) -> str:
    if isinstance(party, Organisation):
        return plain_text(party.name)
    return plain_text(f"{party.first} {party.last}")


def _address(address: Address | None) -> Address:
    """Where a party lives, or the payer's own office when its claims do not say so in full."""
    if address is None or not all((address.line1, address.city, address.state, address.zip)):
        return _OFFICE
    parts = (address.line1, address.city, address.state, address.zip, address.line2)
    return Address(*map(plain_text, parts))
