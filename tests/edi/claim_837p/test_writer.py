from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from billing.edi.claim_837p.claim import Adjustment, AdjustmentGroup, Person, ProfessionalClaim
from billing.edi.claim_837p.writer import encode_837p
from billing.errors import Refused
from tests.edi.claims_on_stage import (
    ADULT,
    BACK_PAIN,
    DAUGHTER,
    ENVELOPE,
    OTHER_INSURER,
    PARENT,
    SOLO,
    SON,
    SUBMITTER,
    VARIANTS,
    batch_of,
)

GOLDEN = Path(__file__).parents[2] / "golden"

FILES: dict[str, tuple[ProfessionalClaim, ...]] = {
    "a_weekly_back_pain_claim": (BACK_PAIN,),
    "a_secondary_claim_with_the_primarys_payment": (VARIANTS["a_secondary_claim_with_the_primarys_payment"],),
    "a_work_accident_of_an_employee": (VARIANTS["a_work_accident_of_an_employee"],),
    "a_family_and_two_billing_providers": (
        replace(BACK_PAIN, control_number="F1", subscriber=PARENT, patient=DAUGHTER),
        replace(BACK_PAIN, control_number="F2", billing_provider=SOLO, rendering=None),
        replace(BACK_PAIN, control_number="F3", subscriber=PARENT, patient=SON),
        replace(BACK_PAIN, control_number="F4"),
        replace(BACK_PAIN, control_number="F5", subscriber=PARENT, patient=DAUGHTER),
    ),
}


def lines(*claims: ProfessionalClaim) -> list[str]:
    return encode_837p(batch_of(*claims), ENVELOPE).decode("ascii").split("~\n")


def starting(start: str, *claims: ProfessionalClaim) -> list[str]:
    return [line for line in lines(*claims) if line.startswith(start)]


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_the_golden_one(name: str) -> None:
    expected = (GOLDEN / f"{name}.837").read_bytes()

    assert encode_837p(batch_of(*FILES[name]), ENVELOPE) == expected


def test_claims_stand_under_their_provider_subscriber_and_patient() -> None:
    levels = starting("HL", *FILES["a_family_and_two_billing_providers"])

    assert levels == [
        "HL*1**20*1",
        "HL*2*1*22*1",
        "HL*3*2*23*0",
        "HL*4*2*23*0",
        "HL*5*1*22*0",
        "HL*6**20*1",
        "HL*7*6*22*0",
    ]


def test_claims_of_one_patient_share_their_levels_in_order() -> None:
    claims = starting("CLM", *FILES["a_family_and_two_billing_providers"])

    assert [claim.split("*")[1] for claim in claims] == ["F1", "F5", "F3", "F4", "F2"]


def test_sbr02_says_self_only_when_the_subscriber_is_the_patient() -> None:
    own, of_child = BACK_PAIN, replace(BACK_PAIN, control_number="C", patient=DAUGHTER)

    assert starting("SBR", own, of_child) == ["SBR*P*18*G-4411******CI", "SBR*P**G-4411******CI"]


def test_another_payer_of_the_same_subscriber_needs_another_level() -> None:
    other = replace(BACK_PAIN, control_number="O", payer=OTHER_INSURER)

    assert len(starting("NM1*PR", BACK_PAIN, other)) == 2


def test_claims_about_different_injuries_do_not_share_a_claim_number_of_the_insurer() -> None:
    auto = VARIANTS["an_auto_accident"]
    other = replace(auto, control_number="O", property_casualty_number="AUTO-6")

    assert starting("REF*Y4", auto, other) == ["REF*Y4*AUTO-5", "REF*Y4*AUTO-6"]


