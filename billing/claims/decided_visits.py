"""How many of our own visits a payer had decided by some day: when it told what is left, it had counted those."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select

from billing.claims.models import Adjudication, Claim
from billing.coverage.models import BenefitPeriod, Policy
from billing.coverage.policies import in_force
from billing.coverage.rules.windows import Window, window_of
from billing.database import Db
from billing.many_rows import among
from billing.sessions.models import ClinicSession


def visits_decided(
    db: Db,
    patient_id: int,
    payer_id: int,
    through: date,
    period: BenefitPeriod,
    *,
    plan_year_from: date | None = None,
    months: int = 12,
) -> int:
    """The days of this patient's visits, in the plan's period that ``through`` lies in, decided up to that day."""
    own = select(Policy).where(Policy.patient_id == patient_id, Policy.payer_id == payer_id)
    policies = in_force(db.scalars(own), through)
    began = policies[0].effective_from if policies else date.min
    first, end = window_of(
        Window(period.value), (), through, policy_from=began, plan_year_from=plan_year_from, months=months
    )
    decided = decided_days(db, [patient_id]).get((patient_id, payer_id), {})
    return sum(first <= day < end and decided_on <= through for day, decided_on in decided.items())


def decided_days(db: Db, patient_ids: Collection[int]) -> dict[tuple[int, int], dict[date, date]]:
    """Days of these patients' visits that a payer has decided otherwise than by a denial, by patient and payer.

    Each with the day on which it first decided it. One query.
    """
    found: dict[tuple[int, int], dict[date, date]] = defaultdict(dict)
    if not patient_ids:
        return found
    rows = db.execute(
        select(ClinicSession.patient_id, Claim.payer_id, ClinicSession.service_on, func.min(Adjudication.decided_on))
        .join(Claim, Claim.session_id == ClinicSession.id)
        .join(Adjudication, Adjudication.claim_id == Claim.id)
        .where(
            among(db, ClinicSession.patient_id, patient_ids),
            Claim.payer_id.is_not(None),
            Adjudication.is_denial.is_(False),
            Adjudication.reversed_at.is_(None),
        )
        .group_by(ClinicSession.patient_id, Claim.payer_id, ClinicSession.service_on)
    )
    for patient_id, payer_id, on, decided_on in rows:
        found[patient_id, payer_id or 0][on] = decided_on
    return found
