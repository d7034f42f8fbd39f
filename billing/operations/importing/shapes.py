"""How a row of a file becomes a record of a table, once the rows it names have their own numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa

from billing import clock
from billing.clinic.models import Clinic
from billing.database import Base
from billing.operations.importing.reading.chart_text import ProcedureText, SetText
from billing.operations.importing.reading.columns import ImportFile, Values
from billing.operations.importing.reading.contract import PATIENTS_FILE, PRACTITIONERS_FILE, SESSIONS_FILE
from billing.payments.models import PaymentMethod
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, BillTo

RecordOf = Callable[[Values], Values | None]


@dataclass(slots=True)
class Surroundings:
    """What a row needs besides its own cells."""

    zone: str
    """The clinic's time zone; empty while there is none, and then no session may be looked at."""
    keys: dict[str, dict[str, int]]
    """For each file with ids, the own number of each old id that is in the database."""
    rooms: dict[str, int] = field(default_factory=dict)
    """The own number of each room, by name."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A table as a file fills it."""

    model: type[Base]
    attributes: tuple[str, ...]
    """What the file decides; on an update everything else stays."""
    key: tuple[int, ...]
    """Which of the attributes tell records apart; none when the table has one row."""
    record: RecordOf
    """The attributes' values for a row; None while it names something that has no number yet."""
    fixed: Mapping[str, Any]
    """Attributes that a new record gets besides."""

    @property
    def table(self) -> sa.Table:
        """The table itself, for statements about many rows."""
        return table_of(self.model)


def table_of(model: type[Base]) -> sa.Table:
    """The table of a model."""
    return Base.metadata.tables[model.__tablename__]


class SessionRow(NamedTuple):
    """A row of ``sessions.csv``, in the order of the contract."""

    id: str
    patient_id: str
    practitioner_id: str
    room: str | None
    service_on: date
    start: time
    minutes: int
    status: SessionState
    sets: tuple[SetText, ...]
    procedures: tuple[ProcedureText, ...]
    diagnoses: tuple[str, ...]
    pain_score: int | None
    bill_to: BillTo
    place_of_service: str
    onset_on: date | None
    accident: tuple[AccidentKind | None, str | None]
    claim_number: str | None
    modifiers: tuple[str, ...]
    supervising_id: str | None
    referring_npi: str | None
    referring_name: str | None
    paid: int
    """Cents."""
    paid_by: PaymentMethod | None


class SessionRecord(NamedTuple):
    """What ``sessions.csv`` decides of a clinic session; the names are those of the table."""

    external_id: str
    patient_id: int
    practitioner_id: int
    room_id: int | None
    service_on: date
    starts_at: datetime
    minutes: int
    state: SessionState
    signed_at: datetime | None
    bill_to: BillTo
    place_of_service: str
    onset_on: date | None
    accident: AccidentKind | None
    accident_state: str | None
    claim_number: str | None
    acupuncture_modifiers: list[str]
    supervising_id: int | None
    referring_npi: str | None
    referring_name: str | None


def shape_of(file: ImportFile, around: Surroundings) -> Shape:
    """The shape of a file's table. It sees numbers that ``around`` learns later, too."""
    if file.name == SESSIONS_FILE:
        return Shape(file.model, SessionRecord._fields, (0,), lambda values: session_record(values, around), {})
    attributes = tuple(column.attribute for column in file.columns)
    fixed = {"id": 1} if file.model is Clinic else {}
    return Shape(file.model, attributes, file.key_positions, _plain_record(file, around), fixed)


def _plain_record(file: ImportFile, around: Surroundings) -> RecordOf:
    references = [(position, around.keys[column.refers_to]) for position, column in file.references]

    def record(values: Values) -> Values | None:
        made = [list(value) if isinstance(value, tuple) else value for value in values]
        for position, keys in references:
            if values[position] is not None and (number := keys.get(values[position])) is not None:
                made[position] = number
            elif values[position] is not None:
                return None
        return tuple(made)

    return record


def session_record(values: Values, around: Surroundings) -> SessionRecord | None:
    """A session's record; None while its people or its room have no numbers.

    It is taken as a fact of the old system: its state need not follow from the one it had here, so
    the lifecycle is not asked. A signed session was signed when it ended.
    """
    row = SessionRow._make(values)
    practitioners = around.keys[PRACTITIONERS_FILE]
    patient_id = around.keys[PATIENTS_FILE].get(row.patient_id)
    practitioner_id = practitioners.get(row.practitioner_id)
    room_id = around.rooms.get(row.room) if row.room else None
    supervising_id = practitioners.get(row.supervising_id) if row.supervising_id else None
    is_known = (room_id is not None) == bool(row.room) and (supervising_id is not None) == bool(row.supervising_id)
    if patient_id is None or practitioner_id is None or not is_known:
        return None
    starts_at = clock.instant(row.service_on, row.start, around.zone)
    ended_at = clock.minutes_after(starts_at, row.minutes)
    return SessionRecord(
        row.id, patient_id, practitioner_id, room_id, row.service_on, starts_at, row.minutes, row.status,
        ended_at if row.status is SessionState.SIGNED else None, row.bill_to, row.place_of_service, row.onset_on,
        *row.accident, row.claim_number, list(row.modifiers), supervising_id, row.referring_npi, row.referring_name,
    )  # fmt: skip


def keeping_signature(wanted: SessionRecord, before: SessionRecord) -> SessionRecord:
    """The wanted record with the instant at which it was really signed.

    Signed sessions that were imported were signed when they ended, and move with a corrected time;
    an instant at which somebody signed here is not touched.
    """
    was_imported = before.signed_at == clock.minutes_after(before.starts_at, before.minutes)
    if wanted.signed_at is None or before.signed_at is None or was_imported:
        return wanted
    return wanted._replace(signed_at=before.signed_at)