def test_a_hundred_and_first_claim_of_a_patient_repeats_the_patient() -> None:
    claims = [replace(BACK_PAIN, control_number=f"C{number}") for number in range(101)]
    of_child = [replace(claim, control_number=f"D{claim.control_number}", patient=DAUGHTER) for claim in claims]

    levels = starting("HL", *claims, *of_child)

    assert levels == ["HL*1**20*1", "HL*2*1*22*0", "HL*3*1*22*0", "HL*4*1*22*1", "HL*5*4*23*0", "HL*6*4*23*0"]


def test_more_than_five_thousand_claims_open_a_second_transaction_set() -> None:
    claims = [
        replace(BACK_PAIN, control_number=f"C{number}", subscriber=replace(ADULT, member_id=f"M{number}"))
        for number in range(5001)
    ]

    text = lines(*claims)

    assert [line for line in text if line.startswith(("ST", "BHT", "GE"))] == [
        "ST*837*0001*005010X222A1",
        "BHT*0019*00*BATCH-7*20260331*1705*CH",
        "ST*837*0002*005010X222A1",
        "BHT*0019*00*BATCH-7-2*20260331*1705*CH",
        "GE*2*42",
    ]


def test_adjustments_of_a_group_go_six_to_a_segment() -> None:
    adjustments = starting("CAS", VARIANTS["a_secondary_claim_decided_as_a_whole"])

    assert adjustments == ["CAS*PR*1*10**2*10**3*10**45*10**96*10**97*10", "CAS*PR*119*85.5"]


def test_adjustments_of_a_group_stand_together_whatever_their_order() -> None:
    claim = VARIANTS["a_secondary_claim_decided_as_a_whole"]
    other = claim.other_payers[0]
    contractual, patient = AdjustmentGroup.CONTRACTUAL, AdjustmentGroup.PATIENT
    mixed = tuple(
        Adjustment(group, reason, cents)
        for group, reason, cents in ((patient, "1", 5000), (contractual, "45", 550), (patient, "2", 9000))
    )

    adjustments = starting("CAS", replace(claim, other_payers=(replace(other, adjustments=mixed),)))

    assert adjustments == ["CAS*PR*1*50**2*90", "CAS*CO*45*5.5"]


def test_a_description_keeps_its_place_behind_four_modifiers() -> None:
    line = replace(BACK_PAIN.lines[0], description="NEEDLES", modifiers=("GP",))

    services = starting("SV1", replace(BACK_PAIN, lines=(line, BACK_PAIN.lines[1])))

    assert services[0] == "SV1*HC:97810:GP::::NEEDLES*85*UN*1***1:2"


def test_a_person_who_submits_is_named_without_suffix() -> None:
    batch = replace(batch_of(BACK_PAIN), submitter=replace(SUBMITTER, name=Person("THORNE", "BEN", "Q", "JR")))

    text = encode_837p(batch, ENVELOPE).decode()

    assert "NM1*41*1*THORNE*BEN*Q***46*WB0001~" in text


def test_claims_that_break_a_rule_are_refused_with_all_problems() -> None:
    broken = replace(BACK_PAIN, total_cents=1, diagnoses=("M54.5",))
    unnamed = replace(BACK_PAIN, control_number="U", subscriber=replace(ADULT, sex=None))

    with pytest.raises(Refused) as refusal:
        encode_837p(batch_of(broken, unnamed), ENVELOPE)

    assert [(problem.rule, problem.where) for problem in refusal.value.problems] == [
        ("x12.total", f"claim:{BACK_PAIN.control_number}"),
        ("x12.diagnosis_form", f"claim:{BACK_PAIN.control_number}"),
        ("x12.pointers", f"claim:{BACK_PAIN.control_number}"),
        ("x12.patient_details", "claim:U"),
    ]


@pytest.mark.parametrize("bad", ["*", ":", "~", "^", "É", "\n"])
def test_no_separator_or_foreign_character_ever_reaches_a_file(bad: str) -> None:
    claim = replace(BACK_PAIN, note=f"SEE{bad}BELOW")

    with pytest.raises(ValueError, match="NTE02"):
        encode_837p(batch_of(claim), ENVELOPE)
