"""Amounts are told apart by what they are about; allocations move them there, and change no balance."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa

from billing.database import Database, Db
from billing.ledger.accounts import (
    ALLOCATIONS,
    INCOME,
    money_received,
    owed_by_insurance,
    owed_by_patient,
    owner_of,
    unapplied,
)
from billing.ledger.posting import Line, NewEntry, post
from billing.ledger.queries import (
    AboutOne,
    balance,
    balances_by_subject,
    entries_counted,
    paid_by_patients_about,
)

ON = date(2026, 3, 3)
AT = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)


def entry(source: str, *lines: tuple[str, int, str | None]) -> NewEntry:
    return NewEntry(source, ON, source, [Line(*line) for line in lines])


def allocation(number: int, cents: int, patient: int = 4) -> NewEntry:
    code = owed_by_patient(patient)
    return entry(f"{ALLOCATIONS}{patient}:{number}", (code, cents, "session:3"), (code, -cents, "charge:1"))


def book(db: Db) -> None:
    """A charge of 95.00, and 25.00 paid with its session."""
    post(
        db,
        [
            entry("charge:1", ("patient:4", 9500, "charge:1"), (INCOME, -9500, "charge:1")),
            entry("payment:1", (money_received("card"), 2500, "session:3"), ("patient:4", -2500, "session:3")),
        ],
        AT,
    )


def test_accounts_of_patients_and_their_insurers_say_whose_they_are() -> None:
    assert owner_of(owed_by_patient(45)) == owner_of(owed_by_insurance(45)) == 45
    assert owner_of(INCOME) is None
    assert owner_of(money_received("card")) is None
    assert unapplied(45) == "credit:45"


def test_an_allocation_moves_amounts_between_subjects_and_leaves_the_balance(database: Database) -> None:
    with database.transaction() as db:
        book(db)
        before = balance(db, "patient:4")

        post(db, [allocation(1, 2500)], AT)

        assert balance(db, "patient:4") == before == 7000
        assert balances_by_subject(db, ["patient:4"]) == [
            AboutOne("patient:4", "charge:1", 9500, -2500),
            AboutOne("patient:4", "session:3", -2500, 2500),
        ]


def test_what_is_even_in_both_ways_is_left_out(database: Database) -> None:
    with database.transaction() as db:
        book(db)
        post(db, [allocation(1, 2500), allocation(2, -2500)], AT)
        post(db, [entry("refund:1", ("money:card", -2500, None), ("patient:4", 2500, "session:3"))], AT)

        assert balances_by_subject(db, ["patient:4", "patient:5"]) == [AboutOne("patient:4", "charge:1", 9500, 0)]


def test_several_accounts_are_told_in_one_query(database: Database) -> None:
    with database.transaction() as db:
        book(db)
        post(db, [entry("charge:2", ("insurance:4", 7000, "charge:2"), (INCOME, -7000, "charge:2"))], AT)
        statements: list[str] = []
        sa.event.listen(db.connection(), "before_cursor_execute", lambda *told: statements.append(told[2]))

        found = balances_by_subject(db, ["patient:4", "insurance:4"])

        assert [(one.account, one.about) for one in found] == [
            ("insurance:4", "charge:2"),
            ("patient:4", "charge:1"),
            ("patient:4", "session:3"),
        ]
        assert len(statements) == 1


def test_allocations_are_counted_by_account(database: Database) -> None:
    with database.transaction() as db:
        book(db)
        post(db, [allocation(1, 1000), allocation(2, 500), allocation(1, 300, patient=44)], AT)

        found = entries_counted(db, ["patient:4", "patient:44", "patient:5"], ALLOCATIONS)

        assert found == {"patient:4": 2, "patient:44": 1}


def test_what_was_paid_with_a_session_does_not_depend_on_where_the_money_went(database: Database) -> None:
    with database.transaction() as db:
        book(db)

        post(db, [allocation(1, 2500)], AT)

        assert paid_by_patients_about(db, ["session:3"]) == {"session:3": 2500}
