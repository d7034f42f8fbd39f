"""Take one segment away, put the count right so that it does not give the loss away, and see what is made of it."""

from __future__ import annotations

import pytest

from billing.edi.eligibility_271.reader import read_271
from billing.edi.findings import Finding
from billing.errors import Severity
from tests.edi.answers_on_stage import COVER, losses

LOSSES = losses(COVER)
NEEDED = ("ISA", "GS", "ST", "BHT", "HL", "NM1*PR", "NM1*1P", "NM1*IL", "SE", "GE", "IEA")
"""All that an answer cannot lack; what it says of the person is as much as the payer likes."""


@pytest.mark.parametrize(("text", "lost"), LOSSES, ids=[lost for _, lost in LOSSES])
def test_the_loss_of_what_an_answer_needs_is_noticed(text: str, lost: str) -> None:
    findings: list[Finding] = []

    read_271(text, findings)

    is_noticed = any(finding.severity is not Severity.INFO for finding in findings)
    assert is_noticed or not lost.startswith(NEEDED)


@pytest.mark.parametrize(("text", "lost"), LOSSES, ids=[lost for _, lost in LOSSES])
def test_no_loss_changes_or_doubles_a_benefit_row(text: str, lost: str) -> None:
    rows = [line for line in COVER.split("~\n") if line.startswith("EB*")]
    left = [row.split("*")[1] for row in rows if row != lost]

    read = [benefit.information for answer in read_271(text, []) for benefit in answer.benefits]

    assert read == left or lost.startswith(("HL*3", "ISA"))
