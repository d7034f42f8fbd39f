"""A receipt is issued once for each payment and each refund, says what the money was put to, and never changes."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing import clock
from billing.clinic.models import TaxIdKind
from billing.database import Database, Db
from billing.documents.keeping import document_of
from billing.errors import NotFound, Refused
from billing.invoices.drawing import OWNER, papers_route
from billing.invoices.models import Paper, PaperKind
from billing.invoices.receipt_issuing import RECEIPT, payment_receipt, refund_receipt
from billing.payments.models import Payment, PaymentMethod
from billing.payments.receiving import SessionPayment, book_session_payments
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.pdf.receipt import Receipt
from billing.practitioners.models import CredentialKind
from billing.relay import relay
from tests.claims.office import Office, open_office
from tests.factories import (
    DAY,
    NOW,
    Scene,
    make_credential,
    make_patient,
    make_payment,
    make_practitioner,
    make_session,
)
from tests.payments.desk import charge

TODAY = date(2026, 4, 1)
WEEK = timedelta(days=7)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def scene(office: Office) -> Scene:
    return office.scene


def take(
    db: Db, scene: Scene, cents: int, reference: str | None = None, charges: Iterable[int] = (), on: date = TODAY
) -> Payment:
    given = (db, scene.patient.id, cents, PaymentMethod.CARD, on, reference, list(charges))
    return take_payment(*given, at=NOW)


def content(paper: Paper) -> Receipt:
    return RECEIPT.validate_python(paper.snapshot)


def lines(paper: Paper) -> list[tuple[str, str, int]]:
    """Date of service, what for, and how many cents, of each line."""
    return [(str(one.on or ""), one.description, one.amount.cents) for one in content(paper).lines]


def test_a_receipt_names_who_when_how_for_what_and_how_much(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        visit = scene.visit(db)
        made = charge(db, visit, 9500)

        paper = payment_receipt(db, take(db, scene, 9500, "Visa 4242", [made.id]).id, NOW)

        told = content(paper)
        assert (paper.kind, paper.number, paper.total_cents, paper.issued_on) == (PaperKind.RECEIPT, 1, 9500, TODAY)
        assert (told.number, told.patient.name) == ("RC-000001", "Miri Okoro")
        assert (told.payment.received_on, told.payment.method) == (TODAY, "Visa ending 4242")
        assert lines(paper) == [("2026-03-03", "Acupuncture, first 15 min (97810)", 9500)]
        assert told.lines[0].treated_by == "Ben Quill"
        (treating,) = told.practitioners
        assert (treating.npi, treating.licence_number) == (scene.practitioner.npi, scene.licence.number)
        assert told.letterhead.tax_id == scene.clinic.tax_id
        assert told.account == "After this payment nothing is left to pay."


def test_what_is_left_is_told_as_credit_what_is_owed_as_owed_and_an_earlier_date_takes_nothing_away(
    office: Office, scene: Scene
) -> None:
    with office.database.transaction() as db:
        first = charge(db, scene.visit(db), 5000)
        charge(db, scene.visit(db, DAY + WEEK), 7000)

        part = payment_receipt(db, take(db, scene, 8000, charges=[first.id]).id, NOW)
        rest = payment_receipt(db, take(db, scene, 6000, on=DAY).id, NOW)

        assert [cents for _, _, cents in lines(part)] == [5000, 3000]
        assert content(part).account == "After this payment you owe $40.00."
        assert lines(rest)[-1] == ("", "Credit on your account", 2000)
        assert content(rest).account == "As of 04/01/2026 nothing is left to pay. You have a credit of $20.00."


def test_money_that_waits_for_the_insurer_names_the_visit_and_says_so(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        visit = scene.visit(db)
        charge(db, visit, 9500, insured=True)
        charge(db, visit, 7000, insured=True, position=2)

        paper = payment_receipt(db, make_payment(db, visit, 2500).id, NOW)

        services = "Acupuncture, first 15 min (97810); Acupuncture, first 15 min (97810)"
        assert lines(paper) == [("2026-03-03", services, 2500)]
        assert "until your insurer has decided" in content(paper).lines[0].explanation
        assert content(paper).account.endswith("still to decide about $165.00; you are not asked for that now.")


def test_money_for_a_visit_that_is_not_billed_yet_names_the_visit(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        paper = payment_receipt(db, make_payment(db, scene.visit(db), 2500).id, NOW)

        assert lines(paper) == [("2026-03-03", "Visit", 2500)]
        assert "not been billed yet" in content(paper).lines[0].explanation


def test_every_practitioner_whose_service_was_paid_is_named_once(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        other = make_practitioner(db, first_name="Ida", last_name="Marsh")
        for treating, week in ((scene.practitioner, 0), (other, 1), (scene.practitioner, 2)):
            charge(db, make_session(db, scene.patient, treating, DAY + week * WEEK), 1000)

        told = content(payment_receipt(db, take(db, scene, 3000).id, NOW))

        assert [one.name for one in told.practitioners] == ["Ben Quill", "Ida Marsh"]
        assert [one.treated_by for one in told.lines] == ["Ben Quill", "Ida Marsh", "Ben Quill"]


def test_each_of_several_payments_tells_only_what_it_paid(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        for week in range(3):
            charge(db, scene.visit(db, DAY + week * WEEK), 5000)

        papers = [payment_receipt(db, take(db, scene, cents).id, NOW) for cents in (4000, 3000, 9000)]

        assert [[cents for _, _, cents in lines(paper)] for paper in papers] == [
            [4000],
            [1000, 2000],
            [3000, 5000, 1000],
        ]


def test_a_receipt_written_after_a_refund_tells_both(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        charge(db, scene.visit(db), 5000)
        payment = take(db, scene, 8000)
        refund(db, payment.id, 1000, "paid too much", TODAY, at=NOW)

        paper = payment_receipt(db, payment.id, NOW)

        assert [cents for _, _, cents in lines(paper)] == [5000, 2000, 1000]
        assert lines(paper)[-1][1] == "Given back to you on 04/01/2026"
        assert paper.total_cents == 8000


def test_a_refund_has_a_receipt_of_its_own_that_names_the_payment(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        payment = take(db, scene, 8000, "Visa 4242")
        payment_receipt(db, payment.id, NOW)
        made = refund(db, payment.id, 3000, "moved away after surgery", TODAY, at=NOW)

        paper = refund_receipt(db, made.id, NOW)

        told = content(paper)
        assert (paper.total_cents, told.is_refund, told.total.cents) == (-3000, True, 3000)
        assert told.payment.method == "Visa ending 4242"
        assert lines(paper) == [("", "Out of your payment of 04/01/2026 (receipt RC-000001)", 3000)]
        assert told.account == "After this refund nothing is left to pay. You have a credit of $50.00."
        assert "surgery" not in str(paper.snapshot)


def test_a_receipt_is_issued_once_and_stays_what_it_was(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        charge(db, scene.visit(db), 5000)
        payment = take(db, scene, 8000)
        made = refund(db, payment.id, 1000, "paid too much", TODAY, at=NOW)
        first = payment_receipt(db, payment.id, NOW), refund_receipt(db, made.id, NOW)
    office.edit(scene.patient, last_name="Changed")
    with office.database.transaction() as db:
        take(db, scene, 100)

        again = payment_receipt(db, payment.id, NOW), refund_receipt(db, made.id, NOW)

        assert [one.id for one in again] == [one.id for one in first]
        assert [one.snapshot for one in again] == [one.snapshot for one in first]
        assert len(db.scalars(sa.select(Paper)).all()) == 2


def test_receipts_are_numbered_without_gaps(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        papers = [payment_receipt(db, take(db, scene, 100 + number).id, NOW) for number in range(3)]

        assert [one.number for one in papers] == [1, 2, 3]


def test_two_that_ask_for_the_same_receipt_at_once_get_one(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        payment_id = take(db, scene, 5000).id
    together = threading.Barrier(2)

    def run(_number: int) -> int:
        together.wait(timeout=30)
        with office.database.transaction() as db:
            return payment_receipt(db, payment_id, NOW).number

    with ThreadPoolExecutor(2) as threads:
        assert set(threads.map(run, range(2))) == {1}


def test_the_database_refuses_to_change_a_receipt(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        payment_receipt(db, take(db, scene, 5000).id, NOW)

    for statement in ("UPDATE paper SET total_cents = 1", "DELETE FROM paper"):
        with pytest.raises(sa.exc.DBAPIError, match="only ever added"), office.database.transaction() as db:
            db.execute(sa.text(statement))


def test_a_payment_that_was_taken_back_has_no_receipt(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        visit = scene.visit(db)
        payment = make_payment(db, visit, 2500)
        book_session_payments(db, [SessionPayment(visit.id, scene.patient.id, 0, PaymentMethod.CARD, DAY)], NOW)

        with pytest.raises(Refused, match="taken back"):
            payment_receipt(db, payment.id, NOW)


def test_what_nobody_knows_has_no_receipt(office: Office) -> None:
    with office.database.transaction() as db:
        for ask in (payment_receipt, refund_receipt):
            with pytest.raises(NotFound):
                ask(db, 999, NOW)


def test_a_receipt_does_not_print_a_social_security_number(office: Office, scene: Scene) -> None:
    office.edit(scene.clinic, tax_id="900-00-0002", tax_id_kind=TaxIdKind.SSN)
    with office.database.transaction() as db:
        assert content(payment_receipt(db, take(db, scene, 5000).id, NOW)).letterhead.tax_id == ""


@pytest.mark.parametrize(
    ("method", "reference", "said"),
    [
        (PaymentMethod.CARD, "Visa 4242", "Visa ending 4242"),
        (PaymentMethod.CARD, "Mastercard ending in 0005", "Mastercard ending 0005"),
        (PaymentMethod.CARD, "4242", "Card ending 4242"),
        (PaymentMethod.CARD, "Amex", "Card Amex"),
        (PaymentMethod.CARD, None, "Card"),
        (PaymentMethod.CHECK, "1042", "Check 1042"),
        (PaymentMethod.CASH, None, "Cash"),
        (PaymentMethod.OTHER, None, "Other means"),
    ],
)
def test_how_it_was_paid_is_said_as_people_say_it(
    method: PaymentMethod, reference: str | None, said: str, office: Office, scene: Scene
) -> None:
    with office.database.transaction() as db:
        payment = take_payment(db, scene.patient.id, 5000, method, TODAY, reference, at=NOW)

        told = content(payment_receipt(db, payment.id, NOW)).payment

        assert f"{told.method} {told.reference}".strip() == said


def test_a_british_receipt_has_name_and_qualification_and_no_american_tax_id(office: Office, scene: Scene) -> None:
    office.edit(scene.clinic, currency="GBP", city="Leeds", state="", zip="LS1 4AP")
    office.edit(scene.practitioner, credentials="MBAcC", npi=None)
    with office.database.transaction() as db:
        body = {"kind": CredentialKind.CERTIFICATION, "issuer": "British Acupuncture Council", "number": "20417"}
        make_credential(db, scene.practitioner, **body)
        charge(db, scene.visit(db), 6000)
        payment = take_payment(db, scene.patient.id, 6000, PaymentMethod.CHECK, TODAY, "1042", at=NOW)

        told = content(payment_receipt(db, payment.id, NOW))

        (treating,) = told.practitioners
        assert [one.description for one in told.lines] == ["Acupuncture, first 15 min"]
        assert (treating.titled_name, treating.membership) == ("Ben Quill, MBAcC", "British Acupuncture Council 20417")
        assert told.letterhead.tax_id == ""
        assert (told.payment.method, str(told.total)) == ("Cheque", "£60.00")
        assert "cash plan" in told.note


def test_a_receipt_is_drawn_by_the_route_that_draws_all_papers(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        paper = payment_receipt(db, take(db, scene, 5000).id, NOW)

    with clock.stopped_at(NOW):
        relay(office.database, papers_route(office.store))

    with office.database.reading() as db:
        kept = document_of(db, OWNER, paper.id, PaperKind.RECEIPT)
    assert kept.file_name == "RC-000001.pdf"
    assert office.store.get(kept.sha256).startswith(b"%PDF")


def test_nobody_elses_services_are_told(office: Office, scene: Scene) -> None:
    with office.database.transaction() as db:
        other = make_patient(db, first_name="Noor")
        charge(db, make_session(db, other, scene.practitioner), 5000)

        paper = payment_receipt(db, take(db, scene, 5000).id, NOW)

        assert lines(paper) == [("", "Credit on your account", 5000)]
