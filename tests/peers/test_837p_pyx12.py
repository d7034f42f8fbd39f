"""pyx12 accepts every kind of 837P that we write, and is not so tolerant that this would mean nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.edi.claim_837p.writer import encode_837p
from tests.edi.claims_on_stage import ADULT, BACK_PAIN, DAUGHTER, ENVELOPE, PARENT, SOLO, SON, VARIANTS, batch_of
from tests.peers.pyx12_check import pyx12_findings

FAMILY = (
    replace(BACK_PAIN, control_number="F1", subscriber=PARENT, patient=DAUGHTER),
    replace(BACK_PAIN, control_number="F2", billing_provider=SOLO, rendering=None),
    replace(BACK_PAIN, control_number="F3", subscriber=PARENT, patient=SON),
    replace(BACK_PAIN, control_number="F4"),
    replace(BACK_PAIN, control_number="F5", subscriber=PARENT, patient=DAUGHTER),
)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_file_with_one_claim_of_each_kind_is_accepted(name: str) -> None:
    text = encode_837p(batch_of(VARIANTS[name]), ENVELOPE).decode()

    assert pyx12_findings(text) == []


def test_a_file_with_all_kinds_of_claims_is_accepted() -> None:
    assert pyx12_findings(encode_837p(batch_of(*VARIANTS.values()), ENVELOPE).decode()) == []


def test_a_file_with_a_family_and_two_billing_providers_is_accepted() -> None:
    assert pyx12_findings(encode_837p(batch_of(*FAMILY), ENVELOPE).decode()) == []


def test_a_patient_with_more_than_a_hundred_claims_is_accepted() -> None:
    claims = [replace(BACK_PAIN, control_number=f"C{number}") for number in range(101)]

    assert pyx12_findings(encode_837p(batch_of(*claims), ENVELOPE).decode()) == []


def test_two_transaction_sets_in_a_file_are_accepted() -> None:
    claims = [
        replace(BACK_PAIN, control_number=f"C{number}", subscriber=replace(ADULT, member_id=f"M{number}"))
        for number in range(2)
    ]
    first, second = (encode_837p(batch_of(claim), ENVELOPE).decode() for claim in claims)
    body = second[second.index("ST*") : second.index("GE*")].replace("*0001", "*0002")

    joined = first.replace("GE*1*", body + "GE*2*")

    assert pyx12_findings(joined) == []


NEEDED = [
    "GS",
    "ST",
    "BHT",
    "NM1*41",
    "PER",
    "NM1*40",
    "HL*1",
    "NM1*85",
    "N3",
    "N4",
    "REF*EI",
    "HL*2",
    "SBR",
    "NM1*IL",
    "NM1*PR",
    "CLM",
    "HI",
    "LX",
    "SV1",
    "DTP*472",
    "SE",
    "GE",
    "IEA",
]


@pytest.mark.parametrize("needed", NEEDED)
def test_a_file_that_lacks_a_segment_is_refused_by_pyx12(needed: str) -> None:
    lines = encode_837p(batch_of(BACK_PAIN), ENVELOPE).decode().split("\n")
    lost = next(line for line in lines if line.startswith(needed))
    lines.remove(lost)

    assert pyx12_findings("\n".join(lines).replace("SE*34*", "SE*33*"))


@pytest.mark.parametrize("text", ["", "no X12 at all", "ISA*00*"])
def test_what_is_no_interchange_is_refused_by_pyx12_without_a_crash(text: str) -> None:
    assert pyx12_findings(text)
