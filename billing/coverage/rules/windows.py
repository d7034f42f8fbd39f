"""In which span of days does a payer count the visits of a year, a course or a month? Pure."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum


class Window(StrEnum):
    """How the span begins and ends."""

    CALENDAR_YEAR = "calendar_year"
    PLAN_YEAR = "plan_year"
    """From the day the plan names on, or else from the anniversary of the policy."""
    CALENDAR_MONTH = "calendar_month"
    ROLLING_MONTH_YEAR = "rolling_month_year"
    """From a first visit until eleven full months have passed after the month of that visit; so Medicare counts."""
    DAYS_FROM_FIRST = "days_from_first"
    """So many days from a first visit on; the next visit after them begins anew."""
    ROLLING_MONTHS = "rolling_months"
    """The months before and up to each visit."""
    ROLLING_DAYS = "rolling_days"
    """The days before and up to each visit."""
    COURSE = "course"
    """From a first visit on, as long as no longer pause lies between two visits."""
    LIFETIME = "lifetime"


def window_of(
    window: Window,
    visits: Iterable[date],
    on: date,
    *,
    policy_from: date = date.min,
    plan_year_from: date | None = None,
    months: int = 12,
    days: int = 90,
) -> tuple[date, date]:
    """First day, and first day after, of the span that a visit on ``on`` is counted in.

    ``visits`` are the days of all counted visits; ``on`` is one of them whether listed or not. ``days`` is how long
    a span of days lasts, of a course the pause that ends it.
    """
    counted = sorted({*visits, on})
    match window:
        case Window.CALENDAR_YEAR:
            return date(on.year, 1, 1), _start_of_year(on.year + 1)
        case Window.PLAN_YEAR:
            return plan_year(plan_year_from or policy_from, on)
        case Window.CALENDAR_MONTH:
            return on.replace(day=1), months_later(on.replace(day=1), 1)
        case Window.ROLLING_MONTH_YEAR:
            return _from_a_first_visit(counted, on, lambda first: months_later(first.replace(day=1), 12))
        case Window.DAYS_FROM_FIRST:
            return _from_a_first_visit(counted, on, lambda first: _plus(first, days))
        case Window.ROLLING_MONTHS:
            return _plus(months_later(on, -months), 1), _plus(on, 1)
        case Window.ROLLING_DAYS:
            return _plus(on, 1 - days), _plus(on, 1)
        case Window.COURSE:
            return _course(counted, on, days)
        case Window.LIFETIME:
            return policy_from, date.max


def _from_a_first_visit(counted: list[date], on: date, end_of: Callable[[date], date]) -> tuple[date, date]:
    start = end = date.min
    for day in counted:
        if day >= end:
            start, end = day, end_of(day)
        if day == on:
            break
    return start, end


def _course(counted: list[date], on: date, pause: int) -> tuple[date, date]:
    start = before = counted[0]
    for day in counted:
        if (day - before).days >= pause:
            start = day
        before = day
        if day == on:
            break
    return start, _plus(on, pause)


def plan_year(begins: date, on: date) -> tuple[date, date]:
    """The year, from one anniversary of ``begins`` to the next, that ``on`` lies in.

    One that began on 29 February begins on 1 March in other years.
    """
    year = on.year if on >= _anniversary(begins, on.year) else on.year - 1
    return _anniversary(begins, year), _anniversary(begins, year + 1)


def _anniversary(of: date, year: int) -> date:
    if not date.min.year <= year <= date.max.year:
        return date.min if year < date.min.year else date.max
    try:
        return of.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def months_later(of: date, months: int) -> date:
    """The same day so many months later, or the last day of that month; at most the last day there is."""
    year, month = divmod(of.year * 12 + of.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        return date.min if year < date.min.year else date.max
    return date(year, month + 1, min(of.day, monthrange(year, month + 1)[1]))


def _start_of_year(year: int) -> date:
    return date(year, 1, 1) if year <= date.max.year else date.max


def _plus(on: date, days: int) -> date:
    try:
        return on + timedelta(days=days)
    except OverflowError:
        return date.max if days > 0 else date.min
