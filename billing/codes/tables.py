"""Reading this room's dated tables: the files under ``data/``."""

from __future__ import annotations

import csv
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class Span:
    """The days on which a row holds, both ends included; without a last day it still does."""

    first: date
    last: date | None = None

    def holds(self, on: date) -> bool:
        """Whether ``on`` (a local date of service) lies within the span."""
        return self.first <= on and (self.last is None or on <= self.last)


class Dated(Protocol):
    """Anything that holds on the days of a span."""

    @property
    def span(self) -> Span:
        """The days on which it holds."""


Key = TypeVar("Key", bound=Hashable)
AnyDated = TypeVar("AnyDated", bound=Dated)


def text(name: str) -> str:
    """The whole text of the file ``name`` under ``data/``."""
    return (files("billing.codes") / "data" / name).read_text(encoding="utf-8")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of the CSV file ``name`` under ``data/``, each keyed by the names of its header."""
    return list(csv.DictReader(text(name).splitlines()))


def span_of(row: dict[str, str]) -> Span:
    """The span of a row, from its columns ``effective_from`` and ``effective_to`` (empty: no end)."""
    last = row["effective_to"]
    return Span(date.fromisoformat(row["effective_from"]), date.fromisoformat(last) if last else None)


def by_key(keyed: Iterable[tuple[Key, AnyDated]]) -> dict[Key, tuple[AnyDated, ...]]:
    """All that is known under each key, over time, in the order of the file."""
    table: dict[Key, tuple[AnyDated, ...]] = {}
    for key, known in keyed:
        table[key] = (*table.get(key, ()), known)
    return table


def in_force(known: Iterable[AnyDated], on: date) -> AnyDated | None:
    """The one that holds on the date of service, or None."""
    return next((one for one in known if one.span.holds(on)), None)
