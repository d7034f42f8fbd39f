"""The chart of accounts. An account is a code; whose it is stands in the code, not in a foreign key."""

from __future__ import annotations

INCOME = "income:services"
INTEREST = "income:interest"
"""What payers paid for being late."""
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


def deposit(remittance_id: int) -> str:
    """What a payer's payment has brought and is not yet accounted for; zero once it is posted."""
    return f"deposit:{remittance_id}"


def adjusted(kind: str) -> str:
    """What nobody will pay, by why: ``adjusted:contractual``, ``adjusted:other``."""
    return f"adjusted:{kind}"


def provider_level(reason: str) -> str:
    """What a payer withheld or added for no claim in particular, by its reason code: ``provider-level:WO``."""
    return f"provider-level:{reason}"
