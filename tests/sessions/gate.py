"""Putting a session through the gate, in a database."""

from __future__ import annotations

from datetime import date

from billing.database import Db
from billing.errors import blocking
from billing.sessions.clearance import Clearance, insurance_clearance
from billing.sessions.facts import Facts, gather
from billing.sessions.models import ClinicSession

FOREVER = date(2099, 12, 31)


def facts_about(db: Db, *sessions: ClinicSession, through: date = FOREVER) -> Facts:
    """The facts about the patients of these sessions."""
    db.flush()
    return gather(db, sorted({one.patient_id for one in sessions}), through)


def cleared(db: Db, session: ClinicSession) -> Clearance:
    """What the gate says of the session."""
    facts = facts_about(db, session)
    return insurance_clearance(facts.visit_of[session.id], facts)


def holds(db: Db, session: ClinicSession) -> list[str]:
    """The rules that hold the session, one entry for each reason."""
    return [problem.rule for problem in blocking(cleared(db, session).problems)]
