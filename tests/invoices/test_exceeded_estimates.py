"""A bill far above its good-faith estimate is not issued, at the desk, by the billing run, or on a statement."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa

from billing.clock import stopped_at
from billing.database import Database
from billing.documents.models import Document
from billing.errors import Refused
from billing.estimates.good_faith.deadlines import Deadline, Trigger
from billing.estimates.good_faith.drawing import KIND, OWNER
from billing.estimates.good_faith.due import Step
from billing.estimates.good_faith.handing_over import acknowledge, deliver, let_pass
from billing.estimates.good_faith.queries import all_due
from billing.estimates.models import Delivery, GoodFaithEstimate
from billing.invoices.at_desk import issue_paper
from billing.invoices.models import Paper, PaperKind
from billing.invoices.statement_issuing import issue_statements, patient_statement, patients_due
from billing.operations.statements import StatementRun, withheld_words
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.moving import check_in
from tests.claims.office import Office, open_office
from tests.estimates.good_faith.estimates_on_stage import BY, MONDAY, VISIT, at_nine, make_estimate, self_paid, weekly
from tests.factories import chart, fresh, make_fee, moment, procedure

ON = date(2026, 3, 18)
EVENING = moment(ON, "18:00")


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


def dear_visit(office: Office) -> ClinicSession:
    """A visit that was estimated at $165.00 and comes to $410.00 more."""
    office.write(lambda db: make_estimate(db, office.scene, weekly(ON, 1)))
    return office.visit(ON, bill_to=BillTo.SELF, procedures=[procedure("99203"), procedure("97140", units=6)])


def papers(office: Office) -> list[PaperKind]:
    with office.database.reading() as db:
        return list(db.scalars(sa.select(Paper.kind).order_by(Paper.id)))


def the_estimate(office: Office) -> GoodFaithEstimate:
    with office.database.reading() as db:
        return db.scalars(sa.select(GoodFaithEstimate)).one()


def test_6_3_the_billing_run_stops_it_with_the_reason_and_draws_the_estimate(office: Office) -> None:
    dear_visit(office)

    report = office.bill()

    assert papers(office) == []
    assert "estimate.exceeded" in str(report)
    with office.database.reading() as db:
        drawn = db.scalars(sa.select(Document).where(Document.owner_kind == OWNER, Document.kind == KIND)).one()
    assert (drawn.file_name, drawn.owner_id) == ("GFE-000001.pdf", the_estimate(office).id)


def test_6_3_at_the_desk_it_is_refused_until_the_owner_lets_it_pass(office: Office) -> None:
    session = dear_visit(office)

    with pytest.raises(Refused) as refused, office.database.transaction() as db:
        issue_paper(db, session.id, EVENING)
    assert papers(office) == []
    office.write(lambda db: let_pass(db, the_estimate(office).id, 410_00, by=BY, at=EVENING, why="Agreed in writing."))
    office.write(lambda db: issue_paper(db, session.id, EVENING))

    assert [one.rule for one in refused.value.problems] == ["estimate.exceeded"]
    assert "billed at $575.00, $410.00 above the $165.00 that GFE-000001 told" in str(refused.value)
    assert papers(office) == [PaperKind.INVOICE]


def test_6_3_no_statement_bills_it_and_the_run_says_so(office: Office) -> None:
    dear_visit(office)
    office.bill()
    on, at = date(2026, 4, 2), moment(date(2026, 4, 2), "12:00")
    run = StatementRun(on)

    with office.database.transaction() as db:
        issued = issue_statements(db, patients_due(db, on), on, at)
    with office.database.reading() as db:
        run.find(db)
    with office.database.transaction() as db, stopped_at(at):
        run.stage(db, 0)
    with pytest.raises(Refused) as refused, office.database.transaction() as db:
        patient_statement(db, office.scene.patient.id, on, at)

    assert (issued, run.issued, papers(office)) == (0, 0, [])
    assert withheld_words(run)[0].startswith("One statement is withheld")
    assert [one.rule for one in refused.value.problems] == ["estimate.exceeded"]


def test_6_3_what_is_within_the_estimate_is_billed_as_ever(office: Office) -> None:
    office.write(lambda db: make_estimate(db, office.scene, weekly(ON, 1)))
    office.visit(ON, bill_to=BillTo.SELF)

    office.bill()

    assert papers(office) == [PaperKind.INVOICE]
    assert withheld_words(StatementRun(ON)) == []


def test_6_3_from_booking_to_a_stopped_bill(office: Office) -> None:
    """Booked 12 business days ahead; estimate due, issued, delivered, signed for; a new price; a bill $410 above."""
    with office.database.transaction() as db:
        session = self_paid(db, office.scene, ON, booked_on=MONDAY)
        (due,) = all_due(db, MONDAY)
        assert (due.step, due.deadline) == (Step.ISSUE, Deadline(Trigger.SCHEDULED_EARLY, date(2026, 3, 5)))

    with office.database.transaction() as db:
        first = make_estimate(db, office.scene, weekly(ON, 1), on=date(2026, 3, 5))
        deliver(db, first.id, Delivery.HANDED_OVER, first.issued_on, by=BY, at=at_nine(first.issued_on))
        acknowledge(db, first.id, first.issued_on, by=BY, at=at_nine(first.issued_on))
        assert all_due(db, first.issued_on) == []

    with office.database.transaction() as db:
        make_fee(db, "97810", 105_00, effective_from=date(2026, 3, 12))
        db.flush()
        (changed,) = all_due(db, date(2026, 3, 12))
        assert (changed.step, changed.deadline) == (Step.REPLACE, Deadline(Trigger.CHANGED, date(2026, 3, 17)))
        second = make_estimate(
            db, office.scene, weekly(ON, 1), on=date(2026, 3, 12), replaces=first.id, why="A new fee."
        )
        deliver(db, second.id, Delivery.POSTED, second.issued_on, by=BY, at=at_nine(second.issued_on))
        assert second.total_cents == VISIT + 10_00
        assert all_due(db, date(2026, 3, 12)) == []

    with office.database.transaction() as db:
        check_in(db, session.id, by=BY, at=at_nine(ON))
        kept = db.get_one(ClinicSession, session.id)
        kept.state, kept.signed_at = SessionState.SIGNED, EVENING
        services = [procedure("99203"), procedure("97140", units=6)]
        chart(db, kept, sets=(fresh(15), fresh(15)), procedures=services)
    with pytest.raises(Refused) as refused, office.database.transaction() as db:
        issue_paper(db, session.id, EVENING)

    assert "$410.00 above the $175.00 that GFE-000001 v2 told" in str(refused.value)
    assert papers(office) == []
