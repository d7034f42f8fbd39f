"""Which of the times that a payer told of a benefit counts for a date of service.

The last one does, unless it was told in a later year of the plan: what a plan covers from January on says nothing of a
visit in December that is still to be filed. Then the last one told before that year began does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import ColumnElement, and_, case, extract, func, or_, select

from billing.coverage.benefit_kept import benefit_as
from billing.coverage.models import Benefit, BenefitPeriod, BenefitVersion, Policy
from billing.coverage.visits import benefit_year


def last_told_before(patient_ids: Collection[int]) -> ColumnElement[bool]:
    """The condition for what these patients' payers said last in each year before the one of what is on file.

    Of plans with a year of their own it is the last of each month: so none of their years is missed.
    """
    told_on, year = BenefitVersion.verified_on, extract("year", BenefitVersion.verified_on)
    has_own_year = or_(Benefit.period == BenefitPeriod.PLAN_YEAR, Benefit.plan_year_from.is_not(None))
    of_same = and_(Benefit.patient_id == BenefitVersion.patient_id, Benefit.payer_id == BenefitVersion.payer_id)
    last = (
        select(func.max(BenefitVersion.id))
        .join(Benefit, of_same)
        .where(
            BenefitVersion.patient_id.in_(patient_ids),
            told_on < Benefit.verified_on,
            or_(has_own_year, year < extract("year", Benefit.verified_on)),
        )
        .group_by(
            BenefitVersion.patient_id, BenefitVersion.payer_id, year,
            case((has_own_year, extract("month", told_on)), else_=0),
        )
    )  # fmt: skip
    return BenefitVersion.id.in_(last)


def benefit_on(benefit: Benefit, versions: Iterable[BenefitVersion], policy: Policy, on: date) -> Benefit:
    """The benefit by which a visit on ``on`` is judged: what is on file, or what was before. Pure.

    ``versions`` are those of the same patient and payer. Where nothing was told in time, what is on file counts.
    """
    _, end = benefit_year(benefit, policy, on)
    if benefit.verified_on is None or benefit.verified_on < end:
        return benefit
    in_time = [one for one in versions if one.verified_on is not None and one.verified_on < end]
    last = max(in_time, key=lambda one: one.id, default=None)
    return benefit_as(benefit, last.said) if last else benefit
