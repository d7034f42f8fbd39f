"""Keeping a session's estimate at booking and at checkout, from all that is known then."""

from __future__ import annotations

from datetime import datetime

from billing.charges.queries import fees_with
from billing.claims.allowed_before import experience_with
from billing.claims.queries import sessions_with_filed_claims
from billing.database import Db
from billing.errors import NotFound
from billing.estimates.keeping import keep_estimate
from billing.estimates.models import KeptEstimate, Occasion
from billing.sessions.facts import gather
from billing.sessions.models import BillTo, ClinicSession


def keep_session_estimate(db: Db, session_id: int, occasion: Occasion, *, by: str, at: datetime) -> KeptEstimate | None:
    """Keep what the session is expected to cost the patient; ``None`` where no insurer is to pay.

    Raises :class:`NotFound` for an unknown session. A fixed number of queries.
    """
    session = db.get(ClinicSession, session_id)
    if session is None:
        raise NotFound(f"There is no session {session_id}.")
    if session.bill_to is not BillTo.INSURANCE:
        return None
    db.flush()
    facts = gather(
        db, [session.patient_id], session.service_on, sessions_with_filed_claims(), as_if_signed=[session_id]
    )
    experience = experience_with(db, facts.visit_of[session_id].payer_id)
    fees = fees_with(db, facts.payers)
    return keep_estimate(db, session_id, facts, fees, occasion, by=by, at=at, experience=experience)
