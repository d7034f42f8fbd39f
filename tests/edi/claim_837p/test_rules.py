from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from billing.edi.claim_837p.claim import (
    Adjustment,
    AdjustmentGroup,
    Contact,
    Frequency,
    Organisation,
    ProfessionalClaim,
    RelatedCause,
    Relationship,
    Responsibility,
)
from billing.edi.claim_837p.rules import batch_problems, rule_problems
from billing.errors import Severity
from tests.edi.claims_on_stage import (
    ADULT,
    ANOTHER_COVERAGE,
    BACK_PAIN,
    BEN,
    CLINIC,
    DAUGHTER,
    FIRST_SET,
    NEXT_SET,
    PAID_BY_PRIMARY,
    SUBMITTER,
    VARIANTS,
    batch_of,
)

PAID = VARIANTS["a_secondary_claim_with_the_primarys_payment"]
CRASH = VARIANTS["an_auto_accident"]


def with_lines(**changes: Any) -> ProfessionalClaim:
    """The back pain claim with both lines changed alike, its total adjusted."""
    lines = tuple(replace(line, **changes) for line in BACK_PAIN.lines)
    return replace(BACK_PAIN, lines=lines, total_cents=sum(line.charge_cents for line in lines))


BROKEN: list[tuple[str, ProfessionalClaim]] = [
    ("x12.npi", replace(BACK_PAIN, billing_provider=replace(CLINIC, npi="123456789"))),
    ("x12.npi", replace(BACK_PAIN, rendering=replace(BEN, npi="12345678901"))),
    ("x12.npi", with_lines(rendering=replace(BEN, npi="A123456789"))),
    ("x12.tax_id", replace(BACK_PAIN, billing_provider=replace(CLINIC, tax_id="93-0000001"))),
    ("x12.phone", replace(BACK_PAIN, billing_provider=replace(CLINIC, contact=Contact("CLEO", "555-0100")))),
    (
        "x12.billing_zip",
        replace(BACK_PAIN, billing_provider=replace(CLINIC, address=replace(CLINIC.address, zip="97520"))),
    ),
    ("x12.address", replace(BACK_PAIN, patient=replace(DAUGHTER, address=replace(DAUGHTER.address, state="Oregon")))),
    ("x12.relationship", replace(BACK_PAIN, patient=replace(DAUGHTER, relationship=Relationship.SELF))),
    ("x12.patient_name", replace(BACK_PAIN, subscriber=replace(ADULT, name=Organisation("SPRUCE MILLS")))),
    ("x12.patient_details", replace(BACK_PAIN, subscriber=replace(ADULT, birth_date=None))),
    ("x12.patient_details", replace(BACK_PAIN, subscriber=replace(ADULT, sex=None))),
    ("x12.patient_details", replace(BACK_PAIN, subscriber=replace(ADULT, address=None))),
    ("x12.total", replace(BACK_PAIN, total_cents=14551)),
    ("x12.negative_amount", with_lines(charge_cents=-1)),
    ("x12.negative_amount", replace(BACK_PAIN, patient_paid_cents=-1)),
    ("x12.units", with_lines(units=0)),
    ("x12.lines", replace(BACK_PAIN, lines=(), total_cents=0)),
    ("x12.lines", replace(BACK_PAIN, lines=(FIRST_SET,) * 51, total_cents=51 * 8500)),
    ("x12.modifiers", with_lines(modifiers=("25", "GP", "KX", "59", "76"))),
    ("x12.modifiers", with_lines(modifiers=("G",))),
    ("x12.period", with_lines(service_through=date(2026, 3, 1))),
    ("x12.diagnosis_form", replace(BACK_PAIN, diagnoses=("M54.50", "M62830"))),
    ("x12.diagnoses", replace(BACK_PAIN, diagnoses=("M5450",) * 13)),
    ("x12.pointers", replace(BACK_PAIN, diagnoses=("M5450",))),
    ("x12.pointers", with_lines(pointers=())),
    ("x12.pointers", with_lines(pointers=(0,))),
    ("x12.pointers", with_lines(pointers=(1, 2, 1, 2, 1))),
    ("x12.original_reference", replace(BACK_PAIN, frequency=Frequency.REPLACEMENT)),
    ("x12.original_reference", replace(BACK_PAIN, frequency=Frequency.VOID)),
    ("x12.accident_state", replace(CRASH, accident_state="")),
    ("x12.accident_state", replace(BACK_PAIN, accident_state="OR")),
    ("x12.accident_date", replace(CRASH, accident_on=None)),
    ("x12.related_causes", replace(BACK_PAIN, related_causes=(RelatedCause.EMPLOYMENT, RelatedCause.EMPLOYMENT))),
    ("x12.responsibility", replace(PAID, subscriber=ADULT)),
    (
        "x12.other_payer_missing",
        replace(BACK_PAIN, subscriber=replace(ADULT, responsibility=Responsibility.SECONDARY)),
    ),
    ("x12.adjudication_payer", replace(PAID, subscriber=ADULT, other_payers=())),
    ("x12.paid_missing", replace(PAID, other_payers=(replace(PAID_BY_PRIMARY, paid_cents=None),))),
    ("x12.adjudication_date", replace(PAID, lines=(FIRST_SET, NEXT_SET))),
    ("x12.claim_balance", replace(PAID, other_payers=(replace(PAID_BY_PRIMARY, paid_cents=8999),))),
    (
        "x12.line_balance",
        replace(
            PAID,
            lines=(
                replace(PAID.lines[0], adjudications=(replace(PAID.lines[0].adjudications[0], paid_cents=1),)),
                PAID.lines[1],
            ),
        ),
    ),
    (
        "x12.claim_balance",
        replace(
            PAID,
            other_payers=(replace(PAID_BY_PRIMARY, adjustments=(Adjustment(AdjustmentGroup.CONTRACTUAL, "45", 100),)),),
        ),
    ),
]


