"""Which policy pays on a day, in which order, and is its subscriber known?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from billing.coverage.models import Policy, Relationship
from billing.errors import Problem, block


def in_force(policies: Iterable[Policy], on: date) -> list[Policy]:
    """The policies that cover the day, the one that pays first at the front; one per payer."""
    covering = [
        one for one in policies if one.effective_from <= on and (one.effective_to is None or on <= one.effective_to)
    ]
    by_payer: dict[int, Policy] = {}
    for one in sorted(covering, key=lambda policy: (policy.rank, -policy.effective_from.toordinal())):
        by_payer.setdefault(one.payer_id, one)
    return list(by_payer.values())


def lowest_rank(policies: Iterable[Policy]) -> Policy | None:
    """The policy that would pay first if all were in force."""
    return min(policies, key=lambda one: (one.rank, -one.effective_from.toordinal()), default=None)


def inactive_problem(policies: list[Policy], on: date, patient_id: int) -> Problem:
    """Why no policy pays on the day."""
    where = f"patient:{patient_id}"
    latest = lowest_rank(policies)
    if latest is None:
        why = "The patient has no policy on file."
    elif latest.effective_from > on:
        why = f"The patient's policy starts on {latest.effective_from}, after {on}."
    else:
        why = f"The patient's policy ended on {latest.effective_to}, before {on}."
    return block("coverage.inactive", why, "Enter the policy in force that day, or bill the patient.", where)


def subscriber_problems(policy: Policy) -> list[Problem]:
    """What is missing of a subscriber who is not the patient."""
    if policy.relationship is Relationship.SELF:
        return []
    parts = {
        "first name": policy.subscriber_first_name,
        "last name": policy.subscriber_last_name,
        "birth date": policy.subscriber_birth_date,
        "sex": policy.subscriber_sex,
    }
    missing = [name for name, value in parts.items() if not value]
    if not missing:
        return []
    return [
        block(
            "subscriber.incomplete",
            f"The patient is insured through someone else, of whom no {' and no '.join(missing)} is on file.",
            "Complete the subscriber on the policy.",
            f"policy:{policy.id}",
        )
    ]
