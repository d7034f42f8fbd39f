"""What a cell may say: each parser takes the text of a filled cell, without blanks around it, and returns its value.

A parser that cannot raises :class:`Unfit`. Parsers of long files are cached, since the same dates,
times and words come again on every other row; the rows then share one value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import get_currency_precision, list_currencies

from billing import clock
from billing.codes.places import is_place_of_service
from billing.errors import MeridianError
from billing.identifiers import has_npi_shape
from billing.money import cents_from_text

Parser = Callable[[str], Any]

LONGEST_TEXT = 200
"""Characters of a name, an address line, a number."""
LONGEST_CELL = 2000
"""Characters of any cell that is read."""
LONGEST_SHOWN = 40
EARLIEST_YEAR, LATEST_YEAR = 1900, 2200

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}")
_WHOLE = re.compile(r"[0-9]{1,9}")
_PERCENT = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
_BREAKING_CATEGORIES = ("Cc", "Zl", "Zp")


class Unfit(MeridianError):
    """A text is not what its column holds: why not, and what to do."""

    def __init__(self, why: str, fix: str) -> None:
        """Both are whole sentences."""
        super().__init__(why)
        self.why = why
        self.fix = fix


def shown(text: str) -> str:
    """A refused text in quotation marks for a message, shortened when it is long."""
    return f'"{printable(text)}"' if len(text) <= LONGEST_SHOWN else f'"{printable(text[:LONGEST_SHOWN])}…"'


def printable(text: str) -> str:
    """The beginning of a text, without what a terminal could take for a command or cannot write."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text[:LONGEST_TEXT])


def check_characters(text: str) -> None:
    """Raise :class:`Unfit` for what no column can hold: not UTF-8, line breaks, control characters, overlong."""
    if len(text) > LONGEST_CELL:
        raise _too_long(text, LONGEST_CELL)
    if text.isprintable():
        return
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Unfit("The text is not UTF-8.", "Save the file as CSV UTF-8 and import it again.")
    if "\n" in text or "\r" in text:
        raise Unfit("The text has a line break.", "Write it on one line, and look for a missing quotation mark.")
    if any(unicodedata.category(character) in _BREAKING_CATEGORIES for character in text):
        raise Unfit("The text has control characters.", "Remove the characters that cannot be seen.")


def text(value: str) -> str:
    """Words in any script, as they are."""
    if len(value) > LONGEST_TEXT:
        raise _too_long(value, LONGEST_TEXT)
    return value


@lru_cache(maxsize=100_000)
def recurring_text(value: str) -> str:
    """Words that many rows share, such as the id of a patient: kept in memory once."""
    return text(value)


def _too_long(value: str, limit: int) -> Unfit:
    return Unfit(f"The text has {len(value)} characters; {limit} are allowed.", "Shorten it.")


def state(value: str) -> str:
    """A state, province or county; two letters are written in capitals."""
    return value.upper() if len(value) == 2 else text(value)


@lru_cache(maxsize=50_000)
def day(value: str) -> date:
    """A date ``YYYY-MM-DD`` of the years 1900 to 2200."""
    if not _DATE.fullmatch(value):
        raise Unfit(f"{shown(value)} is not a date like 2026-03-31.", "Write the date as YYYY-MM-DD.")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise Unfit(f"{shown(value)} is not a day of the calendar.", "Correct the month or the day.") from None
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        limits = f"{EARLIEST_YEAR} to {LATEST_YEAR}"
        raise Unfit(f"{shown(value)} is outside the years {limits}.", "Correct the year; an open end is left empty.")
    return found


def birth_date(value: str) -> date:
    """A date that has come: no later than the day it now is in the easternmost time zone, 14 hours ahead of UTC."""
    found = day(value)
    if found > (clock.now() + timedelta(hours=14)).date():
        raise Unfit(f"{shown(value)} lies in the future.", "Correct the year of birth.")
    return found


