from __future__ import annotations

from dataclasses import replace

import pytest

from billing.edi.claim_837p.checks import problems_837p
from billing.edi.claim_837p.claim import Person, ProfessionalClaim
from tests.edi.claims_on_stage import ADULT, BACK_PAIN, CLINIC, FIRST_SET, NEXT_SET, VARIANTS


@pytest.mark.parametrize("name", VARIANTS)
def test_a_sound_claim_has_no_problem(name: str) -> None:
    assert problems_837p(VARIANTS[name]) == []


@pytest.mark.parametrize(
    ("claim", "rule"),
    [
        (replace(BACK_PAIN, subscriber=replace(ADULT, name=Person(""))), "x12.element.missing"),
        (
            replace(BACK_PAIN, subscriber=replace(ADULT, name=Person("FINCH", "R" * 36))),
            "x12.element.length",
        ),
        (replace(BACK_PAIN, control_number="C" * 39), "x12.element.length"),
        (replace(BACK_PAIN, note="N" * 81), "x12.element.length"),
        (replace(BACK_PAIN, place_of_service="1"), "x12.element.length"),
        (
            replace(BACK_PAIN, subscriber=replace(ADULT, filing_indicator="XX")),
            "x12.element.code",
        ),
        (replace(BACK_PAIN, billing_provider=replace(CLINIC, taxonomy="1711")), "x12.element.length"),
        (replace(BACK_PAIN, lines=(replace(FIRST_SET, procedure=""), NEXT_SET)), "x12.element.missing"),
        (replace(BACK_PAIN, diagnoses=()), "x12.segment.missing"),
        (replace(BACK_PAIN, note="É"), "text.character_not_allowed"),
        (replace(BACK_PAIN, prior_authorisation="A*1"), "text.character_not_allowed"),
    ],
    ids=[
        "no name",
        "a first name of 36 characters",
        "a control number of 39 characters",
        "a note of 81 characters",
        "a place of service of one digit",
        "an unknown filing indicator",
        "a short taxonomy",
        "no procedure",
        "no diagnosis",
        "a foreign letter",
        "a separator",
    ],
)
def test_what_the_guide_does_not_allow_is_told_before_it_is_sent(claim: ProfessionalClaim, rule: str) -> None:
    problems = problems_837p(claim)

    assert rule in [problem.rule for problem in problems]
    assert {problem.where for problem in problems} == {f"claim:{claim.control_number}"}


def test_rules_and_form_are_told_together() -> None:
    claim = replace(BACK_PAIN, total_cents=0, note="N" * 81)

    assert [problem.rule for problem in problems_837p(claim)] == ["x12.total", "x12.element.length"]
