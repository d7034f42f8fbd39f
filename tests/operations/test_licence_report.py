"""What is valid on a day, what lapses soon, and what is held because of it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.database import Database
from billing.operations.licence_report import LAPSES_WITHIN_DAYS, as_text, licence_report
from billing.practitioners.models import CredentialKind, CredentialStatus
from tests.claims.office import Office, open_office
from tests.factories import make_credential

ON = date(2026, 3, 31)


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def standing(office: Office, number: str, on: date = ON) -> str:
    with office.database.reading() as db:
        report = licence_report(db, on)
    listed = [*report["valid"], *report["not_valid"]]
    return next(one["standing"] for one in listed if one["number"] == number)


@pytest.mark.parametrize(
    ("valid_to", "expected"),
    [
        (ON + timedelta(days=LAPSES_WITHIN_DAYS + 1), "valid"),
        (ON + timedelta(days=LAPSES_WITHIN_DAYS), "lapses soon"),
        (ON, "lapses soon"),
        (ON - timedelta(days=1), "lapsed"),
    ],
)
def test_a_licence_stands_by_its_last_day(office: Office, valid_to: date, expected: str) -> None:
    office.edit(office.scene.licence, valid_to=valid_to)

    assert standing(office, office.scene.licence.number) == expected


def test_a_licence_of_the_future_is_not_yet_valid(office: Office) -> None:
    office.edit(office.scene.licence, valid_from=ON + timedelta(days=1))

    assert standing(office, office.scene.licence.number) == "not yet valid"
    assert standing(office, office.scene.licence.number, ON + timedelta(days=1)) == "valid"


@pytest.mark.parametrize("status", [CredentialStatus.SUSPENDED, CredentialStatus.REVOKED])
def test_a_licence_that_was_taken_away_is_not_valid_whatever_its_dates(
    office: Office, status: CredentialStatus
) -> None:
    office.edit(office.scene.licence, status=status)

    assert standing(office, office.scene.licence.number) == status.value


def test_what_lapses_soon_is_still_valid_and_in_both_lists(office: Office) -> None:
    soon = office.write(
        lambda db: make_credential(
            db, office.scene.practitioner, kind=CredentialKind.CPR, valid_to=ON + timedelta(days=30)
        )
    )

    with office.database.reading() as db:
        report = licence_report(db, ON)

    assert [one["number"] for one in report["lapsing"]] == [soon.number]
    assert report["lapsing"][0]["days_left"] == 30
    assert soon.number in [one["number"] for one in report["valid"]]


def test_claims_held_over_a_licence_are_listed_and_others_are_not(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 3, 5))
    office.visit(date(2026, 3, 3), diagnoses=["M54.5"])
    late = office.visit(date(2026, 3, 10))
    office.bill()

    with office.database.reading() as db:
        report = licence_report(db, ON)

    number = office.claim(late).control_number
    assert report["held"] == [{"rule": "licence.lapsed", "claims": [{"session": late.external_id, "claim": number}]}]
    assert f"licence.lapsed: session {late.external_id}, claim {number}" in as_text(report)


def test_a_released_claim_is_no_longer_listed(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 3, 1))
    office.visit()
    office.bill()
    office.edit(office.scene.licence, valid_to=date(2027, 3, 1))
    office.bill()

    with office.database.reading() as db:
        report = licence_report(db, ON)

    assert report["held"] == []
    assert "Claims held over a licence: 0" in as_text(report)


def test_what_belongs_to_a_place_and_what_has_no_last_day_are_listed_too(office: Office) -> None:
    ben = office.scene.practitioner
    office.write(lambda db: make_credential(db, ben, practitioner_id=None, kind=CredentialKind.PREMISES, number="P-1"))
    office.write(lambda db: make_credential(db, ben, issuer="WA", number="AC-OPEN", valid_to=None))

    with office.database.reading() as db:
        report = licence_report(db, ON)

    [premises] = [one for one in report["valid"] if one["number"] == "P-1"]
    [unknown] = [one for one in report["not_valid"] if one["number"] == "AC-OPEN"]
    assert (premises["practitioner"], premises["name"]) == ("", "(premises)")
    assert (unknown["valid_to"], unknown["days_left"], unknown["standing"]) == ("", None, "end unknown")
    assert "AC-OPEN" in as_text(report)


def test_re_credentialing_and_missing_education_are_told(office: Office) -> None:
    office.edit(office.scene.enrolment, recredential_by=ON + timedelta(days=40))
    office.edit(office.scene.licence, issuer="FL", valid_to=ON + timedelta(days=60))

    with office.database.reading() as db:
        report = licence_report(db, ON)

    [wanted] = report["recredentialing"]
    assert (wanted["payer"], wanted["by"], wanted["days_left"]) == (
        office.scene.payer.external_id, "2026-05-10", 40,
    )  # fmt: skip
    [short] = report["education"]
    assert (short["missing"], short["source"], short["to_be_checked"]) == (
        "30 hours", "Florida Board of Acupuncture", False,
    )  # fmt: skip
    text = as_text(report)
    assert f"Ben Quill: {office.scene.payer.name} by 2026-05-10" in text
    assert "Ben Quill: 30 hours for licence" in text


def test_before_there_is_a_clinic_the_report_is_empty(sqlite_database: Database) -> None:
    with sqlite_database.reading() as db:
        report = licence_report(db, ON)

    assert {name: found for name, found in report.items() if name != "on"} == {
        "valid": [], "lapsing": [], "not_valid": [], "held": [], "recredentialing": [], "education": [],
    }  # fmt: skip
