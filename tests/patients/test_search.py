"""Finding patients by what somebody remembers of them."""

from __future__ import annotations

from datetime import date

import pytest

from billing.database import Database
from billing.patients.search import Found, by_birth_date, by_email, by_name, by_old_number, by_phone, in_all
from tests.factories import make_patient


def found_by_name(database: Database, typed: str) -> list[str]:
    """The last names of those who are found among a handful of people, the best first."""
    people = (
        ("Miri", "Okoro"), ("Bronisława", "Zielińska-Król"), ("Darragh", "O'Keeffe"), ("Hồng Nhung", "Nguyễn"),
        ("Catherine", "Maier"), ("Li", "Wu"), ("Percy", "100%_Sure"),
    )  # fmt: skip
    with database.transaction() as db:
        names = {make_patient(db, first_name=first, last_name=last).id: last for first, last in people}
        return [names[one.patient_id] for one in by_name(db, typed)]


@pytest.mark.parametrize(
    ("typed", "last"),
    [
        ("okoro", "Okoro"),
        ("OKORO miri", "Okoro"),
        ("ok mi", "Okoro"),
        ("okro", "Okoro"),
        ("okaro miri", "Okoro"),
        ("koro", "Okoro"),
        ("zielinska", "Zielińska-Król"),
        ("krol", "Zielińska-Król"),
        ("zielinksa", "Zielińska-Król"),
        ("Zielińska-Król, Bronisława", "Zielińska-Król"),
        ("zielinskakrol", "Zielińska-Król"),
        ("o'keeffe", "O'Keeffe"),
        ("okeefe", "O'Keeffe"),
        ("nguyen", "Nguyễn"),
        ("nhung nguyen", "Nguyễn"),
        ("kathryn meyer", "Maier"),
        ("wu", "Wu"),
        ("li wu", "Wu"),
    ],
)
def test_a_name_is_found_by_any_part_in_any_order_mistyped_or_by_ear(
    sqlite_database: Database, typed: str, last: str
) -> None:
    assert found_by_name(sqlite_database, typed)[0] == last


@pytest.mark.parametrize("typed", ["", "   ", "xyzzyx", "okoro quill", "12", "%", "_", "\\"])
def test_what_is_nowhere_in_a_name_finds_nobody(sqlite_database: Database, typed: str) -> None:
    assert "Okoro" not in found_by_name(sqlite_database, typed)


def test_who_is_spelled_exactly_so_stands_before_who_is_nearly(database: Database) -> None:
    with database.transaction() as db:
        near = make_patient(db, first_name="Ann", last_name="Okaro")
        same = make_patient(db, first_name="Ann", last_name="Okoro")

        found = by_name(db, "okoro")

    assert [(one.patient_id, one.why) for one in found] == [(same.id, "Name"), (near.id, "Name spelled nearly so")]


def test_a_middle_name_counts_too(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        patient = make_patient(db, middle_name="Ladidi")

        assert [one.patient_id for one in by_name(db, "ladidi okoro")] == [patient.id]


@pytest.mark.parametrize(
    "typed", ["503-555-0101", "(503) 555 0101", "+1 503 555 0101", "5550101", "0101", "503.555.0101"]
)
@pytest.mark.parametrize("kept", ["503-555-0101", "+15035550101"])
def test_a_telephone_is_found_by_its_last_digits_however_it_is_written(
    sqlite_database: Database, typed: str, kept: str
) -> None:
    with sqlite_database.transaction() as db:
        patient = make_patient(db, phone=kept)
        make_patient(db, phone="503-555-0199")
        make_patient(db, phone=None)

        assert [one.patient_id for one in by_phone(db, typed)] == [patient.id]


def test_a_british_number_is_found_with_and_without_its_country(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        patient = make_patient(db, phone="+442079460000")

        assert [by_phone(db, typed)[0].patient_id for typed in ("020 7946 0000", "+44 20 7946 0000")] == [
            patient.id
        ] * 2


@pytest.mark.parametrize("typed", ["101", "0101 okoro", "", "----"])
def test_too_little_of_a_number_finds_nobody(sqlite_database: Database, typed: str) -> None:
    with sqlite_database.transaction() as db:
        make_patient(db, phone="+15035550101")

        assert by_phone(db, typed) == []


def test_an_address_is_found_by_any_part_with_its_sign(database: Database) -> None:
    with database.transaction() as db:
        patient = make_patient(db, email="Miri.O@example.org")
        make_patient(db, email="other@example.com")

        assert [one.patient_id for one in by_email(db, "o@EXAMPLE.org", 10)] == [patient.id]
        assert by_email(db, "%@example", 10) == []
        assert by_email(db, "miri", 10) == []


def test_birth_dates_are_found_in_the_order_of_their_likelihood(database: Database) -> None:
    with database.transaction() as db:
        second = make_patient(db, birth_date=date(1979, 11, 5))
        first = make_patient(db, birth_date=date(1979, 5, 11))

        found = by_birth_date(db, [date(1979, 5, 11), date(1979, 11, 5)])

    assert [one.patient_id for one in found] == [first.id, second.id]


def test_the_old_systems_number_is_found_in_capitals_or_not(database: Database) -> None:
    with database.transaction() as db:
        patient = make_patient(db, external_id="JL005")

        assert [one.patient_id for one in by_old_number(db, "jl005")] == [patient.id]
        assert by_old_number(db, "JL00_") == []


def test_a_name_beside_a_date_must_both_fit() -> None:
    names = [Found(1, 100, "Name"), Found(2, 90, "Name")]

    assert in_all(names, [Found(2, 100, "Birth date")]) == [Found(2, 90, "Name, birth date")]
