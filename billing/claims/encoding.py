"""A visit and its charges as the professional claim that an 837P carries.

The claim says what is on file on the day it is built; the caller freezes it.
"""

from __future__ import annotations

from collections.abc import Sequence

from billing.charges.models import Charge
from billing.claims.models import Responsibility
from billing.clinic.models import Clinic, TaxIdKind
from billing.codes.diagnoses import undotted
from billing.coverage.models import Policy, Relationship
from billing.edi.claim_837p import claim as edi
from billing.edi.text import plain_text
from billing.identifiers import tax_id_digits, zip_digits
from billing.patients.models import Patient, Sex
from billing.payers.models import Payer, PayerKind
from billing.practitioners.models import Practitioner
from billing.sessions.clearance import Clearance
from billing.sessions.facts import Facts, Visit
from billing.sessions.models import AccidentKind, ClinicSession

POINTERS = 4
"""Diagnoses a line can point to (X12 005010X222A1 SV107)."""

_FILING_INDICATOR = {
    PayerKind.COMMERCIAL: "CI",
    PayerKind.MEDICARE: "MB",
    PayerKind.MEDICAID: "MC",
    PayerKind.VA: "VA",
    PayerKind.WORKERS_COMP: "WC",
    PayerKind.AUTO: "AM",
}
_RELATIONSHIP = {
    Relationship.SELF: edi.Relationship.SELF,
    Relationship.SPOUSE: edi.Relationship.SPOUSE,
    Relationship.CHILD: edi.Relationship.CHILD,
    Relationship.OTHER: edi.Relationship.OTHER,
}
_RELATED_CAUSE = {
    AccidentKind.AUTO: edi.RelatedCause.AUTO_ACCIDENT,
    AccidentKind.WORK: edi.RelatedCause.EMPLOYMENT,
    AccidentKind.OTHER: edi.RelatedCause.OTHER_ACCIDENT,
}
_TITLES = {"DR", "DR.", "PROF", "PROF.", "MR", "MR.", "MS", "MS.", "MRS", "MRS."}
_LETTERS = {"MD", "DO", "DC", "NP", "PA", "PHD", "LAC", "ND", "DPM"}
_TURNS = (Responsibility.PRIMARY, Responsibility.SECONDARY, Responsibility.TERTIARY)


def professional_claim(
    control_number: str,
    visit: Visit,
    clearance: Clearance,
    facts: Facts,
    charges: Sequence[Charge],
    patient_paid_cents: int,
) -> edi.ProfessionalClaim:
    """The primary claim of a visit, under the patient control number given.

    The clearance must have no blocking problem; otherwise parts of it may be missing (``ValueError``).
    """
    session, policy, payer = visit.session, clearance.policy, clearance.payer
    if policy is None or payer is None:
        raise ValueError("a claim needs a policy in force")
    patient = facts.patients[session.patient_id]
    is_self = policy.relationship is Relationship.SELF
    injury = session.accident is not None
    diagnoses = tuple(undotted(code) for code in visit.chart.diagnoses)
    return edi.ProfessionalClaim(
        control_number=control_number,
        billing_provider=billing_provider(facts.clinic),
        subscriber=_subscriber(policy, payer, patient),
        payer=_payer(payer),
        patient=None if is_self else _patient(patient, policy),
        total_cents=sum(charge.cents for charge in charges),
        place_of_service=session.place_of_service,
        diagnoses=diagnoses,
        lines=tuple(_line(control_number, charge, len(diagnoses)) for charge in charges),
        related_causes=(_RELATED_CAUSE[session.accident],) if session.accident else (),
        accident_state=session.accident_state or "",
        accident_on=session.onset_on if injury else None,
        onset_on=None if injury else session.onset_on,
        prior_authorisation=plain_text(clearance.authorisation.number) if clearance.authorisation else "",
        property_casualty_number=plain_text(session.claim_number or ""),
        patient_paid_cents=patient_paid_cents,
        referring=_referring(session),
        rendering=_rendering(clearance.rendering, facts.clinic),
        supervising=_provider(clearance.supervising) if clearance.supervising else None,
        other_payers=_other_payers(visit, policy, patient, facts),
    )


def billing_provider(clinic: Clinic) -> edi.BillingProvider:
    """The clinic as the one to be paid."""
    return edi.BillingProvider(
        name=edi.Organisation(plain_text(clinic.name)),
        npi=clinic.npi or "",
        tax_id=tax_id_digits(clinic.tax_id),
        tax_id_kind=edi.TaxIdKind.EMPLOYER if clinic.tax_id_kind is TaxIdKind.EIN else edi.TaxIdKind.SOCIAL_SECURITY,
        address=_address(clinic.address1, clinic.address2, clinic.city, clinic.state, clinic.zip),
        taxonomy=clinic.taxonomy or "",
    )


def submitter(clinic: Clinic) -> edi.Submitter:
    """The clinic as the sender of the file."""
    digits = "".join(character for character in clinic.phone if character.isdigit())[-10:]
    return edi.Submitter(
        name=edi.Organisation(plain_text(clinic.name)),
        identifier=plain_text(clinic.submitter_id or tax_id_digits(clinic.tax_id)),
        contact=edi.Contact(name=plain_text(clinic.name), phone=digits),
    )


