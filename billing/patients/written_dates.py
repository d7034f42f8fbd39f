"""Dates as people type them into a search box: ``1979-05-11``, ``5/11/1979``, ``11 May 1979``, ``today``. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}
_MONTH = (
    "(?P<month>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)[.]?"
)
_WEEKDAY = "(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?[.,]?\\s+)?"
_DAY = "(?P<day>[0-9]{1,2})(?:st|nd|rd|th|[.])?"
_YEAR = "(?P<year>[0-9]{4}|(?<=[\\s,'])[0-9]{2})"
_PATTERNS = tuple(
    re.compile(rf"(?<![\w#]){pattern}(?!\w)", re.IGNORECASE | re.ASCII)
    for pattern in (
        r"(?P<year>[0-9]{4})(?P<sign>[-/.])(?P<month>[0-9]{1,2})(?P=sign)(?P<day>[0-9]{1,2})",
        r"(?P<one>[0-9]{1,2})(?P<sign>[-/.])(?P<two>[0-9]{1,2})(?P=sign)(?P<year>[0-9]{4}|[0-9]{2})",
        rf"{_WEEKDAY}{_DAY}\s*{_MONTH}(?:[\s,']+{_YEAR})?",
        rf"{_WEEKDAY}{_MONTH}\s*{_DAY}(?:[\s,']+{_YEAR})?",
        r"(?P<eight>[0-9]{8})",
        r"(?P<word>yesterday|today|tomorrow)",
    )
)
_CENTURY_AHEAD = 2
"""Years: a year of two digits lies at most so far ahead."""


@dataclass(frozen=True, slots=True)
class DatesMeant:
    """The dates that a text may mean, the likeliest first, and what else stands in it."""

    dates: tuple[date, ...]
    rest: str


def dates_meant(text: str, today: date, *, day_first: bool) -> DatesMeant:
    """The date in a text, in each of its readings.

    ``day_first`` says whether ``5/11/1979`` is the fifth of November here; the other reading comes second.
    """
    for pattern in _PATTERNS:
        found = pattern.search(text)
        if found is None:
            continue
        dates = tuple(dict.fromkeys(_readings(found.groupdict(), today, day_first)))
        if dates:
            rest = f"{text[: found.start()]} {text[found.end() :]}".strip(" ,")
            return DatesMeant(dates, rest)
    return DatesMeant((), text)


def _readings(parts: dict[str, str | None], today: date, day_first: bool) -> Iterator[date]:
    if word := parts.get("word"):
        yield today + timedelta(days=_WORDS[word.lower()])
    elif eight := parts.get("eight"):
        yield from _made(int(eight[:4]), int(eight[4:6]), int(eight[6:]))
        yield from _either_way(int(eight[:2]), int(eight[2:4]), [int(eight[4:])], day_first)
    elif one := parts.get("one"):
        # With points between, the day stands first wherever dates are written so.
        first = day_first or parts["sign"] == "."
        yield from _either_way(int(one), int(parts["two"] or 0), _years(parts["year"], today), first)
    else:
        month = parts["month"] or ""
        number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
        for year in _years(parts.get("year"), today):
            yield from _made(year, number, int(parts["day"] or 0))


def _either_way(one: int, two: int, years: list[int], day_first: bool) -> Iterator[date]:
    for month, day in ((two, one), (one, two)) if day_first else ((one, two), (two, one)):
        for year in years:
            yield from _made(year, month, day)


def _years(typed: str | None, today: date) -> list[int]:
    """The years that may be meant: none typed is this one, two digits are of this century or the last."""
    if not typed:
        return [today.year]
    if len(typed) == 4:
        return [int(typed)]
    this = today.year - today.year % 100 + int(typed)
    return [this, this - 100] if this <= today.year + _CENTURY_AHEAD else [this - 100]


def _made(year: int, month: int, day: int) -> Iterator[date]:
    if 1900 <= year <= 2200:
        try:
            yield date(year, month, day)
        except ValueError:
            return
