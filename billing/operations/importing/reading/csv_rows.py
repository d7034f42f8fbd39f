"""CSV as clinics really have it: each row with the line it begins on, and a broken one takes no neighbours along."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TextIO

UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SAVE_AS_CSV = "Save it as CSV UTF-8, with commas between the columns, and import it again."


class NotCsv(Exception):
    """The file as a whole cannot be read; the text says why, in a sentence."""


class Record(NamedTuple):
    """One row of a file."""

    line: int
    """The line of the file on which it begins, the first being 1."""
    cells: list[str]
    """Without the blanks around them; none when the row could not be taken apart."""
    broken: str = ""
    """Why it cannot be used, in a sentence."""
    column: int | None = None
    """The position of the first cell that is missing, when the row ends too soon."""


@dataclass(slots=True)
class _Lines:
    """The lines of a file, with a way back to the second line of the row that was read last."""

    file: TextIO
    number: int = 0
    again: deque[str] = field(default_factory=deque)
    of_this_row: list[str] = field(default_factory=list)

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.again.popleft() if self.again else next(self.file)
        self.number += 1
        self.of_this_row.append(line)
        return line

    def go_back(self) -> None:
        """Read the row's lines again, except its first."""
        back = self.of_this_row[1:]
        self.again.extendleft(reversed(back))
        self.number -= len(back)


def records(path: Path) -> Iterator[Record]:
    """The header of a CSV file, then its rows; empty rows are passed over.

    A row whose quotation marks do not match, or whose cells are too few or too many, comes with its
    reason. If it spans several lines, a missing mark has probably swallowed the rows that follow:
    reading goes on with the line after its first. Bytes that are not UTF-8 come as lone surrogates,
    so that only the rows that have them are lost.

    Raises :class:`NotCsv` for what is no text file at all, or cannot be opened.
    """
    try:
        _check_is_text(path)
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield from _records(_Lines(file))
    except OSError as error:
        raise NotCsv(f"The file cannot be read: {error.strerror or type(error).__name__}.") from None


def _check_is_text(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(UTF_16_MARKS):
        raise NotCsv("The file is written in UTF-16, not in UTF-8.")
    # A workbook begins with such bytes; one that strayed into a later row costs only that row.
    if b"\0" in start.partition(b"\n")[0]:
        raise NotCsv("This is not a text file; it may be a workbook of a spreadsheet program.")


def _records(lines: _Lines) -> Iterator[Record]:
    width = 0
    reader = _reader(lines)
    while True:
        lines.of_this_row.clear()
        first = lines.number + 1
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error:
            record = Record(first, [], "The quotation marks of this row do not match.")
        else:
            if not any(cells):
                continue
            width = width or _last_filled(cells)
            record = _judged(first, cells, width)
        if record.broken and width:
            lines.go_back()
            reader = _reader(lines)
        yield record


def _reader(lines: _Lines) -> Iterator[list[str]]:
    return csv.reader(lines, strict=True, skipinitialspace=True)


def _last_filled(cells: list[str]) -> int:
    return max(position for position, cell in enumerate(cells, 1) if cell)


def _judged(first: int, cells: list[str], width: int) -> Record:
    if len(cells) < width:
        return Record(first, cells, f"The row ends after {len(cells)} of {width} cells.", len(cells))
    if any(cells[width:]):
        return Record(first, cells, f"The row has {len(cells)} cells, the header only {width}.")
    return Record(first, cells[:width])
