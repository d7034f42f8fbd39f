"""A payment as it is handed to the writer: what a reader gives, and what only a payer knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from billing.edi.parties import Address, Contact
from billing.edi.remittance_835.balance import balance_of
from billing.edi.remittance_835.remittance import ClaimPayment, PaymentHeader, ProviderAdjustment

MOST_REMARKS_OF_A_CLAIM = 5
_BY_BANK = ("ACH", "BOP", "FWT")


@dataclass(frozen=True, slots=True)
class Transfer:
    """From which account to which, by the banks' routing numbers (BPR06 to BPR15)."""

    from_bank: str
    from_account: str
    to_bank: str
    to_account: str


@dataclass(frozen=True, slots=True)
class PaymentToWrite:
    """One transaction set. The ordinals of the claims count from 1, and their positions mean nothing here.

    ``transfer`` belongs to a payment by ACH, wire or bank draft. ``receiver`` names who gets the file when
    that is not the payee (REF*EV). Provider-level adjustments are those of the year the payment is made in.
    """

    header: PaymentHeader
    payer_address: Address
    payer_contact: Contact
    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    payee_address: Address | None = None
    transfer: Transfer | None = None
    receiver: str = ""

    @property
    def fiscal_year_end(self) -> date:
        """PLB02."""
        return date(self.header.paid_on.year, 12, 31) if self.header.paid_on else date.min

    def faults(self) -> Iterator[str]:
        """Why this cannot be written, as far as the sums and the relations between values tell."""
        header = self.header
        balance = balance_of(header, self.claims, self.provider_adjustments)
        if not balance.is_balanced:
            yield balance.arithmetic
        if header.paid_cents < 0:
            yield "A payment below zero is written with direction D."
        if (header.method in _BY_BANK) != (self.transfer is not None):
            yield "A payment between banks, and no other, names their accounts."
        for ordinal, claim in enumerate(self.claims, start=1):
            for fault in _faults_of(claim, ordinal):
                yield f"Claim {claim.control_number}: {fault}"


def _faults_of(claim: ClaimPayment, ordinal: int) -> Iterator[str]:
    if claim.ordinal != ordinal:
        yield f"its ordinal is not {ordinal}."
    if claim.forwarded_to:
        yield "there is no room for the payer it was passed on to."
    if len(claim.remarks) > MOST_REMARKS_OF_A_CLAIM:
        yield f"there is room for {MOST_REMARKS_OF_A_CLAIM} remarks only."
    if any(line.service_through and not line.service_on for line in claim.lines):
        yield "a line ends but does not begin."
