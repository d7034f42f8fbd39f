"""Business days of the United States: Monday to Friday without the legal public holidays. Pure.

The holidays are those of 5 U.S.C. 6103(a). One that falls on a Saturday is kept on the Friday before, one on a Sunday
on the Monday after (5 U.S.C. 6103(b) and Executive Order 11582). Inauguration Day is one around Washington alone, and
is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6
_JUNETEENTH_SINCE = 2021


@cache
def federal_holidays(year: int) -> dict[date, str]:
    """The days of a calendar year on which a federal holiday is kept, with its name.

    New Year's Day of the next year is kept in this one when it falls on a Saturday.
    """
    kept = {_observed(day): name for of in (year, year + 1) for day, name in _holidays(of)}
    return {day: name for day, name in sorted(kept.items()) if day.year == year}


def is_business_day(day: date) -> bool:
    """Whether the day is neither a weekend nor a holiday."""
    return day.weekday() < _SATURDAY and day not in federal_holidays(day.year)


def business_days_after(day: date, count: int) -> date:
    """The ``count``-th business day after ``day``; ``day`` itself need not be one, and is not counted."""
    return _stepped(day, count, _DAY)


def business_days_before(day: date, count: int) -> date:
    """The ``count``-th business day before ``day``; ``day`` itself need not be one, and is not counted."""
    return _stepped(day, count, -_DAY)


def business_days_ahead(of: date, on: date) -> int:
    """How many business days ``on`` lies before ``of``: ``on`` itself counts if it is one, ``of`` does not.

    So Monday is three business days ahead of Thursday, and a Sunday two ahead of the Wednesday after it.
    """
    days = range((of - on).days)
    return sum(is_business_day(on + number * _DAY) for number in days)


def _stepped(day: date, count: int, step: timedelta) -> date:
    while count > 0:
        day += step
        count -= is_business_day(day)
    return day


def _observed(day: date) -> date:
    return day + {_SATURDAY: -_DAY, _SUNDAY: _DAY}.get(day.weekday(), timedelta())


def _holidays(year: int) -> Iterator[tuple[date, str]]:
    """The holidays where they fall."""
    yield date(year, 1, 1), "New Year's Day"
    yield _nth(year, 1, _MONDAY, 3), "Birthday of Martin Luther King, Jr."
    yield _nth(year, 2, _MONDAY, 3), "Washington's Birthday"
    yield _nth(year, 6, _MONDAY, 1) - 7 * _DAY, "Memorial Day"
    if year >= _JUNETEENTH_SINCE:
        yield date(year, 6, 19), "Juneteenth National Independence Day"
    yield date(year, 7, 4), "Independence Day"
    yield _nth(year, 9, _MONDAY, 1), "Labor Day"
    yield _nth(year, 10, _MONDAY, 2), "Columbus Day"
    yield date(year, 11, 11), "Veterans Day"
    yield _nth(year, 11, _THURSDAY, 4), "Thanksgiving Day"
    yield date(year, 12, 25), "Christmas Day"


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    """The first, second … such weekday of a month."""
    first = date(year, month, 1)
    return first + ((weekday - first.weekday()) % 7 + 7 * (number - 1)) * _DAY
