"""Verifying finds whatever was changed behind the program's back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.audit.sealing import seal
from billing.charges.models import Charge
from billing.database import Database
from billing.documents.models import Document
from billing.errors import Problem
from billing.operations.verifying import document_problems, examine_records
from billing.sessions.models import BillTo, ClinicSession, Note
from tests.claims.office import BILLED_AT, Office, open_office
from tests.factories import DAY, procedure

TRIGGERS = {
    "ledger_posting": ["ledger_posting_no_update", "ledger_posting_no_delete", "ledger_posting_before_its_entry"],
    "ledger_entry": ["ledger_entry_no_update", "ledger_entry_no_delete", "ledger_entry_sums_to_zero"],
    "audit_entry": ["audit_entry_no_update", "audit_entry_no_delete"],
    "filed_version": ["filed_version_no_update", "filed_version_no_delete"],
}


@pytest.fixture
def office(database: Database) -> Office:
    """A clinic that has billed a claim and an invoice, and whose audit trail is sealed."""
    opened = open_office(database)
    opened.visit(procedures=[procedure("97140", "GP")])
    opened.visit(start="11:00", sets=[], procedures=[procedure("97026")], bill_to=BillTo.SELF)
    opened.bill()
    with database.transaction() as db:
        for action in ("clinic billed", "patient viewed"):
            record(db, Actor(ActorKind.COMMAND, "bill"), action, Subject("clinic", "1"), BILLED_AT)
    with database.transaction() as db:
        seal(db, 100)
    return opened


def found(office: Office) -> list[Problem]:
    with office.database.reading() as db:
        records = examine_records(db)
    return [*records.problems, *document_problems(office.store, records.documents)]


def rules(office: Office) -> list[str]:
    return [one.rule for one in found(office)]


def behind_our_back(office: Office, table: str, *statements: str) -> None:
    """What somebody with the database's own password could do: the table's triggers off, then anything."""
    with office.database.engine.begin() as connection:
        if office.database.is_sqlite:
            for trigger in TRIGGERS.get(table, []):
                connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            connection.exec_driver_sql(statement)


def insured_session(office: Office) -> ClinicSession:
    with office.database.reading() as db:
        return db.scalars(sa.select(ClinicSession).where(ClinicSession.bill_to == BillTo.INSURANCE)).one()


def test_an_untouched_clinic_holds(office: Office) -> None:
    assert found(office) == []


def test_a_document_whose_bytes_were_changed_is_found(office: Office) -> None:
    with office.database.reading() as db:
        kept = db.scalars(sa.select(Document).order_by(Document.id)).all()
    office.store.contents[kept[0].sha256] += b" "

    (problem,) = found(office)

    assert (problem.rule, problem.where) == ("document.changed", f"document:{kept[0].id}")
    assert kept[0].file_name in problem.why


def test_a_document_that_is_gone_is_found(office: Office) -> None:
    count = len(office.store.contents)
    office.store.contents.clear()

    assert rules(office) == ["document.missing"] * count
    assert count >= 3


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("needle_set", "UPDATE needle_set SET minutes = minutes + 1 WHERE position = 1"),
        ("needle_set", "DELETE FROM needle_set WHERE position = 2"),
        ("procedure", "UPDATE procedure SET units = 9 WHERE code = '97140'"),
        ("procedure", "DELETE FROM procedure WHERE code = '97140'"),
    ],
)
def test_a_chart_that_is_not_what_was_signed_is_found(office: Office, table: str, statement: str) -> None:
    behind_our_back(office, table, statement)

    (problem,) = found(office)

    assert (problem.rule, problem.where) == ("note.changed", f"session:{insured_session(office).id}")


def test_diagnoses_that_were_changed_after_signing_are_found(office: Office) -> None:
    behind_our_back(office, "session_diagnosis", "UPDATE session_diagnosis SET code = 'M54.2'")

    assert rules(office) == ["note.changed", "note.changed"]


def test_an_amended_note_is_judged_by_its_newest_version(office: Office) -> None:
    session = insured_session(office)
    with office.database.transaction() as db:
        first = db.scalars(sa.select(Note).where(Note.session_id == session.id)).one()
        values = {column.name: getattr(first, column.name) for column in Note.__table__.columns}
        db.add(Note(**{**values, "version": 2, "plan": "Fortnightly."}))

    assert found(office) == []


def test_an_amount_that_was_changed_in_the_books_is_found(office: Office) -> None:
    with office.database.reading() as db:
        charge = db.scalars(sa.select(Charge).order_by(Charge.id)).first()
    assert charge is not None
    behind_our_back(
        office, "ledger_posting",
        f"UPDATE ledger_posting SET cents = cents + 1 WHERE entry = 'charge:{charge.id}' AND position = 1",
    )  # fmt: skip

    (problem,) = found(office)

    assert (problem.rule, problem.where) == ("ledger.unbalanced", f"charge:{charge.id}")


def test_an_entry_that_lost_its_postings_is_found(office: Office) -> None:
    behind_our_back(office, "ledger_posting", "DELETE FROM ledger_posting WHERE entry = 'charge:1'")

    assert [(one.rule, one.where) for one in found(office)] == [("ledger.unbalanced", "charge:1")]


def test_an_entry_that_lost_one_posting_is_found(office: Office) -> None:
    behind_our_back(office, "ledger_posting", "DELETE FROM ledger_posting WHERE entry = 'charge:1' AND position = 2")

    assert [(one.rule, one.where) for one in found(office)] == [("ledger.unbalanced", "charge:1")]


def test_an_audit_row_that_was_changed_is_found(office: Office) -> None:
    behind_our_back(office, "audit_entry", "UPDATE audit_entry SET action = 'nothing' WHERE action = 'patient viewed'")

    assert rules(office) == ["audit.changed"]


def test_a_claim_whose_total_is_not_what_was_filed_is_found(office: Office) -> None:
    behind_our_back(office, "claim", "UPDATE claim SET total_cents = total_cents + 100")

    (problem,) = found(office)

    assert problem.rule == "claim.changed"
    assert problem.where == f"claim:{office.claims()[0].control_number}"


def test_everything_that_is_wrong_is_found_at_once(office: Office) -> None:
    behind_our_back(office, "needle_set", "DELETE FROM needle_set")
    behind_our_back(office, "claim", "UPDATE claim SET total_cents = 1")
    office.store.contents.clear()

    assert {"note.changed", "claim.changed", "document.missing"} == set(rules(office))


def test_no_finding_names_a_patient(office: Office) -> None:
    behind_our_back(office, "needle_set", "DELETE FROM needle_set")
    office.store.contents.clear()

    told = " ".join(f"{one.why} {one.fix} {one.where}" for one in found(office))

    assert office.scene.patient.last_name not in told
    assert str(DAY) not in told
