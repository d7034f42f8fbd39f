"""Tables on paper: how wide columns are, how high rows, and which rows belong together. It draws nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from billing.pdf.fonts import REGULAR, SEMIBOLD
from billing.pdf.page import BODY, LEADING, SMALL, wrapped

SMALL_LEADING = 10.0
PADDING = 8.0
"""Between columns, and around what stands in a box."""
TITLE_HEIGHT = LEADING + 2
"""Of the title above a group of rows."""

Edges = tuple[float, float]
"""Left and right edge of the text in a column."""


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column. The one of width 0 takes what the others leave."""

    title: str
    width: float = 0
    right: bool = False
    """Amounts and counts end at the column's right edge."""


def column_width(text: str) -> float:
    """How wide a column must be for a cell of a table to stand on one line."""
    return REGULAR.width(text, BODY) + PADDING


def column_edges(columns: Sequence[Column], left: float, right: float) -> list[Edges]:
    """The edges of each column of a table that reaches from ``left`` to ``right``."""
    rest = right - left - sum(column.width for column in columns)
    edges = []
    for column in columns:
        width = column.width or rest
        edges.append((left, left + width - PADDING))
        left += width
    return edges


def column_titles(columns: Sequence[Column], edges: Sequence[Edges]) -> list[list[str]]:
    """The title of each column in lines that fit it."""
    return [
        wrapped(column.title, right - left, SEMIBOLD, SMALL)
        for column, (left, right) in zip(columns, edges, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Row:
    """One row, its texts in lines that fit."""

    cells: tuple[list[str], ...]
    title: str
    """Of the group that it begins; empty in every other row."""
    small: list[str]
    """Small print under it."""

    @property
    def height(self) -> float:
        """How much of a page it takes."""
        return self.head + self.body + len(self.small) * SMALL_LEADING + PADDING

    @property
    def head(self) -> float:
        """The height of its group's title."""
        return TITLE_HEIGHT if self.title else 0

    @property
    def body(self) -> float:
        """The height of its cells."""
        return max(map(len, self.cells)) * LEADING


def grouped_rows(
    rows: Sequence[tuple[str, ...]], edges: Sequence[Edges], above: Sequence[str], below: Sequence[str]
) -> list[list[Row]]:
    """The rows laid out, those under one title together; without titles each is alone.

    ``above`` and ``below`` have the title and the small print of each row, or are empty where no row has any.
    """
    nothing = [""] * len(rows)
    groups: list[list[Row]] = []
    for row, title, explanation in zip(rows, above or nothing, below or nothing, strict=True):
        cells = tuple(wrapped(cell, right - left) for cell, (left, right) in zip(row, edges, strict=True))
        small = wrapped(explanation, edges[-1][1] - edges[0][0], size=SMALL) if explanation else []
        if title or not above or not groups:
            groups.append([])
        groups[-1].append(Row(cells, title, small))
    return groups


def height_of(rows: Iterable[Row]) -> float:
    """How much of a page these rows take."""
    return sum(row.height for row in rows)
