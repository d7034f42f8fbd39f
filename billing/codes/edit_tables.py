"""The tables behind the edits: pairs, unit caps, add-ons and modifiers.

CMS publishes its pair and unit edits every quarter (National Correct Coding Initiative). Here they
are kept the way a person can check them: a cell names one code, several, or a group such as
``office_visit`` or ``new_office_visit``, and is expanded when the table is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from billing.codes.procedures import Family, procedures
from billing.codes.tables import Span, by_key, in_force, rows, span_of

ANY_FAMILY = "any"


@dataclass(frozen=True, slots=True)
class PairEdit:
    """Of two codes on one day, column 1 is paid and column 2 is not."""

    column1: str
    column2: str
    modifier_allowed: bool
    """NCCI indicator 1: a modifier that says why both are due unlocks the pair. Indicator 0: nothing does."""
    span: Span


@dataclass(frozen=True, slots=True)
class UnitCap:
    """The most units of ``codes``, counted together, that one patient may have in a day."""

    codes: tuple[str, ...]
    payer_kind: str
    """The kind of payer whose own rule this is; empty for Medicare's published edit (MUE)."""
    units: int
    adjudication: int
    """NCCI's MAI: 2 is absolute, by the definition of the code; 3 yields to records on appeal."""
    instead: str
    """The code billed instead where the cap is zero, if there is one."""
    span: Span


@dataclass(frozen=True, slots=True)
class _AddOn:
    primaries: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Modifier:
    """What a modifier does to the edits."""

    code: str
    label: str
    unlocks: str
    """``office_visit``: on the office visit, pairs with one. ``procedure``: pairs of other codes."""
    refused_on: tuple[str, ...]
    """Families of codes that must not carry it, or :data:`ANY_FAMILY`."""
    span: Span


@cache
def _groups() -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for known in procedures():
        for name in {str(known.family), f"{known.part}_{known.family}"}:
            groups[name] = (*groups.get(name, ()), known.code)
    return groups


def _expanded(cell: str) -> tuple[str, ...]:
    return tuple(code for name in cell.split() for code in _groups().get(name, (name,)))


def _pair_edits() -> Iterator[PairEdit]:
    for row in rows("pair_edits.csv"):
        for column1 in _expanded(row["column1"]):
            for column2 in _expanded(row["column2"]):
                yield PairEdit(column1, column2, row["indicator"] == "1", span_of(row))


@cache
def pair_edits() -> dict[tuple[str, str], tuple[PairEdit, ...]]:
    """Every pair edit over time, by column 1 and column 2."""
    return by_key(((edit.column1, edit.column2), edit) for edit in _pair_edits())


def pair_edit(one: str, other: str, on: date) -> PairEdit | None:
    """The edit between two codes on the date of service, whichever of them is column 1."""
    edits = pair_edits()
    return in_force((*edits.get((one, other), ()), *edits.get((other, one), ())), on)


@cache
def unit_caps() -> tuple[UnitCap, ...]:
    """Every unit cap."""
    return tuple(
        UnitCap(
            codes=tuple(row["codes"].split()),
            payer_kind=row["payer_kind"],
            units=int(row["units"]),
            adjudication=int(row["mai"]),
            instead=row["instead"],
            span=span_of(row),
        )
        for row in rows("unit_caps.csv")
    )


@cache
def _add_ons() -> dict[str, tuple[_AddOn, ...]]:
    return by_key((row["add_on"], _AddOn(tuple(row["primaries"].split()), span_of(row))) for row in rows("add_ons.csv"))


def primaries_of(code: str, on: date) -> tuple[str, ...]:
    """The codes of which an add-on code needs one beside it; empty when ``code`` is no add-on."""
    known = in_force(_add_ons().get(code, ()), on)
    return known.primaries if known else ()


@cache
def _modifiers() -> dict[str, tuple[Modifier, ...]]:
    known = (
        Modifier(row["modifier"], row["label"], row["unlocks"], tuple(row["refused_on"].split()), span_of(row))
        for row in rows("modifiers.csv")
    )
    return by_key((one.code, one) for one in known)


def modifier(code: str, on: date) -> Modifier | None:
    """What ``code`` does as a modifier on the date of service, or None when it touches no edit."""
    return in_force(_modifiers().get(code, ()), on)


def is_refused_on(known: Modifier, family: Family | None) -> bool:
    """Whether a code of ``family`` (None: of no known family) must not carry the modifier."""
    return ANY_FAMILY in known.refused_on or (family is not None and family in known.refused_on)
