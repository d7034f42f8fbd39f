"""How the clinic's work stands right now, in counts."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.database import Db
from billing.invoices.models import Paper
from billing.patients.models import Patient
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

_SET_ASIDE = (ClaimState.REPLACED, ClaimState.VOIDED)


def patients(db: Db) -> int:
    """How many patients there are."""
    return db.scalar(select(func.count()).select_from(Patient)) or 0


def sessions_in(db: Db, state: SessionState) -> int:
    """How many sessions are in that state, on whatever day."""
    return db.scalar(select(func.count()).where(ClinicSession.state == state)) or 0


def unbilled_sessions(db: Db) -> int:
    """How many signed sessions have neither a standing claim nor a paper that bills them."""
    has_claim = exists().where(Claim.session_id == ClinicSession.id, Claim.state.not_in(_SET_ASIDE))
    has_paper = exists().where(Paper.session_id == ClinicSession.id)
    unbilled = select(func.count()).where(ClinicSession.state == SessionState.SIGNED, ~has_claim, ~has_paper)
    return db.scalar(unbilled) or 0
