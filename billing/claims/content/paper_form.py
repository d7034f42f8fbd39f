"""A filed claim on paper: the CMS-1500 says what the 837P said, box by box (NUCC 02/12)."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from billing.claims.content.snapshot import FiledClaim
from billing.edi.claim_837p.claim import (
    Address,
    Frequency,
    Organisation,
    Party,
    Person,
    ProfessionalClaim,
    Provider,
    RelatedCause,
    Relationship,
    Responsibility,
    ServiceLine,
    Sex,
    TaxIdKind,
)
from billing.identifiers import compact_member_id
from billing.pdf.cms1500 import form as paper

SIGNATURE_ON_FILE = "SIGNATURE ON FILE"

_MEDICARE = "MB"
"""SBR09 of Medicare Part B."""
_INSURANCE_TYPE = {_MEDICARE: paper.InsuranceType.MEDICARE, "MC": paper.InsuranceType.MEDICAID}
_RELATIONSHIP = {
    Relationship.SELF: paper.Relationship.SELF,
    Relationship.SPOUSE: paper.Relationship.SPOUSE,
    Relationship.CHILD: paper.Relationship.CHILD,
}
_SEX = {Sex.MALE: paper.Sex.MALE, Sex.FEMALE: paper.Sex.FEMALE}
_LETTERS = "ABCDEFGHIJKL"
_PROPERTY_AND_CASUALTY = "Y4"
_TAXONOMY = "ZZ"


def cms1500_of(filed: FiledClaim) -> paper.Cms1500:
    """The form of a claim. Box 26 is the claim's control number, as the answer will carry it."""
    claim, facts = filed.claim, filed.form
    patient, subscriber, insured = claim.patient, claim.subscriber, _insured(filed)
    name = patient.name if patient else subscriber.name
    address = patient.address if patient else subscriber.address
    is_medicare = subscriber.filing_indicator == _MEDICARE
    # Medicare keeps boxes 9 for Medigap policies, which nobody on file is known to be (Medicare manual, ch. 26).
    other = claim.other_payers[0] if claim.other_payers and not is_medicare else None
    qualifier, referrer = _referrer(claim)
    return paper.Cms1500(
        insured_id=compact_member_id(subscriber.member_id),
        patient_name=_form_name(name),
        lines=tuple(_line(line, claim) for line in claim.lines),
        diagnoses=claim.diagnoses,
        insurance_type=_insurance_type(claim),
        carrier=_carrier(claim),
        patient_birth_date=patient.birth_date if patient else subscriber.birth_date,
        patient_sex=_SEX.get((patient.sex if patient else subscriber.sex) or Sex.UNKNOWN),
        insured_name=_form_name(insured.name),
        patient_address=_form_address(address, facts.patient_phone),
        relationship=_RELATIONSHIP.get(insured.relationship, paper.Relationship.OTHER),
        insured_address=_form_address(insured.address),
        other_insured_name=_form_name(other.subscriber.name) if other else "",
        other_insured_policy=other.group_number or other.subscriber.member_id if other else "",
        other_insured_plan=other.payer.name if other else "",
        employment_related=RelatedCause.EMPLOYMENT in claim.related_causes,
        auto_accident=RelatedCause.AUTO_ACCIDENT in claim.related_causes,
        auto_accident_state=claim.accident_state,
        other_accident=RelatedCause.OTHER_ACCIDENT in claim.related_causes,
        insured_group=insured.group,
        insured_birth_date=insured.birth_date,
        insured_sex=_SEX.get(insured.sex or Sex.UNKNOWN),
        other_claim_id_qualifier=_PROPERTY_AND_CASUALTY if claim.property_casualty_number else "",
        other_claim_id=claim.property_casualty_number,
        insured_plan=insured.plan,
        another_plan=None if is_medicare else other is not None,
        patient_signature=SIGNATURE_ON_FILE,
        insured_signature=SIGNATURE_ON_FILE,
        illness_date=claim.onset_on or claim.accident_on,
        other_date=claim.accident_on,
        other_date_qualifier="439" if claim.accident_on else "",
        referring_qualifier=qualifier,
        referring_name=_provider_name(referrer),
        referring_npi=referrer.npi if referrer else "",
        additional_information=claim.note,
        resubmission_code="" if claim.frequency is Frequency.ORIGINAL else claim.frequency.value,
        original_reference=claim.original_reference,
        prior_authorization=claim.prior_authorisation or claim.referral_number,
        tax_id=claim.billing_provider.tax_id,
        tax_id_kind=_tax_id_kind(claim),
        account_number=claim.control_number,
        accept_assignment=claim.assignment.value == "A",
        amount_paid=claim.patient_paid_cents + sum(payer.paid_cents or 0 for payer in claim.other_payers),
        provider_signature=SIGNATURE_ON_FILE,
        provider_signed_on=facts.signed_on,
        facility=_facility(claim),
        billing_provider=_billing_provider(claim, facts.clinic_phone),
    )


