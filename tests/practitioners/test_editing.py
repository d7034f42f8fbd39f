"""Entering practitioners and changing what is on file of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from billing.database import Database
from billing.errors import NotFound, Refused
from billing.practitioners.editing import (
    PractitionerDetails,
    add_practitioner,
    edit_practitioner,
    practitioner_details_of,
)
from billing.practitioners.models import Practitioner
from tests.factories import an_npi, make_clinic, make_practitioner

BEN = PractitionerDetails("Ben", "Quill", "L.Ac.", an_npi(7), "171100000X", "ben@clinic.example.org")


def fields(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.where.removeprefix("field:") for problem in refused.value.problems]


def test_somebody_who_treats_is_put_on_file(database: Database) -> None:
    npi = an_npi(7)
    with database.transaction() as db:
        make_clinic(db)
        spaced = replace(BEN, first_name=" Ben ", npi=f"{npi[:3]} {npi[3:6]}-{npi[6:]}", taxonomy="171100000x")
        made = add_practitioner(db, spaced)

    with database.reading() as db:
        assert practitioner_details_of(db.get_one(Practitioner, made.id)) == BEN


def test_what_is_not_known_is_kept_as_nothing(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        made = add_practitioner(db, PractitionerDetails("Ben", "Quill"))

        assert (made.npi, made.email, made.taxonomy, made.left_on) == (None, None, None, None)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"first_name": " ", "last_name": "7"}, ["first_name", "last_name"]),
        ({"npi": "1234567890"}, ["npi"]),
        ({"npi": "12"}, ["npi"]),
        ({"taxonomy": "acupuncture"}, ["taxonomy"]),
        ({"email": "ben at home"}, ["email"]),
        ({"credentials": "x" * 201}, ["credentials"]),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], wrong: list[str]
) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(Refused) as refused:
            add_practitioner(db, replace(BEN, **changes))

        assert fields(refused) == wrong
        assert db.scalar(select(func.count(Practitioner.id))) == 0


def test_a_clinic_elsewhere_has_other_numbers(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db, time_zone="Europe/London", currency="GBP")

        assert add_practitioner(db, replace(BEN, npi="BAcC 12", taxonomy="AC")).npi == "BAcC 12"


def test_two_people_have_two_npis(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        ida = make_practitioner(db, first_name="Ida", last_name="Moreau")

        with pytest.raises(Refused, match="the NPI of Ida Moreau") as refused:
            add_practitioner(db, replace(BEN, npi=ida.npi or ""))

        assert fields(refused) == ["npi"]


def test_an_odd_old_number_does_not_stand_in_the_way_of_a_new_address(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db, npi="1234567890", taxonomy="old")

        edit_practitioner(db, ben.id, replace(practitioner_details_of(ben), email="new@clinic.example.org"))

        assert (ben.npi, ben.email) == ("1234567890", "new@clinic.example.org")


def test_who_leaves_keeps_everything_else(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        ben = make_practitioner(db)
        before = practitioner_details_of(ben)
        edit_practitioner(db, ben.id, replace(before, left_on=date(2026, 4, 1)))

    with database.reading() as db:
        kept = practitioner_details_of(db.get_one(Practitioner, ben.id))
        assert kept == replace(before, left_on=date(2026, 4, 1))


def test_nobody_can_be_changed_who_is_not_there(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(NotFound):
            edit_practitioner(db, 7, BEN)
