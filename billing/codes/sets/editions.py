"""Which edition a published file is, and which one should be loaded by now.

ICD-10-CM follows the fiscal year of the United States: fiscal year 2027 began on 1 October 2026, and a smaller update
comes on 1 April. The NCCI edits change on the first day of each quarter. The file names say which edition it is, in
the ways the publishers have used: ``icd10cm_order_2027``, ``ccipra-v323r0-f1`` (version 32.3: the fourth quarter of
2026, as version 31.0 was the first of 2025), ``MCR_MUE_PractitionerServices_Eff_10-01-2026``, ``AOC_V2026Q4-F-MCR``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta

from billing.codes.sets.kinds import FACTS, Pace, SetKind
from billing.errors import Refused

LONGEST_AHEAD = timedelta(days=400)
"""An edition that begins later than so is taken for a slip of the pen."""

_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_VERSION = re.compile(r"v(\d\d)([0-3])r\d", re.IGNORECASE)
_VERSION_OF_YEAR = 1994
_EFFECTIVE = re.compile(r"(?<!\d)(\d\d)-(\d\d)-(20\d\d)(?!\d)")
_QUARTER = re.compile(r"(?<!\d)(20\d\d)[-_ ]?q([1-4])(?!\d)", re.IGNORECASE)


def fiscal_year(on: date) -> int:
    """The fiscal year of the United States in which a day lies: from October on it is the next calendar year's."""
    return on.year + 1 if on.month >= 10 else on.year


def fiscal_year_began(year: int) -> date:
    """The first day of a fiscal year."""
    return date(year - 1, 10, 1)


def quarter_began(on: date) -> date:
    """The first day of the quarter in which a day lies."""
    return date(on.year, (on.month - 1) // 3 * 3 + 1, 1)


def quarter_in_words(on: date) -> str:
    """The quarter of a day, such as *the fourth quarter of 2026*."""
    ordinal = ("first", "second", "third", "fourth")[(on.month - 1) // 3]
    return f"the {ordinal} quarter of {on.year}"


def edition_in_words(kind: SetKind, effective_from: date) -> str:
    """An edition by the name people know it by: *fiscal year 2027*, *the fourth quarter of 2026*."""
    pace = FACTS[kind].pace
    if pace is Pace.FISCAL_YEAR:
        year = fiscal_year(effective_from)
        is_update = effective_from != fiscal_year_began(year)
        return f"fiscal year {year}" + (f", update of {plain(effective_from)}" if is_update else "")
    return f"from {plain(effective_from)}" if pace is Pace.AT_WILL else quarter_in_words(effective_from)


def named_edition(kind: SetKind, name: str) -> date | None:
    """The first day of the edition that a file's name tells of, or ``None`` when it tells none."""
    if kind is SetKind.NCD_DIAGNOSES:
        return None
    if kind is SetKind.ICD10CM:
        found = _YEAR.search(name)
        if found is None:
            return None
        year = int(found[1])
        return date(year, 4, 1) if "april" in name.lower() else fiscal_year_began(year)
    if kind is SetKind.PAIR_EDITS and (version := _VERSION.search(name)):
        return date(_VERSION_OF_YEAR + int(version[1]), 3 * int(version[2]) + 1, 1)
    if quarter := _QUARTER.search(name):
        return date(int(quarter[1]), 3 * int(quarter[2]) - 2, 1)
    if effective := _EFFECTIVE.search(name):
        month, day, year = map(int, effective.groups())
        return _day(year, month, day)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def effective_from(kind: SetKind, names: Sequence[str], asked: date | None, today: date) -> date:
    """The day from which files of these names hold; ``asked`` is what a person said of it.

    Raises :class:`Refused` when neither tells it, when they contradict each other, or when it is no day on which
    such a set begins.
    """
    told = {named for name in names if (named := named_edition(kind, name))}
    if len(told) > 1:
        said = " and ".join(edition_in_words(kind, one) for one in sorted(told))
        raise Refused(f"The files are of different editions: {said}. Send the files of one.")
    named = next(iter(told), None)
    chosen = asked or named
    if chosen is None:
        raise Refused(
            f"The name {names[0]} does not tell which edition it is. Say from which day it holds, such as 2026-10-01."
        )
    _check_day(kind, chosen, today)
    if named is not None and not _is_same_edition(kind, named, chosen):
        raise Refused(
            f"By its name {names[0]} is of {edition_in_words(kind, named)}, and {plain(chosen)} is not in it. "
            "Take the file of that time, or another day."
        )
    return chosen


def _check_day(kind: SetKind, chosen: date, today: date) -> None:
    facts = FACTS[kind]
    if facts.pace is not Pace.AT_WILL and chosen != quarter_began(chosen):
        raise Refused(f"{facts.title} begins on the first day of a quarter, and {plain(chosen)} is none.")
    if chosen > today + LONGEST_AHEAD:
        raise Refused(f"{plain(chosen)} is more than a year ahead. See whether the year is right.")


def _is_same_edition(kind: SetKind, named: date, chosen: date) -> bool:
    if kind is SetKind.ICD10CM:
        return fiscal_year(named) == fiscal_year(chosen)
    return quarter_began(named) == chosen


def due_edition(kind: SetKind, on: date) -> date | None:
    """The first day of the edition that should be loaded on a day; ``None`` where none is ever due.

    Of ICD-10-CM it is the fiscal year's: an update of April changes few codes, and some years none.
    """
    pace = FACTS[kind].pace
    if pace is Pace.FISCAL_YEAR:
        return fiscal_year_began(fiscal_year(on))
    if pace is Pace.QUARTER:
        return quarter_began(on)
    return date(on.year, 1, 1) if pace is Pace.YEAR else None


def plain(on: date) -> str:
    """A day in words, such as 1 October 2026."""
    return f"{on.day} {on:%B %Y}"