class _Insured(NamedTuple):
    """Boxes 4, 6, 7, 11, 11a and 11c."""

    name: Party
    relationship: Relationship
    """What the patient is to him or her."""
    address: Address | None
    group: str
    birth_date: date | None
    sex: Sex | None
    plan: str


def _insured(filed: FiledClaim) -> _Insured:
    """Who holds the policy that is billed; on a claim on Medicare who holds the one that pays before it.

    Where none does, Medicare wants that said in box 11 (Medicare Claims Processing Manual, chapter 26).
    """
    claim, subscriber = filed.claim, filed.claim.subscriber
    is_medicare = subscriber.filing_indicator == _MEDICARE
    if is_medicare and subscriber.responsibility is not Responsibility.PRIMARY and claim.other_payers:
        first = claim.other_payers[0]
        return _Insured(
            first.subscriber.name,
            first.relationship,
            first.subscriber.address,
            first.group_number or first.subscriber.member_id,
            filed.form.first_insured_birth_date,
            filed.form.first_insured_sex,
            first.plan_name or first.payer.name,
        )
    return _Insured(
        subscriber.name,
        claim.patient.relationship if claim.patient else Relationship.SELF,
        subscriber.address,
        "NONE" if is_medicare else subscriber.group_number,
        subscriber.birth_date,
        subscriber.sex,
        subscriber.plan_name or claim.payer.name,
    )


def _insurance_type(claim: ProfessionalClaim) -> paper.InsuranceType:
    kind = _INSURANCE_TYPE.get(claim.subscriber.filing_indicator)
    return kind or (paper.InsuranceType.GROUP if claim.subscriber.group_number else paper.InsuranceType.OTHER)


def _carrier(claim: ProfessionalClaim) -> tuple[str, ...]:
    address = claim.payer.address
    if address is None:
        return (claim.payer.name,)
    town = f"{address.city} {address.state} {_hyphened(address.zip)}"
    return tuple(filter(None, (claim.payer.name, address.line1, address.line2, town)))


def _form_name(name: Party) -> str:
    if isinstance(name, Organisation):
        return name.name
    return paper.form_name(name.last, name.first, name.middle, name.suffix)


def _form_address(address: Address | None, phone: str = "") -> paper.FormAddress:
    if address is None:
        return paper.FormAddress()
    street = f"{address.line1} {address.line2}".strip()
    return paper.FormAddress(street, address.city, address.state, address.zip, phone)


def _line(line: ServiceLine, claim: ProfessionalClaim) -> paper.ServiceLine:
    rendering = line.rendering or claim.rendering
    return paper.ServiceLine(
        from_date=line.service_on,
        to_date=line.service_through,
        place_of_service=line.place_of_service or claim.place_of_service,
        code=line.procedure,
        modifiers=line.modifiers,
        pointers="".join(_LETTERS[pointer - 1] for pointer in line.pointers),
        charge=line.charge_cents,
        units=line.units,
        supplemental=f"{_TAXONOMY}{line.description}" if line.description else "",
        other_id_qualifier=_TAXONOMY if rendering and rendering.taxonomy else "",
        rendering_other_id=rendering.taxonomy if rendering else "",
        rendering_npi=rendering.npi if rendering else claim.billing_provider.npi,
    )


def _referrer(claim: ProfessionalClaim) -> tuple[str, Provider | None]:
    """Box 17 holds one name: who referred, else who supervised."""
    if claim.referring:
        return "DN", claim.referring
    return ("DQ", claim.supervising) if claim.supervising else ("", None)


def _provider_name(provider: Provider | None) -> str:
    if provider is None:
        return ""
    name = provider.name
    return " ".join(filter(None, (name.first, name.middle, name.last))) if isinstance(name, Person) else name.name


def _tax_id_kind(claim: ProfessionalClaim) -> paper.TaxIdKind:
    is_employer = claim.billing_provider.tax_id_kind is TaxIdKind.EMPLOYER
    return paper.TaxIdKind.EIN if is_employer else paper.TaxIdKind.SSN


def _billing_provider(claim: ProfessionalClaim, phone: str) -> paper.FormProvider:
    billing = claim.billing_provider
    return paper.FormProvider(
        name=_form_name(billing.name),
        address=_form_address(billing.address, phone),
        npi=billing.npi,
        other_id=f"{_TAXONOMY}{billing.taxonomy}" if billing.taxonomy else "",
    )


def _facility(claim: ProfessionalClaim) -> paper.FormProvider:
    """Box 32: where the service was given, when that is not where the biller is."""
    there = claim.facility
    if there is None:
        return paper.FormProvider()
    return paper.FormProvider(there.name, _form_address(there.address), there.npi)


def _hyphened(zip_code: str) -> str:
    return f"{zip_code[:5]}-{zip_code[5:]}" if len(zip_code) == 9 else zip_code
