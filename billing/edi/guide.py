"""A small language for implementation guides, so that a guide is a table and not a program.

A guide is a tree of loops. A loop opens with a row and holds further rows and loops::

    Loop("2010AA", "R", 1, row("NM1", "R", 1, "R=85 R=1/2 R60"), row("N3", "R", 1, "R55 S55"))

Usage is ``R`` required, ``S`` situational, ``N`` not used; the number says how often it may occur, 0
any number of times. Elements are one word each: the usage, then nothing (any text), the longest or
the shortest and longest length (``R55``, ``R2-80``), the codes allowed (``R=1/2``), ``#`` a whole
number, ``$`` a decimal, ``@`` a date or a period of dates, or a composite in brackets
(``R(R=HC R48)``). A row without words says nothing about its elements. ``billing.edi.loops`` reads
segments by such a guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from billing.edi.segments import Segment

_QUALIFIED_AT = {
    **dict.fromkeys(("N1", "NM1", "REF", "DTM", "DTP", "AMT", "QTY", "CRC", "PRV", "HI"), 1),
    "HL": 3,
}
"""Segments that are told apart by a qualifier, and the element that holds it."""

_ANY_LENGTH = 10**6
_WORD = re.compile(r"([RSN])(?:\(([^)]*)\)|=(\S+)|([#$@])|(?:(\d+)-)?(\d+))?")
_DECIMAL = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")

Complaint = tuple[str, str]
"""The rule that an element breaks, and how."""


@dataclass(frozen=True, slots=True)
class Element:
    """One element or component; ``kind`` is ``#``, ``$``, ``@`` or empty for text."""

    usage: str
    kind: str = ""
    shortest: int = 1
    longest: int = _ANY_LENGTH
    codes: frozenset[str] = frozenset()
    components: tuple[Element, ...] = ()

    def complaint(self, value: str, component_separator: str) -> Complaint | None:
        """What is wrong with ``value``, if anything. The text never repeats the value."""
        if not value:
            return ("element.missing", "is required") if self.usage == "R" else None
        if self.codes:
            return None if value in self.codes else ("element.code", "has a code that is not in the list")
        if self.components:
            return self._composite_complaint(value.split(component_separator))
        if self.usage == "N":
            return "element.not_used", "is not used here"
        if not self.shortest <= len(value) <= self.longest:
            return "element.length", f"has {len(value)} characters; {self.shortest} to {self.longest} are allowed"
        if self.kind and not _KINDS[self.kind][0](value):
            return "element.form", f"is not {_KINDS[self.kind][1]}"
        return None

    def _composite_complaint(self, values: list[str]) -> Complaint | None:
        if len(values) > len(self.components):
            return "element.not_used", "has too many components"
        values += [""] * (len(self.components) - len(values))
        for number, (component, value) in enumerate(zip(self.components, values, strict=True), start=1):
            if complaint := component.complaint(value, ""):
                return complaint[0], f"component {number} {complaint[1]}"
        return None


def _is_date_or_period(value: str) -> bool:
    first, dash, last = value.partition("-")
    return _is_date(first) and (not dash or (_is_date(last) and first <= last))


def _is_date(value: str) -> bool:
    try:
        return len(value) == 8 and bool(date(int(value[:4]), int(value[4:6]), int(value[6:])))
    except ValueError:
        return False


_KINDS: dict[str, tuple[Callable[[str], bool], str]] = {
    "#": (str.isdecimal, "a whole number"),
    "$": (lambda value: _DECIMAL.fullmatch(value) is not None, "a decimal number"),
    "@": (_is_date_or_period, "a date"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of segment at one place of the guide; no qualifiers means that its id alone tells it."""

    id: str
    usage: str
    repeat: int
    elements: tuple[Element, ...]
    qualifiers: frozenset[str]
    least: int
    """The number of the last required element."""

    def complaints(self, segment: Segment) -> Iterator[Complaint]:
        """What is wrong with the elements of ``segment``."""
        if not self.elements:
            return
        separator, parts = segment.separators.component, segment.parts
        if len(parts) - 1 > len(self.elements):
            yield "element.not_used", f"{self.id} has more than {len(self.elements)} elements"
        for number in range(1, min(max(len(parts) - 1, self.least), len(self.elements)) + 1):
            value = parts[number] if number < len(parts) else ""
            if complaint := self.elements[number - 1].complaint(value, separator):
                yield complaint[0], f"{self.id}{number:02d} {complaint[1]}"


def row(segment_id: str, usage: str, repeat: int, words: str = "") -> Row:
    """A row of a guide; its qualifiers are the codes of the element that tells such segments apart."""
    elements = tuple(_element(match) for match in _WORD.finditer(words))
    place = _QUALIFIED_AT.get(segment_id, 0)
    qualifiers: frozenset[str] = frozenset()
    if place and elements:
        qualifying = elements[place - 1]
        qualifiers = qualifying.components[0].codes if qualifying.components else qualifying.codes
    least = max((number for number, element in enumerate(elements, start=1) if element.usage == "R"), default=0)
    return Row(segment_id, usage, repeat, elements, qualifiers, least)


def _element(match: re.Match[str]) -> Element:
    usage, composite, codes, kind, shortest, longest = match.groups()
    if composite:
        return Element(usage, components=tuple(_element(part) for part in _WORD.finditer(composite)))
    if codes:
        return Element(usage, codes=frozenset(codes.split("/")))
    return Element(usage, kind or "", int(shortest or 1), int(longest or _ANY_LENGTH))


class Loop:
    """A run of segments that belongs together; ``opening`` is the row it begins with."""

    __slots__ = ("_places", "blocks", "id", "items", "opening", "repeat", "required", "usage")

    def __init__(self, loop_id: str, usage: str, repeat: int, opening: Row, *items: Row | Loop) -> None:
        """Take the parts of the table and index them."""
        self.id = loop_id
        self.usage = usage
        self.repeat = repeat
        self.opening = opening
        self.items = items
        self._places: dict[tuple[str, str], int] = {}
        for place, item in enumerate(items):
            for key in keys(item if isinstance(item, Row) else item.opening):
                self._places.setdefault(key, place)
        self.required = [place for place, item in enumerate(items) if item.usage == "R"]
        """The places of ``items`` that must be filled."""
        self.blocks = _blocks(items)
        """For each item, the number of the run of like items it stands in; order matters between runs only."""

    def place(self, segment_id: str, qualifier: str) -> int | None:
        """Where in ``items`` such a segment goes, if this loop has room for it."""
        return self._places.get((segment_id, qualifier), self._places.get((segment_id, "")))


def keys(row: Row) -> list[tuple[str, str]]:
    """The ids and qualifiers by which ``row`` is known."""
    return [(row.id, qualifier) for qualifier in row.qualifiers] or [(row.id, "")]


def key(segment: Segment) -> tuple[str, str]:
    """Id and qualifier of a segment, as :func:`keys` spells them."""
    place = _QUALIFIED_AT.get(segment.id)
    if place is None:
        return segment.id, ""
    value = segment.parts[place] if place < len(segment.parts) else ""
    if segment.id == "HI":
        value = value.partition(segment.separators.component)[0]
    return segment.id, value


def _blocks(items: tuple[Row | Loop, ...]) -> list[int]:
    names = [item.id if isinstance(item, Row) else f"loop {item.id[:4]}" for item in items]
    return [sum(names[at] != names[at - 1] for at in range(1, place + 1)) for place in range(len(names))]
