"""What a CMS-1500 says: one attribute for each box, in the words of the trade.

The numbers in the attributes' descriptions are the boxes of form version 02/12 (NUCC). Text is printed in upper
case and cut to its box. Characters outside ASCII print as ``?``: fold accents before.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class InsuranceType(StrEnum):
    """Box 1."""

    MEDICARE = "MEDICARE"
    MEDICAID = "MEDICAID"
    TRICARE = "TRICARE"
    CHAMPVA = "CHAMPVA"
    GROUP = "GROUP"
    FECA = "FECA"
    OTHER = "OTHER"


class Sex(StrEnum):
    """Boxes 3 and 11a; neither is marked when it is not known."""

    MALE = "M"
    FEMALE = "F"


class Relationship(StrEnum):
    """Box 6: what the patient is to the insured."""

    SELF = "SELF"
    SPOUSE = "SPOUSE"
    CHILD = "CHILD"
    OTHER = "OTHER"


class TaxIdKind(StrEnum):
    """Box 25."""

    SSN = "SSN"
    EIN = "EIN"


@dataclass(frozen=True, slots=True)
class FormAddress:
    """Boxes 5 and 7. Phone and ZIP may be written any way: only their digits are printed."""

    street: str = ""
    city: str = ""
    state: str = ""
    """Two letters."""
    zip_code: str = ""
    phone: str = ""
    """Ten digits with the area code."""


@dataclass(frozen=True, slots=True)
class FormProvider:
    """Boxes 32 and 33: a place or a biller with its numbers."""

    name: str = ""
    address: FormAddress = field(default_factory=FormAddress)
    npi: str = ""
    """32a, 33a."""
    other_id: str = ""
    """32b, 33b: qualifier and number without a blank between, such as ``ZZ171100000X``."""


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One of the six rows of box 24."""

    from_date: date
    """24A; ``to_date`` falls back to it."""
    code: str
    """24D: CPT or HCPCS."""
    charge: int
    """24F: cents."""
    pointers: str = "A"
    """24E: up to four letters of box 21, the main one first."""
    units: int = 1
    """24G."""
    modifiers: tuple[str, ...] = ()
    """24D: up to four."""
    to_date: date | None = None
    place_of_service: str = "11"
    """24B."""
    emergency: bool = False
    """24C."""
    epsdt: str = ""
    """24H."""
    supplemental: str = ""
    """24, shaded upper half, from column A to H."""
    other_id_qualifier: str = ""
    """24I, shaded: ``ZZ`` taxonomy, ``G2``, ``0B``, ``1G``, ``LU``."""
    rendering_other_id: str = ""
    """24J, shaded."""
    rendering_npi: str = ""
    """24J."""

    @property
    def last_date(self) -> date:
        """The date printed under TO."""
        return self.to_date or self.from_date


@dataclass(frozen=True, slots=True)
class Cms1500:
    """One claim on paper. More than six service lines take more pages, each with the total of its own lines."""

    insured_id: str
    """1a."""
    patient_name: str
    """2: ``LAST, FIRST, MIDDLE INITIAL``; see :func:`form_name`."""
    lines: tuple[ServiceLine, ...]
    """24."""
    diagnoses: tuple[str, ...]
    """21: up to twelve codes, lettered A to L; points are dropped."""
    insurance_type: InsuranceType | None = None
    """1."""
    carrier: tuple[str, ...] = ()
    """Top right: up to four lines, payer's name, attention, street, city with state and ZIP."""
    patient_birth_date: date | None = None
    """3."""
    patient_sex: Sex | None = None
    """3."""
    insured_name: str = ""
    """4."""
    patient_address: FormAddress = field(default_factory=FormAddress)
    """5."""
    relationship: Relationship | None = None
    """6."""
    insured_address: FormAddress = field(default_factory=FormAddress)
    """7."""
    other_insured_name: str = ""
    """9."""
    other_insured_policy: str = ""
    """9a."""
    other_insured_plan: str = ""
    """9d."""
    employment_related: bool | None = None
    """10a."""
    auto_accident: bool | None = None
    """10b."""
    auto_accident_state: str = ""
    """10b."""
    other_accident: bool | None = None
    """10c."""
    claim_codes: tuple[str, ...] = ()
    """10d."""
    insured_group: str = ""
    """11; ``NONE`` when Medicare is primary."""
    insured_birth_date: date | None = None
    """11a."""
    insured_sex: Sex | None = None
    """11a."""
    other_claim_id_qualifier: str = ""
    """11b: ``Y4`` for a property and casualty claim number."""
    other_claim_id: str = ""
    """11b."""
    insured_plan: str = ""
    """11c."""
    another_plan: bool | None = None
    """11d."""
    patient_signature: str = ""
    """12: ``SIGNATURE ON FILE``, ``SOF`` or a name."""
    patient_signed_on: date | None = None
    """12."""
    insured_signature: str = ""
    """13: as 12; assigns the benefits to the provider."""
    illness_date: date | None = None
    """14."""
    illness_qualifier: str = "431"
    """14: ``431`` onset, ``484`` last menstrual period; printed only with a date."""
    other_date: date | None = None
    """15."""
    other_date_qualifier: str = ""
    """15: ``454`` initial treatment, ``304`` last seen, ``439`` accident and so on."""
    unable_to_work_from: date | None = None
    """16."""
    unable_to_work_to: date | None = None
    """16."""
    referring_qualifier: str = ""
    """17: ``DN`` referring, ``DK`` ordering, ``DQ`` supervising."""
    referring_name: str = ""
    """17: ``FIRST M LAST CREDENTIALS``."""
    referring_other_id_qualifier: str = ""
    """17a."""
    referring_other_id: str = ""
    """17a."""
    referring_npi: str = ""
    """17b."""
    hospital_from: date | None = None
    """18."""
    hospital_to: date | None = None
    """18."""
    additional_information: str = ""
    """19."""
    outside_lab: bool | None = None
    """20."""
    outside_lab_charges: int | None = None
    """20: cents."""
    icd_indicator: str = "0"
    """21: ``0`` for ICD-10-CM, ``9`` for ICD-9-CM."""
    resubmission_code: str = ""
    """22: ``7`` replaces, ``8`` voids."""
    original_reference: str = ""
    """22: the payer's number of the claim replaced or voided."""
    prior_authorization: str = ""
    """23."""
    tax_id: str = ""
    """25; hyphens are dropped."""
    tax_id_kind: TaxIdKind = TaxIdKind.EIN
    """25."""
    account_number: str = ""
    """26: comes back in the remittance, so it must equal the electronic claim's."""
    accept_assignment: bool | None = None
    """27."""
    amount_paid: int | None = None
    """29: cents paid by the patient and by other payers for the whole claim."""
    provider_signature: str = ""
    """31."""
    provider_signed_on: date | None = None
    """31."""
    facility: FormProvider = field(default_factory=FormProvider)
    """32: only when it is not the address of 33."""
    billing_provider: FormProvider = field(default_factory=FormProvider)
    """33."""

    def __post_init__(self) -> None:
        """Refuse, with ``ValueError``, what the form has no room for at all."""
        if not self.lines:
            raise ValueError("a claim form needs at least one service line")
        if len(self.diagnoses) > 12:
            raise ValueError("box 21 holds twelve diagnoses")


def form_name(last: str, first: str, middle: str = "", suffix: str = "") -> str:
    """A name as boxes 2, 4 and 9 want it: last name with suffix, first name, middle initial, commas between."""
    parts = (f"{last} {suffix}".strip(), first, middle[:1])
    return ", ".join(part for part in parts if part)
