"""A question to a payer in the words of X12: who is asked, for whom, about whom, and about what. Pure."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, timedelta

from billing.clinic.models import Clinic, TaxIdKind
from billing.coverage.models import Policy, Relationship
from billing.edi.eligibility_270.inquiry import (
    AskedDependent,
    AskedPayer,
    AskedSubscriber,
    AskingProvider,
    Inquiry,
)
from billing.edi.parties import Organisation, Person, Sex
from billing.edi.parties import Relationship as X12Relationship
from billing.edi.text import plain_text
from billing.errors import Problem, block
from billing.identifiers import tax_id_digits
from billing.patients.models import Patient
from billing.payers.models import Payer, PayerKind

ALL_TYPES = ("30", "64", "98")
"""The plan as a whole, acupuncture, office visits: each tells what the others leave out."""
ONE_TYPE = ("64",)
NOT_ASKED = frozenset({PayerKind.WORKERS_COMP, PayerKind.AUTO})
"""Injuries are accepted or not, one by one: such insurers know no eligibility."""
MONTHS_BACK = 12
_RELATIONSHIPS = {
    Relationship.SPOUSE: X12Relationship.SPOUSE,
    Relationship.CHILD: X12Relationship.CHILD,
}


@dataclass(frozen=True, slots=True)
class Insured:
    """A policy with whom it insures and who insures."""

    policy: Policy
    patient: Patient
    payer: Payer


def askable_day(on: date, today: date) -> date:
    """The day to ask about for a visit on ``on``.

    Payers must answer for twelve months back up to the end of the current month (CAQH CORE eligibility rules);
    what lies outside is asked about as near as they answer for.
    """
    next_month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    earliest = today.replace(year=today.year - 1, day=1)
    return min(max(on, earliest), next_month - timedelta(days=1))


def service_types_for(payer: Payer) -> tuple[str, ...]:
    """What the payer is asked about at once."""
    return ONE_TYPE if payer.takes_one_service_type else ALL_TYPES


def originator(clinic: Clinic) -> str:
    """TRN03: who asks, in ten characters. A person's own tax number is never sent for it."""
    if clinic.tax_id_kind is TaxIdKind.EIN:
        return f"1{tax_id_digits(clinic.tax_id)}"
    return f"9{(clinic.npi or '')[-9:]:0>9}"


def inquiry_of(
    insured: Insured, clinic: Clinic, *, trace: str, about_on: date, service_types: tuple[str, ...]
) -> Inquiry:
    """The question as it is written; what is missing on file is missing in it."""
    policy, patient, payer = insured.policy, insured.patient, insured.payer
    own = Person(plain_text(patient.last_name), plain_text(patient.first_name), plain_text(patient.middle_name or ""))
    is_self = policy.relationship is Relationship.SELF
    return Inquiry(
        trace=trace,
        originator=originator(clinic),
        payer=AskedPayer(plain_text(payer.name), plain_text(payer.payer_number or "")),
        provider=AskingProvider(Organisation(plain_text(clinic.name)), clinic.npi or ""),
        subscriber=_patient_as_subscriber(policy, patient, own) if is_self else _subscriber(policy),
        asked_on=about_on,
        service_types=service_types,
        dependent=None if is_self else _dependent(policy, patient, own),
    )


def _patient_as_subscriber(policy: Policy, patient: Patient, name: Person) -> AskedSubscriber:
    return AskedSubscriber(name, plain_text(policy.member_id), patient.birth_date, Sex(patient.sex))


def _subscriber(policy: Policy) -> AskedSubscriber:
    name = Person(plain_text(policy.subscriber_last_name or ""), plain_text(policy.subscriber_first_name or ""))
    sex = Sex(policy.subscriber_sex) if policy.subscriber_sex else None
    return AskedSubscriber(name, plain_text(policy.member_id), policy.subscriber_birth_date, sex)


def _dependent(policy: Policy, patient: Patient, name: Person) -> AskedDependent:
    relationship = _RELATIONSHIPS.get(policy.relationship, X12Relationship.OTHER)
    return AskedDependent(name, relationship, patient.birth_date, Sex(patient.sex))


def policy_digest(insured: Insured) -> str:
    """Digest of all that a payer finds a patient by: when it differs, an earlier answer may be about somebody else."""
    policy, patient, payer = insured.policy, insured.patient, insured.payer
    facts = [
        policy.member_id, policy.group_number, policy.relationship.value, policy.subscriber_last_name,
        policy.subscriber_first_name, str(policy.subscriber_birth_date), patient.last_name, patient.first_name,
        str(patient.birth_date), payer.payer_number,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def asking_problems(insured: Insured, clinic: Clinic, about_on: date) -> list[Problem]:
    """Why this payer cannot be asked about this policy; an empty list when it can."""
    policy, payer = insured.policy, insured.payer
    found = []
    if payer.kind in NOT_ASKED:
        why = f"{payer.name} covers injuries, which no eligibility question can ask about."
        found.append(block("eligibility.kind", why, "Call the adjuster and note what is said.", f"payer:{payer.id}"))
    if not payer.payer_number:
        why = f"{payer.name} has no electronic number, so nobody can ask it electronically."
        found.append(block("eligibility.payer", why, "Enter it in the settings, or call.", f"payer:{payer.id}"))
    if not clinic.npi:
        why = "The clinic has no NPI, without which no payer answers."
        found.append(block("eligibility.clinic", why, "Enter it in the settings.", "clinic:1"))
    if about_on < policy.effective_from or (policy.effective_to and about_on > policy.effective_to):
        why = f"By what is on file the policy is not in force on {about_on}."
        found.append(
            block("eligibility.policy", why, "Correct the policy, or ask about its days.", f"policy:{policy.id}")
        )
    return found
