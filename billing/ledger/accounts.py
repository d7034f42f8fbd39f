"""The chart of accounts. An account is a code; whose it is stands in the code, not in a foreign key."""

from __future__ import annotations

INCOME = "income:services"
INTEREST = "income:interest"
"""What payers paid for being late."""
PATIENTS = "patient:"
"""What every patient's account code begins with."""
ALLOCATIONS = "allocation:"
"""What the source of every entry begins with that only says which of a patient's money pays for what."""
FREE = "credit:"
"""What money is about while it pays for nothing in particular, before the patient's number."""
INSURERS = "insurance:"
"""What every account begins with on which something waits for a patient's insurers."""


def owed_by_patient(patient_id: int) -> str:
    """What this patient owes; below zero it is the patient's credit."""
    return f"{PATIENTS}{patient_id}"


def unapplied(patient_id: int) -> str:
    """What money of this patient is about while it pays for nothing in particular."""
    return f"{FREE}{patient_id}"


def owed_by_insurance(patient_id: int) -> str:
    """What insurers are still to decide about this patient's charges. Never the patient's debt."""
    return f"{INSURERS}{patient_id}"


def owner_of(account: str) -> int | None:
    """The patient whose debt, or whose insurers' debt, an account keeps; ``None`` for every other account."""
    for beginning in (PATIENTS, INSURERS):
        if account.startswith(beginning):
            return int(account.removeprefix(beginning))
    return None


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


def kind_of(account: str) -> str:
    """What kind of account a code names, its first word: ``money`` for ``money:card``."""
    return account.partition(":")[0]
