"""How policies, benefits and spans of days are put into words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from billing.coverage.models import Benefit, BenefitSource

RANKS: Mapping[int, str] = {1: "first", 2: "second", 3: "third"}
"""The place in which a policy pays."""
SOURCES: Mapping[BenefitSource, str] = {
    BenefitSource.ANSWER_271: "electronic answer", BenefitSource.PHONE: "phone", BenefitSource.PORTAL: "portal",
    BenefitSource.PAPER: "letter", BenefitSource.IMPORT: "import",
}  # fmt: skip
"""How a benefit was learned, after the word ``by``."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(on: date) -> str:
    """A day that cannot be misread on either side of an ocean: ``2 Mar 2026``."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def told_by(benefit: Benefit) -> str:
    """Who says what is on file: ``electronic answer, with 2 facts set by hand``; empty when nobody noted it."""
    if benefit.source is None:
        return ""
    by_hand = len(benefit.set_by_hand or ())
    words = f", with {by_hand} fact{'' if by_hand == 1 else 's'} set by hand" if by_hand else ""
    return f"{SOURCES[benefit.source]}{words}"


def contradiction_words(benefit: Benefit) -> str:
    """Both statements of the payer with day, source and reference; empty while nothing contradicts."""
    other = benefit.contradicted_by
    if not other or benefit.verified_on is None or benefit.covered is None:
        return ""
    mine = _told(benefit.covered, benefit.verified_on, benefit.source, benefit.representative, benefit.reference)
    on, source = date.fromisoformat(other["verified_on"]), BenefitSource(other["source"])
    theirs = _told(other["covered"], on, source, other["representative"], other["reference"])
    return f"{mine[:1].upper()}{mine[1:]}, which is what counts. But {theirs}."


def _told(covered: bool, on: date, source: BenefitSource | None, who: str | None, reference: str | None) -> str:
    """One statement: ``covered, on 3 Mar 2026 by phone with Dana, reference 4711``."""
    words = f"{'covered' if covered else 'not covered'}, on {day_words(on)}"
    words += f" by {SOURCES[source]}" if source else ""
    words += f" with {who}" if who else ""
    return words + (f", reference {reference}" if reference else "")


def span_words(first: date, last: date | None) -> str:
    """A span of days, both inclusive: ``from 1 Jan 2026 on``, ``from 1 Jan 2026 to 31 Dec 2026``."""
    return f"from {day_words(first)} on" if last is None else f"from {day_words(first)} to {day_words(last)}"


def ago_words(on: date, today: date) -> str:
    """How long ago a day was: ``today``, ``yesterday``, ``12 days ago``."""
    days = (today - on).days
    return "today" if days == 0 else "yesterday" if days == 1 else f"{days} days ago"


def percent_words(basis_points: int) -> str:
    """A share in hundredths of a percent as people write it: 2000 is ``20%``, 1250 ``12.5%``."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".") + "%" if rest else f"{whole}%"


def basis_points(text: str) -> int:
    """A percentage of 0 to 100 with up to two decimals, in hundredths of a percent: ``20`` or ``20%`` is 2000.

    Raises ``ValueError`` for anything else.
    """
    whole, point, rest = text.strip().removesuffix("%").strip().partition(".")
    digits = whole.isascii() and whole.isdigit() and len(whole) <= 3
    decimals = not point or (rest.isascii() and rest.isdigit() and len(rest) <= 2)
    if not (digits and decimals) or int(whole) * 100 + int(rest.ljust(2, "0") if rest else 0) > 100_00:
        raise ValueError("a percentage is written like 20 or 12.5")
    return int(whole) * 100 + int(rest.ljust(2, "0") if rest else 0)
