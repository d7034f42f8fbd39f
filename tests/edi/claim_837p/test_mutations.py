"""Take one segment away, put the count right so that it does not give the loss away, and see who notices."""

from __future__ import annotations

import re

import pytest

from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_837p.writer import encode_837p
from billing.errors import Severity
from tests.edi.claims_on_stage import ENVELOPE, VARIANTS, batch_of

ENVELOPES = ("ISA", "GS", "ST", "SE", "GE", "IEA")
MAY_LACK = re.compile(
    r"PRV\*|REF\*(?:6R|9F|G1|Y4)\*|REF\*F8\*MAPLE|NTE\*|AMT\*F5\*|NM1\*(?:DN|DQ)\*|DTP\*(?:431|454|304|453|484)\*"
)
"""What a claim may lack without being faulty."""
CLINIC_TELEPHONE = "PER*IC*CLEO BANKS*TE*5415550100"
BIRTH_OF_A_SUBSCRIBER_WHO_IS_NOT_THE_PATIENT = "DMG*D8*19790402*F"


def unnoticed_losses(name: str) -> list[str]:
    """The segments of a variant's file that can be lost without a finding of any weight."""
    lines = encode_837p(batch_of(VARIANTS[name]), ENVELOPE).decode().removesuffix("~\n").split("~\n")
    return [line for place, line in enumerate(lines) if not is_noticed(lines[:place] + lines[place + 1 :], line)]


def is_noticed(lines: list[str], lost: str) -> bool:
    if lost.partition("*")[0] not in ENVELOPES:
        lines = [re.sub(r"^SE\*(\d+)", lambda count: f"SE*{int(count[1]) - 1}", line) for line in lines]
    _, findings = read_837p("".join(f"{line}~\n" for line in lines))
    return any(finding.severity is not Severity.INFO for finding in findings)


def test_of_a_weekly_claim_only_these_segments_can_be_lost_unnoticed() -> None:
    assert unnoticed_losses("a_weekly_back_pain_claim") == [
        "PRV*BI*PXC*171100000X",
        CLINIC_TELEPHONE,
        "PRV*PE*PXC*171100000X",
        "REF*6R*L1",
        "REF*6R*L2",
    ]


@pytest.mark.parametrize("name", sorted(set(VARIANTS) - {"fifty_lines"}))
def test_a_lost_segment_is_noticed_unless_a_claim_may_lack_it(name: str) -> None:
    may_lack = {CLINIC_TELEPHONE}
    if VARIANTS[name].patient:
        may_lack.add(BIRTH_OF_A_SUBSCRIBER_WHO_IS_NOT_THE_PATIENT)

    losses = {line for line in unnoticed_losses(name) if not MAY_LACK.match(line)}

    assert losses <= may_lack
