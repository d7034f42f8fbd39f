"""Setting up the clinic's own record."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing.clinic.editing import ClinicDetails, clinic_problems, details_of, keep_clinic
from billing.clinic.models import Clinic, TaxIdKind
from billing.clinic.queries import the_clinic
from billing.database import Database
from billing.errors import Refused
from tests.factories import an_npi

PORTLAND = ClinicDetails(
    "Still Water", an_npi(1), "93-1234567", TaxIdKind.EIN, "171100000X", "1 SE Example St", "", "Portland", "OR",
    "97214", "503-555-0100", "", "America/Los_Angeles", "USD", "",
)  # fmt: skip
BRISTOL = replace(
    PORTLAND, npi="", taxonomy="", tax_id="GB 123 4567 89", city="Bristol", state="Avon", zip="BS1 4DJ",
    time_zone="Europe/London", currency="GBP",
)  # fmt: skip


@pytest.mark.parametrize("details", [PORTLAND, BRISTOL])
def test_a_clinic_can_be_set_up_here_and_elsewhere(database: Database, details: ClinicDetails) -> None:
    with database.transaction() as db:
        keep_clinic(db, details, books_are_open=False)

    with database.reading() as db:
        assert details_of(the_clinic(db)) == details


def test_it_stays_one_clinic_when_it_is_corrected(database: Database) -> None:
    with database.transaction() as db:
        keep_clinic(db, PORTLAND, books_are_open=False)
        keep_clinic(db, replace(PORTLAND, name="Still Waters"), books_are_open=True)

    with database.reading() as db:
        assert [clinic.name for clinic in db.query(Clinic)] == ["Still Waters"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"npi": "1234567890"}, "npi"),
        ({"taxonomy": "171"}, "taxonomy"),
        ({"tax_id": "12"}, "tax_id"),
        ({"state": "Oregon"}, "state"),
        ({"zip": "9721"}, "zip"),
        ({"currency": "JPY"}, "currency"),
        ({"currency": "XXQ"}, "currency"),
        ({"time_zone": "Portland"}, "time_zone"),
    ],
)
def test_what_no_clinic_can_be_is_told_at_its_field(change: dict[str, str], field: str) -> None:
    problems = clinic_problems(replace(PORTLAND, **change))

    assert [problem.where for problem in problems] == [f"field:{field}"]


def test_all_of_it_is_told_at_once() -> None:
    problems = clinic_problems(replace(PORTLAND, npi="1", zip="1", tax_id="1"))

    assert [problem.where for problem in problems] == ["field:npi", "field:zip", "field:tax_id"]


def test_the_currency_stays_once_anything_is_in_the_books(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        keep_clinic(db, PORTLAND, books_are_open=False)
        keep_clinic(db, replace(PORTLAND, currency="EUR"), books_are_open=False)
        with pytest.raises(Refused) as refused:
            keep_clinic(db, PORTLAND, books_are_open=True)

    assert [problem.where for problem in refused.value.problems] == ["field:currency"]
