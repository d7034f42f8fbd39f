"""Patients, policies and payers as the parties of an 837P, in the characters that it may carry."""

from __future__ import annotations

from datetime import date

from billing.coverage.models import Policy, Relationship
from billing.edi.claim_837p import claim as edi
from billing.edi.text import plain_text
from billing.identifiers import zip_digits
from billing.patients.models import Patient, Sex
from billing.payers.models import Payer, PayerKind

FILING_INDICATOR = {
    PayerKind.COMMERCIAL: "CI",
    PayerKind.MEDICARE: "MB",
    PayerKind.MEDICAID: "MC",
    PayerKind.VA: "VA",
    PayerKind.WORKERS_COMP: "WC",
    PayerKind.AUTO: "AM",
}
"""SBR09, the kind of insurance, by kind of payer."""
RELATIONSHIP = {
    Relationship.SELF: edi.Relationship.SELF,
    Relationship.SPOUSE: edi.Relationship.SPOUSE,
    Relationship.CHILD: edi.Relationship.CHILD,
    Relationship.OTHER: edi.Relationship.OTHER,
}
"""What the patient is to the subscriber, in the words of X12."""

STATE_LENGTH = 2
"""Letters of a state's code."""


def subscriber_of(
    policy: Policy, payer: Payer, patient: Patient, turn: edi.Responsibility, medicare_secondary_reason: str
) -> edi.Subscriber:
    """Who holds the policy that is billed; ``turn`` is that policy's place in the order of payers."""
    born_on, sex = holder_details(policy, patient)
    return edi.Subscriber(
        name=_holder_name(policy, patient),
        member_id=plain_text(policy.member_id),
        filing_indicator=FILING_INDICATOR[payer.kind],
        responsibility=turn,
        group_number=plain_text(policy.group_number or ""),
        medicare_secondary_reason=medicare_secondary_reason,
        address=_holder_address(policy, patient),
        birth_date=born_on,
        sex=sex,
    )


def holder_details(policy: Policy, patient: Patient) -> tuple[date | None, edi.Sex]:
    """Birth date and sex of who holds a policy."""
    if policy.relationship is Relationship.SELF:
        return patient.birth_date, edi.Sex(patient.sex)
    return policy.subscriber_birth_date, edi.Sex(policy.subscriber_sex or Sex.U)


def other_subscriber_of(policy: Policy, patient: Patient) -> edi.OtherSubscriber:
    """Who holds a policy that is not the one billed. An address that is not whole holds up no claim on others."""
    try:
        found = _holder_address(policy, patient)
    except ValueError:
        found = None
    whole = found if found and len(found.state) == STATE_LENGTH else None
    return edi.OtherSubscriber(_holder_name(policy, patient), plain_text(policy.member_id), whole)


def patient_of(patient: Patient, policy: Policy) -> edi.Patient:
    """The patient, when somebody else holds the policy."""
    return edi.Patient(
        name=person(patient),
        relationship=RELATIONSHIP[policy.relationship],
        birth_date=patient.birth_date,
        sex=edi.Sex(patient.sex),
        address=_patient_address(patient),
    )


def payer_of(payer: Payer) -> edi.Payer:
    """An insurer, with its address when all of it is known."""
    whole = payer.address1 and payer.city and payer.state and payer.zip
    place = address(payer.address1 or "", None, payer.city or "", payer.state or "", payer.zip or "") if whole else None
    return edi.Payer(plain_text(payer.name), plain_text(payer.payer_number or ""), place)


def person(patient: Patient) -> edi.Person:
    """The patient's name."""
    return edi.Person(
        plain_text(patient.last_name), plain_text(patient.first_name), plain_text(patient.middle_name or "")
    )


def address(line1: str, line2: str | None, city: str, state: str, zip_code: str) -> edi.Address:
    """An address. Raises :class:`ValueError` when its ZIP code is none."""
    return edi.Address(
        line1=plain_text(line1),
        line2=plain_text(line2 or ""),
        city=plain_text(city),
        state=plain_text(state),
        zip=zip_digits(zip_code),
    )


def _holder_name(policy: Policy, patient: Patient) -> edi.Person:
    if policy.relationship is Relationship.SELF:
        return person(patient)
    return edi.Person(plain_text(policy.subscriber_last_name or ""), plain_text(policy.subscriber_first_name or ""))


def _holder_address(policy: Policy, patient: Patient) -> edi.Address:
    """Families share an address until told otherwise."""
    if policy.relationship is Relationship.SELF:
        return _patient_address(patient)
    parts = (policy.subscriber_address1, policy.subscriber_city, policy.subscriber_state, policy.subscriber_zip)
    street, city, state, zip_code = parts
    if not (street and city and state and zip_code):
        return _patient_address(patient)
    return address(street, None, city, state, zip_code)


def _patient_address(patient: Patient) -> edi.Address:
    return address(patient.address1 or "", patient.address2, patient.city or "", patient.state or "", patient.zip or "")
