"""Who pays for a session may change until it is billed, and what follows from it is done at once or by the next run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimProblem
from billing.claims.moving import move
from billing.claims.queries import problems_of
from billing.database import Database
from billing.errors import Refused
from billing.invoices.models import Paper, PaperKind
from billing.invoices.rebilling import change_billing
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import balance
from billing.sessions.billing_details import billing_details_of
from billing.sessions.models import BillTo, ClinicSession
from tests.claims.office import BILLED_AT, Office, open_office
from tests.factories import DAY

BY = "user:4"
HELD: dict[str, Any] = {"diagnoses": ["M54.5"]}
"""A diagnosis that is no complete code, which holds a claim and no invoice."""


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def change(office: Office, session: ClinicSession, **changes: Any) -> list[str]:
    with office.database.transaction() as db:
        wanted = replace(billing_details_of(db.get_one(ClinicSession, session.id)), **changes)
        return change_billing(db, session.id, wanted, by=BY, at=BILLED_AT)


def papers(office: Office) -> list[PaperKind]:
    with office.database.reading() as db:
        return list(db.scalars(select(Paper.kind).order_by(Paper.id)))


def owed(office: Office) -> tuple[int, int]:
    """What the insurer and what the patient owe, in cents."""
    patient_id = office.scene.patient.id
    with office.database.reading() as db:
        return balance(db, owed_by_insurance(patient_id)), balance(db, owed_by_patient(patient_id))


def awaits_billing(office: Office, session: ClinicSession) -> bool:
    with office.database.reading() as db:
        return bool(db.scalar(select(ClinicSession.awaits_billing).where(ClinicSession.id == session.id)))


def test_a_session_that_becomes_the_patients_gets_an_invoice_and_no_claim(office: Office) -> None:
    session = office.visit()
    change(office, session, bill_to=BillTo.SELF)

    office.bill()

    assert office.claims() == []
    assert papers(office) == [PaperKind.INVOICE]
    insurer, patient = owed(office)
    assert insurer == 0 < patient


def test_a_held_claim_leaves_the_queue_as_soon_as_the_patient_pays(office: Office) -> None:
    session = office.visit(**HELD)
    office.bill()
    insurer, patient = owed(office)
    assert (office.states(), patient) == ([ClaimState.HELD], 0)

    change(office, session, bill_to=BillTo.SELF)

    claim = office.claim(session)
    last = office.moves(claim)[-1]
    assert claim.state is ClaimState.REPLACED
    assert (last.event, last.from_state, last.by) == (ClaimEvent.REPLACED, ClaimState.HELD, BY)
    assert "not billed to the insurance any more" in last.why
    assert owed(office) == (0, insurer)
    assert awaits_billing(office, session)
    with office.database.reading() as db:
        assert problems_of(db, [claim.id]) == {}


def test_the_next_run_issues_the_invoice_of_a_session_whose_claim_was_held(office: Office) -> None:
    session = office.visit(**HELD)
    office.bill()
    change(office, session, bill_to=BillTo.SELF)

    office.bill()
    office.bill()

    assert office.states() == [ClaimState.REPLACED]
    assert papers(office) == [PaperKind.INVOICE]
    assert not awaits_billing(office, session)


def test_the_run_sets_aside_what_another_hand_gave_to_the_patient(office: Office) -> None:
    held, stays = office.visit(**HELD), office.visit(DAY + timedelta(days=1), **HELD)
    office.bill()
    office.edit(held, bill_to=BillTo.SELF)

    office.bill()

    assert office.claim(held).state is ClaimState.REPLACED
    assert office.moves(office.claim(held))[-1].by == "command:bill"
    assert office.claim(stays).state is ClaimState.HELD
    assert papers(office) == [PaperKind.INVOICE]
    with office.database.reading() as db:
        assert set(db.scalars(select(ClaimProblem.claim_id))) == {office.claim(stays).id}


def test_a_session_that_goes_back_to_the_insurance_gets_a_new_claim(office: Office) -> None:
    session = office.visit(**HELD)
    office.bill()
    change(office, session, bill_to=BillTo.SELF)
    change(office, session, bill_to=BillTo.INSURANCE)

    office.bill()

    assert office.states() == [ClaimState.REPLACED, ClaimState.HELD]
    insurer, patient = owed(office)
    assert patient == 0 < insurer


def test_what_held_a_claim_is_mended_here_and_the_next_run_files_it(office: Office) -> None:
    session = office.visit(place_of_service="XX")
    office.bill()
    assert office.holding(session) == ["place_of_service.not_valid"]

    change(office, session, place_of_service="11")
    office.bill()

    assert office.states() == [ClaimState.SENT]


def test_a_filed_claim_fixes_what_its_session_says(office: Office) -> None:
    session = office.visit()
    office.bill()

    with pytest.raises(Refused, match="A claim of this session has been filed"):
        change(office, session, bill_to=BillTo.SELF)

    assert office.states() == [ClaimState.SENT]


def test_an_invoice_fixes_what_its_session_says(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.bill()

    with pytest.raises(Refused, match="An invoice or superbill"):
        change(office, session, bill_to=BillTo.INSURANCE)

    assert papers(office) == [PaperKind.INVOICE]


def test_the_session_of_a_rejected_claim_is_put_right_and_filed_anew(office: Office) -> None:
    session = office.visit()
    office.bill()
    reject(office, session)

    change(office, session, referring_name="Ana Reyes")
    office.bill()

    assert office.states() == [ClaimState.REPLACED, ClaimState.SENT]


def test_the_session_of_a_rejected_claim_may_become_the_patients(office: Office) -> None:
    session = office.visit()
    office.bill()
    reject(office, session)

    change(office, session, bill_to=BillTo.SELF)
    office.bill()

    assert office.states() == [ClaimState.REPLACED]
    assert papers(office) == [PaperKind.INVOICE]
    assert owed(office)[0] == 0


def reject(office: Office, session: ClinicSession) -> None:
    with office.database.transaction() as db:
        claim = db.scalars(select(Claim).where(Claim.session_id == session.id)).one()
        move(db, [claim.id], ClaimState.SENT, ClaimEvent.REJECTED, by="test", why="unknown member", at=BILLED_AT)
