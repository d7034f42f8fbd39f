"""Money never loses a cent."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from billing.money import Money, cents_from_text, half_up, text_from_cents

amounts = st.integers(-(10**14) + 1, 10**14 - 1)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=40)


@given(amounts)
def test_an_amount_survives_being_written_and_read(cents: int) -> None:
    assert cents_from_text(text_from_cents(cents)) == cents


@pytest.mark.parametrize(("text", "cents"), [("165.00", 16500), ("165", 16500), ("-0.05", -5), (" 7.30 ", 730)])
def test_an_amount_is_read_from_its_text(text: str, cents: int) -> None:
    assert cents_from_text(text) == cents


@pytest.mark.parametrize(
    "text",
    ["", "1,000.00", "1,00", "1.5", "1.500", "$5.00", "5.", ".50", "1e3", "+5.00", "\u0663.\u0660\u0660", "5.00\n6"],
)
def test_text_that_could_mean_another_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        cents_from_text(text)


@given(amounts, weights)
def test_shares_sum_to_the_whole(cents: int, parts: list[int]) -> None:
    assume(any(parts))

    shares = Money(cents, "USD").share(parts)

    assert sum(share.cents for share in shares) == cents
    assert len(shares) == len(parts)


@given(amounts, weights)
def test_each_share_is_within_a_cent_of_its_exact_part(cents: int, parts: list[int]) -> None:
    assume(any(parts))

    shares = Money(cents, "USD").share(parts)

    total = sum(parts)
    assert all(abs(share.cents * total - cents * part) < total for share, part in zip(shares, parts, strict=True))


@given(amounts, weights)
def test_a_part_without_weight_gets_nothing(cents: int, parts: list[int]) -> None:
    assume(any(parts))

    shares = Money(cents, "USD").share(parts)

    assert all(share.cents == 0 for share, part in zip(shares, parts, strict=True) if part == 0)


@given(amounts, weights)
def test_what_is_owed_and_what_is_owing_are_shared_alike(cents: int, parts: list[int]) -> None:
    assume(any(parts))

    owed, owing = Money(cents, "USD").share(parts), Money(-cents, "USD").share(parts)

    assert owing == [-share for share in owed]


def test_cents_that_do_not_divide_go_to_the_earlier_of_equal_parts() -> None:
    shares = Money(100, "USD").share([1, 1, 1])

    assert [share.cents for share in shares] == [34, 33, 33]


@pytest.mark.parametrize("parts", [[], [0, 0], [1, -1]])
def test_money_is_not_shared_by_weights_without_meaning(parts: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100, "USD").share(parts)


def test_currencies_do_not_mix() -> None:
    with pytest.raises(ValueError, match="USD with EUR"):
        Money(100, "USD") + Money(100, "EUR")

    with pytest.raises(ValueError, match="USD with EUR"):
        Money(100, "USD") - Money(100, "EUR")


@given(amounts, amounts)
def test_what_was_added_can_be_taken_away(first: int, second: int) -> None:
    assert Money(first, "USD") + Money(second, "USD") - Money(second, "USD") == Money(first, "USD")


@pytest.mark.parametrize(("amount", "cents"), [("0.5", 1), ("1.5", 2), ("2.5", 3), ("-0.5", -1), ("0.49", 0)])
def test_halves_of_a_cent_are_rounded_away_from_zero(amount: str, cents: int) -> None:
    assert half_up(Decimal(amount)) == cents


@pytest.mark.parametrize(
    ("money", "text"),
    [
        (Money(123450, "USD"), "$1,234.50"),
        (Money(-500, "USD"), "-$5.00"),
        (Money(123450, "GBP"), "£1,234.50"),
        (Money(5, "EUR"), "€0.05"),
    ],
)
def test_an_amount_is_shown_as_its_country_writes_it(money: Money, text: str) -> None:
    assert str(money) == text
