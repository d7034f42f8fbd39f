"""What an import would do: which rows are new, which change something, which may not go in. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from billing.clinic.models import Clinic, Room
from billing.database import Db, batches
from billing.errors import Refused
from billing.operations.importing.reading.columns import CellProblem, Column, ImportFile, Values
from billing.operations.importing.reading.contract import CLINIC_FILE, FILE, FILES, SESSIONS_FILE
from billing.operations.importing.reading.folder import Parsed, ReadFile
from billing.operations.importing.reading.values import shown
from billing.operations.importing.report import Counts, Refusal, as_json
from billing.operations.importing.shapes import (
    SessionRecord,
    SessionRow,
    Shape,
    Surroundings,
    keeping_signature,
    shape_of,
    table_of,
)
from billing.operations.importing.visits import visit_of, visits_of

ROWS_AT_ONCE = 500
"""Rows compared with one query."""
NO_ZONE = CellProblem("start", "The clinic was refused, and with it the time zone.", "Correct clinic.csv first.")


class Change(NamedTuple):
    """A row that differs from the record it is known by."""

    number: int
    """The record's own number."""
    values: Values
    before: Values
    """The record's attributes as they are now."""


@dataclass(slots=True)
class FilePlan:
    """What is to be done for one file."""

    file: ImportFile
    new: list[Values] = field(default_factory=list)
    changed: list[Change] = field(default_factory=list)
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do, and what it refuses."""

    files: dict[str, FilePlan]
    refused: list[Refusal]
    parsed: Parsed
    around: Surroundings

    def report(self) -> dict[str, Any]:
        """The report that ``meridian import --json`` prints."""
        counts = {name: plan.counts for name, plan in self.files.items()}
        ignored = [column for read in self.parsed.files.values() for column in read.ignored]
        return as_json(counts, self.refused, ignored)


def plan(db: Db, parsed: Parsed) -> Plan:
    """Compare a folder that was read with the database, and judge what each row points to.

    Raises :class:`Refused` when the folder has no clinic and the database has none either.
    """
    rooms = dict(db.execute(sa.select(Room.name, Room.id)).all())
    around = Surroundings(_zone(db, parsed), _keys(db, parsed), rooms)
    made = Plan({}, [refusal for read in parsed.files.values() for refusal in read.refusals], parsed, around)
    for read in parsed.files.values():
        found = FilePlan(read.file)
        found.counts.rows = read.count
        _compare(db, found, shape_of(read.file, around), _welcome(read, made), around.zone)
        made.files[read.file.name] = found
    order = {file.name: position for position, file in enumerate(FILES)}
    made.refused.sort(key=lambda refusal: (order[refusal.file], refusal.line))
    return made


def _zone(db: Db, parsed: Parsed) -> str:
    read = parsed.files.get(CLINIC_FILE)
    if read and read.rows:
        zone: str = read.rows[0][read.file.names.index("time_zone")]
        return zone
    kept = db.execute(sa.select(Clinic.time_zone)).scalar_one_or_none()
    if kept is None and read is None:
        raise Refused("There is no clinic yet, and the folder has no clinic.csv. Add it, with the clinic's time zone.")
    return kept or ""


def _keys(db: Db, parsed: Parsed) -> dict[str, dict[str, int]]:
    """The own numbers of all the old ids that the folder names, where the database has them."""
    named: dict[str, set[str]] = {file.name: set() for file in FILES if file.has_ids and file.name != SESSIONS_FILE}
    for read in parsed.files.values():
        if read.file.name in named:
            named[read.file.name] |= read.ids
        for position, column in read.file.references:
            named[column.refers_to].update(row[position] for row in read.rows if row[position] is not None)
        for row in read.refused_rows:
            for column, name in row.references:
                named[column.refers_to].add(name)
    return {name: numbers_of(db, table_of(FILE[name].model), sorted(ids)) for name, ids in named.items()}


def numbers_of(db: Db, table: sa.Table, ids: Iterable[str]) -> dict[str, int]:
    """The own number of each old id that is in the table."""
    found: dict[str, int] = {}
    for batch in batches(ids, ROWS_AT_ONCE):
        query = sa.select(table.c.external_id, table.c.id).where(table.c.external_id.in_(batch))
        found.update(db.execute(query).all())
    return found


def _welcome(read: ReadFile, made: Plan) -> Iterator[Values]:
    """The rows that point to nothing refused or unknown; the others are added to the plan's refusals."""
    for refused in read.refused_rows:
        faults = [_fault(made, column, name) for column, name in refused.references]
        _refuse(made, read.file, refused.line, refused.id, [fault for fault in faults if fault])
    no_zone = read.file.name == SESSIONS_FILE and not made.around.zone
    references = read.file.references
    for values, line in zip(read.rows, read.lines, strict=True):
        faults = [_fault(made, column, values[at]) for at, column in references if values[at] is not None]
        found = [fault for fault in faults if fault]
        if no_zone:
            found.append(NO_ZONE)
        if found:
            _refuse(made, read.file, line, values[0] if read.file.has_ids else "", found)
        else:
            yield values


