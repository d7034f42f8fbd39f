"""What one asks about sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    cast,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    union_all,
)

from billing.database import Base, Db, batches
from billing.sessions.charting import ChartedProcedure, ChartedSet
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession, NeedleSet, Procedure, SessionDiagnosis


@dataclass(slots=True)
class Chart:
    """A session with everything charted in it, each in order."""

    session: ClinicSession
    sets: list[ChartedSet] = field(default_factory=list)
    procedures: list[ChartedProcedure] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)
    typed_modifiers: tuple[str, ...] | None = None
    """What is to stand on the acupuncture lines instead of the session's own modifiers, while it is being typed."""

    @property
    def acupuncture_modifiers(self) -> Sequence[str]:
        """The modifiers that go on every acupuncture line, such as KX."""
        return self.session.acupuncture_modifiers if self.typed_modifiers is None else self.typed_modifiers


def charts(db: Db, sessions: Sequence[ClinicSession]) -> dict[int, Chart]:
    """The charts of these sessions by session id; one query for thousands of them."""
    found = {one.id: Chart(one) for one in sessions}
    for ids in batches(found, _CHARTS_AT_ONCE):
        in_order = (_PARTS.c.session_id, _PARTS.c.kind, _PARTS.c.position)
        for row in db.execute(select(_PARTS).where(_PARTS.c.session_id.in_(ids)).order_by(*in_order)):
            chart = found[row.session_id]
            if row.kind == _Kind.SET:
                chart.sets.append(_charted_set(row))
            elif row.kind == _Kind.PROCEDURE:
                chart.procedures.append(ChartedProcedure(row.code, tuple(row.modifiers), row.units))
            else:
                chart.diagnoses.append(row.code)
    return found


class _Kind(IntEnum):
    SET = 1
    PROCEDURE = 2
    DIAGNOSIS = 3


_CHARTS_AT_ONCE = 20_000
"""SQLite takes 32,766 values in a statement."""
_SET_COLUMNS = ("minutes", "new_needles", "estim", "starts_at", "points", "needles_in", "needles_out")
_CELLS: dict[str, type[Base]] = {
    **dict.fromkeys(_SET_COLUMNS, NeedleSet),
    **dict.fromkeys(("code", "modifiers", "units"), Procedure),
}
"""What the parts of a chart have besides their session and position; a part without a cell leaves it empty."""


def _part(kind: _Kind, table: type[Base]) -> Select[Any]:
    own = table.__table__.c
    cells = [
        own[name] if name in own else cast(null(), of.__table__.c[name].type).label(name) for name, of in _CELLS.items()
    ]
    placed = (literal_column(str(int(kind)), Integer).label("kind"), own.session_id, own.position)
    return select(*placed, *cells)


_PARTS = union_all(
    _part(_Kind.SET, NeedleSet),
    _part(_Kind.PROCEDURE, Procedure),
    _part(_Kind.DIAGNOSIS, SessionDiagnosis),
).subquery("charted")
"""Everything that is charted, one below the other; both databases look up in each table only what is asked for."""


def _charted_set(row: Row[Any]) -> ChartedSet:
    return ChartedSet(
        row.minutes,
        row.new_needles,
        row.estim,
        row.starts_at,
        tuple(row.points or ()),
        row.needles_in,
        row.needles_out,
    )


def signed_sessions_of(
    db: Db, patient_ids: Iterable[int], is_filed: ColumnElement[bool], as_if_signed: Collection[int] = ()
) -> list[tuple[ClinicSession, bool]]:
    """All signed sessions of these patients in order of time, each with whether it has been billed to an insurer.

    ``is_filed`` is the condition for that. Sessions ``as_if_signed`` are among them in whatever state.
    """
    rows = db.execute(
        select(ClinicSession, is_filed)
        .where(ClinicSession.patient_id.in_(list(patient_ids)), _counts(as_if_signed))
        .order_by(ClinicSession.service_on, ClinicSession.starts_at, ClinicSession.id)
    )
    return [(session, bool(filed)) for session, filed in rows]


def _counts(as_if_signed: Collection[int]) -> ColumnElement[bool]:
    signed = ClinicSession.state == SessionState.SIGNED
    return or_(signed, ClinicSession.id.in_(list(as_if_signed))) if as_if_signed else signed


def unsigned_arrivals(db: Db, through: date) -> list[ClinicSession]:
    """Sessions up to and including ``through`` whose patient came and whose note is not signed."""
    return list(
        db.scalars(
            select(ClinicSession)
            .where(ClinicSession.state == SessionState.ARRIVED, ClinicSession.service_on <= through)
            .order_by(ClinicSession.service_on, ClinicSession.id)
        )
    )


@dataclass(frozen=True, slots=True)
class TimedSession:
    """What the clock needs of a session."""

    id: int
    starts_at: datetime
    minutes: int
    bill_to: BillTo
    state: SessionState


@dataclass(slots=True)
class ContactDay:
    """The signed sessions of one practitioner on one day, with their needle sets."""

    sessions: list[TimedSession] = field(default_factory=list)
    filed: set[int] = field(default_factory=set)
    """Those that an insurer has been billed for already."""
    sets: dict[int, list[ChartedSet]] = field(default_factory=lambda: defaultdict(list))


def contact_days(
    db: Db,
    days: Iterable[tuple[int, date]],
    is_filed: ColumnElement[bool],
    as_if_signed: Collection[int] = (),
) -> dict[tuple[int, date], ContactDay]:
    """For each practitioner id and date, that practitioner's signed sessions of the day; one query.

    ``is_filed`` is the condition under which a session has been billed to an insurer. Sessions
    ``as_if_signed`` are among them in whatever state.
    """
    wanted = list(days)
    found: dict[tuple[int, date], ContactDay] = defaultdict(ContactDay)
    if not wanted:
        return found
    one = ClinicSession
    of_session: list[Any] = [one.practitioner_id, one.service_on, is_filed]
    of_session += [one.id, one.starts_at, one.minutes, one.bill_to, one.state]
    of_set: list[Any] = [NeedleSet.minutes, NeedleSet.new_needles, NeedleSet.estim, NeedleSet.starts_at]
    rows = db.execute(
        select(*of_session, *of_set)
        .outerjoin(NeedleSet, NeedleSet.session_id == one.id)
        # Pairs alone would not be looked up by an index on SQLite.
        .where(one.practitioner_id.in_({who for who, _ in wanted}), one.service_on.in_({on for _, on in wanted}))
        .where(tuple_(one.practitioner_id, one.service_on).in_(wanted), _counts(as_if_signed))
        .order_by(one.id, NeedleSet.position)
    )
    last_id = 0
    for practitioner_id, on, filed, session_id, starts_at, minutes, bill_to, state, *charted in rows:
        day = found[practitioner_id, on]
        if session_id != last_id:
            last_id = session_id
            day.sessions.append(TimedSession(session_id, starts_at, minutes, bill_to, state))
            if filed:
                day.filed.add(session_id)
        if charted[0] is not None:
            day.sets[session_id].append(ChartedSet(*charted))
    return found
