"""Claims that wait here for sessions which are not the insurance's to pay any more are set aside."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from billing.claims.lifecycle import UNFILED, ClaimEvent
from billing.claims.models import Claim, ClaimProblem
from billing.claims.moving import move
from billing.claims.queries import is_unfiled, sessions_with_filed_claims
from billing.database import Db
from billing.sessions.models import BillTo, ClinicSession

_WHY = "its session is not billed to the insurance any more"


def set_aside_unwanted(db: Db, *which: ColumnElement[bool], by: str, at: datetime) -> None:
    """Replace unfiled claims of sessions that the patient pays; ``which`` narrows the sessions.

    What held them is forgotten with them. A session of which a claim has been filed keeps its others: what becomes
    of those is for the payers' turns to say. Hold the billing run's lock.
    """
    rows = db.execute(
        select(Claim.id, Claim.state)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(is_unfiled(), ClinicSession.bill_to != BillTo.INSURANCE, ~sessions_with_filed_claims(), *which)
        .order_by(Claim.id)
        .with_for_update(of=Claim)
    ).all()
    for state in UNFILED:
        ids = [claim_id for claim_id, now in rows if now is state]
        move(db, ids, state, ClaimEvent.REPLACED, by=by, why=_WHY, at=at)
    if rows:
        db.execute(delete(ClaimProblem).where(ClaimProblem.claim_id.in_([claim_id for claim_id, _ in rows])))
