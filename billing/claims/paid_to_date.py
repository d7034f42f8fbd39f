"""What payers have paid for visits here: a plan that pays only so much a year is used up by it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import func, select

from billing.claims.models import Adjudication, Claim
from billing.coverage.dollars import Paid
from billing.coverage.models import Benefit
from billing.database import Db
from billing.many_rows import among
from billing.sessions.facts import Facts
from billing.sessions.models import ClinicSession


def paid_to_date(db: Db, benefits: Iterable[Benefit]) -> dict[tuple[int, int], list[Paid]]:
    """What was paid of each visit, by patient and payer, where a plan limits what it pays.

    One query, and none where no plan does, which is usual.
    """
    limited = [one for one in benefits if one.dollar_limit_cents is not None or one.dollars_remaining_cents is not None]
    found: dict[tuple[int, int], list[Paid]] = defaultdict(list)
    if not limited:
        return found
    rows = db.execute(
        select(
            ClinicSession.patient_id,
            Claim.payer_id,
            ClinicSession.service_on,
            Adjudication.decided_on,
            func.sum(Adjudication.paid_cents),
        )
        .join(Claim, Claim.session_id == ClinicSession.id)
        .join(Adjudication, Adjudication.claim_id == Claim.id)
        .where(
            among(db, ClinicSession.patient_id, sorted({one.patient_id for one in limited})),
            Claim.payer_id.is_not(None),
            Adjudication.reversed_at.is_(None),
        )
        .group_by(ClinicSession.patient_id, Claim.payer_id, ClinicSession.service_on, Adjudication.decided_on)
    )
    for patient_id, payer_id, visit_on, decided_on, cents in rows:
        found[patient_id, payer_id or 0].append(Paid(visit_on, decided_on, int(cents)))
    return found


def with_what_was_paid(db: Db, facts: Facts) -> Facts:
    """The facts, with what payers have paid where a plan limits it."""
    paid = paid_to_date(db, facts.benefits.values())
    return replace(facts, paid=paid) if paid else facts
