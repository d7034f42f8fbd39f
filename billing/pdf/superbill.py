"""The superbill: an itemised receipt with everything an insurer asks of a patient who files the claim alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.money import Money
from billing.pdf.page import amount_text
from billing.pdf.paper import Column, Fact, Paper
from billing.pdf.parts import Adjustment, Letterhead, Party, Payment, Practitioner, total_of


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """An ICD-10-CM code, with its point, and our own words for it."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class SuperbillLine:
    """One procedure of a visit, at the full fee of the ledger."""

    code: str
    """CPT or HCPCS."""
    label: str
    charge: Money
    """Of the whole line, for all its units."""
    modifiers: tuple[str, ...] = ()
    units: int = 1
    diagnosis_codes: tuple[str, ...] = ()
    """Codes out of :attr:`Superbill.diagnoses`, the main one first; printed as their letters."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One date of service."""

    date_of_service: date
    place_of_service: str
    """CMS place-of-service code, such as ``11`` for an office."""
    lines: tuple[SuperbillLine, ...]


@dataclass(frozen=True, slots=True)
class Superbill:
    """All that a superbill prints. Charges, payments and balance are sums of its parts."""

    number: str
    version: int
    """1 when first issued; a corrected superbill keeps its number and has the next version."""
    issued_on: date
    letterhead: Letterhead
    practitioner: Practitioner
    patient: Party
    patient_birth_date: date
    diagnoses: tuple[Diagnosis, ...]
    """At most 26; they are lettered from A in this order."""
    visits: tuple[Visit, ...]
    signed_by: str
    signed_on: date
    currency: str = "USD"
    group_npi: str = ""
    insurer: str = ""
    member_id: str = ""
    group_number: str = ""
    discounts: tuple[Adjustment, ...] = ()
    payments: tuple[Payment, ...] = ()
    referring_provider: str = ""
    referring_npi: str = ""
    onset_on: date | None = None
    """When the illness or injury began."""
    accident: str = ""
    """Kind, state and date in words when the condition comes from an accident or from work."""
    next_step: str = ""
    """What the reader should do, in one sentence."""

    def __post_init__(self) -> None:
        """Refuse, with ``ValueError``, more diagnoses than letters and a line that points at none of them."""
        if len(self.diagnoses) > 26:
            raise ValueError("a superbill letters its diagnoses A to Z: 26 at most")
        listed = {diagnosis.code for diagnosis in self.diagnoses}
        pointed = {code for visit in self.visits for line in visit.lines for code in line.diagnosis_codes}
        if pointed - listed:
            raise ValueError(f"diagnoses pointed at but not listed: {', '.join(sorted(pointed - listed))}")

    @property
    def total_charges(self) -> Money:
        """Sum of all lines at full fee."""
        return total_of([line.charge for visit in self.visits for line in visit.lines], self.currency)

    @property
    def paid(self) -> Money:
        """Sum of the payments."""
        return total_of([payment.amount for payment in self.payments], self.currency)

    @property
    def balance(self) -> Money:
        """Charges less discounts less payments; below zero the clinic owes the patient."""
        discounts = total_of([discount.amount for discount in self.discounts], self.currency)
        return self.total_charges - discounts - self.paid


_COLUMNS = (
    Column("Date", 64),
    Column("POS", 28),
    Column("Code", 44),
    Column("Procedure"),
    Column("Modifiers", 52),
    Column("Dx", 44),
    Column("Units", 40, right=True),
    Column("Charge", 68, right=True),
)
_DIAGNOSIS_COLUMNS = (Column("Dx", 32), Column("ICD-10-CM", 72), Column("Diagnosis"))

_NOT_SUBMITTED = (
    "This claim was not submitted by this office. The charges are our full fees; Dx letters refer to the diagnoses "
    "listed above; POS is the place-of-service code of CMS."
)


def render_superbill(superbill: Superbill) -> bytes:
    """The superbill as a PDF. Raises ``ValueError`` when an amount is not of its currency."""
    paper = Paper(superbill.letterhead, "Superbill", f"{superbill.number}, version {superbill.version}")
    paper.facts([_patient_facts(superbill), _provider_facts(superbill), _claim_facts(superbill)])
    letters = {diagnosis.code: chr(ord("A") + place) for place, diagnosis in enumerate(superbill.diagnoses)}
    if superbill.diagnoses:
        rows = [(letters[diagnosis.code], diagnosis.code, diagnosis.label) for diagnosis in superbill.diagnoses]
        paper.table(_DIAGNOSIS_COLUMNS, rows)
    paper.table(_COLUMNS, [_row(superbill, visit, line, letters) for visit in superbill.visits for line in visit.lines])
    signed_on = superbill.letterhead.region.date_text(superbill.signed_on)
    signature = f"Signed electronically by {superbill.signed_by} on {signed_on}"
    paper.totals(_sums(superbill), ("Balance", amount_text(superbill.balance)), signature=signature)
    paper.callout(superbill.next_step)
    paper.note(_NOT_SUBMITTED)
    return paper.finish()


def _patient_facts(superbill: Superbill) -> list[Fact]:
    return [
        Fact("Patient", (superbill.patient.name, *superbill.patient.address)),
        Fact("Date of birth", (superbill.letterhead.region.date_text(superbill.patient_birth_date),)),
        Fact("Insurer", (superbill.insurer,)),
        Fact("Member ID", (superbill.member_id,)),
        Fact("Group number", (superbill.group_number,)),
    ]


def _provider_facts(superbill: Superbill) -> list[Fact]:
    practitioner = superbill.practitioner
    licence = f"{practitioner.licence_number} {practitioner.licence_state}".strip()
    return [
        Fact("Rendering provider", (practitioner.titled_name,)),
        Fact("NPI", (practitioner.npi,)),
        Fact("License and state", (licence,)),
        Fact("Practice NPI", (superbill.group_npi,)),
        Fact("Practice tax ID", (superbill.letterhead.tax_id,)),
    ]


def _claim_facts(superbill: Superbill) -> list[Fact]:
    region = superbill.letterhead.region
    referring_npi = f"NPI {superbill.referring_npi}" if superbill.referring_npi else ""
    onset = region.date_text(superbill.onset_on) if superbill.onset_on else ""
    return [
        Fact("Issued on", (region.date_text(superbill.issued_on),)),
        Fact("Referring provider", (superbill.referring_provider, referring_npi)),
        Fact("Onset of illness or injury", (onset,)),
        Fact("Related to accident or work", (superbill.accident or "No",)),
    ]


def _row(superbill: Superbill, visit: Visit, line: SuperbillLine, letters: dict[str, str]) -> tuple[str, ...]:
    return (
        superbill.letterhead.region.date_text(visit.date_of_service),
        visit.place_of_service,
        line.code,
        line.label,
        " ".join(line.modifiers),
        " ".join(letters[code] for code in line.diagnosis_codes),
        str(line.units),
        amount_text(line.charge),
    )


def _sums(superbill: Superbill) -> list[tuple[str, str]]:
    """Charges, discounts in the open, and every payment with its date and method."""
    region = superbill.letterhead.region
    steps = [("Total charges", amount_text(superbill.total_charges))]
    steps += [(discount.label, amount_text(-discount.amount)) for discount in superbill.discounts]
    return steps + [(payment.text(region), amount_text(-payment.amount)) for payment in superbill.payments]
