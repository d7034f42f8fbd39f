"""A patient's sessions, payments, papers and plan as the record lists them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.claims.filing.forms import forms_route
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.errors import NotFound
from billing.invoices.models import PaperKind
from billing.invoices.receipt_issuing import payment_receipt, refund_receipt
from billing.invoices.statement_issuing import issue_statements
from billing.payments.models import PaymentMethod
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.relay import relay
from billing.reports.patient_papers import claim_forms, papers_page
from billing.reports.patient_payments import payment_told, payments_of_patient
from billing.reports.patient_plan import patient_plan, practitioners_on
from billing.reports.patient_record import ROWS, SessionRow, sessions_page
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from billing.treatment.plans import end_plan, start_plan
from tests.claims.office import Office, open_office
from tests.factories import DAY, make_patient, make_payment, make_practitioner, make_score, set_scene
from tests.invoices.payer_on_stage import at_noon, decide
from tests.web.statements import counted

LATER = date(2026, 4, 20)
ALLOWED = [("CO", "45", 25_00), ("PR", "1", 30_00), ("PR", "2", 14_00)]


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def sessions(office: Office, before: int | None = None) -> list[SessionRow]:
    with office.database.reading() as db:
        return sessions_page(db, office.scene.patient.id, before).rows


def test_the_newest_session_stands_first(office: Office) -> None:
    days = [DAY, DAY + timedelta(days=14), DAY - timedelta(days=7)]
    for day in days:
        office.visit(day)

    assert [row.session.service_on for row in sessions(office)] == sorted(days, reverse=True)


def test_a_session_tells_its_codes_pain_claim_and_what_is_left_of_it(office: Office) -> None:
    session = office.visit(pain_score=6)
    office.write(lambda db: make_payment(db, session, 20_00))
    office.bill()
    office.write(lambda db: decide(db, session, {1: ALLOWED, 2: [("CO", "16", 70_00)]}, date(2026, 3, 20)))

    (row,) = sessions(office)

    assert [one.code for one in row.charges] == ["97810", "97811"]
    assert (row.pain, row.practitioner) == (6, "Ben Quill, L.Ac.")
    assert [(one.state, one.payer) for one in row.claims] == [(ClaimState.SENT, office.scene.payer.name)]
    # The books here were written without the allocation that follows a remittance.
    assert (row.left, row.kept, row.waiting) == (44_00, 20_00, 70_00)


def test_what_the_patient_owes_of_a_session_is_not_what_its_insurer_is_to_decide(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.visit(DAY + timedelta(days=1))
    office.bill()

    insured, own = sessions(office)

    assert (own.left, own.waiting) == (165_00, 0)
    assert (insured.left, insured.waiting) == (0, 165_00)
    assert [paper.kind for paper in own.papers] == [PaperKind.INVOICE]


def test_sessions_are_read_page_by_page_without_a_gap(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        scene = set_scene(db)
        for number in range(ROWS + 3):
            scene.visit(db, DAY + timedelta(days=number % 5), start=f"{8 + number % 9:02d}:00", sets=())

    with sqlite_database.reading() as db:
        first = sessions_page(db, scene.patient.id)
        second = sessions_page(db, scene.patient.id, first.older)

    assert len(first.rows) == ROWS
    assert len({row.session.id for row in (*first.rows, *second.rows)}) == ROWS + 3
    assert second.older is None


def test_a_page_does_not_begin_behind_somebody_elses_session(office: Office) -> None:
    other = office.write(lambda db: make_patient(db).id)
    theirs = office.visit(patient_id=other)

    with pytest.raises(NotFound):
        sessions(office, theirs.id)


def test_more_sessions_ask_no_more_of_the_database(office: Office) -> None:
    def statements() -> int:
        with counted(office.database) as seen:
            sessions(office)
        return len(seen)

    office.visit()
    office.bill()
    once = statements()
    for day in range(1, 8):
        office.visit(DAY + timedelta(days=day))
    office.bill()

    assert statements() == once <= 7


def test_a_payment_tells_where_its_money_is_and_how_much_is_free(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    patient_id = office.scene.patient.id

    def take(db: object) -> tuple[int, int]:
        made = take_payment(db, patient_id, 200_00, PaymentMethod.CHECK, LATER, "1042", at=at_noon(LATER))
        back = refund(db, made.id, 15_00, "Too much", LATER, at=at_noon(LATER))
        payment_receipt(db, made.id, at_noon(LATER))
        refund_receipt(db, back.id, at_noon(LATER))
        return made.id, back.id

    payment_id, _ = office.write(take)

    with office.database.reading() as db:
        (listed,), row = payments_of_patient(db, patient_id), payment_told(db, payment_id)
    assert [(part.cents, part.words) for part in row.parts] == [
        (95_00, "paid for 97810 Acupuncture, first 15 min"),
        (70_00, "paid for 97811 Acupuncture, further 15 min, new needles"),
        (20_00, "kept as credit"),
    ]
    assert (row.means, row.refundable, row.given_back) == ("by check, 1042", 20_00, 15_00)
    assert sum(part.cents for part in row.parts) + row.given_back == 200_00
    assert row.receipt is not None
    assert row.receipt.name == "RC-000001"
    assert [back.receipt.name for back in row.refunds if back.receipt] == ["RC-000002"]
    assert (listed.parts, listed.refundable) == (row.parts, row.refundable)


def test_there_is_no_payment_that_nobody_made(office: Office) -> None:
    with office.database.reading() as db, pytest.raises(NotFound):
        payment_told(db, 99)


def test_papers_are_told_by_kind_and_the_newest_first(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    patient_id = office.scene.patient.id
    for day in (LATER, LATER + timedelta(days=1)):
        office.write(lambda db, day=day: issue_statements(db, [patient_id], day, at_noon(day)))

    with office.database.reading() as db:
        every = papers_page(db, patient_id)
        statements = papers_page(db, patient_id, PaperKind.STATEMENT)
        earlier = papers_page(db, patient_id, PaperKind.STATEMENT, statements.rows[0].id)

    assert [row.kind for row in every.rows] == [PaperKind.STATEMENT, PaperKind.STATEMENT, PaperKind.INVOICE]
    assert (every.rows[2].service_on, every.rows[2].total_cents) == (DAY, 165_00)
    assert [row.name for row in statements.rows] == ["ST-000002", "ST-000001"]
    assert [row.name for row in earlier.rows] == ["ST-000001"]


def test_claim_forms_are_told_with_their_visit(office: Office) -> None:
    session = office.visit()
    office.bill()
    relay(office.database, forms_route(office.store, preprinted=False))

    with office.database.reading() as db:
        (form,) = claim_forms(db, office.scene.patient.id)

    assert (form.service_on, form.version, form.claim_id) == (DAY, 1, office.claim(session).id)


def test_a_course_tells_how_far_it_has_come_and_what_is_next(office: Office) -> None:
    patient_id, ben = office.scene.patient.id, office.scene.practitioner.id
    office.write(lambda db: start_plan(db, patient_id, ben, DAY, 2, 1, 1, "M54.50"))
    office.visit(DAY, pain_score=7)
    office.visit(DAY + timedelta(days=7), pain_score=4)
    coming = office.visit(DAY + timedelta(days=21), state=SessionState.BOOKED, signed_at=None)

    with office.database.reading() as db:
        told = patient_plan(db, patient_id, DAY + timedelta(days=8))

    assert told.current is not None
    assert (told.current.progress.done, told.current.progress.total) == (2, 4)
    assert told.current.diagnosis
    assert [one.session_id for one in told.booked] == [coming.id]
    assert len(told.proposed) == 1
    assert [one.value for one in told.scores] == [7, 4]
    assert told.improved


def test_a_course_that_ended_is_told_among_the_earlier_ones(office: Office) -> None:
    patient_id, ben = office.scene.patient.id, office.scene.practitioner.id
    plan = office.write(lambda db: start_plan(db, patient_id, ben, DAY, 2, 0, 0))
    office.write(lambda db: make_score(db, office.scene.patient, DAY, 3))
    office.write(lambda db: end_plan(db, plan.id, DAY + timedelta(days=3), "Moved away"))

    with office.database.reading() as db:
        told = patient_plan(db, patient_id, LATER)

    assert told.current is None
    assert told.proposed == []
    assert [one.plan.why_ended for one in told.earlier] == ["Moved away"]


def test_who_has_left_the_clinic_begins_no_course(office: Office) -> None:
    office.write(lambda db: make_practitioner(db, first_name="Ida", left_on=DAY))

    with office.database.reading() as db:
        before, after = practitioners_on(db, DAY - timedelta(days=1)), practitioners_on(db, DAY)

    assert len(before) == 2
    assert [number for number, _ in after] == [office.scene.practitioner.id]
