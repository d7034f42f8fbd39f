"""Which money pays for what: every cent once, no debt beyond its amount, the oldest first."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from billing.payments.account import Account, Move, Subject, Waiting, moves, parted

CREDIT = "credit:4"
DAY = date(2026, 3, 3)
LATER = DAY + timedelta(days=7)


def debt(number: int, cents: int, session: int = 1, on: date = DAY) -> Subject:
    return Subject(f"charge:{number}", cents, session, on)


def taken(session: int, cents: int, on: date = DAY, waiting: Waiting | None = None, waits: int = 0) -> Subject:
    return Subject(f"session:{session}", -cents, session, on, waiting, waits)


def credit(cents: int) -> Subject:
    return Subject(CREDIT, -cents)


def account(*subjects: Subject, **posted: int) -> Account:
    return Account(4, subjects, {about.replace("_", ":"): cents for about, cents in posted.items()})


def test_a_sessions_money_pays_for_that_session_before_an_older_one() -> None:
    older, own = debt(1, 5000, session=1), debt(2, 5000, session=2, on=LATER)

    found = moves([older, own, taken(2, 4000, LATER)], CREDIT)

    assert found == [Move("session:2", "charge:2", 4000)]


def test_what_a_session_does_not_need_pays_the_oldest_debt() -> None:
    found = account(
        debt(3, 5000, session=3, on=LATER), debt(1, 2000, session=1), debt(2, 1000, session=2), taken(2, 4000)
    )

    assert found.moves == [
        Move("session:2", "charge:2", 1000),
        Move("session:2", "charge:1", 2000),
        Move("session:2", "charge:3", 1000),
    ]
    assert found.balances == {"charge:3": 4000}


def test_of_two_debts_of_one_day_the_one_entered_first_is_the_older() -> None:
    found = account(debt(10, 1000, session=2), debt(9, 1000), credit(1500))

    assert found.balances == {"charge:10": 500}


def test_money_stays_with_its_session_while_the_insurer_is_undecided() -> None:
    found = account(debt(1, 5000), taken(2, 2500, LATER, Waiting.INSURER, 16500))

    assert found.moves == []
    assert (found.owed_cents, found.free_cents, found.kept) == (5000, 0, {"session:2": 2500})


def test_what_the_undecided_session_could_never_cost_is_free() -> None:
    found = account(debt(1, 5000), taken(2, 20000, LATER, Waiting.INSURER, 9500))

    assert found.balances == {"session:2": -9500, CREDIT: -5500}


def test_what_the_patient_owes_of_a_session_is_paid_before_the_rest_waits() -> None:
    found = account(debt(1, 1500, session=2), taken(2, 2500, waiting=Waiting.INSURER, waits=7000))

    assert found.balances == {"session:2": -1000}


def test_what_nobody_owes_is_the_patients_credit() -> None:
    found = account(debt(1, 5000), taken(1, 8000))

    assert found.balances == {CREDIT: -3000}
    assert found.free_cents == 3000


def test_a_charge_paid_beyond_its_amount_becomes_credit_again() -> None:
    found = account(debt(1, -5000), debt(2, 2000, session=2, on=LATER))

    assert found.balances == {CREDIT: -3000}


def test_money_of_a_charge_that_was_taken_back_pays_the_one_that_took_its_place_first() -> None:
    found = account(debt(1, 3000, session=1), debt(2, -4000, session=2), debt(3, 4000, session=2, on=LATER))

    assert found.balances == {"charge:1": 3000}


def test_more_given_back_than_was_there_is_a_debt_like_another() -> None:
    found = account(taken(1, -3000), debt(1, 1000, session=2, on=LATER), credit(3500))

    assert found.balances == {"charge:1": 500}


def test_a_subject_nobody_foresaw_takes_part_and_comes_last() -> None:
    found = account(Subject(None, -4000), Subject("fee:no-show", 2500), debt(7, 3000))

    assert found.balances == {"fee:no-show": 1500}


def test_only_what_the_books_do_not_say_yet_is_left_to_post() -> None:
    found = account(debt(1, 5000), credit(3000), charge_1=-2000, credit_4=2000)

    assert found.differences == {"charge:1": -1000, CREDIT: 1000}
    assert account(debt(1, 5000), credit(3000), charge_1=-3000, credit_4=3000).differences == {}


def test_an_allocation_whose_cause_is_gone_is_taken_back() -> None:
    found = account(Subject("charge:1", 0), credit(3000), charge_1=-3000, credit_4=3000)

    assert found.differences == {"charge:1": 3000, CREDIT: -3000}


def test_a_subject_has_a_kind_and_perhaps_a_number() -> None:
    assert [parted(about) for about in ("charge:17", "fee:no-show", None)] == [("charge", 17), ("fee", 0), ("", 0)]


CENTS = st.integers(-20_000, 20_000)
DAYS = st.dates(DAY, LATER)
SUBJECT = st.one_of(
    st.builds(Subject, st.integers(1, 12).map("charge:{}".format), CENTS, st.integers(1, 4), DAYS),
    st.integers(1, 4).flatmap(
        lambda number: st.builds(
            Subject, st.just(f"session:{number}"), CENTS, st.just(number), DAYS, st.sampled_from(Waiting),
            st.integers(0, 15_000),
        )
    ),
    st.builds(Subject, st.sampled_from([CREDIT, "fee:1", None]), CENTS),
)  # fmt: skip
SUBJECTS = st.lists(SUBJECT, max_size=14, unique_by=lambda one: one.about)


@given(subjects=SUBJECTS)
def test_nothing_is_made_lost_spent_twice_or_paid_beyond_its_amount(subjects: list[Subject]) -> None:
    found = Account(4, tuple(subjects))

    spent: Counter[str | None] = Counter()
    for move in found.moves:
        spent.update({move.source: move.cents})
    booked = {one.about: one.cents for one in subjects}
    assert sum(found.differences.values()) == 0
    assert sum(found.balances.values()) == sum(booked.values())
    assert all(move.cents > 0 for move in found.moves)
    assert all(spent[about] <= -booked[about] for about in spent)
    for about in booked.keys() - {CREDIT}:
        low, high = sorted((0, booked[about]))
        assert low <= found.balances.get(about, 0) <= high


@given(data=st.data())
def test_the_order_in_which_things_are_told_does_not_matter(data: st.DataObject) -> None:
    subjects = data.draw(SUBJECTS)

    shuffled = data.draw(st.permutations(subjects))

    assert moves(shuffled, CREDIT) == moves(subjects, CREDIT)


@given(subjects=SUBJECTS)
def test_what_has_been_posted_is_not_posted_again(subjects: list[Subject]) -> None:
    first = Account(4, tuple(subjects))

    again = Account(4, tuple(subjects), first.differences)

    assert again.differences == {}
    assert again.balances == first.balances


@given(subjects=SUBJECTS, before=SUBJECTS)
def test_whatever_was_allocated_before_the_books_end_where_they_would_have(
    subjects: list[Subject], before: list[Subject]
) -> None:
    posted = Account(4, tuple(before)).differences

    found = Account(4, tuple(subjects), posted)

    mended = Counter(posted)
    mended.update(found.differences)
    fresh = Account(4, tuple(subjects)).differences
    assert {about: cents for about, cents in mended.items() if cents} == fresh
    assert sum(found.differences.values()) == 0


@given(subjects=SUBJECTS)
def test_while_anything_is_owed_there_is_no_free_credit(subjects: list[Subject]) -> None:
    found = Account(4, tuple(subjects))

    assert found.free_cents == 0 or found.owed_cents == 0


@given(subjects=SUBJECTS)
def test_money_that_waits_for_its_session_pays_for_nothing_else(subjects: list[Subject]) -> None:
    found = Account(4, tuple(subjects))

    for one in subjects:
        if one.cents < 0:
            own = {each.about for each in subjects if each.session_id == one.session_id and one.session_id}
            paid_own = sum(move.cents for move in found.moves if move.source == one.about and move.target in own)
            elsewhere = sum(move.cents for move in found.moves if move.source == one.about and move.target not in own)
            assert elsewhere <= max(0, -one.cents - paid_own - one.waiting_cents)
