"""Statements are issued once a day to each patient, numbered without gaps, and say what the books say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from billing.claims.lifecycle import ClaimState
from billing.clinic.numbering import take_numbers
from billing.database import Database
from billing.invoices.drawing import papers_route, render, undrawn
from billing.invoices.models import Paper, PaperKind
from billing.invoices.statement_issuing import STATEMENT, issue_statements, patients_due
from billing.ledger.accounts import owed_by_patient
from billing.ledger.queries import balance
from billing.patients.models import Patient
from billing.payments.allocating import allocate
from billing.pdf.statement import Statement
from billing.relay import relay
from billing.sessions.models import BillTo, ClinicSession
from tests.claims.office import Office, open_office
from tests.factories import DAY, make_patient, make_payment, make_session
from tests.invoices.payer_on_stage import at_noon, charges_of, decide

DECIDED = date(2026, 3, 20)
FIRST, SECOND = date(2026, 4, 2), date(2026, 4, 30)


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def issue(office: Office, on: date = FIRST, at: datetime | None = None) -> int:
    """What a statement run does; returns how many statements it issued."""
    with office.database.transaction() as db:
        return issue_statements(db, patients_due(db, on), on, at or at_noon(on))


def papers(office: Office) -> list[Paper]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(Paper).where(Paper.kind == PaperKind.STATEMENT).order_by(Paper.id)))


def told(paper: Paper) -> Statement:
    return STATEMENT.validate_python(paper.snapshot)


def the_statement(office: Office) -> Statement:
    (paper,) = papers(office)
    return told(paper)


def owed(office: Office, patient: Patient) -> int:
    with office.database.reading() as db:
        return balance(db, owed_by_patient(patient.id))


def pays(office: Office, session: ClinicSession, cents: int) -> None:
    office.write(lambda db: make_payment(db, session, cents))


def decided(office: Office, session: ClinicSession, on: date = DECIDED) -> None:
    """The usual answer: 97810 is allowed 70.00, of which 44.00 are the patient's; 97811 is paid but for 20.00."""
    parts = {1: [("CO", "45", 25_00), ("PR", "1", 30_00), ("PR", "2", 14_00)], 2: [("CO", "45", 20_00)]}
    office.write(lambda db: decide(db, session, parts, on))


