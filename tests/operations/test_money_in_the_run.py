"""Importing and billing put patients' money to what it pays for, and mend that when something is told differently."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.database import Database
from billing.invoices.issuing import INVOICE
from billing.invoices.models import Paper
from billing.ledger.accounts import owed_by_patient
from billing.ledger.queries import balance, unbalanced_entries
from billing.operations.billing_run import BillingRun, run_billing
from billing.patients.models import Patient
from billing.payments.account import About
from billing.payments.models import PaymentMethod
from billing.payments.queries import account_of
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from tests.claims.office import BILLED_AT, SETTINGS, THROUGH, Office, open_office
from tests.factories import DAY, NOW, make_patient, make_payment, procedure
from tests.operations.importing.folders import Stage, bring
from tests.payments.desk import allocations, standing

WEEK = timedelta(days=7)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """A folder with a session that the patient pays, 120.00 of it at the desk."""
    return Stage(tmp_path / "clinic").change(
        "sessions.csv", bill_to="self", paid="120.00", procedures="", sets="15 new", accident="", claim_number=""
    )


def where(office: Office, patient: Patient | None = None) -> dict[About, int]:
    """What the books have about each subject on a patient's account."""
    with office.database.reading() as db:
        return standing(db, (patient or office.scene.patient).id)


def imported(database: Database) -> dict[About, int]:
    """The same, of the one patient who was imported; the books must say what follows from them."""
    with database.reading() as db:
        patient_id = db.scalars(sa.select(Patient.id)).first()
        assert patient_id
        assert account_of(db, patient_id).differences == {}
        assert unbalanced_entries(db) == []
        return {(about or "").partition(":")[0]: cents for about, cents in standing(db, patient_id).items()}


def billed(database: Database, stage: Stage) -> dict[About, int]:
    """The patient's account after an import and a billing run."""
    bring(database, stage.read())
    with clock.stopped_at(BILLED_AT):
        run_billing(database, BillingRun(THROUGH), MemoryStore(), MemoryClearinghouse(), SETTINGS)
    return imported(database)


def test_what_was_paid_with_a_session_pays_its_charges_when_it_is_billed(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, session, 100_00))

    office.bill()

    assert list(where(office).values()) == [65_00]
    with office.database.reading() as db:
        assert allocations(db) == [f"allocation:{office.scene.patient.id}:1"]


def test_billing_again_allocates_nothing_more(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, session, 100_00))

    office.bill()
    office.bill()

    with office.database.reading() as db:
        assert len(allocations(db)) == 1


def test_a_copay_waits_and_its_claim_says_what_was_paid_with_the_visit(office: Office) -> None:
    older, insured = office.visit(bill_to=BillTo.SELF), office.visit(DAY + WEEK)
    office.write(lambda db: make_payment(db, insured, 25_00))

    office.bill()

    assert where(office)[f"session:{insured.id}"] == -25_00
    assert office.sent(insured).patient_paid_cents == 25_00
    with office.database.reading() as db:
        assert balance(db, owed_by_patient(older.patient_id)) == 140_00


def test_a_claim_says_what_was_paid_with_the_visit_wherever_the_money_went_since(office: Office) -> None:
    insured = office.visit(DAY + WEEK)
    office.write(lambda db: make_payment(db, insured, 500_00))
    office.visit(bill_to=BillTo.SELF)

    office.bill()

    assert office.sent(insured).patient_paid_cents == 500_00
    assert where(office) == {
        f"session:{insured.id}": -165_00,
        f"credit:{insured.patient_id}": -(500_00 - 165_00 - 165_00),
    }


def test_an_invoice_tells_what_was_paid_and_what_was_given_back(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    payment = office.write(lambda db: make_payment(db, session, 100_00))
    with clock.stopped_at(BILLED_AT):
        office.write(lambda db: refund(db, payment.id, 30_00, "paid twice", DAY + WEEK, at=BILLED_AT))

    office.bill()

    with office.database.reading() as db:
        paper = INVOICE.validate_python(db.scalars(sa.select(Paper)).one().snapshot)
        owed = balance(db, owed_by_patient(session.patient_id))
    assert [(one.received_on, one.amount.cents) for one in paper.payments] == [(DAY, 100_00), (DAY + WEEK, -30_00)]
    assert paper.balance.cents == owed == 95_00


def test_credit_pays_the_oldest_session_when_it_is_billed(office: Office) -> None:
    patient = office.scene.patient
    office.write(lambda db: take_payment(db, patient.id, 200_00, PaymentMethod.CASH, DAY, at=NOW))
    office.visit(DAY + WEEK, bill_to=BillTo.SELF)
    office.visit(bill_to=BillTo.SELF)

    office.bill()

    with office.database.reading() as db:
        account = account_of(db, patient.id)
    days = {one.about: one.service_on for one in account.subjects}
    assert {days[about] for about in account.balances} == {DAY + WEEK}
    assert account.owed_cents == 130_00


def test_a_session_cancelled_after_it_was_charged_sets_its_money_free(office: Office) -> None:
    office.edit(office.scene.patient, city=None)
    held = office.visit()
    office.write(lambda db: make_payment(db, held, 25_00))
    office.bill()
    before = where(office)

    office.edit(held, state=SessionState.CANCELLED, signed_at=None)
    office.bill()

    assert before == {f"session:{held.id}": -25_00}
    assert where(office) == {f"credit:{held.patient_id}": -25_00}


def test_a_session_given_to_another_patient_after_it_was_charged_mends_both_accounts(office: Office) -> None:
    patient, other = office.scene.patient, office.write(make_patient)
    for one in (patient, other):
        office.edit(one, flags=["pacemaker"])
    session = office.visit(bill_to=BillTo.SELF, procedures=[procedure("97813")])
    office.write(lambda db: take_payment(db, patient.id, 100_00, PaymentMethod.CASH, DAY, at=NOW))
    office.bill()
    before = sum(where(office).values())

    office.edit(session, patient_id=other.id)
    office.bill()

    assert before == 170_00
    assert where(office) == {f"credit:{patient.id}": -100_00}
    assert sum(where(office, other).values()) == 270_00


def test_an_import_and_a_billing_run_leave_the_money_where_it_belongs(database: Database, stage: Stage) -> None:
    assert billed(database, stage) == {"credit": -25_00}


def test_another_amount_told_later_mends_what_was_allocated(database: Database, stage: Stage) -> None:
    billed(database, stage)

    bring(database, stage.change("sessions.csv", paid="80.00").read())

    assert imported(database) == {"charge": 15_00}


def test_a_payment_no_longer_told_leaves_the_charge_owed(database: Database, stage: Stage) -> None:
    billed(database, stage)

    bring(database, stage.change("sessions.csv", paid="", paid_by="").read())

    assert imported(database) == {"charge": 95_00}


def test_a_session_imported_as_cancelled_leaves_its_money_as_credit(database: Database, stage: Stage) -> None:
    bring(database, stage.change("sessions.csv", status="cancelled", sets="", diagnoses="").read())

    assert imported(database) == {"credit": -120_00}
