"""pyx12 accepts the acknowledgements that we write, and is not so tolerant that this would mean nothing.

What it cannot judge: a TA1 in an interchange of its own, for which it demands a functional group, and a
271, for which it has no table. It does not miss a lost IK5. Its table for the 277CA demands a provider's
and a patient's level where the guide leaves them out when the whole file is refused, so only files with
claims are put to it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.edi.acknowledgements.answer import Decision
from billing.edi.acknowledgements.judging import acknowledge
from billing.edi.acknowledgements.writer import encode_999
from billing.edi.claim_837p.reader import read_837p
from billing.edi.claim_837p.writer import encode_837p
from billing.edi.claim_status.writer import encode_277ca
from tests.edi.answers_on_stage import (
    ACCEPTED_CLAIM,
    ANSWERED_FILE,
    CLINIC_IN_FILE,
    PARTLY,
    REFUSED,
    REJECTED_CLAIM,
    TAKEN,
    TO_US,
    TODAY,
    WHOLLY,
)
from tests.edi.claims_on_stage import BACK_PAIN, ENVELOPE, batch_of
from tests.peers.pyx12_check import pyx12_findings

_OF_A_PAYMENT = replace(TAKEN, set_id="835", version="005010X221A1")
_GROUPS = {
    "partly accepted": PARTLY,
    "accepted": WHOLLY,
    "a group of payments": replace(WHOLLY, functional_id="HP", version="005010X221A1", sets=(_OF_A_PAYMENT,)),
    "rejected with all the codes there is room for": replace(
        PARTLY,
        decision=Decision.REJECTED,
        sets=(replace(REFUSED, codes=("1", "2", "3", "4", "5")),),
        codes=("1", "2", "3", "4", "5"),
    ),
}
_FILES = {
    "one accepted and one rejected": ANSWERED_FILE,
    "all accepted": replace(ANSWERED_FILE, providers=(replace(CLINIC_IN_FILE, claims=(ACCEPTED_CLAIM,)),)),
    "all rejected": replace(ANSWERED_FILE, providers=(replace(CLINIC_IN_FILE, claims=(REJECTED_CLAIM,)),)),
    "two providers": replace(ANSWERED_FILE, providers=(CLINIC_IN_FILE, replace(CLINIC_IN_FILE, npi="1679576722"))),
}


@pytest.mark.parametrize("name", _GROUPS)
def test_a_999_is_accepted(name: str) -> None:
    assert pyx12_findings(encode_999([_GROUPS[name]], TO_US).decode()) == []


def test_a_999_about_several_groups_is_accepted() -> None:
    assert pyx12_findings(encode_999([PARTLY, WHOLLY], TO_US).decode()) == []


def test_a_999_that_was_judged_from_a_faulty_file_is_accepted() -> None:
    text = encode_837p(batch_of(BACK_PAIN), ENVELOPE).decode().replace("N4*ASHLAND", "N9*ASHLAND").replace(":B:", ":Q:")
    _, findings = read_837p(text)

    judged = acknowledge(text, findings, today=TODAY).groups

    assert judged[0].decision is Decision.REJECTED
    assert pyx12_findings(encode_999(judged, TO_US).decode()) == []


@pytest.mark.parametrize("name", _FILES)
def test_a_277ca_is_accepted(name: str) -> None:
    assert pyx12_findings(encode_277ca([_FILES[name]], TO_US).decode()) == []


@pytest.mark.parametrize("needed", ["AK1", "AK2", "AK9", "SE", "GE"])
def test_a_999_that_lacks_a_segment_is_refused_by_pyx12(needed: str) -> None:
    lines = encode_999([PARTLY], TO_US).decode().split("\n")
    lines.remove(next(line for line in lines if line.startswith(needed)))

    assert pyx12_findings("\n".join(lines).replace("SE*12*", "SE*11*"))


@pytest.mark.parametrize("needed", ["BHT", "HL*1", "NM1*PR", "NM1*41", "TRN*2", "STC", "HL*4", "NM1*QC", "DTP*472"])
def test_a_277ca_that_lacks_a_segment_is_refused_by_pyx12(needed: str) -> None:
    lines = encode_277ca([ANSWERED_FILE], TO_US).decode().split("\n")
    lines.remove(next(line for line in lines if line.startswith(needed)))

    assert pyx12_findings("\n".join(lines).replace("SE*41*", "SE*40*"))
