"""The chart of accounts. An account is a code; whose it is stands in the code, not in a foreign key."""

from __future__ import annotations

INCOME = "income:services"
PATIENTS = "patient:"
"""What every patient's account code begins with."""


def owed_by_patient(patient_id: int) -> str:
    """What this patient owes; below zero it is the patient's credit."""
    return f"{PATIENTS}{patient_id}"


def owed_by_insurance(patient_id: int) -> str:
    """What insurers are still to decide about this patient's charges. Never the patient's debt."""
    return f"insurance:{patient_id}"


def money_received(method: str) -> str:
    """Money in hand, by how it came: ``money:card``."""
    return f"money:{method}"
