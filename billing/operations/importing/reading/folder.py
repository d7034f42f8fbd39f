"""Reading a whole import folder: every cell, every key, before any database is asked."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from billing.errors import Refused
from billing.operations.importing.reading.columns import CellProblem, Column, ImportFile, Values
from billing.operations.importing.reading.contract import FILE, FILES
from billing.operations.importing.reading.csv_rows import SAVE_AS_CSV, NotCsv, Record, records
from billing.operations.importing.reading.values import Unfit, check_characters, printable
from billing.operations.importing.report import IgnoredColumn, Refusal

Progress = Callable[[str, int], None]
"""Told a file's name and how many of its rows have been read, now and then."""

ROWS_BETWEEN_PROGRESS = 5_000
MEND_THE_ROW = "Compare the row with the header; put texts with commas in quotation marks, and double a mark inside."
_HEADER_LINE = 1
_MISSING = object()


class RefusedRow(NamedTuple):
    """A row that cannot go in already; what it points to is still judged, so that all its faults are told at once."""

    line: int
    id: str
    references: tuple[tuple[Column, str], ...]


@dataclass(slots=True)
class ReadFile:
    """What one file of the folder holds."""

    file: ImportFile
    count: int = 0
    """Rows, the refused ones too."""
    rows: list[Values] = field(default_factory=list)
    lines: array[int] = field(default_factory=lambda: array("L"))
    """The line each of ``rows`` begins on."""
    refused_rows: list[RefusedRow] = field(default_factory=list)
    refused_ids: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)
    """Of the rows that may go in."""
    refusals: list[Refusal] = field(default_factory=list)
    ignored: list[IgnoredColumn] = field(default_factory=list)
    unreadable: bool = False
    """Whether the file as a whole was refused."""

    def refuse_whole(self, column: str, why: str, fix: str) -> None:
        """Refuse the file itself."""
        self.unreadable = True
        self.refusals.append(Refusal(self.file.name, _HEADER_LINE, "", column, why, fix))


@dataclass(frozen=True, slots=True)
class Parsed:
    """A folder that has been read: what may go in as far as the files alone can tell, and what may not."""

    files: dict[str, ReadFile]
    """Those that are there, by name, in the order of the contract."""


def read_folder(folder: Path, progress: Progress | None = None) -> Parsed:
    """Read and judge every file of an import folder; no database is needed.

    Raises :class:`Refused` when there is no such folder, it cannot be looked into, or it holds none
    of the files. What is wrong inside the files is kept in the result.
    """
    present = _files_in(folder)
    if not present:
        names = ", ".join(file.name for file in FILES)
        raise Refused(f"There is nothing to import in {folder}. It may hold these files: {names}.")
    tell = progress or (lambda _name, _rows: None)
    return Parsed({name: _read(FILE[name], path, tell) for name, path in present.items()})


def _files_in(folder: Path) -> dict[str, Path]:
    """The contract's files that are there, in its order; names may be written in capitals."""
    try:
        found = {path.name.lower(): path for path in sorted(folder.iterdir())}
    except FileNotFoundError:
        raise Refused(f"There is no folder {folder}. Name the folder that holds clinic.csv and its fellows.") from None
    except NotADirectoryError:
        raise Refused(f"{folder} is a file. Name the folder that holds clinic.csv and its fellows.") from None
    except OSError as error:
        raise Refused(f"The folder {folder} cannot be read: {error.strerror}.") from None
    return {file.name: found[file.name] for file in FILES if file.name in found}


def _read(file: ImportFile, path: Path, progress: Progress) -> ReadFile:
    result = ReadFile(file)
    try:
        found = records(path)
        header = next(found, None)
        places = _places(result, header)
        if places is not None:
            _read_rows(result, found, places, header.cells if header else [], progress)
    except NotCsv as error:
        result.refuse_whole("", str(error), SAVE_AS_CSV)
    progress(file.name, result.count)
    return result


