"""What one asks about sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, tuple_

from billing.codes.units import NeedleSet as CodedSet
from billing.database import Db
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession, NeedleSet, Procedure, SessionDiagnosis


@dataclass(frozen=True, slots=True)
class ChartedSet:
    """A needle set as coding and the clock see it."""

    minutes: int
    new_needles: bool
    estim: bool
    starts_at: datetime | None

    @property
    def as_coded(self) -> CodedSet:
        """The part of it that coding looks at."""
        return CodedSet(self.minutes, self.new_needles, self.estim)


@dataclass(slots=True)
class Chart:
    """A session with everything charted in it, each in order."""

    session: ClinicSession
    sets: list[ChartedSet] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    diagnoses: list[str] = field(default_factory=list)


def charts(db: Db, sessions: Sequence[ClinicSession]) -> dict[int, Chart]:
    """The charts of these sessions by session id; three queries however many there are."""
    found = {one.id: Chart(one) for one in sessions}
    ids = list(found)
    for one in db.scalars(
        select(NeedleSet).where(NeedleSet.session_id.in_(ids)).order_by(NeedleSet.session_id, NeedleSet.position)
    ):
        found[one.session_id].sets.append(ChartedSet(one.minutes, one.new_needles, one.estim, one.starts_at))
    for procedure in db.scalars(
        select(Procedure).where(Procedure.session_id.in_(ids)).order_by(Procedure.session_id, Procedure.position)
    ):
        found[procedure.session_id].procedures.append(procedure)
    for session_id, code in db.execute(
        select(SessionDiagnosis.session_id, SessionDiagnosis.code)
        .where(SessionDiagnosis.session_id.in_(ids))
        .order_by(SessionDiagnosis.session_id, SessionDiagnosis.position)
    ):
        found[session_id].diagnoses.append(code)
    return found


def signed_sessions_of(db: Db, patient_ids: Iterable[int], through: date) -> list[ClinicSession]:
    """All signed sessions of these patients up to and including ``through``, in order of time."""
    return list(
        db.scalars(
            select(ClinicSession)
            .where(
                ClinicSession.patient_id.in_(list(patient_ids)),
                ClinicSession.state == SessionState.SIGNED,
                ClinicSession.service_on <= through,
            )
            .order_by(ClinicSession.service_on, ClinicSession.starts_at, ClinicSession.id)
        )
    )


def unsigned_arrivals(db: Db, through: date) -> list[ClinicSession]:
    """Sessions up to and including ``through`` whose patient came and whose note is not signed."""
    return list(
        db.scalars(
            select(ClinicSession)
            .where(ClinicSession.state == SessionState.ARRIVED, ClinicSession.service_on <= through)
            .order_by(ClinicSession.service_on, ClinicSession.id)
        )
    )


@dataclass(slots=True)
class ContactDay:
    """The signed sessions of one practitioner on one day, with their needle sets."""

    sessions: list[ClinicSession] = field(default_factory=list)
    filed: set[int] = field(default_factory=set)
    """Those that an insurer has been billed for already."""
    sets: dict[int, list[ChartedSet]] = field(default_factory=lambda: defaultdict(list))


def contact_days(
    db: Db, days: Iterable[tuple[int, date]], is_filed: ColumnElement[bool]
) -> dict[tuple[int, date], ContactDay]:
    """For each practitioner id and date, that practitioner's signed sessions of the day; two queries.

    ``is_filed`` is the condition under which a session has been billed to an insurer.
    """
    wanted = list(days)
    found: dict[tuple[int, date], ContactDay] = defaultdict(ContactDay)
    if not wanted:
        return found
    of_those_days = (
        tuple_(ClinicSession.practitioner_id, ClinicSession.service_on).in_(wanted),
        ClinicSession.state == SessionState.SIGNED,
    )
    day_of: dict[int, ContactDay] = {}
    for one, filed in db.execute(select(ClinicSession, is_filed).where(*of_those_days)):
        day = found[one.practitioner_id, one.service_on]
        day.sessions.append(one)
        if filed:
            day.filed.add(one.id)
        day_of[one.id] = day
    for row in db.execute(
        select(NeedleSet.session_id, NeedleSet.minutes, NeedleSet.new_needles, NeedleSet.estim, NeedleSet.starts_at)
        .join(ClinicSession, ClinicSession.id == NeedleSet.session_id)
        .where(*of_those_days)
        .order_by(NeedleSet.session_id, NeedleSet.position)
    ):
        day_of[row.session_id].sets[row.session_id].append(
            ChartedSet(row.minutes, row.new_needles, row.estim, row.starts_at)
        )
    return found
