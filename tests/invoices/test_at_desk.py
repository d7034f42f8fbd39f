"""At the desk a session is charged, paid and papered as the billing run would do it, and the run leaves it alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from billing.charges.capturing import standing_charges
from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.invoices.at_desk import Taken, charge_session, due_now, issue_paper, issue_paper_if_fit, take_at_desk
from billing.invoices.drawing import OWNER, draw_now
from billing.invoices.issuing import INVOICE
from billing.invoices.models import Paper, PaperKind
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import balance, unbalanced_entries
from billing.payments.models import Payment, PaymentMethod
from billing.payments.taking import take_payment
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.factories import DAY, NOW, make_patient, make_session, procedure, set_scene
from tests.payments.desk import charge, decide, standing

CHARGE = 165_00
WEEK = timedelta(weeks=1)


def take(db: Db, session_id: int, cents: int, **changes: Any) -> Taken:
    given = {"method": PaymentMethod.CARD, "reference": "Visa 4242", "at": NOW, **changes}
    return take_at_desk(db, session_id, cents, **given)


def parts(taken: Taken) -> tuple[int, int, int, int]:
    return taken.for_session, taken.kept, taken.for_earlier, taken.credit


def test_a_signed_session_is_charged_at_the_desk_once(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = scene.visit(db)

        first, again = charge_session(db, session.id, NOW), charge_session(db, session.id, NOW)

        assert first is not None
        assert again is not None
        assert [one.id for one in first.charged.charges] == [one.id for one in again.charged.charges]
        assert balance(db, owed_by_insurance(scene.patient.id)) == CHARGE


def test_a_session_that_is_not_signed_is_not_charged(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, state=SessionState.ARRIVED)

        assert charge_session(db, session.id, NOW) is None
        assert standing_charges(db, [session.id])[session.id] == []


def test_a_session_whose_claim_is_filed_is_left_as_it_was_filed(database: Database) -> None:
    office = open_office(database)
    session = office.visit()
    office.bill()

    with database.transaction() as db:
        assert charge_session(db, session.id, NOW) is None


def test_a_self_pay_session_is_paid_and_invoiced_and_a_later_run_finds_it_billed(database: Database) -> None:
    office = open_office(database)
    session = office.visit(bill_to=BillTo.SELF)

    with database.transaction() as db:
        taken = take(db, session.id, CHARGE)

    assert parts(taken) == (CHARGE, 0, 0, 0)
    assert taken.paper is not None
    invoice = INVOICE.validate_python(taken.paper.snapshot)
    assert (invoice.balance.cents, [one.amount.cents for one in invoice.payments]) == (0, [CHARGE])
    office.bill()
    with database.reading() as db:
        papers = list(db.scalars(sa.select(Paper).where(Paper.session_id == session.id)))
        assert [one.id for one in papers] == [taken.paper.id]
        assert balance(db, owed_by_patient(session.patient_id)) == 0


def test_part_of_the_price_pays_part_and_no_invoice_is_issued_yet(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, bill_to=BillTo.SELF)

        taken = take(db, session.id, 65_00)

        assert (parts(taken), taken.paper) == ((65_00, 0, 0, 0), None)
        assert due_now(db, session.id).today == 100_00


def test_a_superbill_session_gets_its_superbill(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, bill_to=BillTo.SUPERBILL)

        taken = take(db, session.id, CHARGE)

        assert taken.paper is not None
        assert taken.paper.kind is PaperKind.SUPERBILL


def test_money_for_an_insured_session_waits_with_it_until_the_insurer_has_decided(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        session = scene.visit(db)

        taken = take(db, session.id, 25_00)

        assert (parts(taken), taken.paper) == ((0, 25_00, 0, 0), None)
        assert balance(db, owed_by_insurance(scene.patient.id)) == CHARGE
        first, second = standing_charges(db, [session.id])[session.id]
        decide(db, first, scene.patient.id, patient_cents=20_00, paid=75_00)
        decide(db, second, scene.patient.id, patient_cents=0, paid=70_00)
        assert due_now(db, session.id).share == 20_00
        assert due_now(db, session.id).today == 0


def test_money_before_the_note_is_signed_stays_with_the_session(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, state=SessionState.ARRIVED, bill_to=BillTo.SELF)

        taken = take(db, session.id, CHARGE)

        assert (parts(taken), taken.paper) == ((0, CHARGE, 0, 0), None)
        assert (due_now(db, session.id).today, standing(db, session.patient_id)) == (
            0,
            {f"session:{session.id}": -CHARGE},
        )


def test_what_is_more_than_the_session_pays_earlier_debts_and_then_becomes_credit(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        earlier = charge(db, scene.visit(db, DAY - WEEK, bill_to=BillTo.SELF), 50_00)
        session = scene.visit(db)

        taken = take(db, session.id, 100_00)

        assert parts(taken) == (0, 25_00, 50_00, 25_00)
        assert f"charge:{earlier.id}" not in standing(db, scene.patient.id)
        assert unbalanced_entries(db) == []


def test_where_the_share_is_unknown_the_rest_is_kept_for_the_session(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        db.delete(scene.benefit)
        charge(db, scene.visit(db, DAY - WEEK, bill_to=BillTo.SELF), 50_00)
        session = scene.visit(db)

        assert parts(take(db, session.id, 90_00)) == (0, 40_00, 50_00, 0)


def test_the_invoice_shows_the_credit_that_paid_part_of_it(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        take_payment(db, scene.patient.id, 40_00, PaymentMethod.CASH, DAY, at=NOW)
        session = scene.visit(db, bill_to=BillTo.SELF)

        taken = take(db, session.id, due_now(db, session.id).suggested)

        assert (taken.payment.cents, taken.paper is not None) == (125_00, True)
        assert taken.paper is not None
        invoice = INVOICE.validate_python(taken.paper.snapshot)
        assert [(one.method, one.amount.cents) for one in invoice.payments] == [
            ("Card", 125_00),
            ("Your credit", 40_00),
        ]
        assert invoice.balance.cents == 0


def test_an_invoice_shows_only_what_was_paid_toward_its_own_session(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        charge(db, scene.visit(db, DAY - WEEK, bill_to=BillTo.SELF), 50_00)
        session = scene.visit(db, bill_to=BillTo.SELF)

        taken = take(db, session.id, CHARGE + 50_00)

        assert taken.paper is not None
        assert [one.amount.cents for one in INVOICE.validate_python(taken.paper.snapshot).payments] == [CHARGE]


def test_the_receipt_is_issued_with_the_payment(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db)

        taken = take(db, session.id, 25_00)

        assert (taken.receipt.kind, taken.receipt.payment_id) == (PaperKind.RECEIPT, taken.payment.id)
        assert (taken.payment.session_id, taken.payment.reference) == (session.id, "Visa 4242")


def test_the_same_form_takes_the_money_once(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db)

        first, again = (take(db, session.id, 25_00, source="form:one") for _ in range(2))

        assert first.payment.id == again.payment.id
        assert db.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"reference": "4242 4242 4242 4242"}, "payment.card_number"),
        ({"cents": 0}, "payment.amount"),
        ({"cents": -5}, "payment.amount"),
    ],
)
def test_a_payment_that_may_not_be_booked_leaves_no_trace(
    database: Database, changes: dict[str, Any], rule: str
) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db)

        with pytest.raises(Refused) as refused:
            take(db, session.id, **{"cents": 25_00, **changes})

        assert [one.rule for one in refused.value.problems] == [rule]
        assert db.scalar(sa.select(sa.func.count()).select_from(Payment)) == 0
        assert db.scalar(sa.select(sa.func.count()).select_from(Paper)) == 0


@pytest.mark.parametrize("state", [SessionState.CANCELLED, SessionState.NO_SHOW])
def test_no_money_is_taken_with_a_session_that_did_not_take_place(database: Database, state: SessionState) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, state=state)

        with pytest.raises(Refused) as refused:
            take(db, session.id, 25_00)

        assert [one.rule for one in refused.value.problems] == ["payment.session"]


def test_money_is_not_taken_with_another_patients_session(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        theirs = make_session(db, make_patient(db), scene.practitioner)

        with pytest.raises(Refused, match="not one of this patient's"):
            take_payment(
                db, scene.patient.id, 100, PaymentMethod.CASH, DAY, at=NOW, session_id=theirs.id, session_cents=100
            )


def test_a_paper_is_issued_once(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, bill_to=BillTo.SELF)

        assert issue_paper(db, session.id, NOW).id == issue_paper(db, session.id, NOW).id


def test_what_stops_the_billing_run_stops_the_desk(database: Database) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, bill_to=BillTo.SELF, procedures=[procedure("97016")])

        with pytest.raises(Refused) as refused:
            issue_paper(db, session.id, NOW)

        assert [one.rule for one in refused.value.problems] == ["fee.missing"]
        assert issue_paper_if_fit(db, session.id, NOW) is None
        assert db.scalar(sa.select(sa.func.count()).select_from(Paper)) == 0


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"state": SessionState.ARRIVED, "bill_to": BillTo.SELF}, "not signed"), ({}, "billed to the insurance")],
)
def test_an_unsigned_or_insured_session_gets_no_paper(database: Database, changes: dict[str, Any], why: str) -> None:
    with database.transaction() as db:
        session = set_scene(db).visit(db, **changes)

        with pytest.raises(Refused, match=why):
            issue_paper(db, session.id, NOW)
        assert issue_paper_if_fit(db, session.id, NOW) is None


def test_there_is_nothing_to_take_with_a_session_that_does_not_exist(database: Database) -> None:
    with database.transaction() as db:
        set_scene(db)

        with pytest.raises(NotFound):
            take(db, 999, 25_00)


def test_the_desk_and_a_billing_run_at_the_same_time_bill_each_session_once(database: Database) -> None:
    office = open_office(database)
    sessions = [office.visit(DAY + day * timedelta(days=1), bill_to=BillTo.SELF) for day in range(6)]

    def pay(session_id: int) -> None:
        with database.transaction() as db:
            take(db, session_id, CHARGE)

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(office.bill), *(pool.submit(pay, one.id) for one in sessions)]
    for one in running:
        one.result()

    with database.reading() as db:
        assert sorted(db.scalars(sa.select(Paper.session_id).where(Paper.session_id.is_not(None)))) == [
            one.id for one in sessions
        ]
        assert balance(db, owed_by_patient(office.scene.patient.id)) == 0
        assert unbalanced_entries(db) == []


def test_a_paper_is_drawn_when_somebody_waits_for_it_and_is_the_same_ever_after(database: Database) -> None:
    office: Office = open_office(database)
    session = office.visit(bill_to=BillTo.SELF)
    with database.transaction() as db:
        paper, other = take(db, session.id, CHARGE).receipt, issue_paper(db, session.id, NOW)

    first, again = (draw_now(database, office.store, paper) for _ in range(2))

    assert (first.id, first.owner_kind, first.owner_id) == (again.id, OWNER, paper.id)
    assert office.store.get(first.sha256).startswith(b"%PDF")
    assert draw_now(database, office.store, other).id != first.id
