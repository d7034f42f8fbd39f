"""What an import reports: counts for each file, each refused row with the remedy, columns that were passed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple


class Refusal(NamedTuple):
    """Why a row, or a whole file, did not go in."""

    file: str
    line: int
    """Where the row begins; 1, the header, when the whole file is refused."""
    id: str
    """The row's id in the old system; empty when it has none."""
    column: str
    """Empty when no single column is to blame."""
    reason: str
    fix: str


class IgnoredColumn(NamedTuple):
    """A column that the contract does not know."""

    file: str
    column: str


@dataclass(slots=True)
class Counts:
    """What became of a file's rows; those that are refused are in ``rows`` alone."""

    rows: int = 0
    new: int = 0
    updated: int = 0
    unchanged: int = 0


def as_json(counts: dict[str, Counts], refused: Iterable[Refusal], ignored: Iterable[IgnoredColumn]) -> dict[str, Any]:
    """The report as ``meridian import --json`` prints it."""
    return {
        "files": {name: asdict(count) for name, count in counts.items()},
        "refused": [refusal._asdict() for refusal in refused],
        "ignored_columns": [column._asdict() for column in ignored],
    }


def as_text(report: dict[str, Any]) -> str:
    """The same report for people, from what :func:`as_json` returns."""
    lines = [f"{'file':<20}{'rows':>10}{'new':>10}{'updated':>10}{'unchanged':>12}{'refused':>10}"]
    refused_rows = {(row["file"], row["line"]) for row in report["refused"] if row["line"] > 1}
    for name, count in report["files"].items():
        refused = sum(file == name for file, _ in refused_rows)
        lines.append(
            f"{name:<20}{count['rows']:>10}{count['new']:>10}{count['updated']:>10}{count['unchanged']:>12}{refused:>10}"
        )
    if report["refused"]:
        lines += ["", "Refused:", *(f"  {_refusal(row)}" for row in report["refused"])]
    if report["ignored_columns"]:
        lines += ["", "Columns not known, passed over:"]
        lines += [f"  {column['file']}: {column['column']}" for column in report["ignored_columns"]]
    return "\n".join(lines)


def _refusal(row: dict[str, Any]) -> str:
    who = f" ({row['id']})" if row["id"] else ""
    column = f", {row['column']}" if row["column"] else ""
    return f"{row['file']} line {row['line']}{who}{column}: {row['reason']} {row['fix']}"
