"""What a plan pays at most, and what is left of it after what it has paid here."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.coverage.dollars import DollarsLeft, Paid, dollar_problems, dollars_left
from billing.coverage.models import BenefitPeriod
from billing.errors import Severity
from tests.factories import DAY, a_benefit, a_patient, a_payer, a_policy

PATIENT, PAYER = a_patient(id=1), a_payer(id=2)
POLICY = a_policy(PATIENT, PAYER, id=3)
TOLD_ON = date(2026, 2, 20)


def paid(visit_on: date, decided_on: date, cents: int = 100_00) -> Paid:
    return Paid(visit_on, decided_on, cents)


BEFORE = paid(date(2026, 1, 9), date(2026, 2, 20))
SINCE = paid(date(2026, 2, 17), date(2026, 2, 27), 65_00)
LAST_YEAR = paid(date(2025, 12, 30), date(2026, 2, 27))


def left(*payments: Paid, **benefit: Any) -> DollarsLeft | None:
    told = {"verified_on": TOLD_ON, "dollar_limit_cents": 500_00, "dollars_remaining_cents": 300_00, **benefit}
    return dollars_left(a_benefit(PATIENT, PAYER, id=4, **told), POLICY, payments, DAY)


def test_what_was_paid_since_it_was_told_is_taken_off_and_nothing_else() -> None:
    found = left(BEFORE, SINCE, LAST_YEAR)

    assert found is not None
    assert (found.left_cents, found.last_cents) == (235_00, 65_00)
    assert found.arithmetic == (
        "300.00 left on 20 Feb 2026 \u2212 65.00 paid here since = 235.00 left, from 1 Jan 2026 to 31 Dec 2026."
    )


def test_the_day_it_was_told_may_be_earlier_than_that_of_a_newer_verification() -> None:
    found = left(SINCE, dollars_told_on=TOLD_ON, verified_on=DAY)

    assert found is not None
    assert found.left_cents == 235_00


@pytest.mark.parametrize("told", [{"dollars_remaining_cents": None}, {"verified_on": date(2025, 12, 31)}])
def test_where_only_the_whole_is_known_all_that_was_paid_here_is_taken_off(told: dict[str, Any]) -> None:
    found = left(BEFORE, SINCE, LAST_YEAR, **told)

    assert found is not None
    assert (found.left_cents, found.told_on) == (335_00, None)
    assert found.arithmetic.endswith("What it paid elsewhere is not known.")


def test_what_a_visit_was_paid_itself_does_not_stand_against_it() -> None:
    found = left(paid(DAY, date(2026, 3, 9)))

    assert found is not None
    assert found.left_cents == 300_00


def test_a_plan_year_has_its_own_sum() -> None:
    found = left(BEFORE, SINCE, period=BenefitPeriod.PLAN_YEAR, plan_year_from=date(2025, 2, 1), verified_on=DAY,
                 dollars_remaining_cents=None)  # fmt: skip

    assert found is not None
    assert (found.left_cents, found.first_on) == (435_00, date(2026, 2, 1))


def test_without_a_limit_of_money_nothing_is_reckoned() -> None:
    assert left(SINCE, dollar_limit_cents=None, dollars_remaining_cents=None) is None
    assert dollars_left(None, POLICY, [SINCE], DAY) is None


@pytest.mark.parametrize(
    ("remaining", "expected"),
    [
        (65_00, [("coverage.limit_reached", Severity.BLOCK)]),
        (64_99, [("coverage.limit_reached", Severity.BLOCK)]),
        (129_99, [("coverage.dollars_nearly_used", Severity.WARN)]),
        (130_00, []),
    ],
)
def test_a_plan_that_has_paid_all_is_at_its_limit_and_is_told_before(
    remaining: int, expected: list[tuple[str, Severity]]
) -> None:
    benefit = a_benefit(PATIENT, PAYER, id=4, verified_on=TOLD_ON, dollars_remaining_cents=remaining)

    found = dollar_problems(benefit, POLICY, [SINCE], DAY)

    assert [(one.rule, one.severity) for one in found] == expected
    assert all("65.00 paid here since" in one.why for one in found)
