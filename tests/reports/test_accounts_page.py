"""The list of accounts: who is on it, in which order, page by page, and what it says in sum."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from billing.database import Database, Db
from billing.invoices.statement_issuing import issue_statements
from billing.patients.models import Patient
from billing.payments.allocating import allocate
from billing.payments.models import PaymentMethod
from billing.payments.taking import take_payment
from billing.reports.accounts_page import ROWS, AccountsPage, Sort, View, accounts_page, patients_called
from tests.factories import NOW, Scene, make_patient, set_scene
from tests.payments.desk import charge, pay
from tests.web.statements import counted

ON = date(2026, 4, 1)


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.transaction() as db:
        return set_scene(db)


def owing(db: Db, scene: Scene, cents: int, days: int = 10, **who: str) -> Patient:
    """Another patient, who owes that for a visit so many days ago."""
    patient = make_patient(db, **who)
    charge(db, scene.visit(db, ON - timedelta(days=days), patient_id=patient.id), cents)
    return patient


def listed(
    database: Database, view: View = View.OWING, sort: Sort = Sort.AMOUNT, after: str = "", typed: str = ""
) -> AccountsPage:
    with database.reading() as db:
        return accounts_page(db, ON, view, sort, after, typed)


def names(page: AccountsPage) -> Sequence[str]:
    return [row.patient.first_name for row in page.rows]


def test_those_who_owe_are_listed_the_largest_amount_first(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        for name, cents in (("Ann", 20_00), ("Bea", 90_00), ("Cem", 45_00)):
            owing(db, scene, cents, first_name=name)

    page = listed(database)

    assert names(page) == ["Bea", "Cem", "Ann"]
    assert (page.totals.owing, page.totals.owing_count, page.found) == (155_00, 3, 3)
    assert page.totals.ages == (155_00, 0, 0, 0)


def test_by_age_the_oldest_open_visit_comes_first(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        for name, days in (("Ann", 5), ("Bea", 200), ("Cem", 70)):
            owing(db, scene, 50_00, days, first_name=name)

    assert names(listed(database, sort=Sort.AGE)) == ["Bea", "Cem", "Ann"]


@pytest.mark.parametrize("sort", list(Sort))
def test_pages_follow_each_other_without_a_gap_or_a_repeat(database: Database, scene: Scene, sort: Sort) -> None:
    with database.transaction() as db:
        for number in range(ROWS + 7):
            owing(db, scene, 10_00 + number % 3, 10 + number % 4, first_name=f"P{number}")

    first = listed(database, sort=sort)
    second = listed(database, sort=sort, after=first.next_key)

    assert len(first.rows) == ROWS
    assert len({*names(first), *names(second)}) == ROWS + 7
    assert second.next_key == ""
    assert first.found == second.found == ROWS + 7


def test_a_page_that_nobody_made_begins_at_the_beginning(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        owing(db, scene, 10_00, first_name="Ann")

    assert names(listed(database, after="not.a.key")) == ["Ann"]


def test_the_columns_of_those_who_owe_add_up_to_what_they_owe(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        patient = owing(db, scene, 100_00, first_name="Ann")
        ahead = scene.visit(db, ON - timedelta(days=1), patient_id=patient.id)
        charge(db, ahead, 80_00, insured=True)
        pay(db, patient.id, 25_00, f"session:{ahead.id}")
        allocate(db, [patient.id], NOW)
        rich = make_patient(db, first_name="Bea")
        pay(db, rich.id, 40_00, f"credit:{rich.id}")

    page = listed(database)

    (row,) = page.rows
    assert (row.standing.balance, row.standing.open, row.standing.money, row.waiting) == (75_00, 100_00, 25_00, 80_00)
    assert page.totals.open - page.totals.money == page.totals.owing == 75_00
    assert (page.totals.kept, page.totals.credit, page.totals.money_count) == (25_00, 40_00, 2)


def test_money_that_waits_is_listed_with_whoever_it_belongs_to(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        owing(db, scene, 100_00, first_name="Ann")
        rich = make_patient(db, first_name="Bea")
        pay(db, rich.id, 40_00, f"credit:{rich.id}")

    page = listed(database, View.MONEY)

    assert names(page) == ["Bea"]
    assert page.rows[0].standing.balance == -40_00


def test_a_name_is_found_by_any_parts_of_it_in_any_case(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        owing(db, scene, 10_00, first_name="Éva", last_name="Nagy-Kovács")
        owing(db, scene, 10_00, first_name="Bea", last_name="Quill")

    assert names(listed(database, typed="éva KOV")) == ["Éva"]
    assert names(listed(database, typed="qu be")) == ["Bea"]
    assert listed(database, typed="%").found == 0


def test_of_payments_and_statements_the_last_one_is_told(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        patient = owing(db, scene, 100_00, days=60)
        for cents, day in ((10_00, 20), (5_00, 28), (7_00, 24)):
            on = date(2026, 3, day)
            take_payment(db, patient.id, cents, PaymentMethod.CASH, on, at=NOW)
        for on in (date(2026, 3, 29), date(2026, 3, 31)):
            issue_statements(db, [patient.id], on, NOW)

    (row,) = listed(database).rows

    assert row.last_payment is not None
    assert (row.last_payment.on, row.last_payment.cents) == (date(2026, 3, 28), 5_00)
    assert row.last_statement is not None
    assert (row.last_statement.on, row.last_statement.name) == (date(2026, 3, 31), "ST-000002")


def test_a_longer_list_asks_no_more_of_the_database(database: Database, scene: Scene) -> None:
    def statements() -> int:
        with counted(database) as seen:
            listed(database)
        return len(seen)

    with database.transaction() as db:
        owing(db, scene, 10_00)
    one = statements()
    with database.transaction() as db:
        for _ in range(20):
            owing(db, scene, 10_00)

    assert statements() == one <= 6


def test_names_are_looked_through_for_every_word(database: Database) -> None:
    with database.transaction() as db:
        wanted = make_patient(db, first_name="Ann", last_name="Quill").id
        make_patient(db, first_name="Ann", last_name="Marsh")

    with database.reading() as db:
        assert patients_called(db, "quill ann") == {wanted}
