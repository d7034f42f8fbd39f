"""Signing a note: the practitioner who treated stands by it, and it can be billed.

What only the practitioner can mend, and what the law asks for before anybody signs, refuses the
signature. What the desk mends, such as coverage, holds the claim instead: a note must not wait for an insurer.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete

from billing.database import Db
from billing.errors import Problem, Refused, Severity, block
from billing.practitioners.accounts import practitioner_of_user
from billing.practitioners.models import Practitioner
from billing.sessions.charting import ChartContent, chart_sha256, snapshot_of
from billing.sessions.clearance import visit_problems
from billing.sessions.completeness import completeness_problems
from billing.sessions.documenting import chart_of, why_not_charted
from billing.sessions.facts import NOTHING_FILED, Facts, gather
from billing.sessions.lifecycle import SessionEvent
from billing.sessions.models import ClinicSession, DraftNote, Note
from billing.sessions.moving import move_session, the_session

_STOPPING = frozenset({"licence", "safety", "time", "note", "needles", "diagnosis", "procedure", "modifier"})
_ONLY_UNPAID = frozenset({"procedure.under_minimum_time", "procedure.two_initial", "procedure.unit_cap"})
"""True of a day as it was and still not paid: nobody may be made to chart other minutes in order to sign."""


def stops_signing(problem: Problem) -> bool:
    """Whether a note cannot be signed because of this problem."""
    is_ours = problem.rule.partition(".")[0] in _STOPPING and problem.rule not in _ONLY_UNPAID
    return problem.severity is Severity.BLOCK and is_ours


def signing_problems(session: ClinicSession, chart: ChartContent, facts: Facts) -> list[Problem]:
    """All that is to be said about a session as it is charted, whether it stops the signature or not.

    The facts must count the session as if it were signed, with this chart.
    """
    visit = facts.visit_of[session.id]
    flags = facts.patients[session.patient_id].flags
    return [*completeness_problems(chart, flags, session.id), *visit_problems(visit, facts)]


def signature_problems(session: ClinicSession, treated: Practitioner, own: Practitioner | None) -> list[Problem]:
    """Whether this person's signature counts: they must be who treated. ``own`` is the practitioner they are."""
    if own is not None and own.id == treated.id:
        return []
    name = f"{treated.first_name} {treated.last_name}"
    if own is None:
        why = "Your account belongs to no practitioner, so it cannot sign notes."
        fix = f"An owner links an account to {name} under Settings, People."
        return [block("signature.no_practitioner", why, fix, f"practitioner:{treated.id}")]
    why = f"{name} treated in this session, and only they can sign its note."
    return [block("signature.not_own", why, f"Save the draft and ask {treated.first_name} to sign it.")]


def sign(db: Db, session_id: int, *, user_id: int, at: datetime, is_filed: ColumnElement[bool] = NOTHING_FILED) -> Note:
    """Sign the note of an arrived session as it is charted now, with the account of who treated.

    ``is_filed`` is the condition under which a session has been billed to an insurer. Raises
    :class:`Refused` with every problem that stops it; nothing has been changed then.
    """
    session = the_session(db, session_id)
    if problem := why_not_charted(session):
        raise Refused(problem.why, [problem])
    chart = chart_of(db, session)
    facts = gather(db, [session.patient_id], session.service_on, is_filed, as_if_signed=[session_id])
    own = practitioner_of_user(db, user_id)
    problems = signature_problems(session, facts.practitioners[session.practitioner_id], own)
    problems += [one for one in signing_problems(session, chart, facts) if stops_signing(one)]
    if problems:
        raise Refused("The note cannot be signed as it is.", problems)
    db.execute(delete(DraftNote).where(DraftNote.session_id == session_id))
    move_session(db, session_id, SessionEvent.SIGNED, by=f"user:{user_id}", at=at)
    return add_version(db, session, chart, version=1, at=at)


def add_version(
    db: Db, session: ClinicSession, chart: ChartContent, *, version: int, at: datetime, why: str | None = None
) -> Note:
    """Write a version of the note, signed by who treated; ``why`` is the reason for one after the first."""
    note = Note(
        session_id=session.id,
        version=version,
        subjective=chart.text.subjective,
        objective=chart.text.objective,
        assessment=chart.text.assessment,
        plan=chart.text.plan,
        signed_at=at,
        signed_by_id=session.practitioner_id,
        chart_sha256=chart_sha256(chart.sets, chart.procedures, chart.diagnoses),
        chart=snapshot_of(chart),
        why_amended=why,
    )
    db.add(note)
    db.flush()
    return note
