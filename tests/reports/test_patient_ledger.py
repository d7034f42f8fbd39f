"""A patient's books in words: what each entry did, and what was owed after it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.database import Database
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import balance
from billing.payments.models import PaymentMethod
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.reports.patient_ledger import ROWS, LedgerRow, PatientLedger, patient_ledger
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.factories import DAY, make_payment, set_scene
from tests.invoices.payer_on_stage import at_noon, decide, take_back
from tests.payments.desk import charge
from tests.web.statements import counted

DECIDED, LATER = date(2026, 3, 20), date(2026, 4, 20)
ALLOWED = [("CO", "45", 25_00), ("PR", "1", 30_00), ("PR", "2", 14_00)]
"""Of 97810: 26.00 are paid, 44.00 are the patient's."""


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def ledger(office: Office, before: str = "") -> PatientLedger:
    with office.database.reading() as db:
        return patient_ledger(db, office.scene.patient.id, before)


def told(office: Office, kind: str) -> list[LedgerRow]:
    """The entries of a kind, the first first."""
    return [row for row in reversed(ledger(office).rows) if row.kind == kind]


def test_a_charge_is_told_by_what_was_done_and_when(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    first, second = told(office, "charge")

    assert first.words == "97810 Acupuncture, first 15 min"
    assert (first.service_on, first.patient, first.insurers, first.patient_after) == (DAY, 95_00, 0, 95_00)
    assert (second.patient_after, second.about) == (165_00, f"charge:{second.number}")


def test_what_an_insurer_decided_is_told_in_parts_with_its_reasons(office: Office) -> None:
    session = office.visit()
    office.bill()
    office.write(lambda db: decide(db, session, {1: ALLOWED, 2: [("CO", "45", 20_00)]}, DECIDED))

    row = told(office, "remittance")[0]

    assert row.words == f"{office.scene.payer.name} decided on 97810 Acupuncture, first 15 min"
    assert [(part.cents, part.words) for part in row.parts] == [
        (26_00, "paid"),
        (25_00, "nobody owes it: CO-45 over fee schedule"),
        (44_00, "left to the patient: PR-1 deductible, PR-2 coinsurance"),
    ]
    assert (row.patient, row.insurers) == (44_00, -95_00)
    assert row.claim_id == office.claim(session).id


def test_a_decision_that_was_taken_back_is_told_so(office: Office) -> None:
    session = office.visit()
    office.bill()
    source = office.write(lambda db: decide(db, session, {1: ALLOWED}, DECIDED))
    office.write(lambda db: take_back(db, source, LATER))

    undone = [row for row in ledger(office).rows if row.is_undone]

    assert {row.kind for row in undone} == {"remittance"}
    assert sum(row.patient for row in undone) == -44_00
    assert ledger(office).rows[0].patient_after == 0


def test_a_payment_says_how_it_came_and_an_allocation_what_it_paid(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, session, 100_00))
    office.bill()

    (paid,), (put,) = told(office, "payment"), told(office, "allocation")

    assert (paid.words, paid.patient) == ("Paid by card", -100_00)
    assert [(part.cents, part.words) for part in paid.parts] == [(100_00, "kept for the visit")]
    assert (put.patient, put.insurers) == (0, 0)
    assert {(part.cents, part.words, part.service_on) for part in put.parts} == {
        (-100_00, "out of what was kept for the visit", DAY),
        (95_00, "paid for 97810 Acupuncture, first 15 min", DAY),
        (5_00, "paid for 97811 Acupuncture, further 15 min, new needles", DAY),
    }


def test_a_refund_says_how_it_went_and_why(office: Office) -> None:
    patient_id = office.scene.patient.id

    def give_back(db: object) -> None:
        taken = take_payment(db, patient_id, 50_00, PaymentMethod.CHECK, DAY, "1042", at=at_noon(LATER))
        refund(db, taken.id, 20_00, "Paid twice", LATER, at=at_noon(LATER))

    office.write(give_back)

    (row,) = told(office, "refund")

    assert (row.words, row.patient, row.patient_after) == ("Given back by check: Paid twice", 20_00, -30_00)


def test_the_last_balances_are_those_of_the_books(office: Office) -> None:
    own, insured = office.visit(bill_to=BillTo.SELF), office.visit(DAY + timedelta(days=1))
    office.write(lambda db: make_payment(db, own, 90_00))
    office.bill()
    office.write(lambda db: decide(db, insured, {1: ALLOWED, 2: [("CO", "16", 70_00)]}, DECIDED))

    shown = ledger(office)

    with office.database.reading() as db:
        patient_id = office.scene.patient.id
        owed = balance(db, owed_by_patient(patient_id)), balance(db, owed_by_insurance(patient_id))
    assert (shown.rows[0].patient_after, shown.rows[0].insurers_after) == owed
    assert (shown.account.balance, shown.account.waiting) == owed
    assert sum(one.left for one in shown.open_charges) == shown.account.left


def test_only_what_the_patient_can_pay_is_an_open_charge(office: Office) -> None:
    own = office.visit(bill_to=BillTo.SELF)
    office.visit(DAY + timedelta(days=1))
    office.write(lambda db: make_payment(db, own, 95_00))
    office.bill()

    (only,) = ledger(office).open_charges

    assert (only.on, only.words, only.left) == (DAY, "97811 Acupuncture, further 15 min, new needles", 70_00)


def test_long_books_are_read_page_by_page(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        session = scene.visit(db)
        for position in range(1, ROWS + 6):
            charge(db, session, 100, position=position)

    with sqlite_database.reading() as db:
        first = patient_ledger(db, scene.patient.id)
        second = patient_ledger(db, scene.patient.id, first.older)

    assert len(first.rows) == ROWS
    assert second.older == ""
    assert len({row.source for row in (*first.rows, *second.rows)}) == ROWS + 5
    assert second.rows[0].patient_after + 100 == first.rows[-1].patient_after
    assert second.rows[-1].patient_after == 100


def test_longer_books_ask_no_more_of_the_database(office: Office) -> None:
    def statements() -> int:
        with counted(office.database) as seen:
            ledger(office)
        return len(seen)

    first = office.visit()
    office.write(lambda db: make_payment(db, first, 20_00))
    office.bill()
    once = statements()
    for day in range(1, 6):
        later = office.visit(DAY + timedelta(days=day))
        office.write(lambda db, later=later: make_payment(db, later, 20_00))
    office.bill()

    assert statements() == once
