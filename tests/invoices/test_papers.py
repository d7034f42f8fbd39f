"""What stands on a paper, and what stops one.

On SQLite alone: what a paper says does not depend on where it is kept.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.clinic.models import TaxIdKind
from billing.database import Database
from billing.invoices.issuing import INVOICE, SUPERBILL, paper_name
from billing.invoices.models import Paper, PaperKind
from billing.payments.models import PaymentMethod
from billing.pdf.invoice import Invoice
from billing.pdf.superbill import Superbill
from billing.sessions.models import AccidentKind, BillTo
from tests.claims.office import Office, open_office
from tests.factories import DAY, make_fee, make_payment, procedure


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    return open_office(sqlite_database)


def papers(office: Office) -> list[Paper]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(Paper).order_by(Paper.id)))


def the_invoice(office: Office) -> Invoice:
    (paper,) = papers(office)
    return INVOICE.validate_python(paper.snapshot)


def the_superbill(office: Office) -> Superbill:
    (paper,) = papers(office)
    return SUPERBILL.validate_python(paper.snapshot)


def test_a_session_on_insurance_gets_no_paper(office: Office) -> None:
    office.visit()

    office.bill()

    assert papers(office) == []


def test_the_fees_are_those_of_the_day_of_service(office: Office) -> None:
    office.write(lambda db: make_fee(db, "97810", 98_00, effective_from=DAY))
    office.visit(DAY - timedelta(days=1), bill_to=BillTo.SELF)
    office.visit(DAY, bill_to=BillTo.SELF)

    office.bill()

    assert [one.total_cents for one in papers(office)] == [95_00 + 70_00, 98_00 + 70_00]


def test_a_number_is_printed_with_its_kind() -> None:
    assert paper_name(PaperKind.INVOICE, 12) == "INV-000012"
    assert paper_name(PaperKind.SUPERBILL, 1_234_567) == "SB-1234567"


@pytest.mark.parametrize("bill_to", [BillTo.SELF, BillTo.SUPERBILL])
def test_a_missing_fee_stops_a_paper_and_the_fee_releases_it(office: Office, bill_to: BillTo) -> None:
    session = office.visit(bill_to=bill_to, procedures=[procedure("97124")])
    first = office.bill()

    office.write(lambda db: make_fee(db, "97124", 40_00))
    second = office.bill()

    assert [(one["session"], one["why"]) for one in first["unbilled"]] == [(session.external_id, "fee.missing")]
    assert second["unbilled"] == []
    assert [one.total_cents for one in papers(office)] == [205_00]


def test_a_safety_stop_stops_a_paper_too(office: Office) -> None:
    office.edit(office.scene.patient, flags=["pacemaker"])
    office.visit(bill_to=BillTo.SELF, procedures=[procedure("97813")])

    report = office.bill()

    assert [one["why"] for one in report["unbilled"]] == ["safety.estim_with_implant"]
    assert papers(office) == []


def test_a_session_in_which_nothing_can_be_charged_gets_no_paper(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF, sets=[])

    report = office.bill()

    assert [one["why"] for one in report["unbilled"]] == ["procedure.none"]
    assert papers(office) == []


def test_claim_rules_hold_no_paper(office: Office) -> None:
    office.edit(office.scene.licence, valid_to=DAY - timedelta(days=1))
    office.edit(office.scene.patient, signature_on_file=False, city=None)
    office.visit(bill_to=BillTo.SUPERBILL, diagnoses=["M54.5"])

    office.bill()

    assert len(papers(office)) == 1


def test_an_invoice_says_what_to_do_next(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, session, 165_00))

    office.bill()

    assert the_invoice(office).balance.cents == 0
    assert the_invoice(office).next_step.startswith("Nothing is left to pay")


def test_a_british_invoice_spells_a_cheque(office: Office) -> None:
    office.edit(office.scene.clinic, currency="GBP")
    session = office.visit(bill_to=BillTo.SELF)
    office.write(lambda db: make_payment(db, session, 65_00, PaymentMethod.CHECK))

    office.bill()

    paper = the_invoice(office)
    assert [one.method for one in paper.payments] == ["Cheque"]
    assert paper.next_step.startswith("Please pay £100.00 by card, cash or cheque at the desk")


def test_a_superbill_carries_what_an_insurer_asks_for(office: Office) -> None:
    office.visit(
        bill_to=BillTo.SUPERBILL, diagnoses=["m54.50", "M54.2"], accident=AccidentKind.AUTO, accident_state="WA",
        onset_on=date(2026, 2, 2),
    )  # fmt: skip

    office.bill()

    paper = the_superbill(office)
    assert [one.code for one in paper.diagnoses] == ["M54.50", "M54.2"]
    assert [line.code for visit in paper.visits for line in visit.lines] == ["97810", "97811"]
    assert paper.practitioner.npi == office.scene.practitioner.npi
    assert paper.practitioner.licence_number == office.scene.licence.number
    assert paper.letterhead.tax_id == office.scene.clinic.tax_id
    assert (paper.insurer, paper.member_id) == (office.scene.payer.name, office.scene.policy.member_id)
    assert paper.accident == "Auto accident in WA on 2026-02-02"
    assert paper.onset_on is None


def test_an_invoice_does_not_print_a_social_security_number(office: Office) -> None:
    office.edit(office.scene.clinic, tax_id="900-00-0002", tax_id_kind=TaxIdKind.SSN)
    office.visit(bill_to=BillTo.SELF)

    office.bill()

    assert the_invoice(office).letterhead.tax_id == ""
