"""Money taken at the desk pays the charges named, then the oldest debts; what is left is credit. Once a source."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from billing.database import Database, Db
from billing.errors import Conflict, NotFound, Refused
from billing.ledger.accounts import money_received, owed_by_patient
from billing.ledger.queries import balance, movements, paid_by_patients_about, unbalanced_entries
from billing.payments.models import Payment, PaymentMethod
from billing.payments.payable import Payable, parts_of
from billing.payments.taking import take_payment
from tests.factories import DAY, NOW, make_patient, make_payment, make_session, set_scene
from tests.payments.desk import charge, decide, standing, take_back

WEEK = timedelta(days=7)
TODAY = date(2026, 4, 1)


def take(db: Db, patient_id: int, cents: int, *charges: int, **changes: Any) -> Payment:
    """Money taken today by card."""
    given = {"method": PaymentMethod.CARD, "received_on": TODAY, "charges": charges, "at": NOW, **changes}
    return take_payment(db, patient_id, cents, **given)


def refusal(db: Db, patient_id: int, cents: int, *charges: int, **changes: Any) -> list[str]:
    """The rules that refuse a payment; nothing must have been booked."""
    before = standing(db, patient_id)
    with pytest.raises(Refused) as refused:
        take(db, patient_id, cents, *charges, **changes)
    assert standing(db, patient_id) == before
    assert db.scalar(sa.select(sa.func.count()).select_from(Payment)) == 0
    return [one.rule for one in refused.value.problems]


def test_money_is_booked_by_how_it_came_on_the_day_it_came(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient

        payment = take(db, patient.id, 5000, method=PaymentMethod.CHECK, received_on=DAY, reference="1042")

        assert [(one.booked_on, one.source, one.cents) for one in movements(db, money_received("check"))] == [
            (DAY, f"payment:{payment.id}", 5000)
        ]
        assert balance(db, owed_by_patient(patient.id)) == -5000
        assert (payment.reference, payment.session_id) == ("1042", None)


def test_the_charges_named_are_paid_first_and_in_that_order(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        first, second, third = (charge(db, scene.visit(db, DAY + week * WEEK), 5000) for week in range(3))

        take(db, scene.patient.id, 8000, third.id, second.id)

        assert standing(db, scene.patient.id) == {f"charge:{first.id}": 5000, f"charge:{second.id}": 2000}


def test_what_the_charges_named_do_not_need_pays_the_oldest(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        first, second, third = (charge(db, scene.visit(db, DAY + week * WEEK), 5000) for week in range(3))

        take(db, scene.patient.id, 11000, third.id)

        assert standing(db, scene.patient.id) == {f"charge:{second.id}": 4000}
        assert first.id < second.id


def test_what_nobody_owes_is_credit(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        made = charge(db, scene.visit(db), 5000)

        take(db, scene.patient.id, 6000, made.id)

        assert standing(db, scene.patient.id) == {f"credit:{scene.patient.id}": -1000}


def test_what_credit_has_paid_of_a_charge_is_not_paid_again(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        take(db, scene.patient.id, 3000)
        made = charge(db, scene.visit(db), 5000)
        later = charge(db, scene.visit(db, DAY + WEEK), 5000)

        take(db, scene.patient.id, 5000, made.id)

        assert standing(db, scene.patient.id) == {f"charge:{later.id}": 2000}


def test_a_charge_the_insurer_decides_keeps_the_money_with_its_session(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        older = charge(db, scene.visit(db, DAY - WEEK), 5000)
        made = charge(db, visit, 9500, insured=True)

        take(db, scene.patient.id, 2500, made.id)

        source = f"session:{visit.id}"
        assert standing(db, scene.patient.id) == {f"charge:{older.id}": 5000, source: -2500}
        assert paid_by_patients_about(db, [source]) == {source: 2500}


def test_no_more_waits_with_a_session_than_its_insurer_could_leave_to_the_patient(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        first = charge(db, visit, 9500, insured=True)
        second = charge(db, visit, 7000, insured=True, position=2)
        make_payment(db, visit, 4000)

        take(db, scene.patient.id, 20000, first.id, second.id)

        assert standing(db, scene.patient.id) == {
            f"session:{visit.id}": -16500,
            f"credit:{scene.patient.id}": -7500,
        }


def test_a_charge_half_decided_takes_the_patients_part_and_keeps_the_rest(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        decided = charge(db, visit, 9500, insured=True)
        waiting = charge(db, visit, 7000, insured=True, position=2)
        decide(db, decided, scene.patient.id, patient_cents=2000, paid=5000)

        take(db, scene.patient.id, 3000, decided.id, waiting.id)

        assert standing(db, scene.patient.id) == {f"session:{visit.id}": -1000}


def test_the_parts_of_a_payment_are_the_whole_of_it() -> None:
    payable = [Payable(1, 7, open_cents=2000, undecided_cents=9000, room_cents=3000), Payable(2, 8, open_cents=500)]

    assert parts_of(10_000, payable, "credit:4") == {
        "charge:1": 2000, "session:7": 3000, "charge:2": 500, "credit:4": 4500,
    }  # fmt: skip
    assert parts_of(1000, payable, "credit:4") == {"charge:1": 1000}


def test_the_same_source_is_booked_once(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient
        first = take(db, patient.id, 5000, source="key:till-1-77")

        again = take(db, patient.id, 5000, source="key:till-1-77", received_on=DAY)

        assert again.id == first.id
        assert balance(db, owed_by_patient(patient.id)) == -5000


def test_without_a_source_every_payment_is_its_own(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient

        made = [take(db, patient.id, 5000) for _ in range(2)]

        assert [one.source for one in made] == ["desk:1", "desk:2"]
        assert balance(db, owed_by_patient(patient.id)) == -10000


@pytest.mark.parametrize("change", [{"cents": 5001}, {"method": PaymentMethod.CASH}, {"patient": "other"}])
def test_a_source_used_for_another_payment_is_a_conflict(change: dict[str, Any], database: Database) -> None:
    with database.transaction() as db:
        patient, other = set_scene(db).patient, make_patient(db)
        take(db, patient.id, 5000, source="key:77")

        said = {"cents": 5000, "method": PaymentMethod.CARD, **change}
        who = other if said.pop("patient", None) else patient
        with pytest.raises(Conflict, match="another payment"):
            take(db, who.id, said.pop("cents"), source="key:77", **said)

        assert len(db.scalars(sa.select(Payment)).all()) == 1


def test_two_that_say_the_same_at_once_book_it_once(database: Database) -> None:
    with database.transaction() as db:
        patient_id = set_scene(db).patient.id
    together = threading.Barrier(2)

    def run(_number: int) -> int:
        together.wait(timeout=30)
        with database.transaction() as db:
            return take(db, patient_id, 5000, source="key:77").id

    with ThreadPoolExecutor(2) as threads:
        made = set(threads.map(run, range(2)))

    assert len(made) == 1
    with database.reading() as db:
        assert balance(db, owed_by_patient(patient_id)) == -5000
        assert unbalanced_entries(db) == []


def test_every_reason_against_a_payment_is_told(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient

        found = refusal(db, patient.id, 0, 999, received_on=date(2026, 4, 2), reference="4242 4242 4242 4242")

        assert sorted(found) == ["payment.amount", "payment.card_number", "payment.charge", "payment.date"]


def test_today_is_the_clinics_and_not_greenwichs(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient
        late = NOW.replace(hour=3)

        assert refusal(db, patient.id, 100, received_on=TODAY, at=late) == ["payment.date"]


def test_another_patients_charge_cannot_be_named(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        theirs = charge(db, make_session(db, make_patient(db), scene.practitioner), 5000)

        assert refusal(db, scene.patient.id, 5000, theirs.id) == ["payment.charge"]


def test_a_charge_that_was_taken_back_or_is_paid_cannot_be_named(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        gone = charge(db, scene.visit(db), 5000)
        take_back(db, gone)
        visit = scene.visit(db, DAY + WEEK)
        paid = charge(db, visit, 0)

        assert refusal(db, scene.patient.id, 5000, gone.id, paid.id) == ["payment.charge"] * 2


def test_a_patient_nobody_knows_pays_nothing(database: Database) -> None:
    with database.transaction() as db:
        set_scene(db)

        with pytest.raises(NotFound):
            take(db, 999, 5000)
