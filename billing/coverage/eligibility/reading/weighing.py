"""How much one row of an answer counts for acupuncture, on the day, with who treats, at the clinic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from billing.codes.coverage_words import service_type_label
from billing.coverage.eligibility.reading.facts import Circumstances
from billing.edi.eligibility_271.answer import Benefit, DatedPeriod

ACUPUNCTURE, OFFICE_VISIT, WHOLE_PLAN = "64", "98", "30"
NAMED, OFFICE, PLAN, GENERAL = 3, 2, 1, 0
"""How closely a row is about acupuncture: explicit 64 before 98 before 30, before rows that name no service."""
_CODES = frozenset({"97810", "97811", "97813", "97814"})
_SPANS = frozenset({"193", "291", "292", "307", "435", "472", "636"})
"""DTP01 of spans of days for which a row may hold."""
_BEGINS = frozenset({"346", "348", "356", "193", "382"})
_ENDS = frozenset({"347", "349", "357", "194"})

TRUST_WORDS = {
    NAMED: "it names acupuncture",
    OFFICE: "it is about office visits, and no row about this names acupuncture",
    PLAN: "it is about the plan as a whole, and no row about this names acupuncture or office visits",
    GENERAL: "it names no service, and no row about this names one that fits",
}


@dataclass(frozen=True, slots=True)
class Weighed:
    """A row with what speaks for and against it."""

    number: int
    """Its place among the rows of the answer, from 1."""
    row: Benefit
    trust: int
    names_network: bool
    """Whether it says that it holds for the network of who treats."""
    is_out: str
    """Why it cannot count at all; empty when it can."""
    is_other_day: bool = False
    """Whether it holds on other days than the one asked about, or nobody can tell of whom."""


def weighed(rows: Sequence[Benefit], circumstances: Circumstances) -> list[Weighed]:
    """Every row with its weight, in the order of the answer."""
    return [_weighed(number, row, circumstances) for number, row in enumerate(rows, start=1)]


def _weighed(number: int, row: Benefit, circumstances: Circumstances) -> Weighed:
    trust = GENERAL if row.is_misplaced else trust_of(row)
    known = circumstances.in_network
    days = other_days(row.dates, circumstances.on)
    return Weighed(
        number=number,
        row=row,
        trust=GENERAL if trust is None else trust,
        names_network=known is not None and row.in_network == ("Y" if known else "N"),
        is_out=_why_out(row, trust, circumstances) or days,
        is_other_day=bool(days) or row.is_misplaced,
    )


def trust_of(row: Benefit) -> int | None:
    """How closely a row is about acupuncture; ``None`` when it is about something else."""
    if len(row.procedure) > 1 and row.procedure[1]:
        return NAMED if row.procedure[1] in _CODES else None
    if not any(row.service_types):
        return GENERAL
    for code, trust in ((ACUPUNCTURE, NAMED), (OFFICE_VISIT, OFFICE), (WHOLE_PLAN, PLAN)):
        if code in row.service_types:
            return trust
    return None


def _why_out(row: Benefit, trust: int | None, circumstances: Circumstances) -> str:
    if row.is_misplaced:
        return "it stands at a level of unknown meaning"
    if trust is None:
        return f"it is about {_about(row)}"
    if circumstances.in_network is not None and row.in_network == ("N" if circumstances.in_network else "Y"):
        return "it holds out of network" if circumstances.in_network else "it holds in network"
    places = {one.code for one in row.conditions if one.qualifier == "ZZ" and one.code}
    if places and circumstances.place_of_service not in places:
        return "it holds for another place of service"
    return ""


def _about(row: Benefit) -> str:
    if len(row.procedure) > 1 and row.procedure[1]:
        return f"procedure {row.procedure[1]}"
    named = [service_type_label(code) for code in row.service_types[:3] if code]
    return ", ".join(named) + (" and others" if len(row.service_types) > 3 else "")


def other_days(dates: Sequence[DatedPeriod], on: date) -> str:
    """Why what holds on these dates does not hold on that day; empty when it may."""
    for one in dates:
        is_span = one.qualifier in _SPANS and one.first != one.last
        if one.first and (is_span or one.qualifier in _BEGINS) and on < one.first:
            return f"it begins on {one.first}"
        if one.last and (is_span or one.qualifier in _ENDS) and on > one.last:
            return f"it ended on {one.last}"
    return ""
