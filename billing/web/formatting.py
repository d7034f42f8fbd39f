"""How amounts, dates and counts read on a page."""

from __future__ import annotations

from datetime import date, datetime

from flask import Flask

from billing import clock
from billing.money import Money

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def money(cents: int, currency: str) -> str:
    """Whole cents as people read them: ``$1,234.50``."""
    return str(Money(cents, currency))


def day(on: date) -> str:
    """A local date that cannot be misread on either side of an ocean: ``Mon 2 Mar 2026``."""
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


def moment(at: datetime, zone: str) -> str:
    """A UTC instant as the clinic's own date and time: ``Mon 2 Mar 2026, 14:05``."""
    there = clock.local(at, zone)
    return f"{day(there.date())}, {there:%H:%M}"


def hour(at: datetime, zone: str) -> str:
    """The clinic's own time of a UTC instant: ``14:05``."""
    return f"{clock.local(at, zone):%H:%M}"


def count(number: int) -> str:
    """A count with its thousands set apart: ``12,345``."""
    return f"{number:,}"


def in_words(name: str) -> str:
    """A stored word as it is read: ``front_desk`` is *Front desk*."""
    return name.replace("_", " ").capitalize()


def register(app: Flask) -> None:
    """Make these the filters of the templates."""
    for filter_ in (money, day, moment, hour, count, in_words):
        app.add_template_filter(filter_)
