"""Writing down what happens in a session, as often as it takes, until the note is signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select

from billing.codes.diagnoses import normal_code
from billing.codes.edits import MODIFIERS_A_LINE
from billing.database import Base, Db
from billing.errors import Problem, Refused, block
from billing.sessions.charting import WORST_PAIN, ChartContent, ChartedSet, NoteText, score_source
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession, DraftNote, NeedleSet, Note, Procedure, SessionDiagnosis
from billing.sessions.moving import the_session
from billing.sessions.queries import charts
from billing.treatment.models import Measure, OutcomeScore

LONGEST_SET = 600
"""Minutes."""
MOST_SETS, MOST_PROCEDURES, MOST_DIAGNOSES, MOST_UNITS, MOST_NEEDLES = 20, 20, 24, 99, 200
_NOT_NOW = {
    SessionState.BOOKED: "The patient has not arrived yet, so nothing can be charted.",
    SessionState.SIGNED: "This note is signed already.",
    SessionState.NO_SHOW: "The patient did not come to this session.",
    SessionState.CANCELLED: "This session was cancelled.",
}
_INSTEAD = {
    SessionState.BOOKED: "Note the arrival first.",
    SessionState.SIGNED: "Amend it: the signed version stays readable.",
    SessionState.NO_SHOW: "Book it again if the patient came after all.",
    SessionState.CANCELLED: "Book it again if it took place after all.",
}


def save_chart(db: Db, session_id: int, content: ChartContent, *, by: str, at: datetime) -> ClinicSession:
    """Keep everything written so far about an arrived session; it replaces what was kept before.

    Nothing need be complete. ``by`` is a hand as histories write it (``user:7``). Raises
    :class:`Refused` unless the patient has arrived and the note is not signed, or when a value is
    impossible; :class:`NotFound` when there is no such session.
    """
    session = the_session(db, session_id)
    if problem := why_not_charted(session):
        raise Refused(problem.why, [problem])
    write_chart(db, session, content)
    db.execute(delete(DraftNote).where(DraftNote.session_id == session_id))
    if content != ChartContent():
        text = content.text
        draft = DraftNote(
            session_id=session_id,
            subjective=text.subjective,
            objective=text.objective,
            assessment=text.assessment,
            plan=text.plan,
            saved_at=at,
            saved_by=by,
        )
        db.add(draft)
    db.flush()
    return session


def why_not_charted(session: ClinicSession) -> Problem | None:
    """Why nothing can be charted in this session as it stands; ``None`` when it can."""
    if session.state is SessionState.ARRIVED:
        return None
    return block("session.not_arrived", _NOT_NOW[session.state], _INSTEAD[session.state], f"session:{session.id}")


def write_chart(db: Db, session: ClinicSession, content: ChartContent) -> None:
    """Make the rows of a session's chart, and the score taken with it, what ``content`` says.

    Raises :class:`Refused` with every value that cannot be.
    """
    if problems := impossible_values(content):
        raise Refused(" ".join(problem.why for problem in problems), problems)
    session.acupuncture_modifiers = list(content.acupuncture_modifiers)
    _replace(db, NeedleSet, session.id, [_set_cells(one) for one in content.sets])
    services = [{"code": one.code, "modifiers": list(one.modifiers), "units": one.units} for one in content.procedures]
    _replace(db, Procedure, session.id, services)
    _replace(db, SessionDiagnosis, session.id, [{"code": normal_code(code)} for code in content.diagnoses])
    _write_score(db, session, content.pain)
    db.flush()


def impossible_values(content: ChartContent) -> list[Problem]:
    """Every value of a chart that cannot be, whatever is still missing."""
    said = [
        *(f"Set {number}: {why}" for number, one in enumerate(content.sets, 1) for why in _set_faults(one)),
        *(
            f"{one.code or 'A procedure without a code'}: {why}"
            for one in content.procedures
            for why in _procedure_faults(one.code, one.units, len(one.modifiers))
        ),
        *("A diagnosis is empty." for code in content.diagnoses if not normal_code(code)),
    ]
    if content.pain is not None and not 0 <= content.pain <= WORST_PAIN:
        said.append(f"Pain is rated from 0 to {WORST_PAIN}, not {content.pain}.")
    for what, many, most in (
        ("needle sets", content.sets, MOST_SETS),
        ("procedures", content.procedures, MOST_PROCEDURES),
        ("diagnoses", content.diagnoses, MOST_DIAGNOSES),
    ):
        if len(many) > most:
            said.append(f"There are {len(many)} {what}; a session has at most {most}.")
    return [block("chart.impossible", why, "Correct it.") for why in said]


def _set_faults(one: ChartedSet) -> list[str]:
    faults = [] if 0 <= one.minutes <= LONGEST_SET else [f"{one.minutes} minutes; 1 to {LONGEST_SET} are possible."]
    counts = [count for count in (one.needles_in, one.needles_out) if count is not None]
    if any(not 0 <= count <= MOST_NEEDLES for count in counts):
        faults.append(f"needles are counted from 0 to {MOST_NEEDLES}.")
    return faults


def _procedure_faults(code: str, units: int, modifiers: int) -> list[str]:
    faults = [] if code else ["write the code."]
    if not 1 <= units <= MOST_UNITS:
        faults.append(f"{units} units; 1 to {MOST_UNITS} are possible.")
    if modifiers > MODIFIERS_A_LINE:
        faults.append(f"{modifiers} modifiers; a line holds {MODIFIERS_A_LINE}.")
    return faults


def _set_cells(one: ChartedSet) -> dict[str, Any]:
    return {
        "minutes": one.minutes,
        "new_needles": one.new_needles,
        "estim": one.estim,
        "starts_at": one.starts_at,
        "points": list(one.points),
        "needles_in": one.needles_in,
        "needles_out": one.needles_out,
    }


def _replace(db: Db, table: type[Base], session_id: int, cells: list[dict[str, Any]]) -> None:
    db.execute(delete(table).where(table.__table__.c.session_id == session_id))
    if cells:
        rows = [{"session_id": session_id, "position": place, **one} for place, one in enumerate(cells, start=1)]
        db.execute(insert(table), rows)


def _write_score(db: Db, session: ClinicSession, pain: int | None) -> None:
    source = score_source(session.id)
    db.execute(delete(OutcomeScore).where(OutcomeScore.source == source))
    if pain is not None:
        score = OutcomeScore(
            patient_id=session.patient_id,
            measure=Measure.NRS_PAIN,
            measured_on=session.service_on,
            value=pain,
            source=source,
        )
        db.add(score)


def chart_of(db: Db, session: ClinicSession) -> ChartContent:
    """Everything that is written down about a session now: the draft's words, or those of the newest version."""
    newest = select(Note).where(Note.session_id == session.id).order_by(Note.version.desc()).limit(1)
    words = db.get(DraftNote, session.id) or db.scalar(newest)
    pain = db.scalar(select(OutcomeScore.value).where(OutcomeScore.source == score_source(session.id)))
    chart = charts(db, [session])[session.id]
    return ChartContent(
        text=text_of(words),
        sets=tuple(chart.sets),
        procedures=tuple(chart.procedures),
        diagnoses=tuple(chart.diagnoses),
        pain=pain,
        acupuncture_modifiers=tuple(session.acupuncture_modifiers),
    )


def text_of(words: DraftNote | Note | None) -> NoteText:
    """The four parts of a draft or of a version of the note; empty without one."""
    return NoteText(words.subjective, words.objective, words.assessment, words.plan) if words else NoteText()
