"""A held claim is let go by itself when the cause is gone, and a ready one is stopped when a cause arises."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from billing.charges.models import Fee
from billing.claims.lifecycle import ClaimState
from billing.errors import NotDelivered
from billing.ledger.accounts import INCOME, owed_by_insurance
from billing.ledger.queries import balance
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession, SessionDiagnosis
from tests.claims.office import Office
from tests.factories import DAY, make_credential, make_fee, make_patient, make_policy, make_session, procedure

HELD, READY, SENT = ClaimState.HELD, ClaimState.READY, ClaimState.SENT


def change_diagnosis(office: Office, session: ClinicSession, code: str) -> None:
    with office.database.transaction() as db:
        db.execute(sa.update(SessionDiagnosis).where(SessionDiagnosis.session_id == session.id).values(code=code))


def test_a_claim_waits_for_the_licence_and_goes_when_it_is_renewed(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    session = office.visit()
    office.bill()
    before = (office.claim(session).state, office.holding(session), len(office.clearinghouse.received))

    office.edit(office.scene.licence, valid_to=DAY)
    report = office.bill()

    assert before == (HELD, ["licence.lapsed"], 0)
    assert office.claim(session).state is SENT
    assert office.holding(session) == []
    assert len(report["claims"]["filed"]) == 1


def test_a_renewal_backdated_by_the_board_releases_the_claim_too(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    session = office.visit()
    office.bill()

    office.write(lambda db: make_credential(db, office.scene.practitioner, valid_from=DAY))
    office.bill()

    assert office.claim(session).state is SENT


def test_a_claim_without_a_fee_is_charged_nothing_until_the_fee_is_there(office: Office) -> None:
    session = office.visit(procedures=[procedure("97124", "GP")])
    office.bill()
    before = (office.claim(session).total_cents, office.holding(session))

    office.write(lambda db: make_fee(db, "97124", 40_00))
    report = office.bill()

    assert before == (0, ["fee.missing"])
    assert report["claims"]["filed"][0]["total"] == "205.00"
    assert office.sent(session).total_cents == 95_00 + 70_00 + 40_00


def test_a_corrected_diagnosis_releases_the_claim_and_goes_out_in_it(office: Office) -> None:
    session = office.visit(diagnoses=["M54.5"])
    office.bill()
    before = office.holding(session)

    change_diagnosis(office, session, "M54.50")
    office.bill()

    assert before == ["diagnosis.not_billable"]
    assert office.sent(session).diagnoses == ("M5450",)


def test_a_ready_claim_is_held_when_its_facts_worsen_before_it_is_filed(office: Office) -> None:
    session = office.visit()
    office.store.failure = NotDelivered("the disk is full")
    office.bill()
    before = office.claim(session).state

    office.store.failure = None
    office.edit(office.scene.policy, effective_to=DAY - timedelta(days=1))
    office.bill()

    assert before is READY
    assert office.claim(session).state is HELD
    assert office.holding(session) == ["coverage.inactive"]
    assert office.clearinghouse.received == []


def test_a_ready_claim_follows_its_chart_and_fees_until_it_is_filed(office: Office) -> None:
    session = office.visit()
    office.store.failure = NotDelivered("the disk is full")
    office.bill()

    office.store.failure = None
    with office.database.transaction() as db:
        db.execute(sa.update(Fee).where(Fee.code == "97810").values(cents=99_00))
    change_diagnosis(office, session, "M54.2")
    office.bill()

    claim = office.sent(session)
    assert claim.total_cents == office.claim(session).total_cents == 99_00 + 70_00
    assert claim.diagnoses == ("M542",)


def test_what_is_still_wrong_after_a_repair_keeps_the_claim_held(office: Office) -> None:
    office.edit(office.scene.patient, signature_on_file=False)
    session = office.visit(diagnoses=["M54.5"])
    office.bill()

    office.edit(office.scene.patient, signature_on_file=True)
    office.bill()

    assert office.holding(session) == ["diagnosis.not_billable"]


def test_holding_a_claim_again_writes_no_second_claim_and_no_second_move(office: Office) -> None:
    office.visit(diagnoses=["M54.5"])
    office.bill()

    office.bill()
    office.bill()

    (claim,) = office.claims()
    assert [(move.from_state, move.to_state) for move in office.moves(claim)] == [(ClaimState.DRAFT, HELD)]


def test_a_policy_entered_late_names_the_payer_of_the_claim_it_releases(office: Office) -> None:
    with office.database.transaction() as db:
        late = make_patient(db)
        session = make_session(db, late, office.scene.practitioner)
    office.bill()

    office.write(lambda db: make_policy(db, late, office.scene.payer))
    report = office.bill()

    assert report["claims"]["filed"][0]["payer"] == office.scene.payer.external_id
    assert office.claim(session).payer_id == office.scene.payer.id


def test_a_session_cancelled_before_its_claim_left_is_charged_and_claimed_no_longer(office: Office) -> None:
    session = office.visit()
    office.store.failure = NotDelivered("the disk is full")
    office.bill()

    office.store.failure = None
    office.edit(session, state=SessionState.CANCELLED, signed_at=None)
    report = office.bill()

    with office.database.reading() as db:
        assert balance(db, owed_by_insurance(session.patient_id)) == 0
        assert balance(db, INCOME) == 0
    assert office.claim(session).state is HELD
    assert office.clearinghouse.received == []
    assert report["claims"]["held"] == []


def test_a_cancelled_session_that_is_signed_after_all_is_claimed_again(office: Office) -> None:
    session = office.visit()
    office.store.failure = NotDelivered("the disk is full")
    office.bill()
    office.edit(session, state=SessionState.CANCELLED, signed_at=None)
    office.bill()

    office.store.failure = None
    office.edit(session, state=SessionState.SIGNED, signed_at=session.signed_at)
    office.bill()

    with office.database.reading() as db:
        assert balance(db, owed_by_insurance(session.patient_id)) == 165_00
    assert office.sent(session).total_cents == 165_00


def test_a_session_cancelled_after_its_claim_left_keeps_its_charges_and_its_claim(office: Office) -> None:
    session = office.visit()
    office.bill()

    office.edit(session, state=SessionState.CANCELLED, signed_at=None)
    office.bill()

    with office.database.reading() as db:
        assert balance(db, owed_by_insurance(session.patient_id)) == 165_00
    assert office.claim(session).state is SENT
