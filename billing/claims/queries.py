"""What one asks about claims."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, func, select

from billing.claims.lifecycle import UNFILED, ClaimState
from billing.claims.models import Claim, ClaimMove, ClaimProblem
from billing.database import Db
from billing.errors import NotFound, Problem
from billing.sessions.models import ClinicSession


def is_filed() -> ColumnElement[bool]:
    """Whether a claim has been filed or waits in a file: its content is frozen."""
    return Claim.state.not_in(UNFILED) | Claim.file_id.is_not(None)


def sessions_with_filed_claims() -> ColumnElement[bool]:
    """Whether a session has a claim that follows its chart no longer; for queries on sessions."""
    return select(Claim.id).where(Claim.session_id == ClinicSession.id, is_filed()).exists()


def problems_of(db: Db, claim_ids: Iterable[int]) -> dict[int, list[Problem]]:
    """What the last scrubbing found about each claim."""
    found: dict[int, list[Problem]] = defaultdict(list)
    for row in db.scalars(
        select(ClaimProblem)
        .where(ClaimProblem.claim_id.in_(list(claim_ids)))
        .order_by(ClaimProblem.claim_id, ClaimProblem.position)
    ):
        found[row.claim_id].append(Problem(row.rule, row.severity, row.why, row.fix, row.where))
    return found


def claim_by_control_number(db: Db, control_number: str) -> Claim:
    """The claim with that patient control number. Raises :class:`NotFound`."""
    claim = db.scalar(select(Claim).where(Claim.control_number == control_number))
    if claim is None:
        raise NotFound(f"There is no claim {control_number}.")
    return claim


def history(db: Db, claim_id: int) -> Sequence[ClaimMove]:
    """Everything that happened to a claim, in order."""
    return db.scalars(select(ClaimMove).where(ClaimMove.claim_id == claim_id).order_by(ClaimMove.id)).all()


def counts_by_state(db: Db) -> dict[ClaimState, int]:
    """How many claims there are in each state that has any."""
    return dict(db.execute(select(Claim.state, func.count()).group_by(Claim.state)).all())
