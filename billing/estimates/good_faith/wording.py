"""What a good-faith estimate has to tell its reader besides the prices, in our own words. Pure.

45 CFR 149.610(c)(1) asks for the disclaimers; the dispute is that of 45 CFR 149.620.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from billing.estimates.models import EstimateKind
from billing.money import Money
from billing.pdf.parts import Region

DISPUTE_FROM_CENTS = 400_00
"""How far above the estimate a provider's bill may be disputed."""
WARNED_FROM_CENTS = 300_00
"""How far above it the clinic wants to know: its own choice, so that there is time to act."""

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_DAYS = 4

_OTHERS = (
    "Other services may be needed or recommended as part of your care. If they are arranged separately they are not "
    "in this estimate, and may be billed by others."
)
_ONLY = (
    "What stands here is what can reasonably be expected on the day of this estimate, from what is known then. "
    "What is really done, and so what it costs, may turn out different; you could be charged more when something "
    "unforeseen comes up."
)
_DISPUTE = (
    "You have the right to dispute a bill. If a provider named here bills you {least} or more above what this estimate "
    "expects of that provider, ask us first: we can correct the bill, bring it down to the estimate, or agree with you "
    "how it is paid. You may also begin a dispute with the U.S. Department of Health and Human Services, within 120 "
    "calendar days of the date on the first bill; there is a fee of $25 for it. Beginning one will not make the care "
    "you get any worse. How to do it, and the form: www.cms.gov/nosurprises or 1-800-985-3059."
)
_NO_CONTRACT = (
    "This is not a contract. It obliges you neither to take any of these services nor to take them from the providers "
    "named here."
)
_KEEP = (
    "Keep this estimate: you may need it to dispute a bill. It is part of your record, and we give you a copy of it."
)
_RECURRING = (
    "It speaks for the visits listed here until {last}. When their number, kind or price changes you get a new "
    "estimate at least one business day before the visit it changes."
)
_PLAIN = "This is an estimate and neither a bill nor a contract. What is really done, and its price, may differ."


def notes(kind: EstimateKind, *, to_on: date, visits: int, currency: str, region: Region) -> tuple[str, ...]:
    """The paragraphs below the amounts."""
    if kind is EstimateKind.PLAIN:
        return (_PLAIN,)
    recurring = [_RECURRING.format(last=region.date_text(to_on))] if visits > 1 else []
    dispute = _DISPUTE.format(least=Money(DISPUTE_FROM_CENTS, currency))
    return (_ONLY, _OTHERS, *recurring, dispute, _NO_CONTRACT, _KEEP)


def title(kind: EstimateKind) -> str:
    """What the paper calls itself."""
    return "Good faith estimate" if kind is EstimateKind.GOOD_FAITH else "Estimate"


def schedule_words(days: Sequence[date], frequency: str, region: Region) -> str:
    """When the visits are expected: each day where they are few, else the first, the last and how often."""
    often = frequency.strip().rstrip(".")
    told = f" {often[0].upper()}{often[1:]}." if often else ""
    if len(days) == 1:
        return f"The visit is on {_weekday(days[0])}, {region.date_text(days[0])}.{told}"
    if len(days) <= _MOST_DAYS:
        listed = [region.date_text(day) for day in days]
        return f"The visits are expected on {', '.join(listed[:-1])} and {listed[-1]}.{told}"
    first, last = region.date_text(days[0]), region.date_text(days[-1])
    rhythm = "" if told else f" {_rhythm(days)}"
    return f"The first of {len(days)} visits is expected on {first}, the last on {last}.{rhythm}{told}".rstrip()


def _weekday(day: date) -> str:
    return _WEEKDAYS[day.weekday()]


def _rhythm(days: Sequence[date]) -> str:
    """How often the visits are, where it can be said in a few words."""
    gaps = [later - earlier for earlier, later in pairwise(days)]
    if set(gaps) == {timedelta(days=7)}:
        return "One a week."
    shortest, longest = min(gaps).days, max(gaps).days
    return f"Between two of them lie {shortest} to {longest} days." if shortest < longest else f"Every {shortest} days."
