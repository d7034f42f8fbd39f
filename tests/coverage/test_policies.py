"""Which policies pay on a day, in which order, and is their subscriber known?"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.coverage.models import Policy, Relationship
from billing.coverage.policies import in_force, inactive_problem, lowest_rank, subscriber_problems
from billing.errors import Severity
from billing.patients.models import Sex
from tests.factories import DAY, a_patient, a_payer, a_policy

MIRI = a_patient(id=4)
ONE, TWO, THREE = (a_payer(id=number) for number in (1, 2, 3))


def policy(payer: Any = ONE, **changes: Any) -> Policy:
    return a_policy(MIRI, payer, **changes)


def test_policies_pay_in_the_order_of_their_rank() -> None:
    second, first, third = policy(TWO, rank=2), policy(ONE, rank=1), policy(THREE, rank=3)

    assert in_force([second, third, first], DAY) == [first, second, third]


@pytest.mark.parametrize(
    ("changes", "on", "covers"),
    [
        ({"effective_from": date(2026, 3, 3)}, date(2026, 3, 3), True),
        ({"effective_from": date(2026, 3, 3)}, date(2026, 3, 2), False),
        ({"effective_to": date(2026, 3, 3)}, date(2026, 3, 3), True),
        ({"effective_to": date(2026, 3, 3)}, date(2026, 3, 4), False),
        ({"effective_to": None}, date(2099, 1, 1), True),
    ],
)
def test_a_policy_covers_its_first_and_its_last_day(changes: dict[str, Any], on: date, covers: bool) -> None:
    assert bool(in_force([policy(**changes)], on)) is covers


def test_a_payer_with_two_policies_pays_by_the_one_of_lower_rank() -> None:
    main, other = policy(ONE, rank=1), policy(ONE, rank=2)

    assert in_force([other, main], DAY) == [main]


def test_of_two_policies_of_a_payer_with_one_rank_the_newer_stands() -> None:
    old, new = policy(effective_from=date(2023, 1, 1)), policy(effective_from=date(2026, 1, 1))

    assert in_force([old, new], DAY) == [new]


def test_when_the_first_has_ended_the_second_pays_first() -> None:
    ended, second = policy(ONE, effective_to=date(2026, 1, 31)), policy(TWO, rank=2)

    assert in_force([ended, second], DAY) == [second]


def test_the_lowest_rank_of_all_policies_is_found_whether_in_force_or_not() -> None:
    ended, second = policy(ONE, effective_to=date(2026, 1, 31)), policy(TWO, rank=2)

    assert lowest_rank([second, ended]) is ended
    assert lowest_rank([]) is None


@pytest.mark.parametrize(
    ("policies", "why"),
    [
        ([], "no policy on file"),
        ([policy(effective_from=date(2026, 4, 1))], "starts on 2026-04-01, after 2026-03-03"),
        ([policy(effective_to=date(2026, 1, 31))], "ended on 2026-01-31, before 2026-03-03"),
    ],
)
def test_inactive_coverage_says_why(policies: list[Policy], why: str) -> None:
    problem = inactive_problem(policies, DAY, 4)

    assert (problem.rule, problem.severity, problem.where) == ("coverage.inactive", Severity.BLOCK, "patient:4")
    assert why in problem.why


def through_a_parent(**changes: Any) -> Policy:
    whole = {
        "relationship": Relationship.CHILD, "subscriber_first_name": "Karin", "subscriber_last_name": "Okoro",
        "subscriber_birth_date": date(1950, 2, 17), "subscriber_sex": Sex.F,
    }  # fmt: skip
    return policy(id=11, **{**whole, **changes})


def test_who_is_insured_themselves_needs_no_subscriber() -> None:
    assert subscriber_problems(policy(relationship=Relationship.SELF)) == []


def test_a_subscriber_without_an_address_is_complete() -> None:
    assert subscriber_problems(through_a_parent()) == []


@pytest.mark.parametrize(
    ("cell", "word"),
    [
        ("subscriber_first_name", "first name"),
        ("subscriber_last_name", "last name"),
        ("subscriber_birth_date", "birth date"),
        ("subscriber_sex", "sex"),
    ],
)
def test_name_birth_date_and_sex_of_the_subscriber_are_needed(cell: str, word: str) -> None:
    [problem] = subscriber_problems(through_a_parent(**{cell: None}))

    assert (problem.rule, problem.severity, problem.where) == ("subscriber.incomplete", Severity.BLOCK, "policy:11")
    assert word in problem.why


def test_all_that_the_subscriber_lacks_is_one_problem() -> None:
    [problem] = subscriber_problems(through_a_parent(subscriber_first_name="", subscriber_sex=None))

    assert "no first name and no sex" in problem.why
