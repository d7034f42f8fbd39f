"""The words in which the contract of an import folder is written: a file, its columns, its key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from billing.database import Base
from billing.operations.importing.reading.values import Parser, text

Values = tuple[Any, ...]
"""One good row: a value for each column of its file, in the order of the contract, missing columns too."""


class CellProblem(NamedTuple):
    """Why a row cannot go in, and what to do about it."""

    column: str
    """Empty when no single column is to blame."""
    why: str
    fix: str


RowCheck = Callable[[Mapping[str, Any]], CellProblem | None]
"""A rule between cells. It is handed the cells that could be read; those that could not are missing."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read, and where they go."""

    name: str
    parse: Parser
    required: bool = False
    empty: Any = None
    """The value of an empty cell."""
    to: str = ""
    """The attribute of the model that takes the value, when it has another name."""
    refers_to: str = ""
    """The file whose ``id`` the cell names."""

    @property
    def attribute(self) -> str:
        """The attribute of the model that takes the value."""
        return self.to or self.name


def required(name: str, parse: Parser = text, *, to: str = "", refers_to: str = "") -> Column:
    """A column that must be there and filled."""
    return Column(name, parse, required=True, to=to, refers_to=refers_to)


def optional(name: str, parse: Parser = text, *, empty: Any = None, to: str = "", refers_to: str = "") -> Column:
    """A column that may be missing, or empty."""
    return Column(name, parse, empty=empty, to=to, refers_to=refers_to)


@dataclass(frozen=True, slots=True)
class ImportFile:
    """One file of the folder: what its rows become, and by what a row is known."""

    name: str
    noun: str
    """What one row is, for messages."""
    model: type[Base]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    """The columns that tell rows apart; none when the file has a single row."""
    checks: tuple[RowCheck, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def references(self) -> tuple[tuple[int, Column], ...]:
        """The columns that name a row of another file, with their positions."""
        return tuple((position, column) for position, column in enumerate(self.columns) if column.refers_to)

    @property
    def key_positions(self) -> tuple[int, ...]:
        """Where in a row's values its key stands."""
        return tuple(self.names.index(name) for name in self.key)

    @property
    def has_ids(self) -> bool:
        """Whether rows carry the old system's own ids, which other files name."""
        return self.key == ("id",)


def in_order(first: str, last: str) -> RowCheck:
    """A rule: the day in column ``last`` is not before the day in column ``first``."""

    def check(row: Mapping[str, Any]) -> CellProblem | None:
        begin, end = row.get(first), row.get(last)
        if begin is None or end is None or end >= begin:
            return None
        return CellProblem(last, f"{last} lies before {first}.", "Correct one of the two days.")

    return check
