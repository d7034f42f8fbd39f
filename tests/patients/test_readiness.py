"""What a claim needs from a patient, and when current through needles is unsafe."""

from __future__ import annotations

import pytest

from billing.errors import Severity
from billing.patients.readiness import IMPLANTS, claim_problems, estim_problems
from tests.factories import a_patient


def test_a_patient_with_address_and_signature_is_ready() -> None:
    assert claim_problems(a_patient()) == []


@pytest.mark.parametrize(
    ("cell", "word"), [("address1", "street"), ("city", "city"), ("state", "state"), ("zip", "ZIP")]
)
@pytest.mark.parametrize("value", [None, ""])
def test_each_part_of_the_address_is_needed(cell: str, word: str, value: str | None) -> None:
    [problem] = claim_problems(a_patient(id=4, **{cell: value}))

    assert (problem.rule, problem.severity, problem.where) == ("patient.incomplete", Severity.BLOCK, "patient:4")
    assert word in problem.why


def test_all_missing_parts_are_one_problem() -> None:
    [problem] = claim_problems(a_patient(address1=None, zip=None))

    assert "street" in problem.why
    assert "ZIP" in problem.why


def test_no_signature_is_missing_consent() -> None:
    assert [problem.rule for problem in claim_problems(a_patient(signature_on_file=False))] == ["consent.missing"]


def test_address_and_signature_are_both_said() -> None:
    found = claim_problems(a_patient(city=None, signature_on_file=False))

    assert [problem.rule for problem in found] == ["patient.incomplete", "consent.missing"]


def test_no_reason_names_the_patient() -> None:
    found = claim_problems(a_patient(first_name="Miri", last_name="Okoro", city=None, signature_on_file=False))

    assert not any("Miri" in problem.why or "Okoro" in problem.why for problem in found)


@pytest.mark.parametrize("flag", sorted(IMPLANTS))
def test_current_through_needles_stops_at_any_implant(flag: str) -> None:
    [problem] = estim_problems(a_patient(flags=[flag]))

    assert (problem.rule, problem.severity) == ("safety.estim_with_implant", Severity.BLOCK)


@pytest.mark.parametrize("written", ["implanted pump", "implanted-pump"])
def test_a_flag_of_two_words_is_recognised_however_they_are_joined(written: str) -> None:
    assert [problem.rule for problem in estim_problems(a_patient(flags=[written]))] == ["safety.estim_with_implant"]


def test_several_implants_are_one_problem_that_names_them_all() -> None:
    [problem] = estim_problems(a_patient(flags=["pacemaker", "neurostimulator"]))

    assert "neurostimulator, pacemaker" in problem.why


def test_epilepsy_is_for_the_practitioner_to_weigh() -> None:
    [problem] = estim_problems(a_patient(flags=["epilepsy"]))

    assert (problem.rule, problem.severity) == ("safety.estim_with_epilepsy", Severity.WARN)


def test_an_implant_and_epilepsy_are_both_said() -> None:
    found = estim_problems(a_patient(flags=["epilepsy", "icd"]))

    assert {problem.rule for problem in found} == {"safety.estim_with_implant", "safety.estim_with_epilepsy"}


@pytest.mark.parametrize("flags", [[], ["pregnant"], ["anticoagulant"]])
def test_other_flags_say_nothing_against_current(flags: list[str]) -> None:
    assert estim_problems(a_patient(flags=flags)) == []
