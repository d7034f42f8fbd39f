"""Amounts, days and words are judged before any money is booked; of a card no more than four digits is ever kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.errors import Refused, block
from billing.payments.judging import (
    LONGEST_REFERENCE,
    MOST_CENTS,
    amount_problems,
    day_problems,
    holds_card_number,
    reference_problems,
    refuse_any,
    surplus_problems,
    text_problems,
)
from billing.payments.models import PaymentMethod

TODAY = date(2026, 4, 1)
BORN = date(1979, 5, 11)
CARD = "4242424242424242"


@pytest.mark.parametrize("cents", [1, 2500, MOST_CENTS])
def test_an_amount_that_changes_hands_is_fine(cents: int) -> None:
    assert amount_problems(cents) == []


@pytest.mark.parametrize("cents", [0, -1, -2500, MOST_CENTS + 1])
def test_nothing_less_than_nothing_and_far_too_much_are_refused(cents: int) -> None:
    assert [one.rule for one in amount_problems(cents)] == ["payment.amount"]


@pytest.mark.parametrize(
    ("cents", "asked", "is_asked_about"),
    [(50_00, 0, False), (50_01, 0, True), (75_00, 25_00, False), (75_01, 25_00, True), (200_00, 100_00, False),
     (200_01, 100_00, True)],
)  # fmt: skip
def test_money_far_above_what_is_asked_for_is_asked_about(cents: int, asked: int, is_asked_about: bool) -> None:
    assert [one.where for one in surplus_problems(cents, asked, "USD")] == ["field:amount"] * is_asked_about


def test_money_changes_hands_between_its_earliest_day_and_today() -> None:
    day = timedelta(days=1)

    assert day_problems(TODAY, BORN, TODAY) == day_problems(BORN, BORN, TODAY) == []
    assert [one.rule for one in day_problems(TODAY + day, BORN, TODAY)] == ["payment.date"]
    assert [one.rule for one in day_problems(BORN - day, BORN, TODAY)] == ["payment.date"]


@pytest.mark.parametrize("reference", [None, "Visa 4242", "Mastercard ending 0005", "4242", "Amex"])
def test_a_cards_brand_and_last_four_digits_may_be_kept(reference: str | None) -> None:
    assert reference_problems(reference, PaymentMethod.CARD) == []


@pytest.mark.parametrize("reference", [CARD, "Visa 4242 4242", "Visa 4242 exp 04/29", "٤٢٤٢٤٢٤٢"])
def test_of_a_card_no_more_than_four_digits_may_be_kept(reference: str) -> None:
    found = reference_problems(reference, PaymentMethod.CARD)

    assert [one.rule for one in found] == ["payment.card_number"]
    assert reference not in found[0].why + found[0].fix


@pytest.mark.parametrize("reference", ["1042", "Check 00012345", "TRF-2026-03-03/77123"])
def test_other_references_may_have_more_digits(reference: str) -> None:
    assert reference_problems(reference, PaymentMethod.CHECK) == []


@pytest.mark.parametrize(
    "text",
    [
        CARD, "4242 4242 4242 4242", "4242-4242-4242-4242", "paid with 4242.4242.4242.4242 by phone",
        "4242  4242  4242  4242", "3782 822463 10005", "x6011000990139424x", "4242\u200b4242\u200b4242\u200b4242",
        "4242 - 4242 - 4242 - 4242", "424242424242", "\uff14\uff12" * 8,
    ],
)  # fmt: skip
def test_a_whole_card_number_is_seen_however_it_is_written(text: str) -> None:
    assert holds_card_number(text)
    assert reference_problems(text, PaymentMethod.OTHER) != []
    assert text_problems("reason", text, 300) != []


@pytest.mark.parametrize(
    "text",
    ["Charged twice on 2026-03-03 and 2026-03-10", "2026-03-03 2026-03-10", "call 503-555-0100", "Visa 4242", "95.00"],
)
def test_dates_phones_and_amounts_are_not_taken_for_cards(text: str) -> None:
    assert not holds_card_number(text)


@given(
    digits=st.text("0123456789", min_size=12, max_size=19),
    separators=st.lists(st.sampled_from(["", " ", ".", "/", " - "]), min_size=19, max_size=19),
    before=st.text("abc ", max_size=5),
)
def test_no_grouping_hides_a_card_number(digits: str, separators: list[str], before: str) -> None:
    grouped = "".join(digit + separator for digit, separator in zip(digits, separators, strict=False))

    assert holds_card_number(before + grouped)


@pytest.mark.parametrize("text", ["", "   ", "x" * (LONGEST_REFERENCE + 1), "two\nlines", "a\x00b"])
def test_words_are_few_and_on_one_line(text: str) -> None:
    assert [one.rule for one in text_problems("reference", text, LONGEST_REFERENCE)] == ["payment.text"]


def test_a_refusal_tells_every_reason_and_what_to_do() -> None:
    problems = [block("a", "One.", "Do this."), block("b", "Two.", "Do that.")]

    with pytest.raises(Refused, match=r"One\. Do this\. Two\. Do that\.") as refusal:
        refuse_any(problems)

    assert refusal.value.problems == problems
    refuse_any([])
