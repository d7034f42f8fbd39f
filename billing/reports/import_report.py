"""What an import at the desk found, from the report that was kept with its errand."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COLUMNS = ("file", "line", "id", "column", "reason", "fix")
_RUNS_IN_A_SPREADSHEET = ("=", "+", "-", "@", "\t", "\r")
"""What a cell must not begin with, or a spreadsheet program would take it for a formula."""


@dataclass(frozen=True, slots=True)
class Refusals:
    """The rows that did not go in, and how many more there are than are shown."""

    rows: Sequence[Mapping[str, Any]]
    further: int


def refusals_in(report: bytes, most: int) -> Refusals:
    """The first ``most`` refusals of a kept report. Pure."""
    refused: list[dict[str, Any]] = json.loads(report)["refused"]
    return Refusals(refused[:most], max(0, len(refused) - most))


def refusals_as_csv(report: bytes) -> str:
    """All refusals of a kept report, as a spreadsheet program opens them. Pure."""
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for refused in json.loads(report)["refused"]:
        rows.writerow([_harmless(str(refused[column])) for column in COLUMNS])
    return out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_RUNS_IN_A_SPREADSHEET) else cell
