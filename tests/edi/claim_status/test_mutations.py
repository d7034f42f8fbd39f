"""Take one segment away, put the count right so that it does not give the loss away, and see what is made of it."""

from __future__ import annotations

import pytest

from billing.edi.claim_status.reader import read_status
from billing.edi.claim_status.writer import encode_277ca
from billing.edi.findings import Finding
from billing.errors import Severity
from tests.edi.answers_on_stage import ACCEPTED_CLAIM, ANSWERED_FILE, REJECTED_CLAIM, TO_US, losses

FILE = encode_277ca([ANSWERED_FILE], TO_US).decode()
LOSSES = losses(FILE)
CLAIMS = (ACCEPTED_CLAIM, REJECTED_CLAIM)
SAID = {claim.control_number: {*claim.statements, *(line.statement for line in claim.lines)} for claim in CLAIMS}


def test_only_these_segments_can_be_lost_unnoticed() -> None:
    unnoticed = []
    for text, lost in LOSSES:
        findings: list[Finding] = []
        read_status(text, findings)
        if not any(finding.severity is not Severity.INFO for finding in findings):
            unnoticed.append(lost.partition("*")[0] + "*" + lost.split("*")[1])

    assert unnoticed == [
        "TRN*1",
        "DTP*050",
        "DTP*009",
        "STC*A1:19:PR",
        "QTY*90",
        "QTY*AA",
        "AMT*YU",
        "AMT*YY",
        "STC*A1:19:PR",
        "QTY*QA",
        "QTY*QC",
        "AMT*YU",
        "AMT*YY",
        "REF*1K",
        "DTP*472",
        "STC*A7:562:85",
        "STC*A3:33:IL",
        "REF*D9",
        "DTP*472",
        "STC*A7:454",
        "REF*FJ",
        "DTP*472",
    ]


@pytest.mark.parametrize(("text", "lost"), LOSSES, ids=[lost for _, lost in LOSSES])
def test_no_loss_gives_one_claim_what_was_said_of_another(text: str, lost: str) -> None:
    for file in read_status(text, []):
        for report in file.reports:
            assert set(report.statements) <= SAID.get(report.trace_number, set(report.statements))
            assert report.trace_number in ("", "0", "BATCH-7", *SAID)
