"""What is taken from the segments of an 835, and where it is put: the kinds of rows that ``guide`` is made of.

While it is being read, a value is a list of its fields in order, because a list can still be changed;
when it is whole, it becomes the tuple that it stands for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from billing.edi.remittance_835.remittance import Adjustment
from billing.edi.remittance_835.values import DAYS, cents

Record = list[Any]
"""The fields of a value under way, in its order."""

Meaning = tuple[int, Any]
"""A field and what goes into it: a tuple is added to what is there, anything else takes its place."""

Place = Callable[[Record, list[str]], Meaning | None]
"""Takes what belongs into the record from the elements of a segment. Where these very words mean the same in every
record of the kind, it leaves the record alone and returns that meaning, which may be remembered. Raises
``ValueError`` or ``IndexError`` when the elements are not what they should be, and then has changed nothing."""

MOST_TRIPLES = 6

_adjustment = tuple.__new__  # what a NamedTuple does in the end, without a call in between


def put(record: Record, meaning: Meaning) -> None:
    """Bring a meaning into a record."""
    field, value = meaning
    if value.__class__ is tuple:
        record[field] += value
    else:
        record[field] = value


def nothing(record: Record, parts: list[str]) -> None:
    """A segment that is lawful in its place and not carried."""


def without(*qualifiers: str) -> Place:
    """Any segment that is not carried, but none with these qualifiers, which are lawful elsewhere only."""

    def place(record: Record, parts: list[str]) -> None:
        if parts[1] in qualifiers:
            raise ValueError("a segment from another place")

    return place


def days(fields: dict[str, int], others: Place = nothing) -> Place:
    """DTM: the day in element 2, into the field for its qualifier; other qualifiers go to ``others``."""

    def place(record: Record, parts: list[str]) -> Meaning | None:
        qualifier = parts[1]
        return (fields[qualifier], DAYS[parts[2]]) if qualifier in fields else others(record, parts)

    return place


def amount(qualifier: str, field: int, others: Place = nothing) -> Place:
    """AMT: the amount in element 2, when it has this qualifier; other qualifiers go to ``others``."""

    def place(record: Record, parts: list[str]) -> Meaning | None:
        return (field, cents(parts[2])) if parts[1] == qualifier else others(record, parts)

    return place


def reference(qualifier: str, field: int) -> Place:
    """REF with this qualifier: the number in element 2, unless one was said before."""

    def place(record: Record, parts: list[str]) -> None:
        if parts[1] == qualifier and not record[field]:
            record[field] = parts[2].strip()

    return place


def names(rows: dict[str, dict[int, int]]) -> Place:
    """N1, NM1: for each qualifier, which element goes into which field. What was said first stays."""
    pairs = {qualifier: tuple(fields.items()) for qualifier, fields in rows.items()}

    def place(record: Record, parts: list[str]) -> None:
        count = len(parts)
        for number, field in pairs.get(parts[1], ()):
            if number < count and not record[field]:
                record[field] = parts[number].strip()

    return place


def remarks(field: int, *numbers: int, qualifier: str = "") -> Place:
    """LQ, MIA, MOA: remark codes in these elements, added to ``field``."""

    def place(record: Record, parts: list[str]) -> Meaning | None:
        if qualifier and parts[1] != qualifier:
            return None
        return field, tuple([parts[number] for number in numbers if number < len(parts) and parts[number]])

    return place


def adjustments(field: int) -> Place:
    """CAS: a group, then up to six times a reason, an amount and a quantity, added to ``field``."""

    def place(record: Record, parts: list[str]) -> Meaning:
        if len(parts) == 4 and parts[1] and parts[2]:
            return field, (_adjustment(Adjustment, (parts[1], parts[2], cents(parts[3]), "")),)
        return field, _adjustments(parts)

    return place


def _adjustments(parts: list[str]) -> tuple[Adjustment, ...]:
    group, filled, found = parts[1], [*parts, "", ""], []
    for at in range(2, len(parts), 3):
        reason, amount, quantity = filled[at : at + 3]
        if reason and amount:
            found.append(_adjustment(Adjustment, (group, reason, cents(amount), quantity)))
        elif reason or amount or quantity:
            raise ValueError("an adjustment without its reason or its amount")
    if not group or not found or len(found) > MOST_TRIPLES:
        raise ValueError("a CAS without a group, without an adjustment, or with too many")
    return tuple(found)
