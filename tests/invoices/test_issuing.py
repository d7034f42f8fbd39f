"""Papers are issued once per session, numbered without gaps, and frozen as they were issued."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from billing.charges.models import Fee
from billing.clinic.numbering import take_numbers
from billing.database import Database
from billing.documents.keeping import document_of
from billing.documents.models import Document
from billing.errors import Conflict, NotDelivered
from billing.invoices.drawing import OWNER, render, undrawn
from billing.invoices.issuing import INVOICE, SUPERBILL
from billing.invoices.models import Paper, PaperKind
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import balance
from billing.pdf.invoice import Invoice
from billing.pdf.superbill import Superbill
from billing.sessions.models import BillTo
from tests.claims.office import THROUGH, Office, open_office
from tests.factories import DAY, make_payment, procedure


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def papers(office: Office) -> list[Paper]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(Paper).order_by(Paper.id)))


def the_invoice(office: Office) -> Invoice:
    (paper,) = papers(office)
    return INVOICE.validate_python(paper.snapshot)


def the_superbill(office: Office) -> Superbill:
    (paper,) = papers(office)
    return SUPERBILL.validate_python(paper.snapshot)


def test_a_session_the_patient_pays_gets_an_invoice_and_no_claim(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)

    report = office.bill()

    assert [(one.kind, one.session_id, one.issued_on) for one in papers(office)] == [
        (PaperKind.INVOICE, session.id, THROUGH)
    ]
    assert [one["sessions"] for one in report["invoices"]] == [[session.external_id]]
    assert office.claims() == []


def test_a_superbill_session_gets_a_superbill_and_no_invoice_besides(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SUPERBILL)

    report = office.bill()

    assert [(one.kind, one.session_id) for one in papers(office)] == [(PaperKind.SUPERBILL, session.id)]
    assert report["invoices"] == []
    assert [one["sessions"] for one in report["superbills"]] == [[session.external_id]]


def test_billing_again_issues_no_second_paper(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.visit(DAY + timedelta(days=1), bill_to=BillTo.SUPERBILL)
    office.bill()

    again = office.bill()

    assert len(papers(office)) == 2
    assert again["invoices"] == again["superbills"] == []


def test_the_database_refuses_a_second_paper_of_one_kind_for_a_session(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    (issued,) = papers(office)

    with pytest.raises(sa.exc.IntegrityError), office.database.transaction() as db:
        values = {column.name: getattr(issued, column.name) for column in Paper.__table__.columns}
        db.execute(sa.insert(Paper).values(**{**values, "id": None, "number": 99}))

    assert len(papers(office)) == 1


def test_the_total_is_the_charges_and_what_the_books_say_is_owed(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF, procedures=[procedure("97140", units=2)])
    office.write(lambda db: make_payment(db, session, 50_00))

    report = office.bill()

    paper = the_invoice(office)
    with office.database.reading() as db:
        owed = balance(db, owed_by_patient(session.patient_id))
        insured = balance(db, owed_by_insurance(session.patient_id))
    assert report["invoices"][0]["total"] == "255.00"
    assert (paper.total.cents, paper.paid.cents, paper.balance.cents) == (255_00, 50_00, 205_00)
    assert (owed, insured) == (205_00, 0)


def test_a_superbill_is_the_patients_debt_and_totals_what_the_books_say(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SUPERBILL)

    office.bill()

    with office.database.reading() as db:
        assert balance(db, owed_by_patient(session.patient_id)) == 165_00
    assert the_superbill(office).total_charges.cents == 165_00


def test_an_issued_paper_does_not_follow_later_edits(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    (before,) = papers(office)

    office.edit(office.scene.patient, last_name="Changed")
    office.edit(office.scene.clinic, name="Other Clinic")
    with office.database.transaction() as db:
        db.execute(sa.update(Fee).values(cents=1))
    office.bill()

    (after,) = papers(office)
    assert after.snapshot == before.snapshot
    assert after.total_cents == 165_00


def test_a_paper_drawn_late_shows_what_was_issued(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.store.failure = NotDelivered("the disk is full")
    office.bill()
    with office.database.reading() as db:
        (waiting,) = undrawn(db, 10)
    as_issued = render(waiting)

    office.store.failure = None
    office.edit(office.scene.patient, last_name="Changed")
    report = office.bill()

    with office.database.reading() as db:
        kept = document_of(db, OWNER, waiting.owner_id, PaperKind.INVOICE)
    assert office.store.get(kept.sha256) == as_issued
    assert [one["paper"] for one in report["invoices"]] == ["INV-000001"]


@pytest.mark.parametrize("bill_to", [BillTo.SELF, BillTo.SUPERBILL])
def test_drawing_again_gives_the_same_bytes(office: Office, bill_to: BillTo) -> None:
    office.visit(bill_to=bill_to)
    office.store.failure = NotDelivered("the disk is full")
    office.bill()

    with office.database.reading() as db:
        (first,), (second,) = undrawn(db, 10), undrawn(db, 10)

    assert render(first) == render(second)
    assert render(first).startswith(b"%PDF")


def test_a_paper_has_one_document_under_its_number(office: Office) -> None:
    office.visit(bill_to=BillTo.SUPERBILL)

    office.bill()
    office.bill()

    with office.database.reading() as db:
        (kept,) = db.scalars(sa.select(Document)).all()
    assert (kept.owner_kind, kept.kind, kept.file_name) == (OWNER, "superbill", "SB-000001.pdf")
    assert kept.size == len(office.store.get(kept.sha256))


def test_numbers_run_without_gaps_and_each_kind_has_its_own(office: Office) -> None:
    for day in range(3):
        office.visit(DAY + timedelta(days=day), bill_to=BillTo.SELF)
        office.visit(DAY + timedelta(days=day), start="11:00", bill_to=BillTo.SUPERBILL)
    office.bill(DAY)
    office.bill()

    issued = papers(office)

    for kind in (PaperKind.INVOICE, PaperKind.SUPERBILL):
        assert [one.number for one in issued if one.kind is kind] == [1, 2, 3]
    assert sorted(one.snapshot["number"] for one in issued)[:3] == ["INV-000001", "INV-000002", "INV-000003"]


def test_a_rolled_back_transaction_leaves_no_gap(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    with pytest.raises(LookupError), office.database.transaction() as db:
        taken = take_numbers(db, PaperKind.INVOICE, 5)
        raise LookupError

    office.bill()

    assert list(taken) == [1, 2, 3, 4, 5]
    assert [one.number for one in papers(office)] == [1]


def test_two_that_number_at_once_share_no_number_and_leave_no_gap(database: Database) -> None:
    together = threading.Barrier(2)

    def take(_number: int) -> list[int]:
        together.wait(timeout=30)
        taken: list[int] = []
        for _ in range(10):
            with database.transaction() as db:
                taken += take_numbers(db, PaperKind.INVOICE, 2)
        return taken

    with ThreadPoolExecutor(2) as threads:
        taken = [number for numbers in threads.map(take, range(2)) for number in numbers]

    assert sorted(taken) == list(range(1, 41))


def test_two_runs_at_once_issue_one_paper_for_each_session(office: Office) -> None:
    for day in range(4):
        office.visit(DAY + timedelta(days=day), bill_to=BillTo.SELF)
    together = threading.Barrier(2)

    def run(_number: int) -> None:
        together.wait(timeout=30)
        try:
            office.bill()
        except Conflict:
            return

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, range(2)))

    assert [one.number for one in papers(office)] == [1, 2, 3, 4]
    with office.database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Document)) == 4


def test_the_database_itself_refuses_to_change_or_delete_a_paper(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    for statement in ("UPDATE paper SET total_cents = 1", "DELETE FROM paper"):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), office.database.transaction() as db:
            db.execute(sa.text(statement))
