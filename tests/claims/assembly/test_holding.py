"""A claim is held for all that is wrong with it, and for nothing else.

On SQLite alone: the rules do not ask where their facts were kept, and the sample clinic bills alike on both.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.practitioners.models import CredentialStatus
from billing.sessions.models import ClinicSession, SessionDiagnosis
from tests.claims.office import Office, open_office
from tests.factories import DAY, make_credential, make_fee, make_patient, make_session, procedure

HELD, READY, SENT = ClaimState.HELD, ClaimState.READY, ClaimState.SENT


def change_diagnosis(office: Office, session: ClinicSession, code: str) -> None:
    with office.database.transaction() as db:
        db.execute(sa.update(SessionDiagnosis).where(SessionDiagnosis.session_id == session.id).values(code=code))


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def test_a_claim_with_nothing_against_it_is_filed(office: Office) -> None:
    session = office.visit()

    office.bill()

    assert office.claim(session).state is SENT
    assert office.holding(session) == []


def test_a_renewal_from_the_day_after_releases_nothing(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    session = office.visit()
    office.bill()

    office.write(lambda db: make_credential(db, office.scene.practitioner, valid_from=DAY + timedelta(days=1)))
    office.bill()

    assert office.holding(session) == ["licence.lapsed"]
    assert office.clearinghouse.received == []


def test_a_fee_that_takes_effect_after_the_visit_is_no_fee(office: Office) -> None:
    session = office.visit(procedures=[procedure("97124", "GP")])

    office.write(lambda db: make_fee(db, "97124", 40_00, effective_from=DAY + timedelta(days=1)))
    office.bill()

    assert office.holding(session) == ["fee.missing"]


def test_a_claim_is_held_for_all_its_reasons_at_once(office: Office) -> None:
    office.edit(office.scene.licence, status=CredentialStatus.SUSPENDED)
    office.edit(office.scene.payer, payer_number=None)
    office.edit(office.scene.patient, signature_on_file=False, city=None)
    session = office.visit(diagnoses=["M54.5"])

    office.bill()

    assert sorted(office.holding(session)) == [
        "consent.missing",
        "diagnosis.not_billable",
        "licence.suspended",
        "patient.incomplete",
        "payer.incomplete",
    ]


def test_every_reason_says_what_can_be_done_and_where(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    office.visit(diagnoses=["M54.5"])

    report = office.bill()

    problems = report["claims"]["held"][0]["problems"]
    assert len(problems) == 2
    assert all(one["why"] and one["fix"] for one in problems)
    assert f"patient:{office.scene.patient.id}" in [one["where"] for one in problems]


def test_a_failing_session_holds_back_no_other_of_the_same_patient(office: Office) -> None:
    office.visit(date(2026, 3, 3), diagnoses=["M54.5"])
    office.visit(date(2026, 3, 10))

    office.bill()

    assert office.states() == [HELD, SENT]


def test_a_claim_of_a_patient_without_any_policy_is_held_with_no_payer(office: Office) -> None:
    with office.database.transaction() as db:
        uninsured = make_patient(db)
        session = make_session(db, uninsured, office.scene.practitioner)

    report = office.bill()

    assert report["claims"]["held"][0]["payer"] is None
    assert office.holding(session) == ["coverage.inactive"]


def test_a_session_with_nothing_charted_has_a_held_claim_all_the_same(office: Office) -> None:
    session = office.visit(sets=[])

    office.bill()

    assert office.holding(session) == ["procedure.none"]
    assert office.claim(session).total_cents == 0


def test_timeliness_is_judged_on_the_day_of_filing(office: Office) -> None:
    session = office.visit(diagnoses=["M54.5"])
    office.edit(office.scene.payer, filing_limit_days=90)
    last_day = DAY + timedelta(days=90)
    office.bill(last_day)
    in_time = office.holding(session)

    change_diagnosis(office, session, "M54.50")
    office.bill(last_day + timedelta(days=1))

    assert in_time == ["diagnosis.not_billable"]
    assert office.holding(session) == ["timely_filing.passed"]


def test_a_claim_filed_on_the_last_day_of_its_limit_is_in_time(office: Office) -> None:
    session = office.visit()
    office.edit(office.scene.payer, filing_limit_days=90)

    office.bill(DAY + timedelta(days=90))

    assert office.claim(session).state is SENT


def test_of_two_sessions_entered_twice_the_later_is_held_until_one_is_gone(office: Office) -> None:
    first = office.visit(start="09:00")
    second = office.visit(start="11:00")

    office.bill()

    assert office.claim(first).state is SENT
    assert "duplicate.claim" in office.holding(second)


def test_the_same_codes_on_another_day_are_no_duplicate(office: Office) -> None:
    office.visit(date(2026, 3, 3))
    office.visit(date(2026, 3, 4))

    office.bill()

    assert office.states() == [SENT, SENT]


def test_a_clinic_without_a_nine_digit_zip_files_nothing(office: Office) -> None:
    office.edit(office.scene.clinic, zip="97214")
    session = office.visit()

    office.bill()

    assert office.holding(session) == ["clinic.incomplete"]


def test_a_code_that_is_no_claim_code_and_a_place_that_is_none_are_held(office: Office) -> None:
    office.write(lambda db: make_fee(db, "HERBS-1", 12_00))
    session = office.visit(procedures=[procedure("HERBS-1")], place_of_service="98")

    office.bill()

    assert {"procedure.not_a_claim_code", "place_of_service.not_valid"} <= set(office.holding(session))


def test_sessions_after_the_day_wait_for_their_own_run(office: Office) -> None:
    office.visit(date(2026, 4, 1))
    office.bill(date(2026, 3, 31))
    before = office.claims()

    office.bill(date(2026, 4, 1))

    assert before == []
    assert office.states() == [SENT]
