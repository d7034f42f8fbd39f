"""A claim as it was filed: what the 837P carries, and the few facts that only the paper form shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import TypeAdapter

from billing.edi.claim_837p.claim import ProfessionalClaim, Sex


@dataclass(frozen=True, slots=True)
class FormFacts:
    """Boxes of the CMS-1500 that have no place in the 837P."""

    patient_phone: str
    """Box 5."""
    clinic_phone: str
    """Box 33."""
    signed_on: date
    """Box 31: when the note was signed, as a local date."""
    first_insured_birth_date: date | None = None
    """Box 11a where Medicare pays second: who holds the policy that pays first."""
    first_insured_sex: Sex | None = None
    """Box 11a likewise."""


@dataclass(frozen=True, slots=True)
class FiledClaim:
    """One filed version."""

    claim: ProfessionalClaim
    form: FormFacts


SNAPSHOT: TypeAdapter[FiledClaim] = TypeAdapter(FiledClaim)
"""A filed version as JSON, and back."""
