"""The paper form says what the electronic claim says, box by box."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.claims.content.paper_form import cms1500_of
from billing.claims.content.snapshot import SNAPSHOT, FiledClaim, FormFacts
from billing.edi.claim_837p.claim import Provider, RelatedCause, TaxIdKind
from billing.pdf.cms1500 import form as paper
from tests.edi.claims_on_stage import ADULT, BACK_PAIN, BEN, VARIANTS

FACTS = FormFacts(patient_phone="541-555-0101", clinic_phone="541-555-0100", signed_on=date(2026, 3, 2))


def form_of(name: str) -> paper.Cms1500:
    return cms1500_of(FiledClaim(VARIANTS[name], FACTS))


@pytest.mark.parametrize("name", VARIANTS)
def test_box_26_is_the_control_number_that_the_answer_will_carry(name: str) -> None:
    assert form_of(name).account_number == VARIANTS[name].control_number


@pytest.mark.parametrize("name", VARIANTS)
def test_the_lines_of_box_24_are_the_lines_of_the_claim(name: str) -> None:
    claim, form = VARIANTS[name], form_of(name)

    on_paper = [
        (one.code, one.modifiers, one.charge, one.units, one.from_date, one.to_date, one.place_of_service)
        for one in form.lines
    ]

    assert on_paper == [
        (
            line.procedure,
            line.modifiers,
            line.charge_cents,
            line.units,
            line.service_on,
            line.service_through,
            line.place_of_service or claim.place_of_service,
        )
        for line in claim.lines
    ]
    assert sum(line.charge for line in form.lines) == sum(line.charge_cents for line in claim.lines)


@pytest.mark.parametrize("name", VARIANTS)
def test_diagnoses_and_the_letters_that_point_to_them_agree_with_the_claims(name: str) -> None:
    claim, form = VARIANTS[name], form_of(name)

    assert form.diagnoses == claim.diagnoses
    for on_paper, line in zip(form.lines, claim.lines, strict=True):
        assert [ord(letter) - ord("A") + 1 for letter in on_paper.pointers] == list(line.pointers)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_clinic_in_boxes_25_and_33_is_the_billing_provider(name: str) -> None:
    billing, form = VARIANTS[name].billing_provider, form_of(name)

    assert form.tax_id == billing.tax_id
    assert (form.tax_id_kind is paper.TaxIdKind.EIN) == (billing.tax_id_kind is TaxIdKind.EMPLOYER)
    assert form.billing_provider.npi == billing.npi
    assert form.billing_provider.address.zip_code == billing.address.zip
    assert form.billing_provider.address.phone == FACTS.clinic_phone


def test_a_self_insured_patient_is_in_boxes_1a_to_7() -> None:
    form = form_of("a_weekly_back_pain_claim")

    assert form.insured_id == "CH100200300"
    assert form.patient_name == form.insured_name == "FINCH, ROSA, M"
    assert (form.patient_birth_date, form.patient_sex) == (date(1979, 4, 2), paper.Sex.FEMALE)
    assert form.relationship is paper.Relationship.SELF
    assert form.patient_address == paper.FormAddress("7 FERN COURT", "MEDFORD", "OR", "97501", "541-555-0101")
    assert form.insurance_type is paper.InsuranceType.GROUP
    assert form.insured_group == "G-4411"
    assert form.insured_plan == "CEDAR HEALTH PLAN"


def test_a_dependent_is_in_boxes_2_and_3_and_the_subscriber_in_4() -> None:
    form = form_of("a_child_of_the_subscriber")

    assert (form.patient_name, form.insured_name) == ("FINCH, IVY", "FINCH, ODIN")
    assert form.patient_birth_date == date(2011, 12, 31)
    assert form.relationship is paper.Relationship.CHILD
    assert form.insured_id == "CH900800700"


def test_an_employee_hurt_at_work_is_marked_in_box_10a() -> None:
    form = form_of("a_work_accident_of_an_employee")

    assert (form.employment_related, form.auto_accident, form.other_accident) == (True, False, True)
    assert form.insured_name == "SPRUCE MILLS"
    assert form.relationship is paper.Relationship.OTHER
    assert (form.other_claim_id_qualifier, form.other_claim_id) == ("Y4", "WC-2026-3")


def test_an_auto_accident_has_its_state_and_its_day() -> None:
    form = form_of("an_auto_accident")

    assert (form.auto_accident, form.auto_accident_state) == (True, "OR")
    assert form.illness_date == form.other_date == date(2026, 2, 14)
    assert form.other_date_qualifier == "439"


def test_an_illness_has_its_onset_and_no_accident() -> None:
    form = form_of("with_authorisation_referral_and_all_dates")

    assert form.illness_date == date(2026, 1, 2)
    assert (form.other_date, form.other_date_qualifier) == (None, "")
    assert (form.employment_related, form.auto_accident, form.other_accident) == (False, False, False)


def test_the_authorisation_is_in_box_23_and_what_the_patient_paid_in_29() -> None:
    form = form_of("with_authorisation_referral_and_all_dates")

    assert form.prior_authorization == "AUTH77"
    assert form.amount_paid == 20_05
    assert form.additional_information == "PATIENT ASKED FOR A COPY"


def test_a_referral_number_takes_box_23_when_there_is_no_authorisation() -> None:
    claim = replace(BACK_PAIN, referral_number="REF12")

    form = cms1500_of(FiledClaim(claim, FACTS))

    assert form.prior_authorization == "REF12"


def test_another_coverage_is_in_boxes_9_and_marked_in_11d() -> None:
    form = form_of("other_coverage_that_has_not_paid")

    assert form.other_insured_name == "FINCH, EMIL"
    assert (form.other_insured_policy, form.other_insured_plan) == ("77", "MAPLE MUTUAL")
    assert form.another_plan is True


def test_without_another_coverage_boxes_9_are_empty() -> None:
    form = form_of("a_weekly_back_pain_claim")

    assert (form.other_insured_name, form.other_insured_policy, form.other_insured_plan) == ("", "", "")
    assert form.another_plan is False


def test_what_other_payers_paid_counts_in_box_29() -> None:
    assert form_of("a_secondary_claim_with_the_primarys_payment").amount_paid == 90_00


@pytest.mark.parametrize(("name", "code"), [("a_replacement", "7"), ("a_void", "8")])
def test_box_22_tells_what_is_replaced_or_voided(name: str, code: str) -> None:
    form = form_of(name)

    assert (form.resubmission_code, form.original_reference) == (code, "CEDAR-2026-17")


def test_box_22_of_a_first_claim_is_empty() -> None:
    form = form_of("a_weekly_back_pain_claim")

    assert (form.resubmission_code, form.original_reference) == ("", "")


def test_box_17_names_who_referred_before_who_supervised() -> None:
    form = form_of("referred_and_supervised")

    assert (form.referring_qualifier, form.referring_name, form.referring_npi) == ("DN", "NORA VALE", "1003000126")


def test_box_17_names_who_supervised_when_nobody_referred() -> None:
    claim = replace(VARIANTS["referred_and_supervised"], referring=None)

    form = cms1500_of(FiledClaim(claim, FACTS))

    assert (form.referring_qualifier, form.referring_name, form.referring_npi) == ("DQ", "AMOS STONE", "1992999825")


def test_box_24j_is_who_treated_with_the_taxonomy_in_the_shaded_half() -> None:
    for line in form_of("a_weekly_back_pain_claim").lines:
        assert line.rendering_npi == BEN.npi
        assert (line.other_id_qualifier, line.rendering_other_id) == ("ZZ", "171100000X")


def test_box_24j_is_the_billing_provider_when_nobody_else_treated() -> None:
    form = form_of("billed_by_a_person_under_a_social_security_number")

    assert {line.rendering_npi for line in form.lines} == {form.billing_provider.npi}
    assert form.tax_id_kind is paper.TaxIdKind.SSN


def test_medicare_wants_none_in_box_11_and_11d_blank() -> None:
    claim = replace(BACK_PAIN, subscriber=replace(ADULT, filing_indicator="MB", group_number=""))

    form = cms1500_of(FiledClaim(claim, FACTS))

    assert form.insurance_type is paper.InsuranceType.MEDICARE
    assert (form.insured_group, form.another_plan) == ("NONE", None)


@pytest.mark.parametrize(
    ("indicator", "group", "kind"),
    [
        ("MC", "", paper.InsuranceType.MEDICAID),
        ("CI", "", paper.InsuranceType.OTHER),
        ("CI", "G1", paper.InsuranceType.GROUP),
        ("AM", "", paper.InsuranceType.OTHER),
    ],
)
def test_box_1_tells_the_kind_of_insurance(indicator: str, group: str, kind: paper.InsuranceType) -> None:
    claim = replace(BACK_PAIN, subscriber=replace(ADULT, filing_indicator=indicator, group_number=group))

    assert cms1500_of(FiledClaim(claim, FACTS)).insurance_type is kind


def test_the_carrier_block_is_the_payers_address() -> None:
    form = form_of("a_weekly_back_pain_claim")

    assert [line for line in form.carrier if line] == ["CEDAR HEALTH PLAN", "1 PLAZA WAY", "PORTLAND OR 97201"]


def test_signatures_are_on_file_and_box_31_has_the_day_of_the_signature() -> None:
    form = form_of("a_weekly_back_pain_claim")

    assert form.patient_signature == form.insured_signature == form.provider_signature == "SIGNATURE ON FILE"
    assert form.provider_signed_on == date(2026, 3, 2)
    assert form.accept_assignment is True


def test_a_member_number_is_printed_without_blanks_and_hyphens() -> None:
    claim = replace(BACK_PAIN, subscriber=replace(ADULT, member_id="CH-100 200"))

    assert cms1500_of(FiledClaim(claim, FACTS)).insured_id == "CH100200"


def test_a_filed_claim_comes_back_from_json_as_it_was() -> None:
    for claim in VARIANTS.values():
        filed = FiledClaim(claim, FACTS)

        kept = SNAPSHOT.dump_python(filed, mode="json")

        assert SNAPSHOT.validate_python(kept) == filed


def test_an_injury_of_any_other_kind_is_marked_in_box_10c() -> None:
    claim = replace(BACK_PAIN, related_causes=(RelatedCause.OTHER_ACCIDENT,), accident_on=date(2026, 2, 1))

    form = cms1500_of(FiledClaim(claim, FACTS))

    assert (form.employment_related, form.auto_accident, form.other_accident) == (False, False, True)


def test_a_provider_without_a_taxonomy_leaves_the_shaded_half_of_24j_empty() -> None:
    claim = replace(BACK_PAIN, rendering=Provider(BEN.name, BEN.npi))

    (line, *_) = cms1500_of(FiledClaim(claim, FACTS)).lines

    assert (line.other_id_qualifier, line.rendering_other_id, line.rendering_npi) == ("", "", BEN.npi)
