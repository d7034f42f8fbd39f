"""How amounts, dates and counts read on a page."""

from __future__ import annotations

import re
from datetime import date, datetime

from flask import Flask

from billing import clock
from billing.clinic.country import country_of
from billing.clinic.models import Clinic
from billing.coverage.wording import told_by
from billing.identifiers import readable_phone
from billing.money import Money

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
ISO_DAY = r"(?<![\w.-])\d{4}-\d{2}-\d{2}(?!\.?[\w-])"
"""A date as rules and records write it, and not a part of a file's name or of an instant."""
_SHORT_NAMES = ("npi",)
_NOWHERE = "ZZ"
"""To the telephone library, no country at all."""


def money(cents: int, currency: str) -> str:
    """Whole cents as people read them: ``$1,234.50``."""
    return str(Money(cents, currency))


def day(on: date) -> str:
    """A local date that cannot be misread on either side of an ocean: ``Mon 2 Mar 2026``."""
    return f"{_DAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


def with_days(text: str) -> str:
    """A sentence of the rules, which write ``2026-03-02``, with its dates as the desk writes them."""
    return re.sub(ISO_DAY, lambda found: day_of(found[0]), text)


def day_of(text: str) -> str:
    """A day given as ``2026-03-02``, as the desk writes it; what is none stays as it is."""
    try:
        return day(date.fromisoformat(text))
    except ValueError:
        return text


def moment(at: datetime, zone: str) -> str:
    """A UTC instant as the clinic's own date and time: ``Mon 2 Mar 2026, 14:05``."""
    there = clock.local(at, zone)
    return f"{day(there.date())}, {there:%H:%M}"


def local_day(at: datetime, zone: str) -> date:
    """The clinic's own date of a UTC instant, to be told by another filter: ``at|local_day(zone)|day``."""
    return clock.local(at, zone).date()


def hour(at: datetime, zone: str) -> str:
    """The clinic's own time of a UTC instant: ``14:05``."""
    return f"{clock.local(at, zone):%H:%M}"


def count(number: int) -> str:
    """A count with its thousands set apart: ``12,345``."""
    return f"{number:,}"


def in_words(name: str) -> str:
    """A stored word as it is read: ``front_desk`` is *Front desk*."""
    return name.replace("_", " ").capitalize()


def rule_in_words(rule: str) -> str:
    """A rule's id as it is read: ``modifier.missing`` is *Modifier missing*.

    What is said in several words is set apart: ``coverage.limit_reached`` is *Coverage: limit reached*.
    """
    about, _, said = rule.rpartition(".")
    said = said.replace("_", " ")
    if not about:
        return said[:1].upper() + said[1:]
    subject = about.upper() if about in _SHORT_NAMES else in_words(about.replace(".", " "))
    return f"{subject}{':' if ' ' in said else ''} {said}"


def age(born: date, on: date) -> int:
    """Completed years of life on a day."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def plain_day(on: date) -> str:
    """A date whose weekday does not matter, such as a birth date: ``11 May 1979``."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def phone(text: str, clinic: Clinic | None) -> str:
    """A telephone number as people in the clinic's country write it: ``(503) 555-0100``."""
    return readable_phone(text, (country_of(clinic) if clinic else "") or _NOWHERE)


def register(app: Flask) -> None:
    """Make these the filters of the templates."""
    for filter_ in (
        money,
        day,
        with_days,
        moment,
        local_day,
        hour,
        count,
        in_words,
        rule_in_words,
        age,
        plain_day,
        phone,
        told_by,
    ):
        app.add_template_filter(filter_)
