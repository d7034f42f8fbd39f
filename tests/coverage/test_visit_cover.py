"""Benefit, authorisation and rules together, for one visit: what is said, which limit counts, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from billing.codes.edits import ProcedureLine
from billing.coverage.benefit_editing import Verified, visits_elsewhere
from billing.coverage.models import Authorisation, BenefitPeriod, BenefitSource
from billing.coverage.rules.case import Case, PaidVisit
from billing.coverage.rules.shelf import shelf
from billing.coverage.visit_cover import Billed, VisitCover, ahead, next_on, visit_cover
from billing.errors import Severity
from billing.payers.models import PayerKind
from tests.factories import a_benefit, a_patient, a_payer, a_policy, an_authorisation

DAY = date(2026, 3, 3)
PATIENT = a_patient(id=1)


def billed(
    earlier: int = 0,
    *,
    kind: PayerKind = PayerKind.COMMERCIAL,
    benefit: dict[str, Any] | None = None,
    authorisations: Sequence[Authorisation] = (),
    pack: str | None = None,
    is_referred: bool | None = None,
    **case: Any,
) -> Billed:
    """A visit after so many weekly ones, the last of them a week before."""
    payer = a_payer(id=2, kind=kind, rule_pack=pack)
    policy = a_policy(PATIENT, payer, id=3)
    visits = [PaidVisit(DAY - timedelta(weeks=week)) for week in range(earlier, 0, -1)]
    known = a_benefit(PATIENT, payer, id=4, verified_on=DAY, **benefit) if benefit is not None else None
    return Billed(payer, policy, known, authorisations, "OR", Case(DAY, visits, **case), is_referred)


def given(**changes: Any) -> Authorisation:
    cells = {"id": 5, "number": "VA-1", "valid_from": date(2026, 1, 1), "valid_to": date(2026, 6, 30), "visits": 12}
    return an_authorisation(PATIENT, a_payer(id=2), **{**cells, **changes})


def rules(found: VisitCover) -> list[tuple[str, Severity]]:
    return [(one.rule, one.severity) for one in found.problems]


def next_rules(asked: Billed) -> list[str]:
    return [one.rule for one in ahead(asked, shelf(), visit_cover(asked, shelf()))]


def test_the_last_visit_of_a_plan_says_what_the_next_one_will_be() -> None:
    asked = billed(8, benefit={"visits_allowed": 12, "visits_used_elsewhere": 3})

    found = visit_cover(asked, shelf())

    assert rules(found) == []
    assert found.count is not None
    assert (found.count.number, found.count.allowed) == (12, 12)
    assert next_rules(asked) == ["coverage.limit_reached"]


def test_the_next_visit_is_the_one_that_is_booked_or_else_a_week_later() -> None:
    """Twice a week and one left after this one: the next one is still within the limit."""
    asked = billed(9, benefit={"visits_allowed": 11})
    twice_a_week = [*asked.case.visits, PaidVisit(DAY + timedelta(days=3)), PaidVisit(DAY + timedelta(days=7))]
    booked = replace(asked, case=replace(asked.case, visits=twice_a_week))

    assert next_on(asked.case) == DAY + timedelta(days=7)
    assert next_on(booked.case) == DAY + timedelta(days=3)
    assert next_rules(booked) == []


def test_a_limit_that_was_set_by_hand_is_not_told_as_the_payers() -> None:
    by_hand = billed(benefit={"visits_allowed": 12, "set_by_hand": ["visits_left"]})

    [counter] = visit_cover(by_hand, shelf()).counters

    assert counter.source == "as a person set it by hand against the payer's electronic answer"


def test_where_a_limit_comes_from_is_told_also_where_an_answer_says_otherwise_or_others_share_it() -> None:
    noted = billed(benefit={"visits_allowed": 12, "limit_in_answer": "30 visits"})
    shared = billed(benefit={"visits_allowed": 12, "shared_with": ["therapy"]})

    assert [one.source for one in visit_cover(noted, shelf()).counters] == [
        "as a person noted it; the payer's electronic answer says 30 visits"
    ]
    assert [one.source for one in visit_cover(shared, shelf()).counters] == [
        "what the payer said on 3 Mar 2026; how many went to the other therapies is not known"
    ]


def test_the_twelfth_medicare_visit_says_that_the_next_needs_documented_improvement() -> None:
    asked = billed(11, kind=PayerKind.MEDICARE, benefit={})

    found = visit_cover(asked, shelf())

    assert found.count is not None
    assert (found.count.number, found.count.allowed) == (12, 12)
    assert next_rules(asked) == ["medicare.needs_improvement"]


def test_nothing_is_said_ahead_of_time_while_there_is_room() -> None:
    assert next_rules(billed(3, benefit={"visits_allowed": 12})) == []


def test_the_limit_with_least_left_counts() -> None:
    asked = billed(5, kind=PayerKind.MEDICARE, benefit={"visits_allowed": 8, "visits_used_elsewhere": 1})

    found = visit_cover(asked, shelf())

    assert found.count is not None
    assert (found.count.number, found.count.allowed) == (7, 8)
    assert [one.left for one in found.counters] == sorted(one.left for one in found.counters)


def test_each_counter_tells_its_arithmetic_and_source() -> None:
    shared = {"visits_allowed": 20, "visits_used_elsewhere": 4, "shared_with": ["chiropractic", "massage"]}
    asked = billed(5, benefit=shared, authorisations=[given(used_before=2, seoc_name="Acupuncture Initial")])

    plan, authorisation = sorted(visit_cover(asked, shelf()).counters, key=lambda one: -one.allowed)

    assert plan.label == "The plan, shared with chiropractic and massage"
    assert plan.arithmetic == (
        "20 allowed \u2212 6 here \u2212 4 elsewhere = 10 left after this one, from 1 Jan 2026 to 31 Dec 2026."
    )
    assert plan.source == "what the payer said on 3 Mar 2026"
    assert (authorisation.number, authorisation.allowed, authorisation.source) == (8, 12, "Acupuncture Initial")
    assert "2 of them before it was entered" in authorisation.arithmetic


def test_a_rolling_period_counts_the_months_before_the_visit() -> None:
    period = {"period": BenefitPeriod.ROLLING_MONTHS, "period_months": 1, "visits_allowed": 4}

    found = visit_cover(billed(10, benefit=period), shelf())

    assert found.count is not None
    assert (found.count.first_on, found.count.number) == (date(2026, 2, 4), 4)


TOLD = Verified(True, date(2026, 3, 1), BenefitSource.ANSWER_271, visits_allowed=20, visits_remaining=9)


@pytest.mark.parametrize(
    ("said", "period", "expected"),
    [
        # Nine left of twenty, four of the eleven gone are ours and decided: seven went elsewhere or to the pool.
        ({"visits_decided_here": 4}, {}, (6, 7)),
        # Had the payer decided none of ours, eleven went elsewhere, and our six count besides.
        ({"visits_decided_here": 0}, {}, (6, 11)),
        # Without what it says is left, nobody knows of others.
        ({"visits_remaining": None}, {}, (6, 0)),
        ({"visits_remaining": None, "visits_used_elsewhere": 3}, {}, (6, 3)),
        # In another year of the plan neither ours nor others' are those of this one.
        ({"visits_decided_here": 4}, {"period": BenefitPeriod.PLAN_YEAR, "plan_year_from": date(2025, 2, 10)}, (4, 7)),
        ({"visits_decided_here": 4}, {"period": BenefitPeriod.PLAN_YEAR, "plan_year_from": date(2025, 3, 2)}, (1, 0)),
        # The months before the visit move along with it.
        ({"visits_decided_here": 4}, {"period": BenefitPeriod.ROLLING_MONTHS, "period_months": 1}, (4, 7)),
    ],
)
def test_5_2_a_counter_combines_limit_pool_visits_elsewhere_our_own_and_the_payers_year(
    said: dict[str, Any], period: dict[str, Any], expected: tuple[int, int]
) -> None:
    told = replace(TOLD, shared_with=("chiropractic",), **said)
    allowed, elsewhere = visits_elsewhere(told)
    cells = {"visits_allowed": allowed, "visits_used_elsewhere": elsewhere, "shared_with": ["chiropractic"], **period}
    asked = billed(5, benefit=cells, authorisations=[given(visits=8, used_before=1)])
    asked.benefit.verified_on = told.verified_on

    found = visit_cover(asked, shelf())

    assert found.count is not None
    assert (found.count.here, found.count.elsewhere, found.count.allowed) == (*expected, 20)
    assert {one.label: (one.number, one.allowed) for one in found.counters} == {
        "The plan, shared with chiropractic": (sum(expected), 20), "Authorisation VA-1": (7, 8),
    }  # fmt: skip


@pytest.mark.parametrize(("covered", "rule"), [(None, "coverage.unknown"), (False, "coverage.excluded")])
def test_5_2_unknown_is_neither_covered_nor_not_covered(covered: bool | None, rule: str) -> None:
    assert [one for one, _ in rules(visit_cover(billed(benefit={"covered": covered}), shelf()))] == [rule]


def test_a_plan_that_has_paid_all_it_pays_is_at_its_limit() -> None:
    used_up = billed(benefit={"dollar_limit_cents": 500_00, "dollars_remaining_cents": 0})

    assert rules(visit_cover(used_up, shelf())) == [("coverage.limit_reached", Severity.BLOCK)]


@pytest.mark.parametrize(("is_referred", "expected"), [(None, []), (True, []), (False, ["coverage.referral_missing"])])
def test_a_referral_that_is_wanted_is_asked_for(is_referred: bool | None, expected: list[str]) -> None:
    asked = billed(benefit={"referral_required": True}, is_referred=is_referred)

    assert [one for one, _ in rules(visit_cover(asked, shelf()))] == expected


def test_2_2_outside_its_dates_an_authorisation_stops_the_visit() -> None:
    asked = billed(kind=PayerKind.VA, benefit={}, authorisations=[given(valid_to=DAY - timedelta(days=1))])

    assert rules(visit_cover(asked, shelf())) == [("authorisation.missing", Severity.BLOCK)]


def test_2_2_beyond_its_visits_an_authorisation_stops_the_visit() -> None:
    asked = billed(4, kind=PayerKind.VA, benefit={}, authorisations=[given(used_before=8)])

    assert rules(visit_cover(asked, shelf())) == [("authorisation.used_up", Severity.BLOCK)]


@pytest.mark.parametrize(
    ("earlier", "last", "warned"),
    [(7, date(2026, 6, 30), False), (8, date(2026, 6, 30), True), (0, DAY + timedelta(days=14), True),
     (0, DAY + timedelta(days=15), False)],
)  # fmt: skip
def test_2_2_it_warns_at_75_percent_and_14_days(earlier: int, last: date, warned: bool) -> None:
    asked = billed(earlier, kind=PayerKind.VA, benefit={}, authorisations=[given(valid_to=last)])

    assert (("authorisation.nearly_used", Severity.WARN) in rules(visit_cover(asked, shelf()))) is warned


@pytest.mark.parametrize(
    ("scope", "lines", "expected"),
    [
        ({"codes_allowed": ["97810", "97811"]}, [("97810", 1), ("97811", 1)], []),
        ({"codes_allowed": ["97810"]}, [("97810", 1), ("97140", 1)], ["authorisation.code_not_covered"]),
        ({"units_per_visit": 2}, [("97810", 1), ("97811", 1), ("97140", 4)], []),
        ({"units_per_visit": 2}, [("97810", 1), ("97811", 2)], ["authorisation.too_many_units"]),
        ({"diagnoses": ["M54.5"]}, [("97810", 1)], []),
        ({"diagnoses": ["G43"]}, [("97810", 1)], ["authorisation.diagnosis"]),
    ],
)
def test_2_2_beyond_its_codes_units_and_diagnoses_the_authorisation_speaks(
    scope: dict[str, Any], lines: list[tuple[str, int]], expected: list[str]
) -> None:
    charted = [ProcedureLine(code, (), units) for code, units in lines]
    asked = billed(benefit={}, authorisations=[given(**scope)], lines=charted, diagnoses=["M54.50"])

    found = visit_cover(asked, shelf())

    assert [one.rule for one in found.problems] == expected


def test_a_pack_that_wants_an_authorisation_is_heeded_for_any_payer() -> None:
    asked = billed(benefit={}, pack="va-community-care")

    assert rules(visit_cover(asked, shelf())) == [("authorisation.missing", Severity.BLOCK)]


def test_a_plan_that_ends_before_the_next_visit_is_not_asked_about_it() -> None:
    asked = billed(8, benefit={"visits_allowed": 9})
    asked.policy.effective_to = DAY + timedelta(days=3)

    assert next_rules(asked) == []
