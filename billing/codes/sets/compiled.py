"""How a loaded set is kept: as plain lines, quick to read and easy to look into."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.codes.publishers.add_ons import PublishedAddOn
from billing.codes.publishers.pair_edits import PublishedPair
from billing.codes.publishers.unit_caps import PublishedCap
from billing.codes.tables import Span

_OPEN = "-"


@dataclass(frozen=True, slots=True)
class KeptPair:
    """One edit between two codes."""

    column1: str
    column2: str
    modifier_allowed: bool
    span: Span


@dataclass(frozen=True, slots=True)
class KeptCap:
    """The most units of one code."""

    code: str
    units: int
    adjudication: int


@dataclass(frozen=True, slots=True)
class KeptAddOn:
    """An add-on code with the one of which it needs one beside it."""

    add_on: str
    primary: str
    type: int
    span: Span


def codes_as_lines(codes: Iterable[str]) -> list[str]:
    """Codes in order, each once."""
    return sorted(set(codes))


def pairs_as_lines(pairs: Iterable[PublishedPair]) -> list[str]:
    """Pair edits, one a line."""
    return sorted(
        f"{one.column1} {one.column2} {int(one.modifier_allowed)} {one.first} {one.last or _OPEN}" for one in pairs
    )


def caps_as_lines(caps: Iterable[PublishedCap]) -> list[str]:
    """Unit caps, one a line."""
    return sorted(f"{one.code} {one.units} {one.adjudication}" for one in caps)


def add_ons_as_lines(add_ons: Iterable[PublishedAddOn]) -> list[str]:
    """Add-on codes, one a line for each code they may stand with."""
    return sorted(f"{one.add_on} {one.primary} {one.type} {one.first} {one.last or _OPEN}" for one in add_ons)


def kept_pair(line: str) -> KeptPair:
    """A line of pair edits, read again."""
    column1, column2, allowed, first, last = line.split()
    return KeptPair(column1, column2, allowed == "1", _span(first, last))


def kept_cap(line: str) -> KeptCap:
    """A line of unit caps, read again."""
    code, units, adjudication = line.split()
    return KeptCap(code, int(units), int(adjudication))


def kept_add_on(line: str) -> KeptAddOn:
    """A line of add-on codes, read again."""
    add_on, primary, type_, first, last = line.split()
    return KeptAddOn(add_on, primary, int(type_), _span(first, last))


def _span(first: str, last: str) -> Span:
    return Span(date.fromisoformat(first), None if last == _OPEN else date.fromisoformat(last))


def content_of(lines: Sequence[str]) -> bytes:
    """The bytes that are kept for these lines."""
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def lines_in(content: bytes) -> tuple[str, ...]:
    """The lines of what was kept."""
    return tuple(content.decode("ascii").splitlines())
