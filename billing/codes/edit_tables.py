"""The tables behind the edits: pairs, unit caps, add-ons and modifiers.

CMS publishes its pair and unit edits every quarter (National Correct Coding Initiative). What comes along
is kept the way a person can check it: a cell names one code, several, or a group such as
``office_visit`` or ``new_office_visit``, and is expanded when the table is read. From the day on which a loaded
edition begins (:mod:`billing.codes.sets`) that one counts instead; the caps of single kinds of payers stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from billing.codes.procedures import Family, procedures
from billing.codes.publishers.add_ons import BY_CONTRACTOR
from billing.codes.sets.compiled import KeptAddOn, kept_add_on, kept_cap, kept_pair
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.shelf import shelf
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
    """NCCI's MAI: 1 is a line's, 2 is a day's and absolute, by the definition of the code; 3 is a day's and yields to
    records on appeal."""
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
    """Every pair edit over time that comes along, by column 1 and column 2."""
    return by_key(((edit.column1, edit.column2), edit) for edit in _pair_edits())


def pair_edit(one: str, other: str, on: date) -> PairEdit | None:
    """The edit between two codes on the date of service, whichever of them is column 1."""
    edits = _pairs_on(on)
    return in_force((*edits.get((one, other), ()), *edits.get((other, one), ())), on)


def pairs_in_force(on: date) -> list[PairEdit]:
    """Every pair edit that holds on a day."""
    return [edit for known in _pairs_on(on).values() if (edit := in_force(known, on)) is not None]


def _pairs_on(on: date) -> dict[tuple[str, str], tuple[PairEdit, ...]]:
    loaded = shelf().on(SetKind.PAIR_EDITS, on)
    return shelf().table(loaded, _loaded_pairs) if loaded else pair_edits()


def _loaded_pairs(lines: tuple[str, ...]) -> dict[tuple[str, str], tuple[PairEdit, ...]]:
    kept = map(kept_pair, lines)
    edits = (PairEdit(one.column1, one.column2, one.modifier_allowed, one.span) for one in kept)
    return by_key(((edit.column1, edit.column2), edit) for edit in edits)


@cache
def unit_caps() -> tuple[UnitCap, ...]:
    """Every unit cap that comes along."""
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


def caps_of(codes: Collection[str], on: date) -> list[UnitCap]:
    """The unit caps that touch any of these codes on the date of service."""
    wanted, loaded = set(codes), shelf().on(SetKind.UNIT_CAPS, on)
    along = [one for one in unit_caps() if one.span.holds(on) and not wanted.isdisjoint(one.codes)]
    if loaded is None:
        return along
    published = shelf().table(loaded, _loaded_caps)
    return [
        *(published[code] for code in sorted(wanted) if code in published),
        *(one for one in along if one.payer_kind),
    ]


def published_caps(on: date) -> dict[str, UnitCap]:
    """Medicare's published cap of each code that has one on a day; not those of single kinds of payers."""
    if loaded := shelf().on(SetKind.UNIT_CAPS, on):
        return shelf().table(loaded, _loaded_caps)
    return {code: one for one in unit_caps() if not one.payer_kind and one.span.holds(on) for code in one.codes}


def _loaded_caps(lines: tuple[str, ...]) -> dict[str, UnitCap]:
    instead = {code: one.instead for one in unit_caps() if not one.payer_kind for code in one.codes}
    return {
        one.code: UnitCap((one.code,), "", one.units, one.adjudication, instead.get(one.code, ""), Span(date.min))
        for one in map(kept_cap, lines)
    }


@cache
def _add_ons() -> dict[str, tuple[_AddOn, ...]]:
    return by_key((row["add_on"], _AddOn(tuple(row["primaries"].split()), span_of(row))) for row in rows("add_ons.csv"))


def primaries_of(code: str, on: date) -> tuple[str, ...]:
    """The codes of which an add-on code needs one beside it.

    Empty when ``code`` is no add-on, and where the payer says with which codes it stands.
    """
    if loaded := shelf().on(SetKind.ADD_ONS, on):
        rows = [one for one in shelf().table(loaded, _loaded_add_ons).get(code, ()) if one.span.holds(on)]
        is_listed = all(one.type == 1 and one.primary != BY_CONTRACTOR for one in rows)
        return tuple(one.primary for one in rows) if is_listed else ()
    known = in_force(_add_ons().get(code, ()), on)
    return known.primaries if known else ()


def add_on_codes(on: date) -> dict[str, tuple[str, ...]]:
    """Every add-on code of a day with the codes of which it needs one; none of them where the payer says which."""
    loaded = shelf().on(SetKind.ADD_ONS, on)
    if loaded is None:
        return {code: primaries for code in _add_ons() if (primaries := primaries_of(code, on))}
    held = {
        code for code, rows in shelf().table(loaded, _loaded_add_ons).items() if any(one.span.holds(on) for one in rows)
    }
    return {code: primaries_of(code, on) for code in sorted(held)}


def _loaded_add_ons(lines: tuple[str, ...]) -> dict[str, tuple[KeptAddOn, ...]]:
    return by_key((one.add_on, one) for one in map(kept_add_on, lines))


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