@lru_cache(maxsize=2_000)
def time_of_day(value: str) -> time:
    """A local time ``HH:MM``."""
    if _TIME.fullmatch(value):
        hour, minute = int(value[:2]), int(value[3:])
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise Unfit(f"{shown(value)} is not a time like 09:00.", "Write hours 00 to 23 and minutes as HH:MM.")


def whole(low: int, high: int) -> Parser:
    """A parser of whole numbers from ``low`` to ``high``."""

    def number(value: str) -> int:
        if not _WHOLE.fullmatch(value):
            raise Unfit(f"{shown(value)} is not a whole number.", f"Write a whole number from {low} to {high}.")
        if not low <= int(value) <= high:
            raise Unfit(f"{shown(value)} is not between {low} and {high}.", f"Write a number from {low} to {high}.")
        return int(value)

    return number


def choice(words: Iterable[str]) -> Parser:
    """A parser of the words of a ``StrEnum``, in capitals or not."""
    by_lower_case = {word.lower(): word for word in words}
    listed = ", ".join(by_lower_case.values())

    def word(value: str) -> str:
        found = by_lower_case.get(value.lower())
        if found is None:
            raise Unfit(f"{shown(value)} is not one of {listed}.", f"Write one of {listed}.")
        return found

    return word


class _Answer(StrEnum):
    YES = "yes"
    NO = "no"


_answer = choice(_Answer)


def yes_or_no(value: str) -> bool:
    """``yes`` or ``no``."""
    return _answer(value) is _Answer.YES


def money(value: str) -> int:
    """An amount of zero or more, written ``165.00`` or ``165``, in cents."""
    try:
        cents = cents_from_text(value)
    except ValueError:
        fix = "Write it with a point and two decimals, without commas or signs."
        raise Unfit(f"{shown(value)} is not an amount like 165.00.", fix) from None
    if cents < 0:
        raise Unfit(f"{shown(value)} is less than nothing.", "Write an amount of 0.00 or more.")
    return cents


def percent(value: str) -> int:
    """A percentage of 0 to 100 with up to two decimals, in basis points: ``20`` is 2000."""
    match = _PERCENT.fullmatch(value)
    points = int(match[1]) * 100 + int((match[2] or "").ljust(2, "0")) if match else None
    if points is None or points > 100_00:
        raise Unfit(f"{shown(value)} is not a percentage from 0 to 100.", "Write it like 20 or 12.5, without a sign.")
    return points


def npi(value: str) -> str:
    """A National Provider Identifier of ten digits; whether its check digit holds is judged when a claim is made."""
    if not has_npi_shape(value):
        raise Unfit(f"{shown(value)} is not an NPI: it must be ten digits.", "Look the number up in the NPI registry.")
    return value


@cache
def place_of_service(value: str) -> str:
    """A two-digit place of service of the CMS code set."""
    if not is_place_of_service(value):
        fix = "Write a CMS code of two digits, such as 11 for an office."
        raise Unfit(f"{shown(value)} is not a place of service.", fix)
    return value


@cache
def code(value: str) -> str:
    """A procedure code of up to 20 letters and digits, in capitals; a clinic's own codes are welcome."""
    if not _CODE.fullmatch(value):
        raise Unfit(f"{shown(value)} is not a code.", "Write up to 20 letters, digits, points or hyphens.")
    return value.upper()


def time_zone(value: str) -> str:
    """The name of a time zone in the IANA database."""
    try:
        return ZoneInfo(value).key
    except (ValueError, LookupError, OSError):
        fix = "Write an IANA name such as America/Los_Angeles."
        raise Unfit(f"{shown(value)} is not a known time zone.", fix) from None


def currency(value: str) -> str:
    """An ISO 4217 currency of a hundred minor units, in capitals: the books are kept in hundredths."""
    found = value.upper()
    if found not in list_currencies() or get_currency_precision(found) != 2:
        fix = "Write three letters of ISO 4217, such as USD, EUR or GBP."
        raise Unfit(f"{shown(value)} is not a currency with two decimals.", fix)
    return found