def _subscriber(policy: Policy, payer: Payer, patient: Patient) -> edi.Subscriber:
    is_self = policy.relationship is Relationship.SELF
    return edi.Subscriber(
        name=_person(patient) if is_self else _subscriber_name(policy),
        member_id=plain_text(policy.member_id),
        filing_indicator=_FILING_INDICATOR[payer.kind],
        group_number=plain_text(policy.group_number or ""),
        address=_patient_address(patient) if is_self else _subscriber_address(policy, patient),
        birth_date=patient.birth_date if is_self else policy.subscriber_birth_date,
        sex=edi.Sex(patient.sex if is_self else policy.subscriber_sex or Sex.U),
    )


def _subscriber_name(policy: Policy) -> edi.Person:
    return edi.Person(plain_text(policy.subscriber_last_name or ""), plain_text(policy.subscriber_first_name or ""))


def _subscriber_address(policy: Policy, patient: Patient) -> edi.Address:
    """Families share an address until told otherwise."""
    parts = (policy.subscriber_address1, policy.subscriber_city, policy.subscriber_state, policy.subscriber_zip)
    street, city, state, zip_code = parts
    if not (street and city and state and zip_code):
        return _patient_address(patient)
    return _address(street, None, city, state, zip_code)


def _patient(patient: Patient, policy: Policy) -> edi.Patient:
    return edi.Patient(
        name=_person(patient),
        relationship=_RELATIONSHIP[policy.relationship],
        birth_date=patient.birth_date,
        sex=edi.Sex(patient.sex),
        address=_patient_address(patient),
    )


def _person(patient: Patient) -> edi.Person:
    return edi.Person(
        plain_text(patient.last_name), plain_text(patient.first_name), plain_text(patient.middle_name or "")
    )


def _patient_address(patient: Patient) -> edi.Address:
    return _address(
        patient.address1 or "", patient.address2, patient.city or "", patient.state or "", patient.zip or ""
    )


def _address(line1: str, line2: str | None, city: str, state: str, zip_code: str) -> edi.Address:
    return edi.Address(
        line1=plain_text(line1),
        line2=plain_text(line2 or ""),
        city=plain_text(city),
        state=plain_text(state),
        zip=zip_digits(zip_code),
    )


def _payer(payer: Payer) -> edi.Payer:
    whole = payer.address1 and payer.city and payer.state and payer.zip
    address = (
        _address(payer.address1 or "", None, payer.city or "", payer.state or "", payer.zip or "") if whole else None
    )
    return edi.Payer(plain_text(payer.name), plain_text(payer.payer_number or ""), address)


def _line(control_number: str, charge: Charge, diagnoses: int) -> edi.ServiceLine:
    return edi.ServiceLine(
        procedure=charge.code,
        modifiers=tuple(charge.modifiers),
        charge_cents=charge.cents,
        units=charge.units,
        service_on=charge.service_on,
        pointers=tuple(range(1, min(diagnoses, POINTERS) + 1)),
        control_number=line_control_number(control_number, charge.position),
    )


def line_control_number(control_number: str, position: int) -> str:
    """What a line is called in the answer (REF*6R)."""
    return f"{control_number}L{position}"


def _provider(practitioner: Practitioner) -> edi.Provider:
    name = edi.Person(plain_text(practitioner.last_name), plain_text(practitioner.first_name))
    return edi.Provider(name, practitioner.npi or "", practitioner.taxonomy or "")


def _rendering(practitioner: Practitioner, clinic: Clinic) -> edi.Provider | None:
    """Named only when it is somebody else than the billing provider (X12 005010X222A1 2310B)."""
    return None if practitioner.npi == clinic.npi else _provider(practitioner)


def _referring(session: ClinicSession) -> edi.Provider | None:
    words = plain_text((session.referring_name or "").replace(",", " ")).split()
    words = [word for word in words if word not in _TITLES]
    while len(words) > 1 and words[-1].replace(".", "") in _LETTERS:
        words.pop()
    if not words:
        return None
    return edi.Provider(edi.Person(words[-1], " ".join(words[:-1])), session.referring_npi or "")


def _other_payers(visit: Visit, billed: Policy, patient: Patient, facts: Facts) -> tuple[edi.OtherPayer, ...]:
    """The patient's further policies, which a primary claim must already name (2320)."""
    others = [policy for policy in visit.policies if policy.id != billed.id]
    return tuple(
        edi.OtherPayer(
            payer=_payer(facts.payers[policy.payer_id]),
            subscriber=_other_subscriber(policy, patient),
            responsibility=edi.Responsibility(turn),
            relationship=_RELATIONSHIP[policy.relationship],
            filing_indicator=_FILING_INDICATOR[facts.payers[policy.payer_id].kind],
            group_number=plain_text(policy.group_number or ""),
        )
        for turn, policy in zip(_TURNS[1:], others, strict=False)
        if facts.payers[policy.payer_id].payer_number
    )


def _other_subscriber(policy: Policy, patient: Patient) -> edi.OtherSubscriber:
    is_self = policy.relationship is Relationship.SELF
    name = _person(patient) if is_self else _subscriber_name(policy)
    return edi.OtherSubscriber(name, plain_text(policy.member_id))
