"""Writing what belongs to sessions: charts, pain scores and signed notes, many at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from billing.database import Base, Db
from billing.operations.importing.shapes import SessionRecord, table_of
from billing.operations.importing.visits import NO_NOTE, Visit, newest_notes, source_of
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import NeedleSet, Note, Procedure, SessionDiagnosis
from billing.treatment.models import Measure, OutcomeScore

Rows = list[dict[str, Any]]


class WrittenSession(NamedTuple):
    """A session that has just been written, with what belongs to it."""

    number: int
    record: SessionRecord
    visit: Visit


def write_charts(db: Db, sessions: Sequence[WrittenSession], known: Sequence[int]) -> None:
    """Write charts, scores and notes; those of ``known`` sessions, which may have some already, are replaced.

    Notes are never replaced: where the signed chart differs, or another person signed it, the next
    version is added, with the words of the one before.
    """
    if known:
        for table in (NeedleSet, Procedure, SessionDiagnosis):
            db.execute(sa.delete(table).where(table.session_id.in_(known)), execution_options=_UNSYNCHRONISED)
        scores = OutcomeScore.source.in_([source_of(number) for number in known])
        db.execute(sa.delete(OutcomeScore).where(scores), execution_options=_UNSYNCHRONISED)
    _insert(db, NeedleSet, (row for session in sessions for row in _sets(session)))
    _insert(db, Procedure, (row for session in sessions for row in _procedures(session)))
    _insert(db, SessionDiagnosis, (row for session in sessions for row in _diagnoses(session)))
    _insert(db, OutcomeScore, (_score(session) for session in sessions if session.visit.pain is not None))
    _insert(db, Note, _new_notes(db, sessions, known))


_UNSYNCHRONISED = {"synchronize_session": False}


def _insert(db: Db, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    made = list(rows)
    if made:
        db.execute(sa.insert(table_of(table)), made)


def _sets(session: WrittenSession) -> Rows:
    return [
        {"session_id": session.number, "position": position, **one._asdict()}
        for position, one in enumerate(session.visit.sets, 1)
    ]


def _procedures(session: WrittenSession) -> Rows:
    return [
        {"session_id": session.number, "position": position, **one._asdict(), "modifiers": list(one.modifiers)}
        for position, one in enumerate(session.visit.procedures, 1)
    ]


def _diagnoses(session: WrittenSession) -> Rows:
    return [
        {"session_id": session.number, "position": position, "code": code}
        for position, code in enumerate(session.visit.diagnoses, 1)
    ]


def _score(session: WrittenSession) -> dict[str, Any]:
    return {
        "patient_id": session.record.patient_id,
        "measure": Measure.NRS_PAIN,
        "measured_on": session.record.service_on,
        "value": session.visit.pain,
        "source": source_of(session.number),
    }


def _new_notes(db: Db, sessions: Sequence[WrittenSession], known: Sequence[int]) -> Iterable[dict[str, Any]]:
    notes = newest_notes(db, known) if known else {}
    for session in sessions:
        if session.record.state is not SessionState.SIGNED:
            continue
        newest = notes.get(session.number, NO_NOTE)
        sha256 = session.visit.chart_sha256
        if (newest.chart_sha256, newest.signed_by_id) != (sha256, session.record.practitioner_id):
            subjective, objective, assessment, plan = newest.texts
            yield {
                "session_id": session.number,
                "version": newest.version + 1,
                "subjective": subjective,
                "objective": objective,
                "assessment": assessment,
                "plan": plan,
                "signed_at": session.record.signed_at,
                "signed_by_id": session.record.practitioner_id,
                "chart_sha256": sha256,
            }
