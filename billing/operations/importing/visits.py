"""What belongs to a session besides its own record: the chart, the pain score, the payment, the signed note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from billing import clock
from billing.database import Db
from billing.operations.importing.reading.chart_text import ProcedureText
from billing.operations.importing.shapes import SessionRow
from billing.payments.models import Payment, PaymentMethod
from billing.sessions.charting import chart_sha256
from billing.sessions.models import NeedleSet, Note, Procedure, SessionDiagnosis
from billing.treatment.models import OutcomeScore


class TimedSet(NamedTuple):
    """A needle set with the instant it began, if that was noted."""

    minutes: int
    new_needles: bool
    estim: bool
    starts_at: datetime | None


class Visit(NamedTuple):
    """A session's belongings, comparable with those of another time."""

    sets: tuple[TimedSet, ...] = ()
    procedures: tuple[ProcedureText, ...] = ()
    diagnoses: tuple[str, ...] = ()
    pain: int | None = None
    cents: int = 0
    """Paid that day."""
    method: PaymentMethod | None = None

    @property
    def chart_sha256(self) -> str:
        """The digest that a signature stands for."""
        return chart_sha256(self.sets, self.procedures, self.diagnoses)


class SignedNote(NamedTuple):
    """The newest version of a session's note."""

    version: int
    signed_by_id: int
    chart_sha256: str
    texts: tuple[str, str, str, str]
    """Subjective, objective, assessment, plan."""


NO_NOTE = SignedNote(0, 0, "", ("", "", "", ""))


def visit_of(row: SessionRow, zone: str) -> Visit:
    """What a row of ``sessions.csv`` says of the visit."""
    begun = [clock.instant(row.service_on, one.at, zone) if one.at else None for one in row.sets]
    sets = tuple(
        TimedSet(one.minutes, one.new_needles, one.estim, starts_at)
        for one, starts_at in zip(row.sets, begun, strict=True)
    )
    return Visit(sets, row.procedures, row.diagnoses, row.pain_score, row.paid, _method(row))


def _method(row: SessionRow) -> PaymentMethod | None:
    """How it was paid; the old system need not have noted it."""
    return (row.paid_by or PaymentMethod.OTHER) if row.paid else None


def source_of(session_id: int) -> str:
    """The source under which a session's score and payment stand."""
    return f"session:{session_id}"


def visits_of(db: Db, sessions: Collection[int]) -> dict[int, Visit]:
    """What the database has of these sessions; a few hundred at a time."""
    sets, procedures, diagnoses = _sets(db, sessions), _procedures(db, sessions), _diagnoses(db, sessions)
    pains, paid = _pains(db, sessions), _paid(db, sessions)
    return {
        session: Visit(
            tuple(sets[session]),
            tuple(procedures[session]),
            tuple(diagnoses[session]),
            pains.get(source_of(session)),
            *paid.get(source_of(session), (0, None)),
        )
        for session in sessions
    }


def _sets(db: Db, sessions: Collection[int]) -> defaultdict[int, list[TimedSet]]:
    found: defaultdict[int, list[TimedSet]] = defaultdict(list)
    columns = (NeedleSet.session_id, NeedleSet.minutes, NeedleSet.new_needles, NeedleSet.estim, NeedleSet.starts_at)
    query = sa.select(*columns).where(NeedleSet.session_id.in_(sessions)).order_by(NeedleSet.position)
    for session, minutes, new_needles, estim, starts_at in db.execute(query):
        found[session].append(TimedSet(minutes, new_needles, estim, starts_at))
    return found


def _procedures(db: Db, sessions: Collection[int]) -> defaultdict[int, list[ProcedureText]]:
    found: defaultdict[int, list[ProcedureText]] = defaultdict(list)
    columns = (Procedure.session_id, Procedure.code, Procedure.modifiers, Procedure.units)
    query = sa.select(*columns).where(Procedure.session_id.in_(sessions)).order_by(Procedure.position)
    for session, code, modifiers, units in db.execute(query):
        found[session].append(ProcedureText(code, tuple(modifiers), units))
    return found


def _diagnoses(db: Db, sessions: Collection[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    columns = (SessionDiagnosis.session_id, SessionDiagnosis.code)
    query = sa.select(*columns).where(SessionDiagnosis.session_id.in_(sessions)).order_by(SessionDiagnosis.position)
    for session, code in db.execute(query):
        found[session].append(code)
    return found


def _pains(db: Db, sessions: Collection[int]) -> dict[str, int]:
    sources = [source_of(session) for session in sessions]
    query = sa.select(OutcomeScore.source, OutcomeScore.value).where(OutcomeScore.source.in_(sources))
    return dict(db.execute(query).all())


def _paid(db: Db, sessions: Collection[int]) -> dict[str, tuple[int, PaymentMethod]]:
    sources = [source_of(session) for session in sessions]
    stands = sa.and_(Payment.source.in_(sources), Payment.reversed_at.is_(None))
    query = sa.select(Payment.source, Payment.cents, Payment.method).where(stands)
    return {source: (cents, method) for source, cents, method in db.execute(query)}


def newest_notes(db: Db, sessions: Collection[int]) -> dict[int, SignedNote]:
    """The newest note of each of these sessions that has one; a few hundred at a time."""
    texts = (Note.subjective, Note.objective, Note.assessment, Note.plan)
    columns = (Note.session_id, Note.version, Note.signed_by_id, Note.chart_sha256, *texts)
    query = sa.select(*columns).where(Note.session_id.in_(sessions)).order_by(Note.version)
    return {
        session: SignedNote(version, signed_by_id, sha256, (words[0], words[1], words[2], words[3]))
        for session, version, signed_by_id, sha256, *words in db.execute(query)
    }
