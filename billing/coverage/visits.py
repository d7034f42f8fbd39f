"""How many visits does the plan or the authorisation still give, judged on the day of one of them?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, Policy
from billing.errors import Problem, block, warn

STALE_AFTER_DAYS = 30
NEARLY_USED_PERCENT = 75
NEARLY_OVER_DAYS = 14


def period_of(benefit: Benefit, policy: Policy, on: date) -> tuple[date, date]:
    """First day, and first day after, of the plan's year that ``on`` lies in.

    A plan year begins on the anniversary of the policy; one that began on 29 February begins on 1 March
    in other years.
    """
    if benefit.period is BenefitPeriod.CALENDAR_YEAR:
        return date(on.year, 1, 1), date(on.year + 1, 1, 1)
    year = on.year if on >= _anniversary(policy.effective_from, on.year) else on.year - 1
    return _anniversary(policy.effective_from, year), _anniversary(policy.effective_from, year + 1)


def _anniversary(of: date, year: int) -> date:
    try:
        return of.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


@dataclass(frozen=True, slots=True)
class VisitCount:
    """Which of the visits that a plan allows in one of its years a visit is."""

    allowed: int
    first_on: date
    """First day of the plan's year."""
    here: int
    """Visits here up to this one, this one included, and those filed already."""
    elsewhere: int

    @property
    def number(self) -> int:
        """Which visit this is."""
        return self.here + self.elsewhere


def visit_count(
    benefit: Benefit, policy: Policy, visits: Iterable[date], on: date, filed: Iterable[date] = ()
) -> VisitCount | None:
    """Which of the allowed visits one on ``on`` is; ``None`` when the plan limits none.

    Counted as in :func:`benefit_problems`.
    """
    if benefit.visits_allowed is None:
        return None
    first, end = period_of(benefit, policy, on)
    days = {day for day in visits if first <= day <= on} | {day for day in filed if first <= day < end} | {on}
    verified = benefit.verified_on
    elsewhere = benefit.visits_used_elsewhere if verified is None or first <= verified < end else 0
    return VisitCount(benefit.visits_allowed, first, len(days), elsewhere)


def benefit_problems(
    benefit: Benefit | None, policy: Policy, visits: Iterable[date], on: date, filed: Iterable[date] = ()
) -> list[Problem]:
    """What the verified benefit says against billing a visit on ``on``.

    ``visits`` are the days of this patient's signed visits billed to this payer, any period, this one
    included; several on a day count once. Those ``filed`` already count even
    after ``on``. Visits elsewhere count in the period they were verified in.
    """
    if benefit is None:
        return [
            warn(
                "coverage.unknown",
                "Nobody has verified what this plan covers.",
                "Check the coverage and enter the benefit.",
                f"policy:{policy.id}",
            )
        ]
    problems = _freshness_problems(benefit, on)
    if not benefit.covered:
        problems.append(
            block(
                "coverage.excluded",
                "The verified benefit says that this plan does not cover acupuncture.",
                "Bill the patient if a notice was signed before the visit, or correct the benefit.",
                f"benefit:{benefit.id}",
            )
        )
    count = visit_count(benefit, policy, visits, on, filed)
    return problems + _limit_problems(benefit, count) if count else problems


def _freshness_problems(benefit: Benefit, on: date) -> list[Problem]:
    if benefit.verified_on is not None and on <= benefit.verified_on + timedelta(days=STALE_AFTER_DAYS):
        return []
    said = f"was verified on {benefit.verified_on}" if benefit.verified_on else "has no date of verification"
    return [
        warn(
            "coverage.stale",
            f"The benefit {said}; the visit is on {on}.",
            "Verify the coverage again.",
            f"benefit:{benefit.id}",
        )
    ]


def _limit_problems(benefit: Benefit, count: VisitCount) -> list[Problem]:
    if count.number <= count.allowed:
        return []
    return [
        block(
            "coverage.limit_reached",
            f"The plan allows {count.allowed} visits from {count.first_on} on; with {count.elsewhere} elsewhere this "
            f"is number {count.number}.",
            "Ask the plan for more visits, or bill the patient if a notice was signed before the visit.",
            f"benefit:{benefit.id}",
        )
    ]


def authorisation_for(
    authorisations: Sequence[Authorisation], visits: Iterable[date], on: date, filed: Iterable[date] = ()
) -> tuple[Authorisation | None, int]:
    """The authorisation that a visit on ``on`` uses, and which of its visits this one is.

    Each day of ``visits`` (this payer's, this one included) uses the authorisation that ends first
    among those that cover it and still have visits; days ``filed`` already come first.
    ``(None, 0)`` when none is left for this day.
    """
    in_order = sorted(authorisations, key=lambda one: (one.valid_to, one.number))
    used = dict.fromkeys((one.number for one in in_order), 0)
    settled = sorted(set(filed) - {on})
    for day in [*settled, *sorted({day for day in visits if day < on} - set(settled)), on]:
        open_ones = (one for one in in_order if one.valid_from <= day <= one.valid_to and used[one.number] < one.visits)
        chosen = next(open_ones, None)
        if chosen is not None:
            used[chosen.number] += 1
        if day == on:
            return (chosen, used[chosen.number]) if chosen else (None, 0)
    raise AssertionError("the day asked about is always among the days")


def authorisation_problems(
    authorisations: Sequence[Authorisation],
    visits: Iterable[date],
    on: date,
    patient_id: int,
    filed: Iterable[date] = (),
) -> list[Problem]:
    """Whether a visit on ``on`` that needs an authorisation has one, and how much of it is left."""
    covering = [one for one in authorisations if one.valid_from <= on <= one.valid_to]
    where = f"patient:{patient_id}"
    if not covering:
        return [
            block(
                "authorisation.missing",
                f"The plan wants an authorisation and none is in force on {on}.",
                "Enter the authorisation, or ask the plan for one; few are given afterwards.",
                where,
            )
        ]
    chosen, number = authorisation_for(authorisations, visits, on, filed)
    if chosen is None:
        given = sum(one.visits for one in covering)
        return [
            block(
                "authorisation.used_up",
                f"The authorised visits ({given} under {', '.join(one.number for one in covering)}) are used up "
                f"before {on}.",
                "Ask the plan for further visits and enter the new authorisation.",
                where,
            )
        ]
    return _nearly_over(chosen, number, on, where)


def _nearly_over(authorisation: Authorisation, number: int, on: date, where: str) -> list[Problem]:
    days_left = (authorisation.valid_to - on).days
    if number * 100 < authorisation.visits * NEARLY_USED_PERCENT and days_left > NEARLY_OVER_DAYS:
        return []
    return [
        warn(
            "authorisation.nearly_used",
            f"Visit {number} of {authorisation.visits} under {authorisation.number}, which ends on "
            f"{authorisation.valid_to}.",
            "Ask the plan for further visits now.",
            where,
        )
    ]
