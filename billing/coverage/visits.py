"""How many visits does the plan or the authorisation still give, judged on the day of one of them?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from billing.codes.diagnoses import undotted
from billing.codes.edits import ProcedureLine
from billing.codes.procedures import ACUPUNCTURE_CODES
from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, Policy
from billing.coverage.rules.windows import Window, window_of
from billing.coverage.wording import contradiction_words
from billing.errors import Problem, block, warn

STALE_AFTER_DAYS = 30
NEARLY_USED_PERCENT = 75
NEARLY_OVER_DAYS = 14


def period_of(benefit: Benefit, policy: Policy, on: date) -> tuple[date, date]:
    """First day, and first day after, of the plan's year that ``on`` lies in.

    A plan year begins on the day the plan named, or else on the anniversary of the policy; one that began on
    29 February begins on 1 March in other years. A rolling period ends with the day itself.
    """
    return window_of(
        Window(benefit.period.value),
        (),
        on,
        policy_from=policy.effective_from,
        plan_year_from=benefit.plan_year_from,
        months=benefit.period_months or 12,
    )


def benefit_year(benefit: Benefit, policy: Policy, on: date) -> tuple[date, date]:
    """First day, and first day after, of the plan's year that ``on`` lies in: deductible and yearly limit count in it.

    It need not be the span in which visits count: a plan may give two visits a month and have one deductible a year.
    """
    by_plan = benefit.period is BenefitPeriod.PLAN_YEAR
    by_plan |= benefit.period is not BenefitPeriod.CALENDAR_YEAR and benefit.plan_year_from is not None
    window = Window.PLAN_YEAR if by_plan else Window.CALENDAR_YEAR
    return window_of(window, (), on, policy_from=policy.effective_from, plan_year_from=benefit.plan_year_from)


@dataclass(frozen=True, slots=True)
class VisitCount:
    """Which of the visits that a plan allows in one of its years a visit is."""

    allowed: int
    first_on: date
    """First day of the plan's year."""
    here: int
    """Visits here up to this one, this one included, and those filed already."""
    elsewhere: int
    last_on: date = date.max
    """Last day of it."""

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
    return VisitCount(benefit.visits_allowed, first, len(days), elsewhere, end - timedelta(days=1))


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
    if benefit.covered is None:
        problems.append(
            warn(
                "coverage.unknown",
                "The payer was asked and did not say whether this plan covers acupuncture.",
                "Ask again, by telephone if need be, and enter the answer.",
                f"benefit:{benefit.id}",
            )
        )
    elif not benefit.covered:
        otherwise = contradiction_words(benefit)
        problems.append(
            block(
                "coverage.excluded",
                f"The verified benefit says that this plan does not cover acupuncture. {otherwise}".rstrip(),
                "Bill the patient if a notice was signed before the visit, or correct the benefit.",
                f"benefit:{benefit.id}",
            )
        )
    elif words := contradiction_words(benefit):
        fix = "Ask the payer again before the visit, and note what it says."
        problems.append(warn("coverage.contradictory", f"The payer said both. {words}", fix, f"benefit:{benefit.id}"))
    count = visit_count(benefit, policy, visits, on, filed)
    return [*problems, *(_limit_problems(benefit, count) if count else ())]


def referral_problems(benefit: Benefit | None, *, is_referred: bool) -> list[Problem]:
    """Whether a plan that wants a referral has one for the visit."""
    if benefit is None or not benefit.referral_required or is_referred:
        return []
    return [
        warn(
            "coverage.referral_missing",
            "The plan wants a referral, and no referring clinician is named with the visit.",
            "Ask for the referral and name who referred.",
            f"benefit:{benefit.id}",
        )
    ]


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
    looser, fix = "", "Ask the plan for more visits, or bill the patient if a notice was signed before the visit."
    if benefit.limit_in_answer:
        looser = f" The payer's electronic answer says {benefit.limit_in_answer}."
        fix = "Call the payer; then take the answer's limit, or note what it says."
    return [
        block(
            "coverage.limit_reached",
            f"The plan allows {count.allowed} visits from {count.first_on} on; with {count.elsewhere} elsewhere this "
            f"is number {count.number}.{looser}",
            fix,
            f"benefit:{benefit.id}",
        )
    ]


def authorisation_for(
    authorisations: Sequence[Authorisation], visits: Iterable[date], on: date, filed: Iterable[date] = ()
) -> tuple[Authorisation | None, int]:
    """The authorisation that a visit on ``on`` uses, and which of its visits this one is, those used before included.

    Each day of ``visits`` (this payer's, this one included) uses the authorisation that ends first
    among those that cover it and still have visits; days ``filed`` already come first.
    ``(None, 0)`` when none is left for this day.
    """
    in_order = sorted(authorisations, key=lambda one: (one.valid_to, one.number))
    used = {one.number: one.used_before or 0 for one in in_order}
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


def authorised_work_problems(
    authorisation: Authorisation | None, lines: Sequence[ProcedureLine], diagnoses: Sequence[str]
) -> list[Problem]:
    """What of a visit's chart lies beyond what the authorisation it uses was given for."""
    return list(_beyond(authorisation, lines, diagnoses)) if authorisation else []


def _beyond(
    authorisation: Authorisation, lines: Sequence[ProcedureLine], diagnoses: Sequence[str]
) -> Iterator[Problem]:
    where, number = f"patient:{authorisation.patient_id}", authorisation.number
    named = authorisation.codes_allowed
    others = [code for code in dict.fromkeys(line.code for line in lines) if named and code not in named]
    if others:
        yield block(
            "authorisation.code_not_covered",
            f"Authorisation {number} covers {', '.join(named)}, not {', '.join(others)}.",
            "Ask the payer to add it, or take it off the bill.",
            where,
        )
    units, most = sum(line.units for line in lines if line.code in ACUPUNCTURE_CODES), authorisation.units_per_visit
    if most is not None and units > most:
        yield block(
            "authorisation.too_many_units",
            f"The visit has {units} units of acupuncture; authorisation {number} gives {most} a visit.",
            "Bill what was authorised, or ask the payer for more before treating longer.",
            where,
        )
    given_for = [undotted(code) for code in authorisation.diagnoses]
    treated = [undotted(code) for code in diagnoses]
    if given_for and treated and not any(code.startswith(tuple(given_for)) for code in treated):
        yield warn(
            "authorisation.diagnosis",
            f"Authorisation {number} was given for {', '.join(authorisation.diagnoses)}, and none of it is charted.",
            "Check the diagnosis against the referral; choose only what the chart supports.",
            where,
        )
