"""Money from patients is booked once per session; what was booked wrongly is reversed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from billing.database import Database, Db
from billing.ledger.accounts import money_received, owed_by_patient
from billing.ledger.queries import balance, movements, paid_by_patients_about, unbalanced_entries
from billing.payments.models import Payment, PaymentMethod
from billing.payments.queries import payments_of_sessions
from billing.payments.receiving import SessionPayment, book_session_payments
from tests.factories import DAY, NOW, make_patient, set_scene


def taken(db: Db, cents: int = 2500) -> SessionPayment:
    """What a patient of a fresh clinic paid on the day of a visit."""
    scene = set_scene(db)
    visit = scene.visit(db)
    return SessionPayment(visit.id, scene.patient.id, cents, PaymentMethod.CARD, DAY)


def standing(db: Db, payment: SessionPayment) -> list[tuple[int, PaymentMethod, date]]:
    """The payments of that session that have not been reversed."""
    found = payments_of_sessions(db, [payment.session_id])[payment.session_id]
    return [(one.cents, one.method, one.received_on) for one in found]


def in_hand(db: Db) -> dict[str, int]:
    return {method: balance(db, money_received(method)) for method in PaymentMethod}


def test_a_payment_is_money_in_hand_and_the_patients_credit(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)

        book_session_payments(db, [payment], NOW)

        assert standing(db, payment) == [(2500, PaymentMethod.CARD, DAY)]
        assert in_hand(db) == {"card": 2500, "cash": 0, "check": 0, "other": 0}
        assert balance(db, owed_by_patient(payment.patient_id)) == -2500
        assert paid_by_patients_about(db, [payment.source]) == {payment.source: 2500}


def test_money_is_booked_on_the_day_it_was_received(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)

        book_session_payments(db, [payment], NOW)

        assert [one.booked_on for one in movements(db, money_received("card"))] == [DAY]


def test_saying_the_same_again_changes_nothing(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        book_session_payments(db, [payment], NOW)
    with database.transaction() as db:
        book_session_payments(db, [payment], NOW)

    with database.reading() as db:
        assert len(movements(db, money_received("card"))) == 1
        assert db.scalar(sa.select(sa.func.count()).select_from(Payment)) == 1


def test_another_amount_reverses_the_first_and_books_the_second(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        book_session_payments(db, [payment], NOW)

        book_session_payments(db, [replace(payment, cents=4000)], NOW)

        assert standing(db, payment) == [(4000, PaymentMethod.CARD, DAY)]
        assert sorted(one.cents for one in movements(db, money_received("card"))) == [-2500, 2500, 4000]
        assert balance(db, owed_by_patient(payment.patient_id)) == -4000


def test_a_reversal_is_booked_on_the_clinics_today_and_not_in_the_past(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        book_session_payments(db, [payment], NOW)

        book_session_payments(db, [replace(payment, cents=0)], NOW)

        dates = {one.cents: one.booked_on for one in movements(db, money_received("card"))}
        assert dates == {2500: DAY, -2500: date(2026, 4, 1)}


@pytest.mark.parametrize(
    "change", [{"method": PaymentMethod.CASH}, {"received_on": date(2026, 3, 4)}], ids=["method", "day"]
)
def test_another_method_or_day_replaces_the_payment(change: dict[str, Any], database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        book_session_payments(db, [payment], NOW)

        corrected = replace(payment, **change)
        book_session_payments(db, [corrected], NOW)

        assert standing(db, payment) == [(2500, corrected.method, corrected.received_on)]
        assert sum(in_hand(db).values()) == 2500


def test_another_patient_gets_the_credit_instead(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        other = make_patient(db)
        book_session_payments(db, [payment], NOW)

        book_session_payments(db, [replace(payment, patient_id=other.id)], NOW)

        assert balance(db, owed_by_patient(payment.patient_id)) == 0
        assert balance(db, owed_by_patient(other.id)) == -2500


def test_a_payment_that_never_was_is_taken_back(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        book_session_payments(db, [payment], NOW)

        book_session_payments(db, [replace(payment, cents=0)], NOW)

        assert standing(db, payment) == []
        assert in_hand(db) == {"card": 0, "cash": 0, "check": 0, "other": 0}


def test_a_payment_taken_back_may_be_booked_again(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        for cents in (2500, 0, 2500, 0, 2500):
            book_session_payments(db, [replace(payment, cents=cents)], NOW)

        assert standing(db, payment) == [(2500, PaymentMethod.CARD, DAY)]
        assert balance(db, owed_by_patient(payment.patient_id)) == -2500
        assert unbalanced_entries(db) == []


def test_nothing_paid_is_nothing_booked(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db, cents=0)

        book_session_payments(db, [payment], NOW)

        assert standing(db, payment) == []
        assert movements(db, owed_by_patient(payment.patient_id)) == []


def test_a_session_has_one_standing_payment_and_the_database_holds_to_it(database: Database) -> None:
    with database.transaction() as db:
        payment = taken(db)
        book_session_payments(db, [payment], NOW)

    unique = pytest.raises(sa.exc.IntegrityError, match=r"uq_payment_standing|payment\.source")
    with unique, database.transaction() as db:
        row = {"patient_id": payment.patient_id, "session_id": payment.session_id, "cents": 1, "method": "cash"}
        db.execute(sa.insert(Payment).values(**row, received_on=DAY, source=payment.source))


def test_payments_of_many_sessions_are_booked_together(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visits = [scene.visit(db, start=f"{hour:02d}:00") for hour in range(8, 18)]
        paid = [
            SessionPayment(visit.id, scene.patient.id, 1000 + position, PaymentMethod.CASH, DAY)
            for position, visit in enumerate(visits)
        ]

        book_session_payments(db, paid, NOW)

        found = payments_of_sessions(db, [visit.id for visit in visits])
        assert [[one.cents for one in found[visit.id]] for visit in visits] == [[one.cents] for one in paid]
        assert balance(db, owed_by_patient(scene.patient.id)) == -sum(one.cents for one in paid)
