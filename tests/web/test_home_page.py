from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, Responsibility
from billing.clinic.models import Clinic, TaxIdKind
from billing.clock import stopped_at
from billing.database import Database
from billing.invoices.models import Paper, PaperKind
from billing.patients.models import Patient, Sex
from billing.practitioners.models import Practitioner
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.web.pages.home import GROUPS
from tests.web.desk import Desk

EVENING = datetime(2026, 3, 3, 2, 30, tzinfo=UTC)
"""Already the next day in UTC; still Monday evening in Portland."""


def make_clinic(database: Database) -> None:
    with database.transaction() as db:
        db.add(
            Clinic(
                id=1, name="Willow & Creek", tax_id="123456789", tax_id_kind=TaxIdKind.EIN, address1="1 Main St",
                city="Portland", state="OR", zip="972010000", phone="503-555-0100", time_zone="America/Los_Angeles",
                currency="USD",
            )
        )  # fmt: skip


def make_sessions(database: Database, states: list[SessionState], claims: list[ClaimState]) -> None:
    """One patient's sessions; the first of them get a claim each, in these states."""
    with database.transaction() as db:
        patient = Patient(
            first_name="Zoë", last_name="Nuñez", birth_date=date(1980, 5, 1), sex=Sex.F, sms_consent=False,
            email_consent=False, signature_on_file=True, flags=[],
        )  # fmt: skip
        ben = Practitioner(first_name="Ben", last_name="Strand")
        db.add_all([patient, ben])
        db.flush()
        made = [
            ClinicSession(
                patient_id=patient.id, practitioner_id=ben.id, service_on=date(2026, 3, 2 + number),
                starts_at=datetime(2026, 3, 2 + number, 18, tzinfo=UTC), minutes=60, state=state,
                signed_at=EVENING if state is SessionState.SIGNED else None, bill_to=BillTo.INSURANCE,
                place_of_service="11", acupuncture_modifiers=[],
            )
            for number, state in enumerate(states)
        ]  # fmt: skip
        db.add_all(made)
        db.flush()
        for number, state in enumerate(claims):
            db.add(
                Claim(
                    control_number=f"M{number}", session_id=made[number].id, responsibility=Responsibility.PRIMARY,
                    state=state, total_cents=16500,
                )
            )  # fmt: skip


def issue_superbill(database: Database, on: date) -> None:
    """A superbill for the session of that day."""
    with database.transaction() as db:
        session = db.scalars(select(ClinicSession).where(ClinicSession.service_on == on)).one()
        db.add(
            Paper(
                kind=PaperKind.SUPERBILL, number=1, session_id=session.id, patient_id=session.patient_id, issued_on=on,
                issued_at=EVENING, total_cents=16500, snapshot={},
            )
        )  # fmt: skip


def number_of(page: str, name: str) -> int:
    found = re.search(rf'<dt>{name}</dt>\s*<dd class="number[^"]*">([\d,]+)', page)
    assert found is not None
    return int(found[1])


def claims_in(page: str, state: str) -> int:
    found = re.search(rf'<span class="word">{state}</span>.*?<span class="number">([\d,]+)', page, re.DOTALL)
    assert found is not None
    return int(found[1])


def test_an_empty_clinic_explains_itself(desk: Desk) -> None:
    page = desk.browser(desk.cast.ada).get("/").text

    assert "There is no clinic here yet" in page
    assert "meridian import FOLDER" in page


def test_the_overview_shows_the_clinic_the_person_and_the_clinics_own_date(desk: Desk) -> None:
    make_clinic(desk.database)

    with stopped_at(EVENING):
        page = desk.browser(desk.cast.ben).get("/").text

    assert "<h1>Willow &amp; Creek</h1>" in page
    assert "Ben Strand" in page
    assert "Practitioner" in page
    assert "Mon 2 Mar 2026 · signed in since 18:30" in page


def test_the_counts_are_those_of_the_database(desk: Desk) -> None:
    make_clinic(desk.database)
    signed, arrived, booked = SessionState.SIGNED, SessionState.ARRIVED, SessionState.BOOKED
    make_sessions(
        desk.database,
        [signed, signed, signed, signed, signed, arrived, arrived, booked],
        [ClaimState.HELD, ClaimState.HELD, ClaimState.VOIDED],
    )
    issue_superbill(desk.database, date(2026, 3, 6))

    page = desk.browser(desk.cast.ada).get("/").text

    assert number_of(page, "Patients") == 1
    assert number_of(page, "Notes to sign") == 2
    assert number_of(page, "Unbilled sessions") == 2
    assert (claims_in(page, "Held"), claims_in(page, "Voided"), claims_in(page, "Paid")) == (2, 1, 0)
    assert "3 in all" in page


def test_who_may_not_see_claims_sees_none_on_the_overview(desk: Desk) -> None:
    make_clinic(desk.database)

    bens, cleos = desk.browser(desk.cast.ben).get("/").text, desk.browser(desk.cast.cleo).get("/").text

    assert "Claims by state" not in bens
    assert "Unbilled sessions" not in bens
    assert "Claims by state" in cleos


def test_every_state_of_a_claim_is_in_exactly_one_group() -> None:
    states = [state for _, _, states in GROUPS for state in states]

    assert sorted(states) == sorted(ClaimState)


@pytest.mark.parametrize("path", ["/", "/account", "/sign-in"])
def test_pages_carry_nothing_inline_that_the_policy_would_block(desk: Desk, path: str) -> None:
    make_clinic(desk.database)
    browser = desk.stranger() if path == "/sign-in" else desk.browser(desk.cast.ada)

    page = browser.get(path).text

    assert not re.search(r"<script|<style|\sstyle=|\son\w+=|https?://(?!www\.w3\.org)", page)
