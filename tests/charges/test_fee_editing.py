"""Setting prices from a day on, and taking back what nothing was charged by."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from billing.charges.capturing import standing_charges
from billing.charges.fee_editing import NewPrice, add_fee, normal_code, take_back_fee
from billing.charges.models import Fee
from billing.database import Database, Db
from billing.errors import NotFound, Refused
from tests.claims.office import open_office
from tests.factories import DAY, make_clinic, make_fee, make_payer

BEGAN = date(2020, 1, 1)
SPRING = date(2026, 3, 1)


def price(code: str = "97810", **changes: Any) -> NewPrice:
    return NewPrice(**{"code": code, "payer_id": None, "cents": 98_00, "effective_from": SPRING, **changes})


def prices(db: Db, code: str = "97810") -> list[tuple[date, int, int | None]]:
    rows = db.scalars(select(Fee).where(Fee.code == code).order_by(Fee.effective_from, Fee.id))
    return [(fee.effective_from, fee.cents, fee.payer_id) for fee in rows]


def fields(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.where.removeprefix("field:") for problem in refused.value.problems]


def test_a_new_price_follows_and_keeps_the_old_one(database: Database) -> None:
    with database.transaction() as db:
        make_fee(db, "97810", 95_00)
        add_fee(db, price())

    with database.reading() as db:
        assert prices(db) == [(BEGAN, 95_00, None), (SPRING, 98_00, None)]


def test_a_contract_has_prices_of_its_own(database: Database) -> None:
    with database.transaction() as db:
        payer = make_payer(db)
        make_fee(db, "97810", 95_00)
        add_fee(db, price(payer_id=payer.id, cents=62_00, effective_from=BEGAN))

    with database.reading() as db:
        assert prices(db) == [(BEGAN, 95_00, None), (BEGAN, 62_00, payer.id)]


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"effective_from": BEGAN}, ["effective_from"]),
        ({"cents": 95_00}, ["amount"]),
        ({"cents": 0}, ["amount"]),
        ({"cents": 10_000_01}, ["amount"]),
        ({"code": "NO SUCH"}, ["code"]),
        ({"code": "CUPPING"}, ["own_code_is_meant"]),
        ({"effective_from": date(2019, 1, 1)}, ["code"]),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], wrong: list[str]
) -> None:
    with sqlite_database.transaction() as db:
        make_fee(db, "97810", 95_00)

        with pytest.raises(Refused) as refused:
            add_fee(db, price(**changes))

        assert fields(refused) == wrong
        assert prices(db) == [(BEGAN, 95_00, None)]


def test_a_code_of_the_clinics_own_is_asked_about_once(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        add_fee(db, price("CUPPING", cents=25_00), own_code_is_meant=True)
        add_fee(db, price("CUPPING", cents=30_00, effective_from=date(2026, 6, 1)))

        assert [cents for _, cents, _ in prices(db, "CUPPING")] == [25_00, 30_00]


def test_a_price_of_a_payer_that_is_not_there_is_not_set(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(NotFound):
            add_fee(db, price(payer_id=7))


def test_a_price_since_when_sessions_are_charged_is_asked_about_and_then_charged(database: Database) -> None:
    office = open_office(database)
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit()
    office.bill()

    with database.transaction() as db, pytest.raises(Refused, match="1 session is charged for 97810") as refused:
        add_fee(db, price())
    with database.transaction() as db:
        _, charged = add_fee(db, price(), charged_is_meant=True)
    office.bill()

    assert fields(refused) == ["charged_is_meant"]
    assert charged == 1
    with database.reading() as db:
        assert [(one.code, one.cents) for one in standing_charges(db, [session.id])[session.id]] == [
            ("97810", 98_00),
            ("97811", 70_00),
        ]


def test_charges_that_were_filed_stay_as_they_are(sqlite_database: Database) -> None:
    office = open_office(sqlite_database)
    session = office.visit()
    office.bill()

    office.write(lambda db: add_fee(db, price(), charged_is_meant=True))
    office.bill()

    with sqlite_database.reading() as db:
        assert standing_charges(db, [session.id])[session.id][0].cents == 95_00


def test_charges_after_the_next_price_are_not_concerned(sqlite_database: Database) -> None:
    office = open_office(sqlite_database)
    office.visit()
    office.bill()
    office.write(lambda db: make_fee(db, "97810", 97_00, effective_from=DAY))

    with sqlite_database.transaction() as db:
        _, charged = add_fee(db, price(effective_from=date(2026, 2, 1)))

    assert charged == 0


def test_what_a_contract_allows_concerns_no_charge(sqlite_database: Database) -> None:
    office = open_office(sqlite_database)
    office.visit()
    office.bill()

    with sqlite_database.transaction() as db:
        _, charged = add_fee(db, price(payer_id=office.scene.payer.id))

    assert charged == 0


def test_a_price_to_come_is_taken_back(database: Database) -> None:
    with database.transaction() as db:
        make_fee(db, "97810", 95_00)
        to_come, _ = add_fee(db, price())
    with database.transaction() as db:
        take_back_fee(db, to_come.id)

    with database.reading() as db:
        assert prices(db) == [(BEGAN, 95_00, None)]


def test_a_price_that_was_charged_is_not_taken_back(sqlite_database: Database) -> None:
    office = open_office(sqlite_database)
    office.visit()
    office.bill()

    with sqlite_database.transaction() as db:
        charged = db.scalars(select(Fee).where(Fee.code == "97810")).one()

        with pytest.raises(Refused, match="1 session has been charged"):
            take_back_fee(db, charged.id)

        assert prices(db) == [(BEGAN, 95_00, None)]


def test_a_price_that_is_not_there_is_not_taken_back(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db, pytest.raises(NotFound):
        take_back_fee(db, 7)


@pytest.mark.parametrize(
    ("typed", "code"), [(" gua-sha ", "GUA-SHA"), ("97810", "97810"), ("a b", ""), ("", ""), ("x" * 21, "")]
)
def test_codes_are_kept_in_capitals(typed: str, code: str) -> None:
    assert normal_code(typed) == code
