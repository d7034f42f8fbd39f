"""From the first payer's payment file to the last one's: who is asked, and what the patient owes in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Responsibility
from billing.database import Database
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from tests.claims.assembly.further_payers import SECONDARY, claim_of, insure_also, secondary_of, sent
from tests.claims.office import Office, open_office
from tests.remittances.books import PAID_AT, balances, bill_further, post
from tests.remittances.payer import answer, pays, reversal

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
THE_REST = ({"OA-23": 70_00, "PR-2": 5_00}, {"OA-23": 70_00})


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def test_the_second_payer_is_asked_and_the_patient_owes_what_it_leaves(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()

    first = answer(sent(office, office.claim(session)), *COPAY)
    post(office, pays(first))
    before = balances(office)
    bill_further(office)
    second = sent(office, secondary_of(office, session))
    post(office, pays(answer(second, *THE_REST, status="2"), payer_name="SECOND HEALTH", payer_number="EX0002"))

    patient_id = office.scene.patient.id
    assert (before[owed_by_insurance(patient_id)], before.get(owed_by_patient(patient_id), 0)) == (25_00, 0)
    after = balances(office)
    assert (after.get(owed_by_insurance(patient_id), 0), after[owed_by_patient(patient_id)]) == (0, 5_00)
    assert secondary_of(office, session).state is ClaimState.PAID
    assert second.other_payers[0].payer_claim_number == first.payer_claim_number


def test_a_claim_that_the_first_payer_passed_on_is_answered_without_having_been_sent(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    first = sent(office, office.claim(session))

    post(office, pays(answer(first, *COPAY, status="19")))
    bill_further(office)
    forwarded = secondary_of(office, session).state
    post(office, pays(answer(first, *THE_REST, status="2"), payer_name="SECOND HEALTH", payer_number="EX0002"))

    assert forwarded is ClaimState.SENT
    assert len(office.clearinghouse.received) == 1
    assert secondary_of(office, session).state is ClaimState.PAID
    assert balances(office)[owed_by_patient(office.scene.patient.id)] == 5_00


def test_a_decision_taken_back_after_the_second_payer_was_asked_is_told_and_its_answer_still_posts(
    office: Office,
) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    first = answer(sent(office, office.claim(session)), *COPAY)
    post(office, pays(first))
    bill_further(office)
    second = sent(office, secondary_of(office, session))

    post(office, pays(reversal(first)), at=PAID_AT + timedelta(days=1))
    (told,) = office.bill(PAID_AT.date(), PAID_AT)["claims"]["outdated"]
    post(office, pays(answer(second, *THE_REST, status="2"), payer_name="SECOND HEALTH", payer_number="EX0002"))
    post(office, pays(replace(first, payer_claim_number="PCN2")), at=PAID_AT + timedelta(days=2))

    assert (told["claim"], told["problems"][0]["rule"]) == (
        second.control_number, "coordination.decision_taken_back",
    )  # fmt: skip
    assert office.bill(PAID_AT.date(), PAID_AT)["claims"]["outdated"] == []
    assert secondary_of(office, session).state is ClaimState.PAID
    assert claim_of(office, session, SECONDARY) is not None
    assert len(office.claims()) == 2
    patient_id = office.scene.patient.id
    after = balances(office)
    assert (after.get(owed_by_insurance(patient_id), 0), after[owed_by_patient(patient_id)]) == (0, 5_00)


def test_a_decision_taken_back_in_the_same_payment_asks_nobody(office: Office) -> None:
    insure_also(office)
    session = office.visit()
    office.bill()
    first = answer(sent(office, office.claim(session)), *COPAY)
    post(office, pays(first))

    post(office, pays(reversal(first), answer(sent(office, office.claim(session)), {"CO-45": 15_00}, {"CO-45": 10_00})))
    bill_further(office)

    assert claim_of(office, session, SECONDARY) is None
    primary = claim_of(office, session, Responsibility.PRIMARY)
    assert primary is not None
    assert primary.state is ClaimState.PAID
