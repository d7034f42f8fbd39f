"""What the amounts, days and procedures of an 835 mean. A text that means nothing raises ``ValueError``;
``mending`` finds out which it was.

A remittance says the same few days and procedures over and over. What they mean is therefore kept, so that most
of them cost one look into a dictionary. Only so many are kept, those that come first, because what a file says
often it says early.
"""

from __future__ import annotations

import re
from datetime import date

from billing.edi.remittance_835.remittance import Procedure

EARLIEST_YEAR = 1990
LATEST_YEAR = 2100
"""Years before and after these are slips of a machine, such as 19000101 for "unknown"."""

_MOST_KEPT = 8192
_WHOLE = {str(number): number * 100 for number in range(10_000)}
_MINOR = {"": 0} | {f"{tenths}": tenths * 10 for tenths in range(10)} | {f"{cents:02d}": cents for cents in range(100)}
_AMOUNT = re.compile(r"(-?)(?=\.?[0-9])([0-9]{0,15})(?:\.([0-9]{0,2}))?")


class Implausible(ValueError):
    """A date that exists, but not in the life of a claim."""


def cents(text: str) -> int:
    """The cents of an amount as X12 writes them. Raises ``ValueError`` for what is not whole cents."""
    whole, _, minor = text.partition(".")
    try:
        return _WHOLE[whole] + _MINOR[minor]
    except KeyError:
        return _unusual_cents(text)


class _Days(dict[str, date | None]):
    def __missing__(self, text: str) -> date | None:
        if not text:
            return None
        if not (len(text) == 8 and text.isascii() and text.isdecimal()):
            raise ValueError("not a date like 20261231")
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
            raise Implausible("a date from another age")
        if len(self) < _MOST_KEPT:
            self[text] = day
        return day


class Procedures(dict[str, Procedure]):
    """The meaning of composites like ``HC:97810:GP``; each interchange has its own separator for them."""

    def __init__(self, separator: str) -> None:
        """Know nothing yet."""
        super().__init__()
        self.separator = separator

    def __missing__(self, text: str) -> Procedure:
        qualifier, code, *modifiers = [*text.split(self.separator), "", ""]
        procedure = Procedure(qualifier, code, tuple(modifier for modifier in modifiers[:4] if modifier))
        if len(self) < _MOST_KEPT:
            self[text] = procedure
        return procedure


DAYS = _Days()
"""Days by their text in format D8; ``None`` for no text. Raises ``ValueError`` for what is no date, and its kind
:class:`Implausible` for one like 19000101."""


def forget() -> None:
    """Make room for what the next file says often."""
    DAYS.clear()


def _unusual_cents(text: str) -> int:
    """The cents of an amount that is negative, large, or not the usual form."""
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueError("not an amount in whole cents")
    sign, whole, minor = match.groups(default="")
    amount = int(whole or "0") * 100 + _MINOR[minor]
    return -amount if sign else amount
