"""A professional claim as it travels: the values of an 837P (X12 005010X222A1), without its syntax.

Money is whole cents, dates are local dates, codes are written as the code sets print them except
for diagnoses, which carry no dot. An empty string, ``None`` or an empty tuple means "not sent".
All text must already be fit for X12 (see ``billing.edi.text.plain_text``).

    ClaimBatch ─ Submitter, Receiver
      └ ProfessionalClaim ─ BillingProvider, Subscriber, Payer, Patient (when not the subscriber)
          ├ Provider (referring, rendering, supervising), ServiceFacility
          ├ OtherPayer ─ OtherSubscriber, Payer, Adjustment
          └ ServiceLine ─ Provider (rendering), LineAdjudication ─ Adjustment
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.edi.claim_codes import (
    AdjustmentGroup,
    Assignment,
    BenefitsAssigned,
    Frequency,
    RelatedCause,
    ReleaseOfInformation,
    Responsibility,
    TaxIdKind,
)
from billing.edi.parties import Address, Contact, Organisation, Party, Person, Relationship, Sex

__all__ = [
    "Address",
    "Adjustment",
    "AdjustmentGroup",
    "Assignment",
    "BenefitsAssigned",
    "BillingProvider",
    "ClaimBatch",
    "Contact",
    "Frequency",
    "LineAdjudication",
    "Organisation",
    "OtherPayer",
    "OtherSubscriber",
    "Party",
    "Patient",
    "Payer",
    "Person",
    "ProfessionalClaim",
    "Provider",
    "Receiver",
    "RelatedCause",
    "Relationship",
    "ReleaseOfInformation",
    "Responsibility",
    "ServiceFacility",
    "ServiceLine",
    "Sex",
    "Submitter",
    "Subscriber",
    "TaxIdKind",
]


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who sends the file (1000A); ``identifier`` is what the receiver assigned."""

    name: Party
    identifier: str
    contact: Contact


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets the file (1000B): a clearinghouse or a payer."""

    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class BillingProvider:
    """Who is to be paid (2000A, 2010AA). ``tax_id`` is nine digits; the address is a street, its ZIP nine digits."""

    name: Party
    npi: str
    tax_id: str
    tax_id_kind: TaxIdKind
    address: Address
    contact: Contact | None = None
    taxonomy: str = ""


@dataclass(frozen=True, slots=True)
class Payer:
    """An insurer and its electronic number (2010BB, 2330B)."""

    name: str
    identifier: str
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who holds the policy with the payer this claim goes to (2000B, 2010BA).

    ``name`` is an employer's in workers' compensation. ``filing_indicator`` is SBR09 (``CI``, ``MB``,
    ``WC``...), ``medicare_secondary_reason`` is SBR05, sent only when Medicare pays second. Address,
    birth date and sex are required when the subscriber is the patient.
    """

    name: Party
    member_id: str
    filing_indicator: str
    responsibility: Responsibility = Responsibility.PRIMARY
    group_number: str = ""
    plan_name: str = ""
    medicare_secondary_reason: str = ""
    address: Address | None = None
    birth_date: date | None = None
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class Patient:
    """The patient, when he or she is not the subscriber (2000C, 2010CA)."""

    name: Person
    relationship: Relationship
    birth_date: date
    sex: Sex
    address: Address


@dataclass(frozen=True, slots=True)
class Provider:
    """A person who referred, supervised or treated; ``taxonomy`` is sent for the one who treated."""

    name: Party
    npi: str = ""
    taxonomy: str = ""


