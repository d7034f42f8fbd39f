"""Pairs of procedure codes, as CMS publishes its procedure-to-procedure edits for practitioners (NCCI PTP).

Four tab-delimited text files a quarter, ``ccipra-v323r0-f1.txt`` to ``f4``: the notices of the publisher, a heading
over several lines, and then a row for each edit that was ever made: column 1, which is paid; column 2, which is not;
``*`` when the edit is older than 1996; its first day as YYYYMMDD; its last day, or ``*`` while it has none; the
modifier indicator (0 nothing unlocks the pair, 1 a modifier does, 9 the edit was taken back); the rationale. A
spreadsheet saved as comma-separated text has the same columns and is read too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from billing.codes.publishers.lines import (
    PREAMBLE,
    PROCEDURE_CODE,
    Days,
    Faults,
    PublishedFile,
    cells_of,
    day_of_month,
    shown,
)

NO_DAY = "*"
_TAKEN_BACK = "9"
_ROWS_BETWEEN = 20_000
_ROW = re.compile(r"([0-9A-Z]{5})\t([0-9A-Z]{5})\t\*?\t(\d{8})\t(\d{8}|\*)\t([019])(?:\t.*)?")
_LEAST_CELLS = 6


@dataclass(frozen=True, slots=True)
class PublishedPair:
    """One edit."""

    column1: str
    column2: str
    modifier_allowed: bool
    first: date
    last: date | None


@dataclass(slots=True)
class RowCount:
    """How many rows were read, over all parts."""

    rows: int = 0


def is_pair_table(head: Sequence[str]) -> bool:
    """Whether a file that begins so is a table of pairs."""
    said = " ".join(head).lower()
    return "column 1" in said and "column 2" in said and "modifier" in said


def is_of_hospitals(name: str, head: Sequence[str]) -> bool:
    """Whether it is the table for hospitals, which is not ours."""
    return "ccioph" in name.lower() or "outpatient hospital" in " ".join(head).lower()


def pairs(
    file: PublishedFile, wanted: Collection[str], count: RowCount, tell: Callable[[int], None] = lambda rows: None
) -> Iterator[PublishedPair]:
    """The edits between two ``wanted`` codes. Every row is checked; the others are counted and let go.

    ``tell`` hears now and then how many rows have been read. Raises :class:`Refused` with every faulty line.
    """
    faults, days = Faults(file.name), Days(day_of_month)
    has_begun = False
    for line, text in enumerate(file.lines(), 1):
        found = _ROW.fullmatch(text)
        cells: Sequence[str] = found.groups() if found else _cells(text)
        if not has_begun and not found and not _is_row(cells):
            if line > PREAMBLE:
                faults.add(line, "no row of the table stands within the first lines; it is no table of pairs.")
                faults.refuse_any()
            continue
        if not text.strip():
            continue
        has_begun = True
        first, last = days.of(cells[2]) if len(cells) > 2 else None, None
        if (fault := _fault(cells, first, days, text)) or first is None:
            faults.add(line, fault)
            continue
        count.rows += 1
        if count.rows % _ROWS_BETWEEN == 0:
            tell(count.rows)
        if cells[0] not in wanted or cells[1] not in wanted or cells[4] == _TAKEN_BACK:
            continue
        last = None if cells[3] == NO_DAY else days.of(cells[3])
        if last is not None and last <= first:
            continue  # taken back to its first day, it never held
        yield PublishedPair(cells[0], cells[1], cells[4] == "1", first, last)
    if not has_begun:
        faults.add(1, "the file has no row.")
    faults.refuse_any()


def _cells(text: str) -> list[str]:
    """The five cells that matter, of a row that is written in a less strict way."""
    cells = cells_of(text)
    return [] if len(cells) < _LEAST_CELLS else [cells[0], cells[1], cells[3], cells[4], cells[5]]


def _is_row(cells: Sequence[str]) -> bool:
    return bool(cells) and all(PROCEDURE_CODE.fullmatch(one) for one in cells[:2])


def _fault(cells: Sequence[str], first: date | None, days: Days, text: str) -> str:
    if not cells:
        return f"it has fewer than {_LEAST_CELLS} columns: {shown(text)}."
    if not _is_row(cells):
        return f"{shown(cells[0])} and {shown(cells[1])} are not both procedure codes."
    if first is None:
        return f"{shown(cells[2])} is no day."
    if cells[3] != NO_DAY and days.of(cells[3]) is None:
        return f"{shown(cells[3])} is no day."
    return "" if cells[4] in ("0", "1", _TAKEN_BACK) else f"the modifier indicator {shown(cells[4])} is not 0, 1 or 9."
