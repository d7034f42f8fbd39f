"""The books defend themselves: what is wrong is refused by the database, whatever the program does."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from billing.database import Database, Db
from billing.ledger.models import Entry, Posting

ENTRY = {"booked_on": date(2026, 3, 31), "recorded_at": datetime(2026, 3, 31, 12, tzinfo=UTC), "memo": "a test"}


def write_postings(db: Db, source: str, *amounts: int, first_position: int = 1) -> None:
    """One posting for each amount, in cents, on accounts of their own."""
    rows = [
        {"entry": source, "position": position, "account": f"account:{position}", "about": None, "cents": cents}
        for position, cents in enumerate(amounts, first_position)
    ]
    db.execute(sa.insert(Posting), rows)


def write_entry(db: Db, source: str) -> None:
    """The entry that closes what was posted under that source."""
    db.execute(sa.insert(Entry).values(source=source, **ENTRY))


def book(db: Db, source: str, *amounts: int) -> None:
    """An entry with a posting for each amount."""
    write_postings(db, source, *amounts)
    write_entry(db, source)


def in_the_books(database: Database) -> list[tuple[str, int]]:
    """Every posting's source and amount."""
    with database.reading() as db:
        asked = sa.select(Posting.entry, Posting.cents).order_by(Posting.entry, Posting.position)
        return [(entry, cents) for entry, cents in db.execute(asked)]


@pytest.fixture
def booked(database: Database) -> Database:
    """Books with one entry."""
    with database.transaction() as db:
        book(db, "charge:1", 16500, -16500)
    return database


def test_a_balanced_entry_goes_in(database: Database) -> None:
    with database.transaction() as db:
        book(db, "charge:1", 16500, -10000, -6500)

    assert in_the_books(database) == [("charge:1", 16500), ("charge:1", -10000), ("charge:1", -6500)]


def test_an_entry_that_does_not_sum_to_zero_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="must sum to zero"), database.transaction() as db:
        book(db, "charge:1", 16500, -16499)

    assert in_the_books(database) == []


def test_an_entry_of_one_posting_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="must sum to zero"), database.transaction() as db:
        book(db, "charge:1", 0)

    assert in_the_books(database) == []


def test_an_entry_without_postings_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="must sum to zero"), database.transaction() as db:
        write_entry(db, "charge:1")


def test_a_posting_to_an_entry_that_is_closed_is_refused(booked: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="closed"), booked.transaction() as db:
        write_postings(db, "charge:1", 100, first_position=3)

    assert in_the_books(booked) == [("charge:1", 16500), ("charge:1", -16500)]


def test_balanced_postings_to_an_entry_that_is_closed_are_refused(booked: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="closed"), booked.transaction() as db:
        write_postings(db, "charge:1", 100, -100, first_position=3)

    assert in_the_books(booked) == [("charge:1", 16500), ("charge:1", -16500)]


def test_a_posting_slipped_in_before_the_entry_is_committed_is_refused(postgresql_database: Database) -> None:
    engine = postgresql_database.engine
    with Session(engine) as late, Session(engine) as first:
        book(first, "charge:1", 16500, -16500)
        write_postings(late, "charge:1", 100, first_position=3)
        first.commit()

        with pytest.raises(sa.exc.IntegrityError):
            late.commit()

    assert in_the_books(postgresql_database) == [("charge:1", 16500), ("charge:1", -16500)]


def test_postings_without_an_entry_are_refused_at_commit(database: Database) -> None:
    reached_the_end = False

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        write_postings(db, "charge:1", 100, -100)
        reached_the_end = True

    assert reached_the_end
    assert in_the_books(database) == []


def test_the_same_cause_is_not_booked_twice(booked: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), booked.transaction() as db:
        book(db, "charge:1", 16500, -16500)

    assert in_the_books(booked) == [("charge:1", 16500), ("charge:1", -16500)]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE ledger_posting SET cents = 0",
        "UPDATE ledger_posting SET account = 'mine'",
        "UPDATE ledger_entry SET memo = 'nothing to see'",
        "UPDATE ledger_entry SET booked_on = '2020-01-01'",
        "DELETE FROM ledger_posting",
        "DELETE FROM ledger_entry",
        "INSERT INTO ledger_entry (source, booked_on, recorded_at, memo)"
        " VALUES ('charge:1', '2020-01-01', '2020-01-01 00:00:00', 'other')"
        " ON CONFLICT (source) DO UPDATE SET memo = excluded.memo",
    ],
)
def test_what_is_booked_stays_as_it_is(change: str, booked: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), booked.transaction() as db:
        db.execute(sa.text(change))

    assert in_the_books(booked) == [("charge:1", 16500), ("charge:1", -16500)]


def test_what_is_booked_cannot_be_replaced_on_sqlite(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        book(db, "charge:1", 16500, -16500)

    with pytest.raises(sa.exc.IntegrityError), sqlite_database.transaction() as db:
        db.execute(
            sa.text(
                "INSERT OR REPLACE INTO ledger_posting (entry, position, account, cents)"
                " VALUES ('charge:1', 1, 'mine', 1)"
            )
        )

    assert in_the_books(sqlite_database) == [("charge:1", 16500), ("charge:1", -16500)]


def test_the_books_cannot_be_emptied_on_postgresql(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as db:
        book(db, "charge:1", 16500, -16500)

    with pytest.raises(sa.exc.IntegrityError), postgresql_database.transaction() as db:
        db.execute(sa.text("TRUNCATE ledger_entry, ledger_posting"))

    assert in_the_books(postgresql_database) == [("charge:1", 16500), ("charge:1", -16500)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=5))
def test_only_what_sums_to_zero_is_ever_booked(amounts: list[int], database: Database) -> None:
    before = len(in_the_books(database))
    source = f"charge:{before}:{amounts}"
    balanced = len(amounts) > 1 and sum(amounts) == 0

    try:
        with database.transaction() as db:
            book(db, source, *amounts)
        went_in = True
    except sa.exc.IntegrityError:
        went_in = False

    assert went_in == balanced
    assert sum(cents for _, cents in in_the_books(database)) == 0


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts=st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=5))
def test_anything_with_its_counterpart_is_booked(amounts: list[int], database: Database) -> None:
    source = f"charge:{len(in_the_books(database))}"

    with database.transaction() as db:
        book(db, source, *amounts, -sum(amounts))

    assert len([entry for entry, _ in in_the_books(database) if entry == source]) == len(amounts) + 1