@dataclass(frozen=True, slots=True)
class ServiceFacility:
    """Where the service was given, when that is not the billing address (2310C)."""

    name: str
    address: Address
    npi: str = ""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One part of a charge that a payer did not pay, and why (a CARC). ``cents`` may be negative."""

    group: AdjustmentGroup
    reason: str
    cents: int
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class LineAdjudication:
    """What another payer decided about one line (2430); ``payer_identifier`` names an :class:`OtherPayer`.

    ``remaining_cents`` is what is still to be paid after that payer, by the provider's own judgment; zero is
    sent, ``None`` is not.
    """

    payer_identifier: str
    paid_cents: int
    procedure: str
    units: int
    adjudicated_on: date
    modifiers: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    remaining_cents: int | None = None


@dataclass(frozen=True, slots=True)
class OtherSubscriber:
    """Who holds the policy with another payer (2330A)."""

    name: Party
    member_id: str
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class OtherPayer:
    """Another coverage of the same patient, whether it has paid yet or not (2320, 2330A, 2330B).

    ``paid_cents`` is ``None`` until that payer has decided. ``adjudicated_on`` belongs here only when
    the payer decided about the claim as a whole; else it stands on each :class:`LineAdjudication`.
    """

    payer: Payer
    subscriber: OtherSubscriber
    responsibility: Responsibility
    relationship: Relationship
    filing_indicator: str
    group_number: str = ""
    plan_name: str = ""
    medicare_secondary_reason: str = ""
    benefits_assigned: BenefitsAssigned = BenefitsAssigned.YES
    release_of_information: ReleaseOfInformation = ReleaseOfInformation.SIGNED
    paid_cents: int | None = None
    adjustments: tuple[Adjustment, ...] = ()
    adjudicated_on: date | None = None
    payer_claim_number: str = ""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One procedure on one day, or on a run of days up to and including ``service_through`` (2400).

    ``pointers`` are positions (from 1) in the claim's diagnoses, the main one first. ``description``
    is only for codes that do not describe themselves. ``place_of_service`` only when it is not the
    claim's. ``control_number`` comes back in the remittance.
    """

    procedure: str
    charge_cents: int
    units: int
    service_on: date
    pointers: tuple[int, ...]
    modifiers: tuple[str, ...] = ()
    service_through: date | None = None
    description: str = ""
    place_of_service: str = ""
    control_number: str = ""
    note: str = ""
    rendering: Provider | None = None
    adjudications: tuple[LineAdjudication, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfessionalClaim:
    """One claim with all that stands above and below it in the file (2300 and around it).

    ``patient`` is ``None`` when the subscriber is the patient. ``diagnoses`` are up to twelve ICD-10-CM
    codes without dots, principal first. ``original_reference`` is the payer's own claim number, required
    when the claim replaces or voids one. ``property_casualty_number`` is the claim number of a workers'
    compensation or auto insurer. ``accident_state`` goes with an auto accident.
    """

    control_number: str
    billing_provider: BillingProvider
    subscriber: Subscriber
    payer: Payer
    total_cents: int
    place_of_service: str
    diagnoses: tuple[str, ...]
    lines: tuple[ServiceLine, ...]
    patient: Patient | None = None
    frequency: Frequency = Frequency.ORIGINAL
    original_reference: str = ""
    provider_signature_on_file: bool = True
    assignment: Assignment = Assignment.ASSIGNED
    benefits_assigned: BenefitsAssigned = BenefitsAssigned.YES
    release_of_information: ReleaseOfInformation = ReleaseOfInformation.SIGNED
    related_causes: tuple[RelatedCause, ...] = ()
    accident_state: str = ""
    accident_on: date | None = None
    onset_on: date | None = None
    initial_treatment_on: date | None = None
    last_seen_on: date | None = None
    acute_manifestation_on: date | None = None
    last_menstrual_period_on: date | None = None
    prior_authorisation: str = ""
    referral_number: str = ""
    property_casualty_number: str = ""
    patient_paid_cents: int = 0
    note: str = ""
    referring: Provider | None = None
    rendering: Provider | None = None
    supervising: Provider | None = None
    facility: ServiceFacility | None = None
    other_payers: tuple[OtherPayer, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimBatch:
    """Claims that travel together. ``reference`` (BHT03) names the batch to the receiver, at most 40 characters."""

    submitter: Submitter
    receiver: Receiver
    reference: str
    claims: tuple[ProfessionalClaim, ...]