def _refuse(made: Plan, file: ImportFile, line: int, row_id: str, problems: list[CellProblem]) -> None:
    made.refused.extend(Refusal(file.name, line, row_id, *problem) for problem in problems)


def _fault(made: Plan, column: Column, name: str) -> CellProblem | None:
    """What is wrong with pointing to ``name``; a row of this folder counts before a record of an earlier import."""
    target = made.parsed.files.get(column.refers_to)
    if target and name in target.ids:
        return None
    noun = FILE[column.refers_to].noun
    if target and name in target.refused_ids:
        fix = f"Correct {noun} {shown(name)} in {column.refers_to} first."
        return CellProblem(column.name, f"That {noun} was refused.", fix)
    if name in made.around.keys[column.refers_to]:
        return None
    if target and target.unreadable:
        why = f"There is no {noun} {shown(name)} yet, and {column.refers_to} was refused."
        return CellProblem(column.name, why, f"Correct {column.refers_to} first.")
    fix = f"Add the {noun} to {column.refers_to}, or correct the id."
    return CellProblem(column.name, f"There is no such {noun}: {shown(name)}.", fix)


def _compare(db: Db, found: FilePlan, shape: Shape, rows: Iterable[Values], zone: str) -> None:
    """Sort the rows into new ones, changed ones and those that say what is known already."""
    for batch in batches(rows, ROWS_AT_ONCE):
        records = [shape.record(values) for values in batch]
        keys = [_key(found.file, shape, *pair) for pair in zip(batch, records, strict=True)]
        standing = _standing(db, shape, [key for key in keys if key is not None])
        met = []
        for values, record, key in zip(batch, records, keys, strict=True):
            if key is None or key not in standing:
                found.new.append(values)
            else:
                met.append((Change(standing[key][0], values, standing[key][1]), record))
        changed = _changed_sessions(db, met, zone) if found.file.name == SESSIONS_FILE else _changed(met)
        found.changed += changed
        found.counts.unchanged += len(met) - len(changed)
    found.counts.new, found.counts.updated = len(found.new), len(found.changed)


def _key(file: ImportFile, shape: Shape, values: Values, record: Values | None) -> Values | None:
    """What the row is known by in the database; None when it names something new, and so must be new itself."""
    if file.has_ids:
        return (values[0],)
    return None if record is None else tuple(record[position] for position in shape.key)


def _standing(db: Db, shape: Shape, keys: list[Values]) -> dict[Values, tuple[int, Values]]:
    """The records that may be meant by the keys: own number and attributes, by key."""
    if not keys:
        return {}
    table = shape.table
    query = sa.select(table.c.id, *(table.c[attribute] for attribute in shape.attributes))
    if shape.key:
        query = query.where(table.c[shape.attributes[shape.key[0]]].in_({key[0] for key in keys}))
    found: dict[Values, tuple[int, Values]] = {}
    for number, *attributes in db.execute(query):
        found[tuple(attributes[position] for position in shape.key)] = (number, tuple(attributes))
    return found


def _changed(met: list[tuple[Change, Values | None]]) -> list[Change]:
    return [change for change, record in met if record != change.before]


def _changed_sessions(db: Db, met: list[tuple[Change, Values | None]], zone: str) -> list[Change]:
    visits = visits_of(db, [change.number for change, _ in met])
    changed = []
    for change, record in met:
        before = SessionRecord._make(change.before)
        wanted = None if record is None else keeping_signature(SessionRecord._make(record), before)
        if wanted != before or visit_of(SessionRow._make(change.values), zone) != visits[change.number]:
            changed.append(change)
    return changed
