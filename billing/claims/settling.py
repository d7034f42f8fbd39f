"""What a person decides about a claim: that it is done with.

A claim is only closed over money that is accounted for, or a debt would leave every list with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from billing.charges.capturing import source_of, standing_charges
from billing.claims.filing.resolving import check_reason
from billing.claims.lifecycle import CLAIM, SET_ASIDE, ClaimEvent, ClaimState
from billing.claims.models import Claim, Responsibility
from billing.claims.moving import move
from billing.claims.queries import claim_by_id
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.errors import Refused, block
from billing.ledger.queries import owed_by_insurers_about
from billing.money import Money

_TURNS = list(Responsibility)
_WHAT_TO_DO = {
    ClaimState.REJECTED: "No payer has judged it. Correct what was rejected and file it again.",
    ClaimState.DENIED: "Send the payer what it asks for; its new decision comes with its next remittance.",
    ClaimState.PAID: "Ask the payer for the decision that is missing; it comes with its next remittance.",
}


def close(db: Db, claim_id: int, by: str, why: str, at: datetime) -> None:
    """Close a claim about which nothing is to be done any more.

    Raises :class:`NotFound`, and :class:`Refused` when it is not decided or rejected, when no reason is given, or
    while anything of its charges waits for insurers: then it says how much, and what to do.
    """
    claim = claim_by_id(db, claim_id)
    check_reason(why)
    if not CLAIM.allows(claim.state, ClaimEvent.CLOSED):
        raise Refused(f"Claim {claim.control_number} is {claim.state}; only what is decided or rejected can be closed.")
    left = left_with_insurers(db, claim)
    if left:
        raise _not_settled(db, claim, left)
    move(db, [claim.id], claim.state, ClaimEvent.CLOSED, by=by, why=why.strip(), at=at)


def left_with_insurers(db: Db, claim: Claim) -> int:
    """What of the charges of a claim's session still waits for insurers, in cents; below zero they paid too much."""
    charges = standing_charges(db, [claim.session_id])[claim.session_id]
    return sum(owed_by_insurers_about(db, [source_of(charge) for charge in charges]).values())


def _not_settled(db: Db, claim: Claim, left: int) -> Refused:
    amount = Money(abs(left), the_clinic(db).currency)
    later = _asked_next(db, claim)
    if left < 0:
        why = f"Insurers have paid {amount} more than was left to them."
        fix = "One of them is to take its payment back; that comes with its next remittance."
    elif later:
        why = f"{amount} of its charges still wait for an insurer."
        fix = f"Close it when claim {later[0].control_number} has been decided."
    else:
        why = f"{amount} of its charges still wait for an insurer."
        fix = _WHAT_TO_DO[claim.state]
    problem = block("claim.not_settled", why, fix, f"claim:{later[0].id if later and left > 0 else claim.id}")
    return Refused(f"Claim {claim.control_number} cannot be closed.", [problem])


def _asked_next(db: Db, claim: Claim) -> Sequence[Claim]:
    """The session's standing claims on payers after this one's, in their turns."""
    after = _TURNS[_TURNS.index(claim.responsibility) + 1 :]
    others = select(Claim).where(
        Claim.session_id == claim.session_id,
        Claim.responsibility.in_(after),
        Claim.state.not_in((*SET_ASIDE, ClaimState.CLOSED)),
    )
    return sorted(db.scalars(others), key=lambda one: _TURNS.index(one.responsibility))
