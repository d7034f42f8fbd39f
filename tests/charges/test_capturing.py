"""The standing charges of a session always equal its coded, priced chart; what was wrong is reversed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import pytest
import sqlalchemy as sa

from billing.charges.capturing import Charged, capture, source_of, standing_charges
from billing.charges.models import Charge, Fee
from billing.database import Database, Db
from billing.ledger.accounts import INCOME, owed_by_insurance, owed_by_patient
from billing.ledger.queries import balance, movements, unbalanced_entries
from billing.sessions.models import BillTo, ClinicSession, NeedleSet
from tests.factories import (
    DAY,
    NOW,
    fresh,
    make_fee,
    make_patient,
    procedure,
    retained,
    set_scene,
)
from tests.sessions.gate import facts_about

TODAY = date(2026, 4, 1)


def captured(db: Db, *sessions: ClinicSession) -> dict[int, Charged]:
    """Charge these sessions as the billing run does."""
    facts = facts_about(db, *sessions)
    return capture(db, [facts.visit_of[one.id] for one in sessions], TODAY, NOW)


def content(charges: Iterable[Charge]) -> list[tuple[str, list[str], int, int]]:
    return [(one.code, one.modifiers, one.units, one.cents) for one in charges]


def everything_ever_charged(db: Db) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(Charge)) or 0


def test_a_session_is_charged_line_by_line_at_the_standard_fee(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db, sets=[fresh(15)] * 3, procedures=[procedure("97140", "GP", units=2)])

        charged = captured(db, visit)[visit.id]

        assert content(charged.charges) == [
            ("97810", [], 1, 9500),
            ("97811", [], 2, 14000),
            ("97140", ["GP"], 2, 9000),
        ]
        assert [(one.position, one.service_on) for one in charged.charges] == [(1, DAY), (2, DAY), (3, DAY)]
        assert (charged.total_cents, charged.problems) == (32500, [])


def test_what_a_payers_contract_allows_is_never_charged(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_fee(db, "97810", 6000, payer_id=scene.payer.id, effective_from=date(2026, 1, 1))
        visit = scene.visit(db, sets=[fresh(15)])

        assert captured(db, visit)[visit.id].total_cents == 9500


def test_the_fee_is_the_one_of_the_date_of_service(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_fee(db, "97810", 9900, effective_from=date(2026, 3, 4))
        before, after = scene.visit(db, DAY, sets=[fresh(15)]), scene.visit(db, date(2026, 3, 4), sets=[fresh(15)])

        charged = captured(db, before, after)

        assert [charged[one.id].total_cents for one in (before, after)] == [9500, 9900]


@pytest.mark.parametrize("bill_to", BillTo)
def test_a_charge_is_owed_by_who_is_billed_and_earned_by_the_clinic(bill_to: BillTo, database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        captured(db, scene.visit(db, bill_to=bill_to))

        insured = bill_to is BillTo.INSURANCE
        assert balance(db, owed_by_insurance(scene.patient.id)) == (16500 if insured else 0)
        assert balance(db, owed_by_patient(scene.patient.id)) == (0 if insured else 16500)
        assert balance(db, INCOME) == -16500
        assert {one.booked_on for one in movements(db, INCOME)} == {DAY}


def test_a_session_with_one_unpriced_code_is_charged_nothing_at_all(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db, procedures=[procedure("97110"), procedure("97112")])
        other = scene.visit(db, start="14:00")

        charged = captured(db, visit, other)

        assert charged[visit.id].charges == []
        assert [one.rule for one in charged[visit.id].problems] == ["fee.missing", "fee.missing"]
        assert charged[other.id].total_cents == 16500
        assert balance(db, INCOME) == -16500


def test_a_fee_entered_later_lets_the_session_be_charged(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db, procedures=[procedure("97110")])
        captured(db, visit)
        make_fee(db, "97110", 5000)

        charged = captured(db, visit)[visit.id]

        assert (charged.total_cents, charged.problems) == (21500, [])


def test_a_fee_withdrawn_takes_the_charges_back(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db)
        captured(db, visit)
        db.execute(sa.delete(Fee).where(Fee.code == "97811"))

        charged = captured(db, visit)[visit.id]

        assert (charged.charges, [one.rule for one in charged.problems]) == ([], ["fee.missing"])
        assert standing_charges(db, [visit.id]) == {}
        assert balance(db, INCOME) == 0


def test_a_session_without_lines_has_no_charges(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db, sets=[retained(30)])

        assert captured(db, visit) == {visit.id: Charged([], [])}
        assert everything_ever_charged(db) == 0


def test_charging_again_changes_nothing(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        make_fee(db, "99080", 0)
        visits = [
            scene.visit(db, procedures=[procedure("97140", "GP"), procedure("99080")]),
            scene.visit(db, start="14:00", bill_to=BillTo.SELF),
        ]
        first = captured(db, *visits)
    with database.transaction() as db:
        again = captured(db, *(db.get_one(ClinicSession, visit.id) for visit in visits))

        assert {key: [one.id for one in value.charges] for key, value in again.items()} == {
            key: [one.id for one in value.charges] for key, value in first.items()
        }
        assert everything_ever_charged(db) == 6
        assert len(movements(db, INCOME)) == 6


def test_a_changed_chart_is_reversed_and_charged_anew(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db)
        first = [source_of(one) for one in captured(db, visit)[visit.id].charges]
    with database.transaction() as db:
        db.execute(sa.update(NeedleSet).where(NeedleSet.position == 2).values(estim=True))

        charged = captured(db, db.get_one(ClinicSession, visit.id))[visit.id]

        assert content(charged.charges) == [("97810", [], 1, 9500), ("97814", [], 1, 8000)]
        assert content(standing_charges(db, [visit.id])[visit.id]) == content(charged.charges)
        assert {one.source: one.cents for one in movements(db, INCOME)} == {
            first[0]: -9500,
            first[1]: -7000,
            f"reversal:{first[0]}": 9500,
            f"reversal:{first[1]}": 7000,
            source_of(charged.charges[0]): -9500,
            source_of(charged.charges[1]): -8000,
        }
        assert {one.booked_on for one in movements(db, INCOME) if one.source.startswith("reversal:")} == {TODAY}


def test_a_changed_modifier_is_a_changed_charge(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db, sets=[fresh(15)])
        captured(db, visit)
        visit.acupuncture_modifiers = ["KX"]

        assert content(captured(db, visit)[visit.id].charges) == [("97810", ["KX"], 1, 9500)]
        assert balance(db, INCOME) == -9500


def test_a_corrected_fee_recharges_what_has_not_been_billed(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db, sets=[fresh(15)])
        captured(db, visit)
        make_fee(db, "97810", 10000, effective_from=date(2026, 3, 1))

        assert captured(db, visit)[visit.id].total_cents == 10000
        assert balance(db, INCOME) == -10000


def test_a_visit_that_goes_to_somebody_else_is_owed_by_somebody_else(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        captured(db, visit)
        visit.bill_to = BillTo.SELF

        captured(db, visit)

        assert balance(db, owed_by_insurance(scene.patient.id)) == 0
        assert balance(db, owed_by_patient(scene.patient.id)) == 16500
        assert balance(db, INCOME) == -16500


def test_a_visit_that_was_another_patients_is_owed_by_that_one(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db, bill_to=BillTo.SELF)
        captured(db, visit)
        other = make_patient(db)
        visit.patient_id = other.id

        captured(db, visit)

        assert balance(db, owed_by_patient(scene.patient.id)) == 0
        assert balance(db, owed_by_patient(other.id)) == 16500


def test_a_visit_that_was_on_another_day_is_charged_on_that_day(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db, sets=[fresh(15)])
        captured(db, visit)
        visit.service_on = date(2026, 3, 5)

        [charge] = captured(db, visit)[visit.id].charges

        assert charge.service_on == date(2026, 3, 5)
        assert balance(db, INCOME) == -9500


def test_whatever_is_changed_how_often_the_books_sum_to_what_stands(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visits = [scene.visit(db, start=f"{hour:02d}:00") for hour in (8, 10, 12)]
        for turn in range(6):
            visits[turn % 3].acupuncture_modifiers = ["KX"] * (turn % 2)
            visits[turn % 2].bill_to = list(BillTo)[turn % 3]

            captured(db, *visits)

            standing = standing_charges(db, [visit.id for visit in visits])
            assert -balance(db, INCOME) == sum(one.cents for charges in standing.values() for one in charges) == 49500
        owed = balance(db, owed_by_insurance(scene.patient.id)) + balance(db, owed_by_patient(scene.patient.id))
        assert owed == 49500
        assert unbalanced_entries(db) == []


def test_a_line_of_a_session_stands_once_and_the_database_holds_to_it(database: Database) -> None:
    with database.transaction() as db:
        visit = set_scene(db).visit(db, sets=[fresh(15)])
        captured(db, visit)

    unique = pytest.raises(sa.exc.IntegrityError, match=r"uq_charge_standing|charge\.session_id")
    with unique, database.transaction() as db:
        row = {"session_id": visit.id, "position": 1, "service_on": DAY, "code": "97810", "modifiers": []}
        db.execute(sa.insert(Charge).values(**row, units=1, cents=9500))
