"""Which of our visits a payer had counted when it told what is left."""

from __future__ import annotations

from datetime import date

from billing.claims.decided_visits import visits_decided
from billing.coverage.models import BenefitPeriod
from billing.database import Database
from tests.claims.assembly.further_payers import LATER, decide
from tests.claims.office import open_office
from tests.factories import DAY


def test_only_visits_that_were_decided_by_then_and_lie_in_the_period_are_counted(database: Database) -> None:
    office = open_office(database)
    first, second = office.visit(), office.visit(on=date(2026, 3, 10))
    office.bill(LATER)
    decide(office, first, {1: [("PR", "3", 25_00)]})

    def counted(through: date, period: BenefitPeriod = BenefitPeriod.CALENDAR_YEAR) -> int:
        with database.reading() as db:
            return visits_decided(db, office.scene.patient.id, office.scene.payer.id, through, period)

    assert second != first
    assert counted(date(2026, 12, 31)) == 1
    assert counted(DAY) == 0
    assert counted(date(2027, 1, 31)) == 0
    assert counted(date(2027, 1, 31), BenefitPeriod.LIFETIME) == 1
