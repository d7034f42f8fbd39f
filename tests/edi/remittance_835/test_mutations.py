"""Take one segment away, put the count right so that it does not give the loss away, and see what is made of it."""

from __future__ import annotations

import pytest

from billing.edi.findings import Finding
from billing.errors import Severity
from tests.edi.answers_on_stage import losses
from tests.edi.remittances_on_stage import (
    DENIED,
    REVERSAL_AND_CORRECTION,
    TWO_CLAIMS_LESS_A_RECOVERY,
    read_all,
    text_of,
)

FILES = {
    "two claims less a recovery": text_of(TWO_CLAIMS_LESS_A_RECOVERY),
    "a reversal and a correction": text_of(REVERSAL_AND_CORRECTION),
    "a denial": text_of(DENIED),
}
LOSSES = [(text, lost) for file in FILES.values() for text, lost in losses(file)]
MAY_LACK = ("REF", "N3", "N4", "LX", "DTM", "NM1", "MOA", "AMT", "LQ")
"""What carries no money and may be absent from somebody's file: whom it is about and what else is said of it."""
CARRIES_MONEY = ("BPR", "TRN", "CLP", "CAS", "PLB", "SE")
"""Not so SVC: when the only line of a claim is lost its adjustments still stand below the claim, and sum up."""


def is_sound(text: str, least: Severity) -> bool:
    """Whether nothing as weighty as this was found in a file, and all its payments add up."""
    findings: list[Finding] = []
    payments = read_all(text, findings)
    weighty = [finding for finding in findings if least is Severity.WARN or finding.severity is Severity.BLOCK]
    return not weighty and bool(payments) and all(payment.balance.is_balanced for payment in payments)


@pytest.mark.parametrize(("text", "lost"), LOSSES, ids=[lost for _, lost in LOSSES])
def test_a_lost_segment_is_noticed_unless_it_may_be_absent(text: str, lost: str) -> None:
    assert is_sound(text, Severity.WARN) == lost.startswith(MAY_LACK)


@pytest.mark.parametrize(
    ("text", "lost"),
    [loss for loss in LOSSES if loss[1].startswith(CARRIES_MONEY)],
    ids=[lost for _, lost in LOSSES if lost.startswith(CARRIES_MONEY)],
)
def test_no_payment_that_lost_money_can_be_relied_on(text: str, lost: str) -> None:
    assert not is_sound(text, Severity.BLOCK), lost
