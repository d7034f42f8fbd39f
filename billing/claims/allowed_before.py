"""What a payer has lately allowed for each code, read from what it decided: paid, and left to the patient."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import select

from billing.charges.models import Charge
from billing.claims.lifecycle import ClaimState
from billing.claims.models import AdjudicatedLine, Adjudication, Claim, Responsibility
from billing.database import Db
from billing.estimates.experience import Experience, allowed_before
from billing.money import half_up

CLAIMS_LOOKED_AT = 60
"""So many of the payer's claims that were paid last."""
_DECIDED = (ClaimState.PAID, ClaimState.CLOSED)


def experience_with(db: Db, payer_id: int | None) -> dict[int, Experience]:
    """What the payer has allowed as the first one asked, by its id; empty for no payer. One query."""
    if payer_id is None:
        return {}
    recent = (
        select(Claim.id)
        .where(Claim.state.in_(_DECIDED), Claim.payer_id == payer_id, Claim.responsibility == Responsibility.PRIMARY)
        .order_by(Claim.moved_at.desc(), Claim.id.desc())
        .limit(CLAIMS_LOOKED_AT)
        .subquery()
    )
    rows = db.execute(
        select(Charge.code, Charge.units, AdjudicatedLine.paid_cents, AdjudicatedLine.adjustments)
        .join(Adjudication, Adjudication.source == AdjudicatedLine.source)
        .join(Charge, Charge.id == AdjudicatedLine.charge_id)
        .where(
            Adjudication.claim_id.in_(select(recent.c.id)),
            Adjudication.reversed_at.is_(None),
            Adjudication.is_denial.is_(False),
            AdjudicatedLine.is_denied.is_(False),
        )
        .order_by(Adjudication.decided_on.desc(), AdjudicatedLine.source, AdjudicatedLine.position)
    )
    amounts: dict[str, list[int]] = defaultdict(list)
    for code, units, paid_cents, adjustments in rows:
        allowed = paid_cents + sum(cents for group, _, cents in adjustments if group == "PR")
        if allowed > 0 and units > 0:
            amounts[code].append(half_up(Decimal(allowed) / units))
    found = {code: allowed for code, each in amounts.items() if (allowed := allowed_before(each))}
    return {payer_id: found}
