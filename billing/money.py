"""Money is whole minor units (cents, pence) and a currency; never a float.

Columns and sums use plain ``int`` cents, since a clinic keeps its books in one currency;
:class:`Money` joins the two where an amount leaves the books, on a page or a document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency

_AMOUNT = re.compile(r"(?P<sign>-?)(?P<whole>\d{1,12})(?:\.(?P<minor>\d{2}))?")
_LOCALES = {"USD": "en_US", "GBP": "en_GB", "EUR": "en_IE", "CAD": "en_CA", "AUD": "en_AU", "NZD": "en_NZ"}


def cents_from_text(text: str) -> int:
    """Whole cents from an amount written like ``165.00`` or ``165``.

    Raises ``ValueError`` for anything else: thousands separators, decimal commas, one or three
    decimals, currency signs.
    """
    match = _AMOUNT.fullmatch(text.strip()) if text.isascii() else None
    if match is None:
        raise ValueError(f"not an amount like 165.00: {text!r}")
    cents = int(match["whole"]) * 100 + int(match["minor"] or 0)
    return -cents if match["sign"] else cents


def text_from_cents(cents: int) -> str:
    """``16500`` as ``165.00``: the form used in files and reports, without a currency."""
    sign = "-" if cents < 0 else ""
    whole, minor = divmod(abs(cents), 100)
    return f"{sign}{whole}.{minor:02d}"


def half_up(amount: Decimal) -> int:
    """The nearest whole number of cents, halves away from zero."""
    return int(amount.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of ``cents`` minor units in ``currency`` (ISO 4217). Currencies never mix."""

    cents: int
    currency: str

    def _of_same_currency(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")
        return other

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + self._of_same_currency(other).cents, self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - self._of_same_currency(other).cents, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.cents, self.currency)

    def share(self, weights: list[int]) -> list[Money]:
        """The amount split in proportion to ``weights``, without losing or making a cent.

        Cents that do not divide go one each to the largest remainders, earlier parts first.
        Raises ``ValueError`` when there are no weights, one is negative, or all are zero.
        """
        total = sum(weights)
        if not weights or min(weights) < 0 or total == 0:
            raise ValueError("weights must be zero or more, and not all zero")
        sign = -1 if self.cents < 0 else 1
        parts = [divmod(abs(self.cents) * weight, total) for weight in weights]
        left_over = abs(self.cents) - sum(whole for whole, _ in parts)
        by_remainder = sorted(range(len(parts)), key=lambda position: -parts[position][1])
        extra = set(by_remainder[:left_over])
        return [Money(sign * (whole + (position in extra)), self.currency) for position, (whole, _) in enumerate(parts)]

    def __str__(self) -> str:
        """The amount as people of that currency's main country read it: ``$1,234.50``."""
        return format_currency(Decimal(self.cents) / 100, self.currency, locale=_LOCALES.get(self.currency, "en"))
