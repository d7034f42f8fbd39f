"""Beginning a note with what was written at the last visit."""

from __future__ import annotations

from sqlalchemy import or_, select

from billing.database import Db
from billing.sessions.charting import ChartContent, ChartedSet
from billing.sessions.documenting import chart_of
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession


def last_chart_before(db: Db, session: ClinicSession) -> ChartContent | None:
    """What the patient's last signed session before this one says; ``None`` when there was none."""
    is_before = or_(
        ClinicSession.service_on < session.service_on,
        (ClinicSession.service_on == session.service_on) & (ClinicSession.starts_at < session.starts_at),
    )
    last = db.scalar(
        select(ClinicSession)
        .where(ClinicSession.patient_id == session.patient_id, ClinicSession.state == SessionState.SIGNED, is_before)
        .order_by(ClinicSession.service_on.desc(), ClinicSession.starts_at.desc(), ClinicSession.id.desc())
        .limit(1)
    )
    return chart_of(db, last) if last else None


def outline_of(last: ChartContent) -> ChartContent:
    """What of the last visit a new note may begin with: its words, points and diagnoses.

    What was measured and counted that day is left out: minutes, needles, times and scores are of their day.
    """
    return ChartContent(
        text=last.text,
        sets=tuple(ChartedSet(0, one.new_needles, False, None, one.points) for one in last.sets),
        diagnoses=last.diagnoses,
    )
