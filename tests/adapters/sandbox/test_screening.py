"""What is refused before anything is decided: by its form in the 999, by its content in the 277CA."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.rates import FLAWLESS, Rates
from billing.adapters.sandbox.screening import read_file, rejection
from billing.edi.acknowledgements.answer import Decision
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.edi.claim_837p.writer import encode_837p
from tests.edi.claims_on_stage import BACK_PAIN, CLINIC, ENVELOPE, FIRST_SET, VARIANTS, batch_of

DAY = date(2026, 3, 31)
LUCK = Chance("seed").of("CEDAR1")
CONTENT = encode_837p(batch_of(*VARIANTS.values()), ENVELOPE)


def decision_on(content: bytes) -> Decision:
    (group,) = read_file(content, DAY).acknowledgement.groups
    return group.decision


def refused(claim: ProfessionalClaim, rates: Rates = FLAWLESS) -> tuple[str, str, str] | None:
    status = rejection(claim, rates, LUCK)
    return (status.category, status.code, status.entity) if status else None


def test_a_sound_file_is_accepted_with_all_its_claims() -> None:
    file = read_file(CONTENT, DAY)

    assert decision_on(CONTENT) is Decision.ACCEPTED
    assert sorted(claim.control_number for batch in file.batches for claim in batch.claims) == sorted(
        claim.control_number for claim in VARIANTS.values()
    )


@pytest.mark.parametrize(
    ("there", "instead"),
    [(b"NM1*85*2*", b"NM1*85*9*"), (b"DTP*472*D8*20260302", b"DTP*472*D8*20269999"), (b"HL*1**20*1~\n", b"")],
)
def test_a_file_whose_form_is_faulty_is_rejected_with_everything_in_it(there: bytes, instead: bytes) -> None:
    broken = CONTENT.replace(there, instead, 1)

    file = read_file(broken, DAY)

    assert broken != CONTENT
    assert decision_on(broken) is Decision.REJECTED
    assert file.batches == ()


def test_a_file_that_is_cut_off_is_rejected() -> None:
    assert decision_on(CONTENT[: len(CONTENT) // 2]) is Decision.REJECTED


def test_another_kind_of_file_is_rejected() -> None:
    assert decision_on(CONTENT.replace(b"ST*837*", b"ST*835*")) is Decision.REJECTED
    assert read_file(CONTENT.replace(b"ST*837*", b"ST*835*"), DAY).batches == ()


def test_what_is_no_interchange_is_answered_by_nothing() -> None:
    for content in (b"", b"hello", b"\x00\xff" * 500):
        assert read_file(content, DAY).acknowledgement.groups == []


def test_a_faulty_value_is_no_fault_of_form() -> None:
    content = encode_837p(batch_of(BACK_PAIN), ENVELOPE).replace(b"CLM*WB-1001*145.5*", b"CLM*WB-1001*146*")

    file = read_file(content, DAY)

    assert decision_on(content) is Decision.ACCEPTED
    assert refused(file.batches[0].claims[0]) == ("A7", "178", "")


@pytest.mark.parametrize(
    ("claim", "status"),
    [
        (replace(BACK_PAIN, billing_provider=replace(CLINIC, tax_id="12")), ("A7", "128", "85")),
        (replace(BACK_PAIN, total_cents=1), ("A7", "178", "")),
        (replace(BACK_PAIN, diagnoses=()), ("A7", "255", "")),
        (replace(BACK_PAIN, lines=(replace(FIRST_SET, units=0),), total_cents=8500), ("A7", "476", "")),
        (replace(BACK_PAIN, subscriber=replace(BACK_PAIN.subscriber, birth_date=None)), ("A6", "158", "QC")),
        (replace(VARIANTS["a_void"], original_reference=""), ("A6", "464", "")),
    ],
)
def test_a_faulty_claim_is_refused_with_the_status_that_names_the_fault(
    claim: ProfessionalClaim, status: tuple[str, str, str]
) -> None:
    assert refused(claim) == status


@pytest.mark.parametrize("name", VARIANTS)
def test_a_sound_claim_is_taken(name: str) -> None:
    assert refused(VARIANTS[name]) is None


def test_some_sound_claims_are_refused_all_the_same() -> None:
    claims = [replace(BACK_PAIN, control_number=f"WB-{number}") for number in range(400)]

    statuses = Counter(status for claim in claims if (status := refused(claim, Rates(rejected=0.1))))

    assert 20 < sum(statuses.values()) < 70
    assert {category for category, _, _ in statuses} == {"A3", "A7"}
    assert refused(claims[0], replace(FLAWLESS, rejected=1)) is not None
