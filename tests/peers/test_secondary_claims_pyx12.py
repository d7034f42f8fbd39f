"""pyx12 accepts the claims on later payers that the billing run files from what earlier payers decided."""

from __future__ import annotations

from datetime import date

import pytest

from billing.coverage.models import Relationship
from billing.database import Database
from billing.patients.models import Sex
from billing.payers.models import PayerKind
from tests.claims.assembly.further_payers import COPAY, LATER, SECONDARY, decide, insure_also
from tests.claims.office import Office, open_office
from tests.factories import a_physician, make_payment, procedure
from tests.peers.pyx12_check import pyx12_findings


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def last_file(office: Office) -> str:
    """The text of the file that was sent last."""
    return office.clearinghouse.received[-1][1].decode()


def test_a_secondary_claim_of_a_patient_who_holds_both_policies_is_accepted(office: Office) -> None:
    insure_also(office)
    session = office.visit(procedures=[procedure("97140", "GP", units=2)], minutes=75)
    office.write(lambda db: make_payment(db, session, 25_00))
    office.bill()
    many = [("PR", str(code), 1_00) for code in (1, 2, 3, 66, 85, 96, 119)]
    decide(office, session, {**COPAY, 3: [("CO", "45", 10_00), ("OA", "94", -5_00), *many]})

    office.bill(LATER)

    assert "SBR*S*18*" in last_file(office)
    assert pyx12_findings(last_file(office)) == []


def test_a_secondary_claim_on_the_plan_of_a_spouse_is_accepted(office: Office) -> None:
    insure_also(
        office, relationship=Relationship.SPOUSE, subscriber_first_name="Karin", subscriber_last_name="Okoro",
        subscriber_birth_date=date(1980, 2, 17), subscriber_sex=Sex.F, subscriber_address1="9 Quay",
        subscriber_city="Astoria", subscriber_state="OR", subscriber_zip="97103",
    )  # fmt: skip
    session = office.visit()
    office.bill()
    decide(office, session, {1: [("PR", "1", 95_00)], 2: [("PR", "1", 70_00)]}, payer_claim_number="")

    office.bill(LATER)

    assert "SBR*S**" in last_file(office)
    assert pyx12_findings(last_file(office)) == []


def test_a_secondary_claim_on_medicare_is_accepted(sqlite_database: Database) -> None:
    office = open_office(sqlite_database, practitioner=a_physician())
    insure_also(office, kind=PayerKind.MEDICARE)
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)

    office.bill(LATER)

    assert "*43****MB~" in last_file(office)
    assert pyx12_findings(last_file(office)) == []


def test_a_claim_that_names_medicare_as_second_is_accepted(office: Office) -> None:
    insure_also(office, kind=PayerKind.MEDICARE)
    office.visit()

    office.bill()

    assert "*43****MB~" in last_file(office)
    assert pyx12_findings(last_file(office)) == []


def test_a_tertiary_claim_is_accepted(office: Office) -> None:
    insure_also(office)
    insure_also(office, rank=3, kind=PayerKind.MEDICAID, name="Third Health")
    session = office.visit()
    office.bill()
    decide(office, session, COPAY)
    office.bill(LATER)
    decide(
        office, session, {1: [("OA", "23", 70_00), ("PR", "2", 5_00)], 2: [("OA", "23", 70_00)]}, SECONDARY,
        status_code="2", decided_on=date(2026, 5, 12),
    )  # fmt: skip

    office.bill(date(2026, 5, 31))

    assert "SBR*T*18*" in last_file(office)
    assert last_file(office).count("SVD*") == 4
    assert pyx12_findings(last_file(office)) == []
