"""Registering and changing patients."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from billing import clock
from billing.database import Database
from billing.errors import NotFound, Refused
from billing.patients.details import PatientDetails, details_of
from billing.patients.editing import edit
from billing.patients.models import Patient
from billing.patients.registering import MAY_BE_KNOWN, register
from tests.factories import NOW, make_clinic, make_patient
from tests.patients.people import typed


def fields(refused: Refused) -> set[str]:
    return {problem.where.removeprefix("field:") for problem in refused.problems}


def registered(database: Database, details: PatientDetails, **clinic: Any) -> Patient:
    with clock.stopped_at(NOW), database.transaction() as db:
        make_clinic(db, **clinic)
        return register(db, details)


def refusal(database: Database, details: PatientDetails, **clinic: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        registered(database, details, **clinic)
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Patient)) == 0
    return caught.value


def test_whatever_the_desk_typed_is_on_file(database: Database) -> None:
    made = registered(
        database, typed(middle_name=" Ada  Lou ", state="or", flags=("Pacemaker", "latex allergy"), address2="")
    )

    with database.reading() as db:
        kept = db.get_one(Patient, made.id)
        assert (kept.first_name, kept.middle_name, kept.last_name) == ("Miri", "Ada Lou", "Okoro")
        assert (kept.state, kept.address2, kept.phone) == ("OR", None, "+15035550101")
        assert kept.flags == ["pacemaker", "latex allergy"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_name": " "}, "first_name"),
        ({"last_name": "12"}, "last_name"),
        ({"birth_date": date(2026, 4, 2)}, "birth_date"),
        ({"birth_date": date(1899, 12, 31)}, "birth_date"),
        ({"state": "XX"}, "state"),
        ({"state": "Oregon"}, "state"),
        ({"zip": "9721"}, "zip"),
        ({"phone": "call me", "sms_consent": False}, "phone"),
        ({"phone": "970-555-0", "sms_consent": False}, "phone"),
        ({"phone": "555-0101 ext 12", "sms_consent": False}, "phone"),
        ({"email": "miri(at)example.org"}, "email"),
        ({"phone": "", "sms_consent": True}, "phone"),
        ({"phone": "555-0101 ext 12", "sms_consent": True}, "phone"),
        ({"email": "", "email_consent": True}, "email"),
        ({"first_name": "M" * 201}, "first_name"),
        ({"flags": ("x" * 61,)}, "other_flags"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(sqlite_database: Database, changes: dict[str, Any], field: str) -> None:
    assert fields(refusal(sqlite_database, typed(**changes))) == {field}


def test_every_mistake_is_told_at_once(sqlite_database: Database) -> None:
    refused = refusal(sqlite_database, typed(last_name="", birth_date=date(2030, 1, 1), zip="1", state="ZZ"))

    assert fields(refused) == {"last_name", "birth_date", "zip", "state"}


def test_a_birth_date_is_in_the_future_by_the_clinics_own_date(sqlite_database: Database) -> None:
    newborn = typed(birth_date=date(2026, 4, 2))

    assert fields(refusal(sqlite_database, newborn, time_zone="America/Los_Angeles")) == {"birth_date"}


def test_a_number_with_an_extension_is_kept_as_it_was_typed_when_nobody_texts_it(sqlite_database: Database) -> None:
    made = registered(sqlite_database, typed(phone="503-555-0101  ext 12", sms_consent=False))

    assert made.phone == "503-555-0101 ext 12"


def test_a_clinic_in_london_has_no_states_and_no_zip_codes(sqlite_database: Database) -> None:
    made = registered(
        sqlite_database,
        typed(state="Greater London", zip="n1 9gu", phone="020 7946 0000"),
        time_zone="Europe/London",
        currency="GBP",
    )

    assert (made.state, made.zip, made.phone) == ("Greater London", "N1 9GU", "+442079460000")


def test_an_address_may_be_missing(sqlite_database: Database) -> None:
    made = registered(sqlite_database, typed(address1="", city="", state="", zip=""))

    assert (made.address1, made.city, made.state, made.zip) == (None, None, None, None)


def test_somebody_who_may_be_on_file_is_not_registered_again(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        make_patient(db, first_name="Miri", last_name="Okoro", birth_date=date(1979, 5, 11))

    with pytest.raises(Refused) as caught, clock.stopped_at(NOW), database.transaction() as db:
        register(db, typed(phone="", email="", sms_consent=False, email_consent=False))

    assert [problem.rule for problem in caught.value.problems] == [MAY_BE_KNOWN]
    with database.reading() as db:
        assert db.scalar(select(func.count()).select_from(Patient)) == 1


def test_a_person_who_says_that_it_is_somebody_else_is_believed(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        make_clinic(db)
        twin = make_patient(db, first_name="Miri", last_name="Okoro")

        made = register(db, typed(), somebody_else_than=[twin.id])

        assert made.id != twin.id


def test_it_was_said_of_those_who_were_shown_and_of_nobody_else(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)
        shown = make_patient(db, first_name="Miri", last_name="Okoro")
        make_patient(db, first_name="Miri", last_name="Okoro", birth_date=date(1990, 1, 1))

        with pytest.raises(Refused):
            register(db, typed(), somebody_else_than=[shown.id])


def test_a_holder_of_the_same_member_number_is_pointed_out(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)
        other = make_patient(
            db, first_name="Zoe", last_name="Quill", birth_date=date(2001, 1, 1), phone=None, email=None
        )

        with pytest.raises(Refused):
            register(db, typed(), with_member_number=[other.id])


def test_a_change_is_kept_and_the_rest_stays(database: Database) -> None:
    with clock.stopped_at(NOW), database.transaction() as db:
        make_clinic(db)
        patient = make_patient(db, flags=["pregnant"])

        edit(db, patient.id, typed(last_name="Okoro-Lund", flags=("pregnant",)))

    with database.reading() as db:
        kept = db.get_one(Patient, patient.id)
        assert (kept.last_name, kept.external_id, kept.flags) == ("Okoro-Lund", patient.external_id, ["pregnant"])


def test_an_odd_entry_of_the_old_system_does_not_stand_in_the_way(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)
        patient = make_patient(db, state="Oregon", zip="?", phone="n/a", sms_consent=False, email="none")

        edit(db, patient.id, details_of(make_patient(db, first_name="Mirjam", state="Oregon", zip="?", phone="n/a",
                                                      sms_consent=False, email="none")))  # fmt: skip

        assert (patient.first_name, patient.zip, patient.phone) == ("Mirjam", "?", "n/a")


def test_a_new_mistake_in_an_odd_entry_is_refused(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)
        patient = make_patient(db, zip="?")

        with pytest.raises(Refused) as caught:
            edit(db, patient.id, typed(zip="??"))

    assert fields(caught.value) == {"zip"}


def test_nobody_unknown_is_changed(sqlite_database: Database) -> None:
    with clock.stopped_at(NOW), sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(NotFound):
            edit(db, 99, typed())
