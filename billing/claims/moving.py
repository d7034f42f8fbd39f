"""Changing a claim's state, which always leaves a row behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from billing.claims.lifecycle import CLAIM, ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimMove
from billing.database import Db, insert_many
from billing.errors import Conflict


@dataclass(frozen=True, slots=True)
class Move:
    """An event that a claim in a known state undergoes, and why."""

    claim_id: int
    state: ClaimState
    event: ClaimEvent
    why: str


def move(
    db: Db, claim_ids: Sequence[int], state: ClaimState, event: ClaimEvent, *, by: str, why: str, at: datetime
) -> None:
    """Put claims, all of them in ``state``, through ``event`` and write it down.

    Raises :class:`Refused` when the event is not lawful in that state, and :class:`Conflict` when one
    of them is no longer in it.
    """
    if not claim_ids:
        return
    following = CLAIM.after(state, event)
    moved = db.scalars(
        update(Claim)
        .where(Claim.id.in_(claim_ids), Claim.state == state)
        .values(state=following, moved_at=at)
        .returning(Claim.id)
        .execution_options(synchronize_session=False)
    ).all()
    if len(moved) != len(claim_ids):
        raise Conflict("Some of these claims have been changed by somebody else. Look again and repeat.")
    record_moves(db, [Move(claim_id, state, event, why) for claim_id in claim_ids], by=by, at=at)


def record_moves(db: Db, moves: Sequence[Move], *, by: str, at: datetime) -> None:
    """Append the history rows of moves; each must be lawful, or :class:`Refused` is raised."""
    insert_many(
        db,
        ClaimMove,
        [
            {
                "claim_id": one.claim_id,
                "at": at,
                "event": one.event,
                "from_state": one.state,
                "to_state": CLAIM.after(one.state, one.event),
                "by": by,
                "why": one.why,
            }
            for one in moves
        ],
    )
