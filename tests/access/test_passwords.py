from __future__ import annotations

import pytest

from billing.access.passwords import STANDARD, fits, hashed, nobodys_hash, password_problems, renewed
from billing.errors import Refused
from tests.access.cast import CHEAP, PASSWORD, cheaply


def rules(password: str) -> list[str]:
    return [problem.rule for problem in password_problems(password)]


def test_a_password_fits_its_own_hash_and_no_other_password_does() -> None:
    kept = cheaply()

    assert fits(kept, PASSWORD)
    assert not fits(kept, PASSWORD + "!")


def test_the_hash_does_not_contain_the_password_and_differs_each_time() -> None:
    one, other = cheaply(), cheaply()

    assert one != other
    assert PASSWORD not in one
    assert one.startswith("$argon2id$")


def test_twelve_characters_are_enough_and_eleven_are_refused_with_the_reason() -> None:
    assert rules("abcdefghijkl") == []

    with pytest.raises(Refused, match="fewer than 12 characters") as refusal:
        hashed("abcdefghijk", CHEAP)

    assert [problem.where for problem in refusal.value.problems] == ["field:password"]


def test_all_reasons_against_a_password_are_given_at_once() -> None:
    assert rules("aaaa") == ["password.too_short", "password.too_uniform"]
    assert rules("ab" * 101) == ["password.too_long", "password.too_uniform"]
    assert rules("abcde" * 40) == []


def test_the_same_letters_typed_on_another_keyboard_fit() -> None:
    composed, decomposed = "caf\u00e9 at the corner", "cafe\u0301 at the corner"

    assert fits(cheaply(composed), decomposed)


def test_a_hash_of_another_cost_is_renewed_and_one_of_todays_is_not() -> None:
    new = renewed(cheaply(), PASSWORD)

    assert new is not None
    assert not STANDARD.check_needs_rehash(new)
    assert fits(new, PASSWORD)
    assert renewed(new, PASSWORD) is None


def test_something_that_is_no_hash_fits_no_password() -> None:
    assert not fits("", PASSWORD)
    assert not fits("plain text", "plain text")


def test_checking_against_nobody_costs_as_much_as_against_somebody() -> None:
    assert not STANDARD.check_needs_rehash(nobodys_hash())