@pytest.mark.parametrize(("rule", "claim"), BROKEN, ids=[f"{at} {rule}" for at, (rule, _) in enumerate(BROKEN)])
def test_a_broken_rule_is_told_and_blocks(rule: str, claim: ProfessionalClaim) -> None:
    problems = {problem.rule: problem for problem in rule_problems(claim)}

    assert rule in problems
    assert problems[rule].severity is Severity.BLOCK
    assert problems[rule].where == f"claim:{claim.control_number}"
    assert problems[rule].fix


@pytest.mark.parametrize("name", VARIANTS)
def test_a_sound_claim_breaks_no_rule(name: str) -> None:
    assert rule_problems(VARIANTS[name]) == []


def test_all_broken_rules_are_told_and_not_the_first_only() -> None:
    claim = replace(BACK_PAIN, total_cents=1, diagnoses=("M54.50",), accident_state="OR")

    rules = [problem.rule for problem in rule_problems(claim)]

    assert rules == ["x12.total", "x12.diagnosis_form", "x12.pointers", "x12.accident_state"]


def test_another_coverage_that_has_not_decided_needs_no_balance() -> None:
    assert rule_problems(replace(BACK_PAIN, other_payers=(ANOTHER_COVERAGE,))) == []


def test_a_batch_needs_claims_of_different_numbers_and_a_known_sender() -> None:
    batch = batch_of(BACK_PAIN, BACK_PAIN)
    nobody = replace(SUBMITTER, identifier="", contact=Contact("", "1"))

    rules = [problem.rule for problem in batch_problems(replace(batch, submitter=nobody, reference="R" * 41))]

    assert rules == ["x12.control_number_repeated", "x12.batch_reference", "x12.submitter", "x12.submitter"]


def test_an_empty_batch_is_told() -> None:
    assert [problem.rule for problem in batch_problems(batch_of())] == ["x12.batch_empty"]
