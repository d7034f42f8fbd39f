"""Places of service: the two-digit codes CMS keeps for professional claims."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

from billing.codes.tables import Span, by_key, in_force, rows, span_of


@dataclass(frozen=True, slots=True)
class _Place:
    label: str
    span: Span


@cache
def _places() -> dict[str, tuple[_Place, ...]]:
    return by_key((row["code"], _Place(row["label"], span_of(row))) for row in rows("places.csv"))


def is_place_of_service(code: str, on: date | None = None) -> bool:
    """Whether ``code`` is a CMS place of service: on the date of service, or ever when no date is given."""
    known = _places().get(code, ())
    return bool(known) if on is None else in_force(known, on) is not None


def place_label(code: str) -> str:
    """Our own latest label for a place of service; the code itself when it is none."""
    known = _places().get(code)
    return known[-1].label if known else code


def places_on(on: date) -> list[tuple[str, str]]:
    """Every place of service of that day with our label, in the order of the codes."""
    return sorted((code, found.label) for code, known in _places().items() if (found := in_force(known, on)))
