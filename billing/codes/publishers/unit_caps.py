"""Unit caps, as CMS publishes its medically unlikely edits for practitioners (NCCI MUE).

``MCR_MUE_PractitionerServices_Eff_10-01-2026.csv``: the publisher's notices, a heading (*HCPCS/CPT Code*, *Practitioner
Services MUE Values*, *MUE Adjudication Indicator*, *MUE Rationale*), then a row for each code. The indicator is a digit
and its words: 1 a line edit, 2 a day's edit by policy, 3 a day's edit by clinical experience. Tabs instead of commas
are read too.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from billing.codes.publishers.lines import PREAMBLE, PROCEDURE_CODE, Faults, PublishedFile, shown
from billing.errors import Refused

MOST_UNITS = 99_999
_LEAST_CELLS = 3


@dataclass(frozen=True, slots=True)
class PublishedCap:
    """The most units of one code."""

    code: str
    units: int
    adjudication: int
    """MAI: 1 a line's, 2 a day's and absolute, 3 a day's that yields to records."""


def is_cap_table(head: Sequence[str]) -> bool:
    """Whether a file that begins so is a table of unit caps, for whomever."""
    said = " ".join(head).lower()
    return "mue value" in said and "adjudication" in said


def is_of_others(name: str, head: Sequence[str]) -> bool:
    """Whether it is the table for hospitals or suppliers, which is not ours."""
    said = " ".join(head).lower()
    return is_cap_table(head) and "practitioner services mue" not in said


def caps(file: PublishedFile, head: Sequence[str]) -> Iterator[PublishedCap]:
    """The caps of a file in its order. Raises :class:`Refused` with every faulty line."""
    faults, known = Faults(file.name), set[str]()
    is_tabbed = any("\t" in line for line in head if "mue value" in line.lower())
    reader = csv.reader(file.lines(), delimiter="\t" if is_tabbed else ",", strict=True)
    has_begun = False
    for cells in _rows(reader, file.name):
        cells = [one.strip() for one in cells]
        if not has_begun:
            has_begun = "mue value" in " ".join(cells).lower()
            if not has_begun and reader.line_num > PREAMBLE:
                faults.add(reader.line_num, "no heading stands within the first lines; it is no table of unit caps.")
                faults.refuse_any()
            continue
        if not any(cells):
            continue
        fault = _fault(cells)
        if not fault and cells[0] in known:
            fault = f"{cells[0]} stands in the file twice."
        if fault:
            faults.add(reader.line_num, fault)
            continue
        known.add(cells[0])
        yield PublishedCap(cells[0], int(cells[1]), int(cells[2][0]))
    if not known:
        faults.add(reader.line_num or 1, "the file has no row.")
    faults.refuse_any()


def _rows(reader: Iterator[list[str]], name: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise Refused(f"{name} was refused, and nothing of it was taken: its quotation marks do not match.") from error


def _fault(cells: Sequence[str]) -> str:
    if len(cells) < _LEAST_CELLS:
        return f"it has {len(cells)} columns; a row has four."
    if PROCEDURE_CODE.fullmatch(cells[0]) is None:
        return f"{shown(cells[0])} is no procedure code."
    if not (cells[1].isascii() and cells[1].isdigit() and int(cells[1][:9]) <= MOST_UNITS and len(cells[1]) <= 9):
        return f"{shown(cells[1])} is no number of units."
    return "" if cells[2][:1] in ("1", "2", "3") else f"the adjudication indicator {shown(cells[2])} is not 1, 2 or 3."
