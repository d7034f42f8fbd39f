"""Filed claims on later payers that tell of decisions which have been taken back, or made otherwise, since.

A question, not a state: what was filed is frozen, so it is compared with what stands now. The payer that
has such a claim pays by what it was told until a person tells it better.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased

from billing.charges.capturing import standing_charges
from billing.charges.models import Charge
from billing.claims.content.snapshot import SNAPSHOT
from billing.claims.coordination import TURNS, Asked, asked_payers, before, have_decided
from billing.claims.decisions import Decision
from billing.claims.lifecycle import SET_ASIDE, ClaimState
from billing.claims.models import Adjudication, Claim, FiledVersion, Responsibility
from billing.database import Db
from billing.edi.claim_837p.claim import LineAdjudication, ProfessionalClaim
from billing.errors import Problem, warn
from billing.payers.models import Payer

_Said = tuple[int, list[tuple[str, str, int]]]
"""What was paid for a charge, and each adjustment."""


def outdated(db: Db, claim_id: int | None = None) -> dict[int, Problem]:
    """Of all filed claims on later payers, or of one, those that are outdated, and what to do about each."""
    rows = _filed_before_a_change(db, claim_id)
    session_ids = sorted({claim.session_id for claim, _ in rows})
    charges = standing_charges(db, session_ids)
    asked = asked_payers(db, session_ids, charges)
    names = {one.id: one.name for one in db.scalars(select(Payer))} if rows else {}
    found = {}
    for claim, snapshot in rows:
        earlier = before(claim.responsibility, asked[claim.session_id])
        told = SNAPSHOT.validate_python(snapshot).claim
        if problem := _problem(claim, told, earlier, charges[claim.session_id], names):
            found[claim.id] = problem
    return found


def _filed_before_a_change(db: Db, claim_id: int | None) -> list[tuple[Claim, object]]:
    """Filed claims on later payers about which an earlier one has said something since, with what was filed."""
    earlier = aliased(Claim)
    turns = [
        and_(earlier.responsibility == one, Claim.responsibility == later) for one, later in combinations(TURNS, 2)
    ]
    said_since = (
        select(Adjudication.source)
        .join(earlier, earlier.id == Adjudication.claim_id)
        .where(
            earlier.session_id == Claim.session_id,
            or_(*turns),
            or_(
                Adjudication.posted_at > FiledVersion.frozen_at,
                Adjudication.reversed_at > FiledVersion.frozen_at,
            ),
        )
        .correlate(Claim, FiledVersion)
    )
    rows = db.execute(
        select(Claim, FiledVersion.snapshot)
        .join(FiledVersion, FiledVersion.claim_id == Claim.id)
        .where(
            Claim.responsibility != Responsibility.PRIMARY,
            Claim.state.not_in((*SET_ASIDE, ClaimState.CLOSED)),
            said_since.exists(),
            *([Claim.id == claim_id] if claim_id else []),
        )
        .order_by(Claim.id, FiledVersion.version)
    )
    last = {claim.id: (claim, snapshot) for claim, snapshot in rows}
    return list(last.values())


def _problem(
    claim: Claim,
    told: ProfessionalClaim,
    earlier: Sequence[Asked],
    charges: Sequence[Charge],
    names: Mapping[int, str],
) -> Problem | None:
    where, payer = f"claim:{claim.control_number}", names.get(claim.payer_id or 0, "The payer")
    if not have_decided(earlier, claim.responsibility, charges):
        return warn(
            "coordination.decision_taken_back",
            f"{payer} was told of a decision that the payer before it has taken back.",
            "Wait for the new decision, then send a corrected claim with it.",
            where,
        )
    stands = [[_decided(one.decisions[charge.id]) for one in earlier] for charge in charges]
    if stands == [[_told(one) for one in line.adjudications] for line in told.lines]:
        return None
    return warn(
        "coordination.decided_otherwise",
        f"{payer} was told of a decision that the payer before it has replaced by another.",
        "Send a corrected claim with the new decision.",
        where,
    )


def _decided(decision: Decision) -> _Said:
    kept = [(one.group, one.reason, one.cents) for one in decision.adjustments if one.cents]
    return decision.paid_cents, sorted(kept)


def _told(decision: LineAdjudication) -> _Said:
    kept = [(one.group.value, one.reason, one.cents) for one in decision.adjustments]
    return decision.paid_cents, sorted(kept)
