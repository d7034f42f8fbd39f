"""Add-on codes, as CMS publishes them (NCCI add-on code edits).

``AOC_V2026Q4-F-MCR.txt`` has fixed places: the type in 1 (1: only with one of the listed codes; 2: the contractor says
with which; 3: both), the add-on code in 2 to 6 and the last day of that code in 7 to 13, the other code in 14 to 18
(``CCCCC`` where the contractor says it) and its last day in 19 to 25, the first day of the edit in 26 to 32 and its
last in 33 to 39, then notes. Days are written YYYYDDD, and left blank where there is none. The spreadsheet of the same
table saved as comma-separated text, with its heading (*AOC_Edit_Type*, *Add-On_Code* …), is read too. The places are
the fields of that spreadsheet in their order and length, as programs that read the file have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from billing.codes.publishers.lines import (
    PROCEDURE_CODE,
    Days,
    Faults,
    PublishedFile,
    cells_of,
    day_of_year,
    shown,
)

BY_CONTRACTOR = "CCCCC"
_ROW = re.compile(r"([123])(.{5})(.{7})(.{5})(.{7})(.{7})(.{7}).*")
_HEADING_WITHIN = 5
_CELLS = 7
_LEAST_WIDTH = 39
"""Where the notes begin; a program may have let the blanks before them go."""


@dataclass(frozen=True, slots=True)
class PublishedAddOn:
    """An add-on code and one code with which it is paid."""

    type: int
    add_on: str
    primary: str
    """:data:`BY_CONTRACTOR` where it is not listed."""
    first: date
    last: date | None


def is_add_on_table(head: Sequence[str]) -> bool:
    """Whether a file that begins so is a table of add-on codes."""
    return _heading(head) > 0 or (bool(head) and not _fault(_fixed(head[0]), Days(day_of_year)))


def is_of_medicaid(name: str) -> bool:
    """Whether it is the table for Medicaid, which is not ours."""
    return "mcd" in name.lower()


def add_ons(file: PublishedFile, head: Sequence[str]) -> Iterator[PublishedAddOn]:
    """The edits of a file in its order. Raises :class:`Refused` with every faulty line."""
    faults, days, rows = Faults(file.name), Days(day_of_year), 0
    heading = _heading(head)
    for line, text in islice(enumerate(file.lines(), 1), heading, None):
        if not text.strip():
            continue
        cells = _comma_separated(text) if heading else _fixed(text)
        if fault := _fault(cells, days):
            faults.add(line, fault)
            continue
        rows += 1
        edit = _edit(cells, days)
        if edit is not None:
            yield edit
    if not rows:
        faults.add(max(heading, 1), "the file has no row.")
    faults.refuse_any()


def _heading(head: Sequence[str]) -> int:
    """The line of the heading, of a table that has one; zero otherwise."""
    for line, text in enumerate(head[:_HEADING_WITHIN], 1):
        if "add-on_code" in text.lower().replace(" ", "_") and "primary_code" in text.lower().replace(" ", "_"):
            return line
    return 0


def _fixed(text: str) -> list[str]:
    found = _ROW.fullmatch(text.rstrip().ljust(_LEAST_WIDTH))
    return [one.strip() for one in found.groups()] if found else []


def _comma_separated(text: str) -> list[str]:
    cells = cells_of(text)
    return cells[:_CELLS] if len(cells) >= _CELLS else []


def _fault(cells: Sequence[str], days: Days) -> str:
    if not cells or cells[0] not in ("1", "2", "3"):
        return "it is no line of a table of add-on codes: a type of 1, 2 or 3 and six fields are expected."
    if PROCEDURE_CODE.fullmatch(cells[1]) is None or PROCEDURE_CODE.fullmatch(cells[3]) is None:
        return f"{shown(cells[1])} and {shown(cells[3])} are not both procedure codes."
    first = days.of(cells[5])
    if first is None:
        return f"{shown(cells[5])} is no day of the form YYYYDDD."
    wrong = next((one for one in (cells[2], cells[4], cells[6]) if one and days.of(one) is None), None)
    return f"{shown(wrong)} is no day of the form YYYYDDD." if wrong else ""


def _edit(cells: Sequence[str], days: Days) -> PublishedAddOn | None:
    """The edit, until the first day on which it, or one of its codes, is gone; ``None`` when it never held."""
    first = days.of(cells[5])
    ends = [end for one in (cells[2], cells[4], cells[6]) if one and (end := days.of(one))]
    last = min(ends, default=None)
    if first is None or (last is not None and last <= first):
        return None
    return PublishedAddOn(int(cells[0]), cells[1], cells[3], first, last)
