"""Can a claim reach this payer, and in time?"""

from __future__ import annotations

from datetime import date, timedelta

from billing.errors import Problem, block
from billing.payers.models import Payer

USUAL_FILING_LIMIT_DAYS = 365
"""The limit of a payer for which none was entered."""


def payer_problems(payer: Payer) -> list[Problem]:
    """Whether everything a claim needs of the payer is on file."""
    if payer.payer_number:
        return []
    return [
        block(
            "payer.incomplete",
            f"{payer.name} has no electronic payer number.",
            "Enter the payer number from the insurance card or the clearinghouse's payer list.",
            f"payer:{payer.id}",
        )
    ]


def last_filing_day(payer: Payer, service_on: date) -> date:
    """The last day on which a first claim for ``service_on`` is in time with this payer."""
    days = USUAL_FILING_LIMIT_DAYS if payer.filing_limit_days is None else payer.filing_limit_days
    return service_on + timedelta(days=days)
