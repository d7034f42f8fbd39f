"""What a patient is asked for when leaving: today's session, what is open from before, less what is there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.invoices.desk_due import Basis, DeskDue, SessionBooks, due_of
from billing.payments.account import Account, Subject
from billing.sessions.models import BillTo

INSURANCE, SELF, SUPERBILL = BillTo.INSURANCE, BillTo.SELF, BillTo.SUPERBILL


def an_account(owed: int = 0, credit: int = 0) -> Account:
    """An account with an old debt or with free money."""
    subjects = [Subject("charge:1", owed, 1)] if owed else []
    subjects += [Subject("credit:3", -credit)] if credit else []
    return Account(3, tuple(subjects))


def due(bill_to: BillTo, books: SessionBooks, estimated: int | None = None, owed: int = 0, credit: int = 0) -> DeskDue:
    return due_of(bill_to, books, estimated, an_account(owed + books.still_open, credit))


@pytest.mark.parametrize("bill_to", [SELF, SUPERBILL])
def test_a_session_that_the_patient_pays_is_due_whole(bill_to: BillTo) -> None:
    found = due(bill_to, SessionBooks(165_00, is_charged=False))

    assert (found.basis, found.share, found.today, found.suggested) == (Basis.OWN, 165_00, 165_00, 165_00)


def test_what_was_paid_for_it_before_it_was_charged_is_no_longer_due() -> None:
    found = due(SELF, SessionBooks(165_00, is_charged=False, kept=65_00))

    assert (found.paid, found.today, found.suggested) == (65_00, 100_00, 100_00)


def test_a_charged_session_is_due_as_the_books_say() -> None:
    found = due(SELF, SessionBooks(165_00, is_charged=True, still_open=40_00, put=125_00))

    assert (found.share, found.paid, found.today) == (165_00, 125_00, 40_00)


def test_while_the_insurer_has_not_decided_the_estimate_stands_in() -> None:
    books = SessionBooks(165_00, is_charged=True, kept=10_00, undecided=165_00)

    found = due(INSURANCE, books, estimated=25_00)

    assert (found.basis, found.share, found.today) == (Basis.ESTIMATED, 25_00, 15_00)


def test_what_the_insurer_has_decided_wins_over_the_estimate() -> None:
    books = SessionBooks(165_00, is_charged=True, still_open=30_00, put=10_00)

    found = due(INSURANCE, books, estimated=25_00)

    assert (found.basis, found.share, found.paid, found.today) == (Basis.DECIDED, 40_00, 10_00, 30_00)


def test_an_unknown_share_asks_for_nothing_but_what_is_owed_from_before() -> None:
    found = due(INSURANCE, SessionBooks(165_00, is_charged=False), owed=12_00)

    assert (found.basis, found.share, found.today, found.suggested) == (Basis.UNKNOWN, None, None, 12_00)


def test_earlier_debts_are_added_and_credit_is_taken_off() -> None:
    assert due(SELF, SessionBooks(165_00, is_charged=False), owed=12_00).suggested == 177_00
    assert due(SELF, SessionBooks(165_00, is_charged=False), credit=15_00).suggested == 150_00


def test_a_credit_larger_than_what_is_due_asks_for_nothing() -> None:
    found = due(SELF, SessionBooks(165_00, is_charged=False), credit=500_00)

    assert (found.suggested, found.credit) == (0, 500_00)


def test_more_paid_than_estimated_asks_for_nothing_more() -> None:
    books = SessionBooks(165_00, is_charged=False, kept=40_00)

    assert due(INSURANCE, books, estimated=25_00).today == 0


@pytest.mark.parametrize(("cents", "for_session"), [(10_00, 10_00), (25_00, 25_00), (100_00, 25_00)])
def test_money_pays_the_open_part_of_the_session_first(cents: int, for_session: int) -> None:
    found = due(INSURANCE, SessionBooks(165_00, is_charged=False), estimated=25_00, owed=50_00)

    assert found.for_session(cents) == for_session


@pytest.mark.parametrize(("cents", "for_session"), [(40_00, 0), (50_00, 0), (80_00, 30_00), (900_00, 165_00)])
def test_where_the_share_is_unknown_it_pays_what_was_owed_before_first(cents: int, for_session: int) -> None:
    found = due(INSURANCE, SessionBooks(165_00, is_charged=False), owed=50_00)

    assert found.for_session(cents) == for_session


@pytest.mark.parametrize("bill_to", BillTo)
def test_while_nothing_is_charted_the_price_is_unknown_and_money_is_kept_for_the_session(bill_to: BillTo) -> None:
    found = due(bill_to, SessionBooks(None, is_charged=False), estimated=0, owed=50_00)

    assert (found.basis, found.share, found.today, found.suggested) == (Basis.UNKNOWN, None, None, 50_00)
    assert found.for_session(75_00) == 25_00


cents = st.integers(min_value=0, max_value=50_000)


@given(
    st.sampled_from(BillTo), st.one_of(st.none(), cents), st.booleans(),
    st.tuples(cents, cents, cents, cents, cents), cents, cents,
)  # fmt: skip
def test_no_amount_is_below_zero_and_no_more_is_meant_for_the_session_than_is_paid(
    bill_to: BillTo, estimated: int | None, is_charged: bool, amounts: tuple[int, ...], owed: int, money: int
) -> None:
    found = due(bill_to, SessionBooks(amounts[0], is_charged, *amounts[1:]), estimated, owed)

    assert min(found.suggested, found.earlier, found.paid, found.today or 0, found.share or 0) >= 0
    assert 0 <= found.for_session(money) <= money
