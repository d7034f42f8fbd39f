"""What payers paid counts against a plan that pays only so much: at the claim, and before a visit is booked."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.claims.paid_to_date import paid_to_date
from billing.coverage.dollars import Paid
from billing.coverage.models import Benefit
from billing.database import Database
from billing.reports.coverage_panel import coverage_panel
from tests.claims.assembly.further_payers import LATER, decide
from tests.claims.office import Office, open_office
from tests.factories import DAY
from tests.web.statements import counted


def a_plan_that_pays(database: Database, cents: int) -> Office:
    office = open_office(database)
    with database.transaction() as db:
        benefit = db.get_one(Benefit, office.scene.benefit.id)
        benefit.dollar_limit_cents = benefit.dollars_remaining_cents = cents
        benefit.verified_on = date(2026, 2, 20)
    return office


def test_a_claim_is_held_when_the_payer_has_paid_all_it_pays_since_it_was_asked(database: Database) -> None:
    office = a_plan_that_pays(database, 60_00)
    first = office.visit()
    office.bill(LATER)
    decide(office, first, {1: [("PR", "3", 25_00)]})
    second = office.visit(on=date(2026, 3, 10))

    office.bill(LATER)

    with database.reading() as db:
        held = db.scalars(select(Claim).where(Claim.session_id == second.id)).one()
        panel = coverage_panel(db, office.scene.patient.id, date(2026, 3, 17), LATER)
        paid = paid_to_date(db, db.scalars(select(Benefit)))
    assert held.state is ClaimState.HELD
    [(pair, visits)] = paid.items()
    assert pair == (office.scene.patient.id, office.scene.payer.id)
    assert [(one.visit_on, one.cents > 0) for one in visits] == [(DAY, True)]
    assert isinstance(visits[0], Paid)
    dollars = panel.policies[0].cover.dollars
    assert dollars is not None
    assert dollars.left_cents == 0
    assert "coverage.limit_reached" in {one.rule for one in panel.policies[0].cover.problems}


def test_nothing_is_asked_where_no_plan_limits_what_it_pays(database: Database) -> None:
    office = open_office(database)

    with database.reading() as db:
        benefits = db.scalars(select(Benefit)).all()
        with counted(database) as statements:
            paid = paid_to_date(db, benefits)

    assert office.scene.benefit.id in {one.id for one in benefits}
    assert paid == {}
    assert statements == []
