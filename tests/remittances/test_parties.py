"""Who pays is known by number or name; whom, by NPI or tax number; and what cannot be known proves nothing."""

from __future__ import annotations

import pytest

from billing.edi.remittance_835.remittance import PaymentHeader
from billing.payers.models import Payer, PayerKind
from billing.remittances.parties import parties

OURS = frozenset({"1234567893", "931234567"})
CASCADE, LARCH, UNNUMBERED = (
    Payer(id=number, name=name, payer_number=identifier, kind=PayerKind.COMMERCIAL)
    for number, name, identifier in [
        (1, "Cascade Health", "CAS01"),
        (2, "Larch Mutual", "LAR01"),
        (3, "Paper Plan", ""),
    ]
)
PAYERS = (CASCADE, LARCH, UNNUMBERED)


@pytest.mark.parametrize(
    ("name", "number", "who"),
    [
        ("CASCADE HEALTH", "", {1}),
        ("Cascade Benefits", "CAS01", {1}),
        ("LARCH MUTUAL", "CAS01", {1, 2}),
        ("paper plan", "", {3}),
        ("Somebody Else", "OTHER", set()),
        ("", "", set()),
    ],
)
def test_a_payer_is_known_by_its_number_or_its_name(name: str, number: str, who: set[int]) -> None:
    header = PaymentHeader(payer_name=name, payer_identifier=number)

    assert parties(header, PAYERS, OURS).payers == who


@pytest.mark.parametrize(
    ("payee", "is_to_us"),
    [
        ("1234567893", True),
        ("93-1234567", True),
        ("931234567", True),
        ("", True),
        ("CLINIC7", True),
        ("1098765432", False),
        ("840000317", False),
    ],
)
def test_only_another_npi_or_tax_number_says_that_it_is_made_out_to_somebody_else(payee: str, is_to_us: bool) -> None:
    assert parties(PaymentHeader(payee_identifier=payee), PAYERS, OURS).is_to_us is is_to_us
