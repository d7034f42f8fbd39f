"""Only free credit is given back, never more than was paid, and by the way it came."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.ledger.accounts import money_received, owed_by_patient
from billing.ledger.queries import balance, movements, paid_by_patients_about, unbalanced_entries
from billing.payments.account import Waiting
from billing.payments.models import PaymentMethod, Refund
from billing.payments.queries import account_of
from billing.payments.receiving import SessionPayment, book_session_payments
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.sessions.lifecycle import SessionState
from tests.factories import DAY, NOW, Scene, make_patient, make_payment, make_session, set_scene
from tests.payments.desk import charge, standing

TODAY = date(2026, 4, 1)
WEEK = timedelta(days=7)


def give_back(db: Db, payment_id: int, cents: int, why: str = "paid twice", **changes: Any) -> Refund:
    return refund(db, payment_id, cents, why, **{"refunded_on": TODAY, "at": NOW, **changes})


def refusal(db: Db, payment_id: int, cents: int, why: str = "paid twice", **changes: Any) -> str:
    """Why a refund is refused; nothing must have been booked."""
    before = db.scalar(sa.select(sa.func.count()).select_from(Refund))
    with pytest.raises(Refused) as refused:
        give_back(db, payment_id, cents, why, **changes)
    assert db.scalar(sa.select(sa.func.count()).select_from(Refund)) == before
    assert refused.value.problems
    return str(refused.value)


def taken(db: Db, patient_id: int, cents: int, *charges: int) -> int:
    return take_payment(db, patient_id, cents, PaymentMethod.CHECK, DAY, charges=charges, at=NOW).id


def test_credit_is_given_back_by_the_way_it_came(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient
        payment_id = taken(db, patient.id, 5000)

        made = give_back(db, payment_id, 2000, reference="1043")

        assert (made.cents, made.method, made.refunded_on, made.reference) == (2000, "check", TODAY, "1043")
        assert balance(db, money_received("check")) == 3000
        assert standing(db, patient.id) == {f"credit:{patient.id}": -3000}
        assert [one.source for one in movements(db, money_received("check"))][-1] == f"refund:{made.id}"


def test_no_more_is_given_back_than_is_left_of_the_payment(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient
        taken(db, patient.id, 9000)
        payment_id = taken(db, patient.id, 5000)
        give_back(db, payment_id, 2000)

        assert "$30.00 is left" in refusal(db, payment_id, 3001)
        give_back(db, payment_id, 3000)
        assert "given back already, all $50.00 of it" in refusal(db, payment_id, 1)


def test_what_pays_for_a_service_is_not_given_back(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        made = charge(db, scene.visit(db), 4000)
        payment_id = taken(db, scene.patient.id, 5000, made.id)

        assert "no more than $10.00 is free" in refusal(db, payment_id, 1001)
        give_back(db, payment_id, 1000)
        assert standing(db, scene.patient.id) == {}


def test_another_payments_credit_takes_the_place_of_what_is_given_back(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        made = charge(db, scene.visit(db), 4000)
        payment_id = taken(db, scene.patient.id, 4000, made.id)
        taken(db, scene.patient.id, 6000)

        give_back(db, payment_id, 4000)

        assert standing(db, scene.patient.id) == {f"credit:{scene.patient.id}": -2000}


def test_a_copay_that_waits_for_the_insurer_is_not_given_back(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        charge(db, visit, 9500, insured=True)
        copay = make_payment(db, visit, 2500)
        taken(db, scene.patient.id, 5000)

        assert "Nothing of payment 1 is free" in refusal(db, copay.id, 100)


def test_what_was_taken_beyond_what_an_insured_session_costs_is_given_back(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        charge(db, visit, 9500, insured=True)
        mistyped = make_payment(db, visit, 25000)

        give_back(db, mistyped.id, 15500)

        assert standing(db, scene.patient.id) == {f"session:{visit.id}": -9500}
        assert "Nothing of payment 1 is free" in refusal(db, mistyped.id, 1)


@pytest.mark.parametrize("state", [SessionState.SIGNED, SessionState.BOOKED, SessionState.CANCELLED])
def test_money_for_a_session_that_is_not_charged_can_be_given_back(state: SessionState, database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db, state=state)
        payment = make_payment(db, visit, 2500)

        give_back(db, payment.id, 2500)

        assert standing(db, scene.patient.id) == {}
        assert paid_by_patients_about(db, [f"session:{visit.id}"]) == {f"session:{visit.id}": 0}


def test_money_for_another_session_that_is_not_charged_is_not_given_back_in_its_stead(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        made = charge(db, scene.visit(db), 4000)
        make_payment(db, scene.visit(db, DAY + WEEK), 2500)
        payment_id = taken(db, scene.patient.id, 4000, made.id)

        assert "Nothing of payment 2 is free" in refusal(db, payment_id, 100)


def test_what_was_given_back_no_longer_counts_as_paid_with_the_session(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        charge(db, visit, 4000)
        payment = make_payment(db, visit, 5000)

        give_back(db, payment.id, 1000)

        assert paid_by_patients_about(db, [f"session:{visit.id}"]) == {f"session:{visit.id}": 4000}


def test_the_same_refund_is_made_once(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient
        payment_id = taken(db, patient.id, 5000)
        first = give_back(db, payment_id, 2000)

        again = give_back(db, payment_id, 2000)
        other = give_back(db, payment_id, 2000, "the rest of it")

        assert again.id == first.id
        assert other.id != first.id
        assert balance(db, owed_by_patient(patient.id)) == -1000


def test_a_payment_that_was_taken_back_cannot_be_refunded(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        payment = make_payment(db, visit, 2500)
        book_session_payments(db, [SessionPayment(visit.id, scene.patient.id, 0, PaymentMethod.CARD, DAY)], NOW)
        taken(db, scene.patient.id, 9000)

        assert "was taken back" in refusal(db, payment.id, 100)


def test_a_payment_told_away_after_its_refund_leaves_the_refund_owed(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        payment = make_payment(db, visit, 2500)
        give_back(db, payment.id, 1000)

        book_session_payments(db, [SessionPayment(visit.id, scene.patient.id, 0, PaymentMethod.CARD, DAY)], NOW)

        assert standing(db, scene.patient.id) == {f"session:{visit.id}": 1000}
        assert account_of(db, scene.patient.id).owed_cents == 1000


def test_every_reason_against_a_refund_is_told(database: Database) -> None:
    with database.transaction() as db:
        patient = set_scene(db).patient
        payment_id = taken(db, patient.id, 5000)
        card = "4242 4242 4242 4242"

        said = refusal(db, payment_id, 6000, f"to card {card}", reference=card, refunded_on=DAY - WEEK)

        assert card not in said
        assert said.count("whole card number") == 2
        assert "is too early" in said
        assert "is left" in said


@pytest.mark.parametrize("cents", [0, -100])
def test_nothing_is_not_given_back(cents: int, database: Database) -> None:
    with database.transaction() as db:
        payment_id = taken(db, set_scene(db).patient.id, 5000)

        assert "more than zero" in refusal(db, payment_id, cents)


def test_a_payment_nobody_knows_is_not_given_back(database: Database) -> None:
    with database.transaction() as db:
        set_scene(db)

        with pytest.raises(NotFound):
            give_back(db, 999, 100)


def test_two_that_give_back_the_same_credit_at_once_give_it_once(database: Database) -> None:
    with database.transaction() as db:
        patient_id = set_scene(db).patient.id
        payment_id = taken(db, patient_id, 5000)
    together = threading.Barrier(2)

    def run(number: int) -> bool:
        together.wait(timeout=30)
        try:
            with database.transaction() as db:
                give_back(db, payment_id, 4000, f"desk {number}")
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(run, range(2)))

    assert sorted(done) == [False, True]
    with database.reading() as db:
        assert balance(db, owed_by_patient(patient_id)) == -1000


WORK = st.lists(
    st.tuples(
        st.sampled_from(["charge", "insured", "with session", "at desk", "named", "refund", "refund", "refund"]),
        st.integers(0, 5),
        st.integers(1, 9_000),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=WORK)
def test_no_refund_ever_leaves_a_service_unpaid_that_was_paid(
    work: list[tuple[str, int, int]], stage: tuple[Database, Scene]
) -> None:
    database, scene = stage
    positions = count(1)
    with database.transaction() as db:
        patient = make_patient(db)
        visits = [make_session(db, patient, scene.practitioner, DAY + day * WEEK) for day in range(3)]
        payments: list[int] = []
        for kind, which, cents in work:
            if kind in {"charge", "insured"}:
                charge(db, visits[which % 3], cents, insured=kind == "insured", position=next(positions))
            elif kind == "with session":
                payments.append(make_payment(db, visits[which % 3], cents).id)
            elif kind in {"at desk", "named"}:
                owed = [about for about, open_ in account_of(db, patient.id).balances.items() if open_ > 0 and about]
                named = [int(about.split(":")[1]) for about in owed if about.startswith("charge")]
                payments.append(taken(db, patient.id, cents, *(named[:1] if kind == "named" else [])))
            elif payments:
                before = account_of(db, patient.id)
                try:
                    give_back(db, payments[which % len(payments)], cents, f"reason {next(positions)}")
                except Refused:
                    continue
                after = account_of(db, patient.id)
                assert after.owed_cents == before.owed_cents
                insured = {one.about for one in before.subjects if one.waiting is Waiting.INSURER}
                assert {about: after.kept.get(about, 0) for about in insured} == {
                    about: before.kept.get(about, 0) for about in insured
                }
                assert after.differences == {}
        assert unbalanced_entries(db) == []
