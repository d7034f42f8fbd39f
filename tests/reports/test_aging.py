"""How old is what is open: of patients by the date of service, of insurers by whose turn it is."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from billing.database import Database, Db
from billing.ledger.accounts import owed_by_insurance, owed_by_patient
from billing.ledger.queries import balance, balances
from billing.payments.allocating import allocate
from billing.payments.models import PaymentMethod
from billing.payments.taking import take_payment
from billing.reports.aging import PatientStanding, patient_standings, payers_waited_for, summed
from tests.claims.office import Office, open_office
from tests.factories import NOW, Scene, make_patient, set_scene
from tests.invoices.payer_on_stage import charges_of, decide
from tests.payments.desk import charge, pay

ON = date(2026, 4, 1)


@pytest.fixture
def scene(database: Database) -> Scene:
    with database.transaction() as db:
        return set_scene(db)


def standing(database: Database, patient_id: int, on: date = ON) -> PatientStanding:
    with database.reading() as db:
        return next(one for one in patient_standings(db, on) if one.patient_id == patient_id)


@pytest.mark.parametrize(("days", "place"), [(0, 0), (30, 0), (31, 1), (60, 1), (61, 2), (90, 2), (91, 3), (400, 3)])
def test_a_charge_is_as_old_as_its_date_of_service(database: Database, scene: Scene, days: int, place: int) -> None:
    with database.transaction() as db:
        charge(db, scene.visit(db, ON - timedelta(days=days)), 40_00)

    found = standing(database, scene.patient.id)

    assert [cents for cents in found.ages if cents] == [40_00]
    assert found.ages[place] == 40_00
    assert found.oldest_on == ON - timedelta(days=days)


def test_open_charges_less_money_kept_and_credit_are_the_balance(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        old, waiting = scene.visit(db, date(2026, 1, 5)), scene.visit(db, date(2026, 3, 20))
        charge(db, old, 100_00)
        charge(db, waiting, 90_00, insured=True)
        pay(db, scene.patient.id, 25_00, f"session:{waiting.id}")
        pay(db, scene.patient.id, 130_00, f"credit:{scene.patient.id}")
        allocate(db, [scene.patient.id], NOW)

    found = standing(database, scene.patient.id)

    with database.reading() as db:
        assert found.balance == balance(db, owed_by_patient(scene.patient.id)) == -55_00
    assert (found.open, found.kept, found.credit, found.money) == (0, 25_00, 30_00, 55_00)
    assert found.oldest_on is None


def test_a_part_payment_leaves_the_rest_in_its_age(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        first, second = scene.visit(db, date(2025, 12, 1)), scene.visit(db, date(2026, 3, 20))
        charge(db, first, 100_00)
        charge(db, second, 60_00)
        take_payment(db, scene.patient.id, 70_00, PaymentMethod.CASH, date(2026, 3, 30), at=NOW)

    found = standing(database, scene.patient.id)

    assert found.ages == (60_00, 0, 0, 30_00)
    assert found.balance == 90_00
    assert found.oldest_on == date(2025, 12, 1)


def test_what_waits_for_an_insurer_is_nobodys_debt(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        charge(db, scene.visit(db), 90_00, insured=True)

    with database.reading() as db:
        assert patient_standings(db, ON) == []
        (payer,) = payers_waited_for(db, ON)
    assert (payer.name, payer.is_billed, payer.cents, payer.sessions) == ("", False, 90_00, 1)


def test_an_account_that_is_even_is_left_out(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        session = scene.visit(db)
        charge(db, session, 50_00)
        pay(db, scene.patient.id, 50_00, f"session:{session.id}")
        allocate(db, [scene.patient.id], NOW)

    with database.reading() as db:
        assert patient_standings(db, ON) == []


def test_money_owed_for_a_session_beside_its_charges_is_as_old_as_the_session(database: Database, scene: Scene) -> None:
    with database.transaction() as db:
        session = scene.visit(db, ON - timedelta(days=45))
        pay(db, scene.patient.id, -15_00, f"session:{session.id}")

    found = standing(database, scene.patient.id)

    assert (found.balance, found.ages) == (15_00, (0, 15_00, 0, 0))


def decided(office: Office, *, rest: bool) -> None:
    """One visit is decided, with part of it denied when ``rest``; another waits; a third is not billed."""
    first, _ = office.visit(date(2026, 1, 20)), office.visit(date(2026, 3, 10))
    office.bill()
    with office.database.transaction() as db:
        lines = len(charges_of(db, first))
        decide(db, first, {1: [("CO", "16", 95_00)]} if rest else {}, date(2026, 3, 20))
        assert lines == 2
    office.visit(date(2026, 3, 30))


def test_each_insurer_is_told_with_what_is_still_to_be_decided(database: Database) -> None:
    office = open_office(database)
    decided(office, rest=True)

    with database.reading() as db:
        waited = payers_waited_for(db, ON)
        waiting = balance(db, owed_by_insurance(office.scene.patient.id))

    assert [(one.name, one.sessions, one.ages) for one in waited] == [
        (office.scene.payer.name, 2, (165_00, 0, 95_00, 0))
    ]
    assert waited[0].oldest_on == date(2026, 1, 20)
    assert summed(one.ages for one in waited) == waited[0].ages
    assert sum(one.cents for one in waited) == waiting


def test_what_an_insurer_has_decided_is_no_longer_waited_for(database: Database) -> None:
    office = open_office(database)
    decided(office, rest=False)

    with database.reading() as db:
        (waited,) = payers_waited_for(db, ON)

    assert (waited.sessions, waited.cents) == (1, 165_00)


def test_balances_of_several_accounts_are_asked_at_once(database: Database, scene: Scene) -> None:
    def owing(db: Db) -> tuple[int, int]:
        other = make_patient(db)
        charge(db, scene.visit(db), 40_00)
        charge(db, scene.visit(db, patient_id=other.id, start="14:00"), 15_00)
        return scene.patient.id, other.id

    with database.transaction() as db:
        first, second = owing(db)

    with database.reading() as db:
        found = balances(db, [owed_by_patient(first), owed_by_patient(second), owed_by_patient(10_000)])
    assert found == {owed_by_patient(first): 40_00, owed_by_patient(second): 15_00}