@contextmanager
def questions(database: Database) -> Iterator[list[str]]:
    """What is asked of the database inside the block, beside how the transaction is opened."""
    asked: list[str] = []

    def hear(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            asked.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", hear)
    yield asked
    sa.event.remove(database.engine, "before_cursor_execute", hear)


def test_an_insured_patient_owes_what_the_payer_left_and_no_more(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session)

    issue(office)

    made = the_statement(office)
    first, second = made.lines
    assert [one.cents for one in (first.charged, first.insurance_paid, first.adjusted, first.waiting)] == [
        95_00, 26_00, 25_00, 0
    ]  # fmt: skip
    assert (first.your_part.cents, second.your_part.cents) == (44_00, 0)
    assert "your deductible $30.00 + your coinsurance $14.00" in first.why
    assert papers(office)[0].total_cents == made.total.cents == owed(office, office.scene.patient) == 44_00


def test_what_the_insurer_still_owes_is_not_on_the_total(office: Office) -> None:
    office.visit()
    office.bill()

    issue(office)

    made = the_statement(office)
    assert (made.waiting.cents, made.total.cents) == (165_00, 0)


def test_money_in_the_books_is_told_where_it_belongs_even_before_it_was_allocated(office: Office) -> None:
    own, insured = office.visit(bill_to=BillTo.SELF), office.visit(DAY + timedelta(days=1))
    pays(office, own, 100_00)
    pays(office, insured, 25_00)
    office.bill()

    issue(office)
    office.write(lambda db: allocate(db, [office.scene.patient.id], at_noon(FIRST)))
    issue(office, SECOND)

    first, second = map(told, papers(office))
    assert [one.you_paid.cents for one in first.lines if not one.insured] == [95_00, 5_00]
    assert [one.you_paid.cents for one in second.lines] == [5_00]
    for made in (first, second):
        assert (made.kept.cents, made.credit.cents, made.total.cents) == (25_00, 0, 40_00)


def test_nobody_gets_a_second_statement_of_a_day(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    numbers = [issue(office), issue(office)]

    assert numbers == [1, 0]
    assert len(papers(office)) == 1


def test_the_database_refuses_a_second_statement_of_a_patient_and_a_day(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    issue(office)
    (issued,) = papers(office)

    with pytest.raises(sa.exc.IntegrityError), office.database.transaction() as db:
        values = {column.name: getattr(issued, column.name) for column in Paper.__table__.columns}
        db.execute(sa.insert(Paper).values(**{**values, "id": None, "number": 99}))


def test_a_patient_with_nothing_to_be_told_gets_none(office: Office) -> None:
    office.write(make_patient)
    office.visit(bill_to=BillTo.SUPERBILL, sets=[])
    office.bill()

    assert issue(office) == 0


def test_a_settled_patient_is_told_once_and_then_left_alone(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    pays(office, session, 165_00)
    office.bill()

    assert [issue(office), issue(office, SECOND)] == [1, 0]
    assert the_statement(office).total.cents == 0


def test_who_owes_gets_a_statement_each_time_though_nothing_moved(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()

    assert [issue(office), issue(office, SECOND)] == [1, 1]
    second = told(papers(office)[1])
    assert second.opening_text == "Balance on statement ST-000001 of 04/02/2026"
    assert (second.opening.cents, second.new_part.cents, second.total.cents) == (165_00, 0, 165_00)
    assert second.period_from == FIRST + timedelta(days=1)


def test_credit_is_told_once_and_not_every_month(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    pays(office, session, 200_00)
    office.bill()

    assert [issue(office), issue(office, SECOND)] == [1, 0]
    made = the_statement(office)
    assert (made.total.cents, made.credit.cents) == (-35_00, 35_00)


def test_moving_money_within_an_account_is_nothing_to_be_told(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    pays(office, session, 165_00)
    office.bill()
    issue(office)
    office.write(lambda db: allocate(db, [office.scene.patient.id], at_noon(SECOND)))

    assert issue(office, SECOND) == 0


def test_only_what_is_booked_by_the_day_counts(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session, FIRST + timedelta(days=1))

    issue(office)
    issue(office, SECOND)

    assert [one.total_cents for one in papers(office)] == [0, 44_00]


def test_what_was_written_late_is_told_by_the_next_statement(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    issue(office)
    session = office.visit(DAY, start="11:00", bill_to=BillTo.SELF)
    office.bill(at=at_noon(SECOND))
    pays(office, session, 10_00)

    issue(office, SECOND)

    second = told(papers(office)[1])
    assert (second.opening.cents, second.new_part.cents, second.total.cents) == (165_00, 165_00, 320_00)
    assert len(second.lines) == 4


def test_an_issued_statement_does_not_follow_later_edits(office: Office) -> None:
    session = office.visit(bill_to=BillTo.SELF)
    office.bill()
    issue(office)
    (before,) = papers(office)
    with office.database.reading() as db:
        drawn = [render(one) for one in undrawn(db, 10) if one.kind == PaperKind.STATEMENT]

    office.edit(office.scene.patient, last_name="Changed")
    office.edit(office.scene.clinic, name="Other Clinic")
    pays(office, session, 20_00)

    (after,) = papers(office)
    assert (after.snapshot, after.total_cents) == (before.snapshot, 165_00)
    with office.database.reading() as db:
        assert [render(one) for one in undrawn(db, 10) if one.kind == PaperKind.STATEMENT] == drawn


def test_statements_are_drawn_with_the_other_papers(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    office.bill()
    issue(office)

    drawn = relay(office.database, papers_route(office.store))

    assert [one.letter.file_name for one in drawn] == ["ST-000001.pdf"]
    assert office.store.get(drawn[0].outcome.sha256 if drawn[0].outcome else "").startswith(b"%PDF")


def test_numbers_run_without_gaps_whoever_gets_none(office: Office) -> None:
    others = [office.write(make_patient) for _ in range(3)]
    for other in others[::2]:
        office.write(lambda db, other=other: make_session(db, other, office.scene.practitioner, bill_to=BillTo.SELF))
    office.bill()

    issue(office)

    assert [(one.number, one.patient_id) for one in papers(office)] == [(1, others[0].id), (2, others[2].id)]
    with office.database.transaction() as db:
        assert list(take_numbers(db, PaperKind.STATEMENT, 1)) == [3]


def test_the_number_of_questions_does_not_grow_with_the_patients_or_their_visits(office: Office) -> None:
    office.visit(bill_to=BillTo.SELF)
    for _ in range(8):
        other = office.write(make_patient)
        for day in range(3):
            on = DAY + timedelta(days=day)
            made = office.write(
                lambda db, other=other, on=on: make_session(
                    db, other, office.scene.practitioner, on, bill_to=BillTo.SELF
                )
            )
            pays(office, made, 25_00)
    office.bill()

    with questions(office.database) as of_one, office.database.transaction() as db:
        issue_statements(db, [office.scene.patient.id], FIRST, at_noon(FIRST))
    with questions(office.database) as of_many:
        issue(office)

    with questions(office.database) as of_finding, office.database.reading() as db:
        patients_due(db, FIRST)
    assert len(papers(office)) == 9
    assert len(of_many) == len(of_one) + len(of_finding)


def test_a_clinic_in_pounds_speaks_of_no_insurance(office: Office) -> None:
    office.edit(office.scene.clinic, currency="GBP")
    session = office.visit(bill_to=BillTo.SELF)
    pays(office, session, 65_00)
    office.bill()

    issue(office)

    made = the_statement(office)
    assert (str(made.total), made.insured, made.notes) == ("£100.00", False, ())
    assert made.letterhead.region == "UK"
    assert made.lines[0].service == "Acupuncture, first 15 min"


def test_the_lines_are_those_of_the_charges_in_the_books(office: Office) -> None:
    session = office.visit()
    office.bill()
    decided(office, session)
    assert office.states() == [ClaimState.SENT]

    issue(office)

    with office.database.reading() as db:
        charges = charges_of(db, session)
    made = the_statement(office)
    assert [line.charged.cents for line in made.lines] == [charge.cents for charge in charges]
    assert [line.date_of_service for line in made.lines] == [DAY, DAY]
    assert made.lines[0].service == "Acupuncture, first 15 min (97810)"
