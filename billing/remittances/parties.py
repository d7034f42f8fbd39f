"""Who a payment comes from and whom it is made out to, as far as its header lets them be known. Pure.

Payers go by other numbers on their remittances than on our claims, so that a payer nobody on file is like proves
nothing. But one that is visibly another payer of ours has not decided a claim it never had.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from billing.edi.remittance_835.remittance import PaymentHeader
from billing.payers.models import Payer
from billing.remittances.matching import Parties, comparable

_NPI_OR_TAX_NUMBER = re.compile(r"\d{9,10}")


def parties(header: PaymentHeader, payers: Iterable[Payer], our_numbers: frozenset[str]) -> Parties:
    """The parties of a payment; ``our_numbers`` are the NPIs and the tax number by which we are paid, digits only."""
    return Parties(frozenset(payer.id for payer in payers if _is(payer, header)), _is_to_us(header, our_numbers))


def _is(payer: Payer, header: PaymentHeader) -> bool:
    by_number = bool(payer.payer_number) and payer.payer_number == header.payer_identifier
    return by_number or comparable(payer.name) == comparable(header.payer_name)


def _is_to_us(header: PaymentHeader, our_numbers: frozenset[str]) -> bool:
    payee = header.payee_identifier.replace("-", "")
    return payee in our_numbers or not _NPI_OR_TAX_NUMBER.fullmatch(payee)
