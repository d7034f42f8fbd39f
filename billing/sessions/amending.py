"""Amending a signed note: a new version with its reason; what was signed before stays readable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from billing.database import Db
from billing.errors import Problem, Refused, block
from billing.practitioners.accounts import practitioner_of_user
from billing.sessions.charting import ChartContent, chart_sha256, snapshot_of
from billing.sessions.documenting import chart_of, write_chart
from billing.sessions.facts import NOTHING_FILED, gather
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import ClinicSession, Note
from billing.sessions.moving import move_session, the_session
from billing.sessions.signing import add_version, signature_problems, signing_problems, stops_signing

SHORTEST_REASON, LONGEST_REASON = 5, 500
"""Characters."""


@dataclass(frozen=True, slots=True)
class Amended:
    """What became of an amendment."""

    version: int
    is_filed: bool
    """An insurer has been billed for the session already; the filed claim says what the note said then."""


def amend(
    db: Db,
    session_id: int,
    chart: ChartContent,
    why: str,
    *,
    user_id: int,
    at: datetime,
    is_filed: ColumnElement[bool] = NOTHING_FILED,
) -> Amended:
    """Replace what is charted in a signed session, as a new version of its note signed by who treated.

    Only problems that the amendment brings refuse it: one that stood before, such as a licence that had
    lapsed by the day, must not keep anybody from putting the rest right. Raises :class:`Refused` with all
    reasons; nothing has been changed then.
    """
    session = the_session(db, session_id)
    if session.state is not SessionState.SIGNED:
        raise Refused("This note is not signed yet; save it as a draft instead.")
    before = chart_of(db, session)
    facts = gather(db, [session.patient_id], session.service_on, is_filed, as_if_signed=[session_id])
    own = practitioner_of_user(db, user_id)
    problems = signature_problems(session, facts.practitioners[session.practitioner_id], own)
    problems += _request_problems(before, chart, why)
    stood = {one.rule for one in signing_problems(session, before, facts)}
    versions = _versions(db, session)
    _keep_what_was_charted(versions[-1], before)
    write_chart(db, session, chart)
    now = gather(db, [session.patient_id], session.service_on, is_filed, as_if_signed=[session_id])
    brought = [one for one in signing_problems(session, chart, now) if stops_signing(one) and one.rule not in stood]
    if problems + brought:
        raise Refused("The note cannot be amended like this.", problems + brought)
    move_session(db, session_id, SessionEvent.AMENDED, by=f"user:{user_id}", why=why.strip(), at=at)
    note = add_version(db, session, chart, version=versions[-1].version + 1, at=at, why=why.strip())
    return Amended(note.version, session_id in now.filed)


def _versions(db: Db, session: ClinicSession) -> Sequence[Note]:
    notes = db.scalars(select(Note).where(Note.session_id == session.id).order_by(Note.version)).all()
    if not notes:
        raise Refused("This session has no note that could be amended.")
    return notes


def _request_problems(before: ChartContent, chart: ChartContent, why: str) -> list[Problem]:
    problems = []
    if not SHORTEST_REASON <= len(why.strip()) <= LONGEST_REASON:
        said = f"An amendment needs its reason, of {SHORTEST_REASON} to {LONGEST_REASON} characters."
        problems.append(block("amendment.no_reason", said, "Say what was wrong.", "field:why"))
    if chart == before:
        said = "Nothing is different from what is signed."
        problems.append(block("amendment.no_change", said, "Change what is wrong, or leave it as it is."))
    return problems


def _keep_what_was_charted(newest: Note, before: ChartContent) -> None:
    """A version from the old system has no chart of its own; keep it there before it is replaced."""
    digest = chart_sha256(before.sets, before.procedures, before.diagnoses)
    if newest.chart is None and newest.chart_sha256 == digest:
        newest.chart = snapshot_of(before)
