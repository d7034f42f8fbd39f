"""How many visits a plan or an authorisation still gives on the day of one of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, Policy
from billing.coverage.visits import (
    authorisation_for,
    authorisation_problems,
    benefit_problems,
    period_of,
)
from billing.errors import Severity, blocking
from tests.factories import DAY, a_benefit, a_patient, a_payer, a_policy, an_authorisation

MIRI, PAYER = a_patient(id=4), a_payer(id=7)
POLICY = a_policy(MIRI, PAYER, id=11)


def benefit(**changes: Any) -> Benefit:
    return a_benefit(MIRI, PAYER, id=21, **changes)


def blocks(given_benefit: Benefit, visits: list[date], on: date, policy: Policy = POLICY) -> list[str]:
    return [problem.rule for problem in blocking(benefit_problems(given_benefit, policy, visits, on))]


def since(begins: date) -> Policy:
    return a_policy(MIRI, PAYER, effective_from=begins)


def test_a_calendar_year_begins_in_january_whatever_the_policy() -> None:
    assert period_of(benefit(), since(date(2023, 7, 1)), DAY) == (date(2026, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("begins", "on", "period"),
    [
        (date(2023, 7, 1), date(2026, 6, 30), (date(2025, 7, 1), date(2026, 7, 1))),
        (date(2023, 7, 1), date(2026, 7, 1), (date(2026, 7, 1), date(2027, 7, 1))),
        (date(2026, 3, 3), date(2026, 3, 3), (date(2026, 3, 3), date(2027, 3, 3))),
        (date(2024, 2, 29), date(2026, 2, 28), (date(2025, 3, 1), date(2026, 3, 1))),
        (date(2024, 2, 29), date(2026, 3, 1), (date(2026, 3, 1), date(2027, 3, 1))),
        (date(2024, 2, 29), date(2028, 2, 28), (date(2027, 3, 1), date(2028, 2, 29))),
        (date(2024, 2, 29), date(2028, 2, 29), (date(2028, 2, 29), date(2029, 3, 1))),
    ],
)
def test_a_plan_year_begins_on_the_anniversary_of_the_policy(begins: date, on: date, period: tuple[date, date]) -> None:
    assert period_of(benefit(period=BenefitPeriod.PLAN_YEAR), since(begins), on) == period


@given(
    begins=st.dates(date(2016, 1, 1), date(2024, 12, 31)),
    after=st.integers(0, 4000),
    period=st.sampled_from([BenefitPeriod.CALENDAR_YEAR, BenefitPeriod.PLAN_YEAR]),
)
def test_every_day_lies_in_its_period_which_is_a_year_long(begins: date, after: int, period: BenefitPeriod) -> None:
    on = begins + timedelta(days=after)

    first, end = period_of(benefit(period=period), since(begins), on)

    assert first <= on < end
    assert (end - first).days in (365, 366)
    assert period_of(benefit(period=period), since(begins), end)[0] == end


def test_a_plan_without_a_limit_gives_any_number() -> None:
    assert blocks(benefit(), [DAY - timedelta(days=day) for day in range(60)], DAY) == []


def test_the_last_visit_allowed_passes_and_the_next_is_held() -> None:
    days = [date(2026, 1, 6) + timedelta(days=7 * week) for week in range(5)]
    allowed = benefit(visits_allowed=4, verified_on=days[0])

    assert blocks(allowed, days, days[3]) == []
    assert blocks(allowed, days, days[4]) == ["coverage.limit_reached"]


def test_several_visits_on_a_day_count_once() -> None:
    days = [date(2026, 3, 2), date(2026, 3, 2), DAY, DAY]

    assert blocks(benefit(visits_allowed=2), days, DAY) == []


def test_visits_of_last_year_and_visits_to_come_do_not_count() -> None:
    days = [date(2025, 12, 30), DAY, date(2026, 3, 10)]

    assert blocks(benefit(visits_allowed=1), days, DAY) == []


def test_visits_elsewhere_count_in_the_period_they_were_verified_in() -> None:
    allowed = benefit(visits_allowed=3, visits_used_elsewhere=3)

    assert blocks(allowed, [DAY], DAY) == ["coverage.limit_reached"]


def test_visits_elsewhere_verified_last_year_are_spent_there() -> None:
    allowed = benefit(visits_allowed=1, visits_used_elsewhere=3, verified_on=date(2025, 12, 31))

    assert blocks(allowed, [DAY], DAY) == []


def test_visits_elsewhere_without_a_date_count_to_be_safe() -> None:
    allowed = benefit(visits_allowed=3, visits_used_elsewhere=3, verified_on=None)

    assert blocks(allowed, [DAY], DAY) == ["coverage.limit_reached"]


def test_the_limit_of_a_plan_year_turns_over_on_the_anniversary() -> None:
    allowed = benefit(visits_allowed=1, period=BenefitPeriod.PLAN_YEAR, verified_on=date(2026, 3, 1))
    days = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]

    assert blocks(allowed, days, days[1], since(date(2024, 2, 29))) == ["coverage.limit_reached"]
    assert blocks(allowed, days, days[2], since(date(2024, 2, 29))) == []


def test_a_plan_nobody_asked_about_is_unknown_and_not_covered_by_silence() -> None:
    [problem] = benefit_problems(None, POLICY, [DAY], DAY)

    assert (problem.rule, problem.severity, problem.where) == ("coverage.unknown", Severity.WARN, "policy:11")


def test_a_plan_that_excludes_acupuncture_holds_the_claim() -> None:
    assert blocks(benefit(covered=False), [DAY], DAY) == ["coverage.excluded"]


@pytest.mark.parametrize(
    ("verified_on", "is_stale"),
    [
        (DAY - timedelta(days=30), False),
        (DAY - timedelta(days=31), True),
        (DAY + timedelta(days=9), False),
        (None, True),
    ],
)
def test_a_verification_older_than_thirty_days_warns_and_does_not_hold(
    verified_on: date | None, is_stale: bool
) -> None:
    found = benefit_problems(benefit(verified_on=verified_on), POLICY, [DAY], DAY)

    assert [(problem.rule, problem.severity) for problem in found] == [("coverage.stale", Severity.WARN)] * is_stale


def authorisation(number: str, first: date, last: date, visits: int) -> Authorisation:
    return an_authorisation(MIRI, PAYER, number=number, valid_from=first, valid_to=last, visits=visits)


JANUARY_TO_JUNE = authorisation("LONG", date(2026, 1, 1), date(2026, 6, 30), 12)
MARCH = authorisation("SHORT", date(2026, 3, 1), date(2026, 3, 31), 1)


def test_a_visit_uses_the_authorisation_that_ends_first() -> None:
    assert authorisation_for([JANUARY_TO_JUNE, MARCH], [DAY], DAY) == (MARCH, 1)


def test_when_that_one_is_used_up_the_next_takes_over() -> None:
    next_day = DAY + timedelta(days=1)

    assert authorisation_for([JANUARY_TO_JUNE, MARCH], [DAY, next_day], next_day) == (JANUARY_TO_JUNE, 1)


def test_two_visits_on_a_day_use_one_authorised_visit() -> None:
    assert authorisation_for([MARCH], [DAY, DAY], DAY) == (MARCH, 1)


def test_visits_beyond_its_dates_use_nothing_of_an_authorisation() -> None:
    february = date(2026, 2, 27)

    assert authorisation_for([MARCH], [february, DAY], DAY) == (MARCH, 1)
    assert authorisation_for([MARCH], [february], february) == (None, 0)


@given(
    spans=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 10), st.integers(1, 3)), min_size=1, max_size=4),
    days=st.sets(st.integers(0, 25), min_size=1, max_size=10),
)
def test_no_authorisation_gives_more_visits_than_it_has(spans: list[tuple[int, int, int]], days: set[int]) -> None:
    given_ones = [
        authorisation(f"AU{position}", DAY + timedelta(days=first), DAY + timedelta(days=first + length), visits)
        for position, (first, length, visits) in enumerate(spans)
    ]
    visits = [DAY + timedelta(days=day) for day in days]

    used = [authorisation_for(given_ones, visits, on) for on in visits]

    for one in given_ones:
        numbers = sorted(number for chosen, number in used if chosen is one)
        assert numbers == list(range(1, len(numbers) + 1))
        assert len(numbers) <= one.visits


def said(given_ones: list[Authorisation], visits: list[date], on: date) -> list[tuple[str, Severity]]:
    found = authorisation_problems(given_ones, visits, on, MIRI.id)
    return [(problem.rule, problem.severity) for problem in found]


@pytest.mark.parametrize("given_ones", [[], [authorisation("PAST", date(2026, 1, 1), date(2026, 3, 2), 12)]])
def test_without_an_authorisation_in_force_it_is_missing(given_ones: list[Authorisation]) -> None:
    assert said(given_ones, [DAY], DAY) == [("authorisation.missing", Severity.BLOCK)]


def test_an_authorisation_whose_visits_are_gone_is_used_up() -> None:
    next_day = DAY + timedelta(days=1)

    assert said([MARCH], [DAY, next_day], next_day) == [("authorisation.used_up", Severity.BLOCK)]


def test_an_authorisation_with_much_left_is_no_problem() -> None:
    assert said([JANUARY_TO_JUNE], [DAY], DAY) == []


@pytest.mark.parametrize(("number", "warns"), [(8, False), (9, True), (12, True)])
def test_from_three_quarters_on_an_authorisation_warns(number: int, warns: bool) -> None:
    days = [DAY - timedelta(days=day) for day in range(number)]

    assert said([JANUARY_TO_JUNE], days, DAY) == [("authorisation.nearly_used", Severity.WARN)] * warns


@pytest.mark.parametrize(("on", "warns"), [(date(2026, 6, 15), False), (date(2026, 6, 16), True)])
def test_fourteen_days_before_its_end_an_authorisation_warns(on: date, warns: bool) -> None:
    assert said([JANUARY_TO_JUNE], [on], on) == [("authorisation.nearly_used", Severity.WARN)] * warns
