"""A statement for one patient, asked for at the desk."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.errors import NotFound, Refused
from billing.invoices.models import Paper, PaperKind
from billing.invoices.statement_issuing import issue_statements, patient_statement
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.factories import make_patient
from tests.invoices.payer_on_stage import at_noon

ON = date(2026, 4, 2)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def statements(office: Office) -> int:
    with office.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).where(Paper.kind == PaperKind.STATEMENT)) or 0


def issued(office: Office, on: date = ON) -> Paper:
    paper: Paper = office.write(lambda db: patient_statement(db, office.scene.patient.id, on, at_noon(on)))
    return paper


def test_it_says_what_the_patient_owes_and_concerns_nobody_else(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    other = office.write(lambda db: make_patient(db).id)
    office.visit(patient_id=other, start="14:00", bill_to=BillTo.SELF)
    office.bill()

    paper = issued(office)

    assert (paper.kind, paper.total_cents, paper.issued_on) == (PaperKind.STATEMENT, 165_00, ON)
    assert statements(office) == 1


def test_a_second_one_of_the_day_is_the_first(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    office.write(lambda db: issue_statements(db, [office.scene.patient.id], ON, at_noon(ON)))

    assert issued(office).id == issued(office).id
    assert statements(office) == 1


def test_another_day_has_another_one(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    assert issued(office).id != issued(office, ON + timedelta(days=1)).id


def test_who_has_nothing_to_be_told_gets_none(office: Office) -> None:
    with pytest.raises(Refused, match="nothing to tell"):
        issued(office)

    assert statements(office) == 0


def test_nobody_gets_no_statement(office: Office) -> None:
    with pytest.raises(NotFound):
        office.write(lambda db: patient_statement(db, 999, ON, at_noon(ON)))
