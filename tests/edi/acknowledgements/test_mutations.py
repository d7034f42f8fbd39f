"""Take one segment away, put the count right so that it does not give the loss away, and see what is made of it."""

from __future__ import annotations

import pytest

from billing.edi.acknowledgements.answer import Decision, GroupAnswer
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.edi.acknowledgements.writer import encode_999
from billing.edi.findings import Finding
from tests.edi.answers_on_stage import PARTLY, TO_US, losses

FILE = encode_999([PARTLY], TO_US).decode()
MAY_LACK = ("IK3*REF", "IK4")
"""What a 999 may lack without being faulty: errors are told as far as the payer wants to tell them."""


@pytest.mark.parametrize(("text", "lost"), losses(FILE), ids=[lost for _, lost in losses(FILE)])
def test_a_lost_segment_is_noticed_unless_a_999_may_lack_it(text: str, lost: str) -> None:
    findings: list[Finding] = []

    read_acknowledgements(text, findings)

    assert bool(findings) != lost.startswith(MAY_LACK)


@pytest.mark.parametrize(("text", "lost"), losses(FILE), ids=[lost for _, lost in losses(FILE)])
def test_no_loss_turns_a_rejection_into_an_acceptance(text: str, lost: str) -> None:
    for answer in read_acknowledgements(text, []):
        assert isinstance(answer, GroupAnswer)
        assert answer.decision in (Decision.PARTLY_ACCEPTED, Decision.REJECTED)
        assert {one.control_number: one.decision for one in answer.sets}.get("0002") in (Decision.REJECTED, None)
