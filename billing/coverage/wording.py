"""How policies, benefits and spans of days are put into words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

RANKS: Mapping[int, str] = {1: "first", 2: "second", 3: "third"}
"""The place in which a policy pays."""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_words(on: date) -> str:
    """A day that cannot be misread on either side of an ocean: ``2 Mar 2026``."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


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
