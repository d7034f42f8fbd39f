"""Entering insurers and changing what is on file of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from billing.database import Database
from billing.errors import NotFound, Refused
from billing.payers.editing import PayerDetails, add_payer, edit_payer, payer_details_of
from billing.payers.models import Payer, PayerKind
from tests.factories import make_clinic, make_payer

PLAN = PayerDetails("Example Health", PayerKind.COMMERCIAL, "EX001", "PO Box 1", "Salem", "OR", "97301", 90)


def fields(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.where.removeprefix("field:") for problem in refused.value.problems]


def test_an_insurer_is_put_on_file(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        made = add_payer(db, replace(PLAN, name=" Example  Health ", payer_number="ex001", state="or"))

    with database.reading() as db:
        assert payer_details_of(db.get_one(Payer, made.id)) == PLAN


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"name": " - "}, ["name"]),
        ({"payer_number": "A B"}, ["payer_number"]),
        ({"state": "XX", "zip": "1"}, ["state", "zip"]),
        ({"filing_limit_days": 0}, ["filing_limit_days"]),
        ({"city": "x" * 201}, ["city"]),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], wrong: list[str]
) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(Refused) as refused:
            add_payer(db, replace(PLAN, **changes))

        assert fields(refused) == wrong
        assert db.scalar(select(func.count(Payer.id))) == 0


def test_a_clinic_elsewhere_has_other_addresses(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db, time_zone="Europe/London", currency="GBP")

        assert add_payer(db, replace(PLAN, state="Kent", zip="CT1 2EH")).zip == "CT1 2EH"


def test_the_same_name_twice_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        add_payer(db, PLAN)

        with pytest.raises(Refused, match="on file already") as refused:
            add_payer(db, replace(PLAN, name="EXAMPLE health"))

        assert fields(refused) == ["name"]


def test_what_does_not_change_is_not_judged(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        old = make_payer(db, name="Twin", payer_number="a b", state="xx", zip="1")
        make_payer(db, name="Twin")

        edit_payer(
            db, old.id, replace(payer_details_of(old), filing_limit_days=180), uses=3, kind_is_meant=False
        )  # fmt: skip

        assert old.filing_limit_days == 180


def test_an_insurer_in_use_changes_its_kind_only_when_that_is_meant(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        payer = add_payer(db, PLAN)
    wanted = replace(PLAN, kind=PayerKind.MEDICARE)

    with database.transaction() as db, pytest.raises(Refused) as refused:
        edit_payer(db, payer.id, wanted, uses=1, kind_is_meant=False)
    with database.reading() as db:
        before = db.get_one(Payer, payer.id).kind
    with database.transaction() as db:
        edit_payer(db, payer.id, wanted, uses=1, kind_is_meant=True)

    assert fields(refused) == ["kind_is_meant"]
    assert before is PayerKind.COMMERCIAL
    with database.reading() as db:
        assert db.get_one(Payer, payer.id).kind is PayerKind.MEDICARE


def test_an_insurer_nobody_uses_changes_its_kind_at_once(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        payer = add_payer(db, PLAN)

        edit_payer(db, payer.id, replace(PLAN, kind=PayerKind.VA), uses=0, kind_is_meant=False)

        assert payer.kind is PayerKind.VA


def test_no_insurer_is_changed_that_is_not_there(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(NotFound):
            edit_payer(db, 7, PLAN, uses=0, kind_is_meant=False)
