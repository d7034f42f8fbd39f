"""Whoever waits for papers sees how many of how many are done."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from billing import clock
from billing.database import Database
from billing.operations.errands.billing_all import bill
from billing.operations.errands.running import CLOCK
from billing.operations.errands.stating import issue_statements
from billing.operations.errands.superbills import issue_superbills
from billing.sessions.models import BillTo
from tests.claims.office import BILLED_AT, THROUGH, Office, open_office
from tests.factories import DAY
from tests.operations.errands import Backroom, Told, backroom_of


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def backroom(office: Office, inbox: Path) -> Backroom:
    return backroom_of(office, inbox)


def visits(office: Office, bill_to: BillTo, first: date, number: int) -> None:
    for day in range(number):
        office.visit(first + timedelta(days=day), bill_to=bill_to)


def test_a_billing_run_counts_patients_invoices_and_claim_forms(office: Office, backroom: Backroom) -> None:
    visits(office, BillTo.SELF, DAY, 3)
    visits(office, BillTo.INSURANCE, DAY + timedelta(days=3), 2)
    told = Told()

    with clock.stopped_at(BILLED_AT):
        bill(backroom.means, THROUGH, CLOCK, told)

    assert ("Charging and checking sessions", 1) in [(doing, total) for doing, _, total in told.steps]
    assert ("Drawing papers", 3, 3) in told.steps
    assert ("Drawing claim forms", 2, 2) in told.steps


def test_a_superbill_run_counts_patients_and_superbills(office: Office, backroom: Backroom) -> None:
    visits(office, BillTo.SUPERBILL, DAY, 4)
    told = Told()

    with clock.stopped_at(BILLED_AT):
        issue_superbills(backroom.means, THROUGH, CLOCK, told)

    assert ("Charging and issuing superbills", 1, 1) in told.steps
    assert ("Drawing papers", 4, 4) in told.steps


def test_a_statement_run_counts_patients_and_statements(office: Office, backroom: Backroom) -> None:
    visits(office, BillTo.SELF, DAY, 2)
    office.bill()
    told = Told()

    with clock.stopped_at(BILLED_AT):
        issue_statements(backroom.means, THROUGH, CLOCK, told)

    assert ("Statements issued", 1, 1) in told.steps
    assert ("Papers drawn", 1, 1) in told.steps
