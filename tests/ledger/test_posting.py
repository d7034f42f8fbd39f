"""Entries go in, are taken back by their mirror image once, and every balance is a sum."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.database import Database, Db
from billing.errors import NotFound
from billing.ledger.accounts import INCOME, money_received, owed_by_insurance, owed_by_patient
from billing.ledger.models import Posting
from billing.ledger.posting import Line, NewEntry, post, reverse
from billing.ledger.queries import (
    accounts_of,
    balance,
    movements,
    paid_by_patients_about,
    unbalanced_entries,
)

ON, LATER = date(2026, 3, 3), date(2026, 4, 1)
AT = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)


def charge(number: object, cents: int = 9500, account: str = "patient:4") -> NewEntry:
    source = f"charge:{number}"
    return NewEntry(source, ON, "97810 x1", [Line(account, cents, source), Line(INCOME, -cents, source)])


def payment(number: object, cents: int = 2500, account: str = "patient:4", about: str | None = None) -> NewEntry:
    lines = [Line(money_received("card"), cents, about), Line(account, -cents, about)]
    return NewEntry(f"payment:{number}", LATER, "Payment by card", lines)


def postings(db: Db) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(Posting)) or 0


def test_the_accounts_of_a_patient_and_of_the_insurers_are_two() -> None:
    assert owed_by_patient(4) == "patient:4"
    assert owed_by_insurance(4) == "insurance:4"


def test_an_account_nobody_posted_to_is_at_zero(database: Database) -> None:
    with database.reading() as db:
        assert balance(db, "patient:4") == 0
        assert movements(db, "patient:4") == []


def test_a_balance_is_what_was_charged_less_what_was_paid(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1), charge(2, 7000), payment(1)], AT)

        assert balance(db, "patient:4") == 14000
        assert balance(db, INCOME) == -16500
        assert balance(db, money_received("card")) == 2500


def test_a_balance_counts_whole_account_codes_only(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1, account="patient:4"), charge(2, 100, account="patient:44")], AT)

        assert balance(db, "patient:4") == 9500


def test_movements_come_in_the_order_they_were_booked_whenever_they_were_recorded(database: Database) -> None:
    with database.transaction() as db:
        post(db, [payment(1, about="session:3")], AT - timedelta(days=1))
        post(db, [charge(1)], AT)

        found = movements(db, "patient:4")

        assert [(one.booked_on, one.source, one.memo, one.about, one.cents) for one in found] == [
            (ON, "charge:1", "97810 x1", "charge:1", 9500),
            (LATER, "payment:1", "Payment by card", "session:3", -2500),
        ]


def test_posting_nothing_writes_nothing(database: Database) -> None:
    with database.transaction() as db:
        post(db, [], AT)

        assert postings(db) == 0


def test_of_several_entries_all_go_in_or_none(database: Database) -> None:
    lopsided = NewEntry("charge:2", ON, "wrong", [Line("patient:4", 100), Line(INCOME, -99)])

    with pytest.raises(sa.exc.IntegrityError, match="sum to zero"), database.transaction() as db:
        post(db, [charge(1), lopsided, charge(3)], AT)

    with database.reading() as db:
        assert postings(db) == 0


def test_a_thing_is_posted_once(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1)], AT)

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        post(db, [charge(1, 100)], AT)

    with database.reading() as db:
        assert balance(db, "patient:4") == 9500


def test_a_reversal_is_the_mirror_image_on_its_own_day(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1), charge(2, 7000)], AT)

        reverse(db, ["charge:1"], LATER, AT)

        assert balance(db, "patient:4") == 7000
        [_, _, mirror] = movements(db, "patient:4")
        assert (mirror.booked_on, mirror.source, mirror.about, mirror.cents) == (
            LATER,
            "reversal:charge:1",
            "charge:1",
            -9500,
        )


def test_a_thing_is_reversed_once(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1)], AT)
        reverse(db, ["charge:1"], LATER, AT)

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        reverse(db, ["charge:1"], LATER, AT)

    with database.reading() as db:
        assert balance(db, "patient:4") == 0


def test_what_was_never_posted_cannot_be_reversed_and_nothing_else_is(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1)], AT)

        with pytest.raises(NotFound, match="charge:2, charge:3"):
            reverse(db, ["charge:1", "charge:2", "charge:3"], LATER, AT)

        assert balance(db, "patient:4") == 9500


def test_reversing_nothing_writes_nothing(database: Database) -> None:
    with database.transaction() as db:
        reverse(db, [], LATER, AT)

        assert postings(db) == 0


def test_what_patients_paid_is_known_by_what_it_was_about(database: Database) -> None:
    with database.transaction() as db:
        post(
            db,
            [
                payment(1, 2500, about="session:3"),
                payment(2, 1500, about="session:3"),
                payment(3, 4000, about="session:4"),
                payment(4, 9999, about="session:5"),
                payment(5, 700, account="insurance:4", about="session:6"),
            ],
            AT,
        )

        found = paid_by_patients_about(db, ["session:3", "session:4", "session:6", "session:7"])

        assert found == {"session:3": 4000, "session:4": 4000}


def test_a_payment_taken_back_paid_nothing(database: Database) -> None:
    with database.transaction() as db:
        post(db, [payment(1, 2500, about="session:3")], AT)
        reverse(db, ["payment:1"], LATER, AT)

        assert paid_by_patients_about(db, ["session:3"]).get("session:3", 0) == 0


def test_the_accounts_of_an_entry_are_known_by_its_source(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1), payment(1)], AT)

        assert accounts_of(db, ["charge:1", "charge:9"]) == {"charge:1": {"patient:4", INCOME}}


def test_sound_books_have_nothing_unbalanced(database: Database) -> None:
    with database.transaction() as db:
        post(db, [charge(1), payment(1), charge(2, 0)], AT)
        reverse(db, ["charge:1"], LATER, AT)

        assert unbalanced_entries(db) == []


@pytest.mark.parametrize("amounts", [(100, -99), (0,)], ids=["not zero", "one posting"])
def test_books_that_somebody_tampered_with_are_found_out(amounts: tuple[int, ...], sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        post(db, [charge(1)], AT)
        db.execute(sa.text("DROP TRIGGER ledger_entry_sums_to_zero"))
        lines = [Line(f"account:{position}", cents) for position, cents in enumerate(amounts)]
        post(db, [NewEntry("forged:1", ON, "forged", lines)], AT)

        assert unbalanced_entries(db) == ["forged:1"]


_PATIENT = st.sampled_from(["patient:1", "patient:2", "insurance:1"])
_CENTS = st.integers(-(10**6), 10**7)
_WORK = st.lists(
    st.one_of(
        st.tuples(st.just("charge"), _PATIENT, _CENTS),
        st.tuples(st.just("payment"), _PATIENT, _CENTS),
        st.tuples(st.just("reversal"), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("lopsided"), _PATIENT, st.integers(1, 100)),
    ),
    max_size=14,
)
_runs = count(1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=_WORK)
def test_after_any_work_the_books_sum_to_zero_and_every_balance_is_what_a_plain_sum_says(
    work: list[tuple[str, str | int, int]], database: Database
) -> None:
    run = next(_runs)
    plain: Counter[str] = Counter()
    posted: list[NewEntry] = []
    taken_back: set[str] = set()

    for number, (kind, which, cents) in enumerate(work):
        account = f"run{run}:{which}"
        if kind == "reversal":
            if not posted:
                continue
            entry = posted[int(which) % len(posted)]
            assert went_in(database, entry, reversing=True) == (entry.source not in taken_back)
            if entry.source not in taken_back:
                plain.subtract({line.account: line.cents for line in entry.lines})
            taken_back.add(entry.source)
        elif kind == "lopsided":
            lines = [Line(account, cents), Line(f"run{run}:other", -cents + 1)]
            assert not went_in(database, NewEntry(f"lopsided:{run}:{number}", ON, "wrong", lines))
        else:
            other = f"run{run}:{kind}"
            lines = [Line(account, cents), Line(other, -cents)]
            entry = NewEntry(f"{kind}:{run}:{number}", ON, kind, lines)
            assert went_in(database, entry)
            posted.append(entry)
            plain.update({account: cents, other: -cents})

    with database.reading() as db:
        assert {account: balance(db, account) for account in plain} == dict(plain)
        assert {account: sum(one.cents for one in movements(db, account)) for account in plain} == dict(plain)
        assert db.scalar(sa.select(sa.func.coalesce(sa.func.sum(Posting.cents), 0))) == 0
        assert unbalanced_entries(db) == []


def went_in(database: Database, entry: NewEntry, *, reversing: bool = False) -> bool:
    """Whether the books took the entry, or its reversal."""
    try:
        with database.transaction() as db:
            if reversing:
                reverse(db, [entry.source], LATER, AT)
            else:
                post(db, [entry], AT)
    except sa.exc.IntegrityError:
        return False
    return True
