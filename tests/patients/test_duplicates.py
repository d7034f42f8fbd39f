"""Who may be the same person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.database import Database
from billing.patients.duplicates import MOST_MATCHES, is_nearly, possible_duplicates
from tests.factories import make_patient
from tests.patients.people import typed

NOBODY: dict[str, Any] = {"phone": "", "email": "", "sms_consent": False, "email_consent": False}


def reasons(database: Database, on_file: dict[str, Any], asked: dict[str, Any]) -> tuple[str, ...]:
    """What speaks for it that the one patient on file is the one who is asked about; empty when nothing does."""
    with database.transaction() as db:
        make_patient(db, **{"phone": None, "email": None, **on_file})
        found = possible_duplicates(db, typed(**{**NOBODY, **asked}))
    return found[0].reasons if found else ()


@pytest.mark.parametrize(
    ("on_file", "asked", "words"),
    [
        ({}, {}, {"Same name.", "Same birth date."}),
        ({"last_name": "Okóro"}, {}, {"Same name.", "Same birth date."}),
        ({"first_name": "Okoro", "last_name": "Miri"}, {}, {"swapped", "Same birth date."}),
        ({"last_name": "Okaro"}, {}, {"Same birth date."}),
        ({"birth_date": date(1990, 1, 1)}, {}, {"Same name."}),
        ({"first_name": "Kathryn", "last_name": "Meyer", "birth_date": date(1990, 1, 1)},
         {"first_name": "Catherine", "last_name": "Maier"}, {"sounds the same"}),
        ({"birth_date": date(1979, 5, 12)}, {}, {"Same name.", "differs in one place"}),
        ({"birth_date": date(1979, 11, 5)}, {}, {"differs in one place"}),
        ({"birth_date": date(1997, 5, 11)}, {}, {"differs in one place"}),
        ({"last_name": "Lund"}, {}, {"one name the same"}),
        ({"first_name": "Thaddeus", "last_name": "Okoro-Lund"}, {"first_name": "Tad", "last_name": "Lundt"},
         {"one name the same"}),
        ({"first_name": "Bob", "last_name": "Okoro"}, {"first_name": "Robert"}, {"one name the same"}),
        ({"first_name": "Zoe", "last_name": "Quill", "birth_date": date(2001, 1, 1), "phone": "(503) 555-0101"},
         {"phone": "+15035550101"}, {"Same telephone."}),
        ({"first_name": "Zoe", "last_name": "Quill", "birth_date": date(2001, 1, 1), "phone": "020 7946 0000"},
         {"phone": "+442079460000"}, {"Same telephone."}),
        ({"first_name": "Zoe", "last_name": "Quill", "birth_date": date(2001, 1, 1), "email": "MIRI@example.org"},
         {"email": "miri@example.org"}, {"Same e-mail."}),
    ],
)  # fmt: skip
def test_the_same_person_is_seen_whatever_was_mistyped(
    sqlite_database: Database, on_file: dict[str, Any], asked: dict[str, Any], words: set[str]
) -> None:
    said = " ".join(reasons(sqlite_database, on_file, asked))

    assert all(word in said for word in words), said


@pytest.mark.parametrize(
    "on_file",
    [
        {"first_name": "Ben", "last_name": "Quill"},
        {"first_name": "Miri", "last_name": "Halvorsen", "birth_date": date(1991, 8, 2)},
        {"first_name": "Anna", "last_name": "Okoro", "birth_date": date(1991, 8, 2)},
        {"first_name": "Zoe", "last_name": "Quill", "birth_date": date(2001, 1, 1), "phone": "555"},
    ],
)
def test_other_people_are_left_alone(sqlite_database: Database, on_file: dict[str, Any]) -> None:
    assert reasons(sqlite_database, on_file, {"phone": "555"}) == ()


def test_it_is_found_in_either_database(database: Database) -> None:
    assert reasons(database, {}, {}) == ("Same name.", "Same birth date.")


def test_the_likeliest_stands_first_and_a_crowd_is_cut_short(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        for _ in range(MOST_MATCHES + 3):
            make_patient(db, birth_date=date(1990, 1, 1))
        same = make_patient(db)

        found = possible_duplicates(db, typed())

    assert found[0].patient.id == same.id
    assert len(found) == MOST_MATCHES


def test_a_member_number_that_somebody_holds_is_a_reason(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        holder = make_patient(
            db, first_name="Zoe", last_name="Quill", birth_date=date(2001, 1, 1), phone=None, email=None
        )

        [match] = possible_duplicates(db, typed(**NOBODY), with_member_number={holder.id})

    assert match.reasons == ("Same member number on the insurance card.",)


def test_who_is_being_edited_is_no_duplicate_of_themselves(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        own = make_patient(db)

        assert possible_duplicates(db, typed(), but=own.id) == []


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (date(1979, 5, 11), date(1979, 5, 17), True),
        (date(1979, 5, 11), date(1979, 11, 5), True),
        (date(1979, 5, 12), date(1979, 5, 21), True),
        (date(1979, 5, 11), date(1979, 5, 11), False),
        (date(1979, 5, 11), date(1980, 6, 12), False),
    ],
)
def test_a_date_is_nearly_another_by_one_slip_of_the_finger(one: date, other: date, near: bool) -> None:
    assert is_nearly(one, other) is near