def _places(result: ReadFile, header: Record | None) -> list[int | None] | None:
    """For each column of the contract the position of its cells, None for a missing one; None refuses the file."""
    if header is None:
        result.refuse_whole("", "The file is empty.", "Write a header row with the column names, or remove the file.")
        return None
    if header.broken:
        result.refuse_whole("", header.broken, "Correct the header row.")
        return None
    given = [name.lower() for name in header.cells]
    if len(given) == 1 and any(mark in given[0] for mark in ";\t|"):
        result.refuse_whole("", "The columns are not separated by commas.", SAVE_AS_CSV)
        return None
    for column in result.file.columns:
        if given.count(column.name) > 1:
            result.refuse_whole(column.name, f"There are two columns {column.name}.", "Keep one of the two.")
        elif column.required and column.name not in given:
            fix = f"Add the column {column.name} to the header row and fill it."
            result.refuse_whole(column.name, f"The column {column.name} is missing.", fix)
    known = set(result.file.names)
    result.ignored = [
        IgnoredColumn(result.file.name, printable(name) or f"(column {position}, without a name)")
        for position, name in enumerate(header.cells, 1)
        if name.lower() not in known
    ]
    if result.unreadable:
        return None
    return [given.index(name) if name in given else None for name in result.file.names]


@dataclass(slots=True)
class _Keys:
    """Which keys have been seen, and on which line."""

    file: ImportFile
    positions: tuple[int, ...]
    seen: dict[object, int] = field(default_factory=dict)

    def repetition(self, values: Sequence[object], line: int) -> CellProblem | None:
        """Why this row is one too many; the first row of a key stands, whatever became of it."""
        key = tuple(values[position] for position in self.positions)
        if _MISSING in key:
            return None
        first = self.seen.setdefault(key[0] if len(key) == 1 else key, line)
        if first == line:
            return None
        if not key:
            return CellProblem("", f"There is one {self.file.noun}, and line {first} has it.", "Remove this row.")
        named = " and ".join([", ".join(self.file.key[:-1]), self.file.key[-1]] if len(key) > 1 else self.file.key)
        why = f"The same {named} stands on line {first}, which counts."
        return CellProblem(self.file.key[-1], why, "Remove one of the two rows, or correct it.")


def _read_rows(
    result: ReadFile, found: Iterator[Record], places: list[int | None], header: list[str], progress: Progress
) -> None:
    keys = _Keys(result.file, result.file.key_positions)
    id_place = places[0] if result.file.has_ids else None
    for record in found:
        result.count += 1
        if result.count % ROWS_BETWEEN_PROGRESS == 0:
            progress(result.file.name, result.count)
        row_id = record.cells[id_place] if id_place is not None and id_place < len(record.cells) else ""
        if record.broken:
            column = "" if record.column is None else header[record.column]
            if row_id and row_id not in result.ids:
                result.refused_ids.add(row_id)
            _refuse(result, record.line, row_id, [CellProblem(column, record.broken, MEND_THE_ROW)], ())
        else:
            _read_row(result, record, [None if place is None else record.cells[place] for place in places], keys)


def _read_row(result: ReadFile, record: Record, cells: list[str | None], keys: _Keys) -> None:
    file = result.file
    problems: list[CellProblem] = []
    values = [_value(column, cell, problems) for column, cell in zip(file.columns, cells, strict=True)]
    if file.checks:
        readable = {name: value for name, value in zip(file.names, values, strict=True) if value is not _MISSING}
        problems += [problem for check in file.checks if (problem := check(readable)) is not None]
    repetition = keys.repetition(values, record.line)
    row_id = str(cells[0] or "") if file.has_ids else ""
    if repetition is None and not problems:
        result.rows.append(tuple(values))
        result.lines.append(record.line)
        if row_id:
            result.ids.add(row_id)
        return
    if repetition is None:
        result.refused_ids.add(row_id)
    else:
        problems.insert(0, repetition)
    references = tuple((column, name) for at, column in file.references if isinstance(name := values[at], str))
    _refuse(result, record.line, row_id, problems, references)


def _value(column: Column, cell: str | None, problems: list[CellProblem]) -> object:
    if not cell:
        if not column.required:
            return column.empty
        problems.append(CellProblem(column.name, f"{column.name} is required.", "Fill it in."))
        return _MISSING
    try:
        check_characters(cell)
        value: object = column.parse(cell)
    except Unfit as unfit:
        problems.append(CellProblem(column.name, unfit.why, unfit.fix))
        return _MISSING
    return value


def _refuse(
    result: ReadFile, line: int, row_id: str, problems: list[CellProblem], references: tuple[tuple[Column, str], ...]
) -> None:
    shown_id = printable(row_id)
    result.refusals += [Refusal(result.file.name, line, shown_id, *problem) for problem in problems]
    if references:
        result.refused_rows.append(RefusedRow(line, shown_id, references))
