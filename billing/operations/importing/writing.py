"""Carrying out a plan: everything in bulk, in the caller's one transaction. It knows no rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from billing.audit.recording import Actor, ActorKind, Fact, Subject, record
from billing.clinic.models import Room
from billing.coverage.benefit_history import note_imported, said_before
from billing.coverage.models import Benefit
from billing.database import Db, batches, hold_lock
from billing.operations.importing.charts import WrittenSession, write_charts
from billing.operations.importing.planning import Change, FilePlan, Plan, numbers_of, plan
from billing.operations.importing.reading.columns import ImportFile, Values
from billing.operations.importing.reading.contract import SESSIONS_FILE
from billing.operations.importing.reading.folder import Parsed
from billing.operations.importing.shapes import SessionRecord, SessionRow, Shape, keeping_signature, shape_of, table_of
from billing.operations.importing.visits import visit_of
from billing.payments.allocating import allocate
from billing.payments.models import PaymentMethod
from billing.payments.receiving import SessionPayment, book_session_payments

ROWS_AT_ONCE = 1_000
"""Rows written with one statement."""
LOCK = "import"
"""Only one import writes at a time."""


def bring_in(db: Db, parsed: Parsed, at: datetime) -> Plan:
    """Plan and write a folder that was read, after waiting for any other import to end; returns what was done.

    ``at`` is the instant that the books record. Raises :class:`Refused` like :func:`plan`; then
    nothing is written.
    """
    hold_lock(db, LOCK)
    made = plan(db, parsed)
    write(db, made, at)
    return made


def write(db: Db, made: Plan, at: datetime) -> None:
    """Write a plan that was made in this transaction while it held the lock ``import``.

    A plan made before the lock was held may be overtaken by another import; then a unique
    constraint stops this one, and its transaction changes nothing.
    """
    hold_lock(db, LOCK)
    for name, found in made.files.items():
        shape = shape_of(found.file, made.around)
        if name == SESSIONS_FILE:
            _write_rooms(db, made, found)
            _write_sessions(db, made, found, shape, at)
        elif found.file.model is Benefit:
            _write_benefits(db, found, shape, at)
        else:
            made.around.keys.setdefault(name, {}).update(_insert(db, found, shape))
            _update(db, shape, ((change.number, _known(shape, change.values)) for change in found.changed))
    record(db, Actor(ActorKind.COMMAND, "import"), "folder imported", Subject("clinic", "1"), at, _facts(made))


def _facts(made: Plan) -> dict[str, Fact]:
    """What the audit trail keeps of an import: how many rows, by file and outcome."""
    facts: dict[str, Fact] = {"refused": len({(refusal.file, refusal.line) for refusal in made.refused})}
    for name, found in made.files.items():
        facts |= {f"{name} new": found.counts.new, f"{name} updated": found.counts.updated}
    return facts


def _insert(db: Db, found: FilePlan, shape: Shape) -> dict[str, int]:
    """Insert the new rows; the own number of each, by its old id, where the file has ids."""
    numbers: dict[str, int] = {}
    for batch in batches(_in_order(found.file, found.new), ROWS_AT_ONCE):
        rows = [_attributes(shape, _known(shape, values)) | dict(shape.fixed) for values in batch]
        numbers.update(_insert_rows(db, shape, rows, found.file.has_ids))
    return numbers


def _insert_rows(db: Db, shape: Shape, rows: list[dict[str, Any]], has_ids: bool) -> dict[str, int]:
    # Read back rather than returned: a statement that returns has one parameter for every cell of every
    # row, and PostgreSQL's driver takes longer to read such a statement than to run it.
    db.execute(sa.insert(shape.table), rows)
    return numbers_of(db, shape.table, [row["external_id"] for row in rows]) if has_ids else {}


def _update(db: Db, shape: Shape, records: Iterable[tuple[int, Values]]) -> None:
    table = shape.table
    statement = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("number_of_record"))
        .values({attribute: sa.bindparam(f"new_{attribute}") for attribute in shape.attributes})
    )
    for batch in batches(records, ROWS_AT_ONCE):
        names = [f"new_{attribute}" for attribute in shape.attributes]
        db.execute(
            statement,
            [{"number_of_record": number} | dict(zip(names, record, strict=True)) for number, record in batch],
        )


def _write_benefits(db: Db, found: FilePlan, shape: Shape, at: datetime) -> None:
    """Benefits, and of each that is new or says something else a version for its history."""
    rows = (*found.new, *(change.values for change in found.changed))
    patient, payer = (shape.attributes.index(name) for name in ("patient_id", "payer_id"))
    pairs = {(record[patient], record[payer]) for record in (_known(shape, values) for values in rows)}
    before = said_before(db, {patient_id for patient_id, _ in pairs})
    _insert(db, found, shape)
    _update(db, shape, ((change.number, _known(shape, change.values)) for change in found.changed))
    note_imported(db, pairs, before, at)


def _in_order(file: ImportFile, rows: Iterable[Values]) -> list[Values]:
    """Sorted by key, so that the same folder is written in the same order however its rows are shuffled."""
    positions = file.key_positions
    return sorted(rows, key=lambda values: [values[position] or "" for position in positions])


def _known(shape: Shape, values: Values) -> Values:
    """The record of a row; by now whatever it names has been written."""
    record = shape.record(values)
    if record is None:
        raise LookupError("a planned row names a record that was not written")
    return record


def _attributes(shape: Shape, record: Values) -> dict[str, Any]:
    return dict(zip(shape.attributes, record, strict=True))


def _write_rooms(db: Db, made: Plan, found: FilePlan) -> None:
    place = found.file.names.index("room")
    planned = (values[place] for values in (*found.new, *(change.values for change in found.changed)))
    names = sorted({name for name in planned if name} - made.around.rooms.keys())
    for batch in batches(names, ROWS_AT_ONCE):
        table = table_of(Room)
        added = db.execute(sa.insert(table).returning(table.c.name, table.c.id), [{"name": name} for name in batch])
        made.around.rooms.update(added.all())


def _write_sessions(db: Db, made: Plan, found: FilePlan, shape: Shape, at: datetime) -> None:
    touched: set[int] = set()
    """Patients whose money may now pay for something else."""
    for batch in batches(_in_order(found.file, found.new), ROWS_AT_ONCE):
        records = [SessionRecord._make(_known(shape, values)) for values in batch]
        numbers = _insert_rows(db, shape, [record._asdict() for record in records], has_ids=True)
        written = [
            WrittenSession(numbers[record.external_id], record, visit_of(SessionRow._make(values), made.around.zone))
            for values, record in zip(batch, records, strict=True)
        ]
        write_charts(db, written, known=())
        paid = _payments(session for session in written if session.visit.cents)
        book_session_payments(db, paid, at)
        touched |= {one.patient_id for one in paid}
    for changes in batches(found.changed, ROWS_AT_ONCE):
        written = list(_rewritten(changes, shape, made.around.zone))
        _update(db, shape, ((session.number, session.record) for session in written))
        write_charts(db, written, known=[session.number for session in written])
        book_session_payments(db, _payments(written), at)
        touched |= {session.record.patient_id for session in written}
        touched |= {SessionRecord._make(change.before).patient_id for change in changes}
    allocate(db, touched, at)


def _rewritten(changes: Sequence[Change], shape: Shape, zone: str) -> Iterator[WrittenSession]:
    for change in changes:
        wanted = SessionRecord._make(_known(shape, change.values))
        record = keeping_signature(wanted, SessionRecord._make(change.before))
        yield WrittenSession(change.number, record, visit_of(SessionRow._make(change.values), zone))


def _payments(sessions: Iterable[WrittenSession]) -> list[SessionPayment]:
    """What was paid in each session: zero where nothing was, which takes back what was booked before."""
    return [
        SessionPayment(
            session.number,
            session.record.patient_id,
            session.visit.cents,
            session.visit.method or PaymentMethod.CASH,
            session.record.service_on,
        )
        for session in sessions
    ]
