"""Allocations only say which money pays for what; they follow the books, and balances do not feel them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.database import Database
from billing.ledger.accounts import ALLOCATIONS, owed_by_patient
from billing.ledger.models import Entry
from billing.ledger.queries import balance, paid_by_patients_about, unbalanced_entries
from billing.payments.allocating import allocate
from billing.payments.models import PaymentMethod
from billing.payments.queries import account_of
from billing.payments.receiving import SessionPayment, book_session_payments
from billing.sessions.lifecycle import SessionState
from tests.factories import DAY, NOW, Scene, make_patient, make_payment, make_session, set_scene
from tests.payments.desk import allocations, charge, decide, pay, standing, take_back

WEEK = timedelta(days=7)


def test_money_taken_with_a_session_pays_for_it_once_it_is_charged(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        make_payment(db, visit, 2500)
        allocate(db, [scene.patient.id], NOW)
        before = (list(allocations(db)), standing(db, scene.patient.id))

        made = charge(db, visit, 9500)
        allocate(db, [scene.patient.id], NOW)

        assert before == ([], {f"session:{visit.id}": -2500})
        assert standing(db, scene.patient.id) == {f"charge:{made.id}": 7000}
        assert allocations(db) == [f"allocation:{scene.patient.id}:1"]
        assert balance(db, owed_by_patient(scene.patient.id)) == 7000


def test_an_allocation_is_booked_on_the_clinics_day(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        charge(db, visit, 9500)
        make_payment(db, visit)

        allocate(db, [scene.patient.id], NOW)

        entry = db.scalars(sa.select(Entry).where(Entry.source.startswith(ALLOCATIONS))).one()
        assert (entry.booked_on.isoformat(), entry.recorded_at) == ("2026-04-01", NOW)


def test_allocating_again_posts_nothing(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        charge(db, visit, 9500)
        make_payment(db, visit)
        allocate(db, [scene.patient.id], NOW)
        first = standing(db, scene.patient.id)

        allocate(db, [scene.patient.id, scene.patient.id], NOW)

        assert len(allocations(db)) == 1
        assert standing(db, scene.patient.id) == first


def test_a_copay_waits_until_the_insurer_has_decided_and_then_pays_the_patients_part(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        patient_id = scene.patient.id
        older, insured = scene.visit(db), scene.visit(db, DAY + WEEK)
        first = charge(db, older, 9500)
        made = charge(db, insured, 9500, insured=True)
        make_payment(db, insured, 2500)
        allocate(db, [patient_id], NOW)
        waiting = standing(db, patient_id)

        decide(db, made, patient_id, patient_cents=2000, paid=5000)
        allocate(db, [patient_id], NOW)

        assert waiting == {f"charge:{first.id}": 9500, f"session:{insured.id}": -2500}
        assert standing(db, patient_id) == {f"charge:{first.id}": 9000}


def test_an_insurer_that_has_decided_only_half_of_a_session_is_undecided(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        patient_id, visit = scene.patient.id, scene.visit(db)
        decided = charge(db, visit, 9500, insured=True)
        charge(db, visit, 7000, insured=True, position=2)
        make_payment(db, visit, 2500)

        decide(db, decided, patient_id, patient_cents=1500, paid=5000)
        allocate(db, [patient_id], NOW)

        assert standing(db, patient_id) == {f"session:{visit.id}": -1000}


@pytest.mark.parametrize("state", [SessionState.CANCELLED, SessionState.NO_SHOW])
def test_money_of_a_session_that_does_not_take_place_is_free(state: SessionState, database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db, state=state, sets=[])
        make_payment(db, visit, 2500)

        allocate(db, [scene.patient.id], NOW)

        assert standing(db, scene.patient.id) == {f"credit:{scene.patient.id}": -2500}


def test_credit_pays_the_oldest_charge_first(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        patient_id = scene.patient.id
        newer = charge(db, scene.visit(db, DAY + WEEK), 9500)
        older = charge(db, scene.visit(db, DAY), 9500)
        pay(db, patient_id, 12000, f"credit:{patient_id}")

        allocate(db, [patient_id], NOW)

        assert newer.id < older.id
        assert standing(db, patient_id) == {f"charge:{newer.id}": 7000}


def test_a_charge_taken_back_gives_its_money_free_again(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        patient_id, visit = scene.patient.id, scene.visit(db)
        made = charge(db, visit, 9500)
        pay(db, patient_id, 9500, f"charge:{made.id}")
        other = charge(db, scene.visit(db, DAY + WEEK), 4000)
        allocate(db, [patient_id], NOW)

        take_back(db, made)
        allocate(db, [patient_id], NOW)

        assert standing(db, patient_id) == {f"credit:{patient_id}": -5500}
        assert account_of(db, patient_id).balances.get(f"charge:{other.id}", 0) == 0
        assert balance(db, owed_by_patient(patient_id)) == -5500


def test_a_charge_made_anew_is_paid_by_the_same_money(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        patient_id, visit = scene.patient.id, scene.visit(db)
        wrong = charge(db, visit, 9500)
        make_payment(db, visit, 9500)
        allocate(db, [patient_id], NOW)
        take_back(db, wrong)

        right = charge(db, visit, 7000)
        allocate(db, [patient_id], NOW)

        assert standing(db, patient_id) == {f"credit:{patient_id}": -2500}
        assert account_of(db, patient_id).balances.get(f"charge:{right.id}", 0) == 0


def test_a_payment_told_differently_mends_what_it_paid_for(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        patient_id, visit = scene.patient.id, scene.visit(db)
        made = charge(db, visit, 9500)
        make_payment(db, visit, 9500)
        allocate(db, [patient_id], NOW)

        book_session_payments(db, [SessionPayment(visit.id, patient_id, 0, PaymentMethod.CARD, DAY)], NOW)
        allocate(db, [patient_id], NOW)

        assert standing(db, patient_id) == {f"charge:{made.id}": 9500}
        assert unbalanced_entries(db) == []


def test_nobodys_money_pays_anothers_debt(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        other = make_patient(db)
        owing = charge(db, make_session(db, other, scene.practitioner), 9500)
        pay(db, scene.patient.id, 9500, f"credit:{scene.patient.id}")

        allocate(db, [scene.patient.id, other.id], NOW)

        assert standing(db, other.id) == {f"charge:{owing.id}": 9500}
        assert standing(db, scene.patient.id) == {f"credit:{scene.patient.id}": -9500}
        assert allocations(db) == []


def test_a_session_given_to_another_patient_takes_no_money_along(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        other, visit = make_patient(db), scene.visit(db)
        made = charge(db, visit, 9500)
        pay(db, scene.patient.id, 4000, f"credit:{scene.patient.id}")
        visit.patient_id = other.id
        db.flush()

        allocate(db, [scene.patient.id, other.id], NOW)

        assert standing(db, scene.patient.id) == {f"charge:{made.id}": 5500}
        assert standing(db, other.id) == {}


def test_what_was_paid_with_a_session_is_known_after_its_money_has_gone_elsewhere(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        charge(db, visit, 2000)
        charge(db, scene.visit(db, DAY + WEEK), 9500)
        make_payment(db, visit, 5000)

        allocate(db, [scene.patient.id], NOW)

        source = f"session:{visit.id}"
        assert source not in standing(db, scene.patient.id)
        assert paid_by_patients_about(db, [source]) == {source: 5000}


def test_many_patients_take_no_more_queries_than_one(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        patients = [make_patient(db) for _ in range(12)]
        for patient in patients:
            for week in range(3):
                visit = make_session(db, patient, scene.practitioner, DAY + week * WEEK)
                charge(db, visit, 9500)
                make_payment(db, visit, 10000)
        statements: list[str] = []
        sa.event.listen(db.connection(), "before_cursor_execute", lambda *told: statements.append(told[2]))

        allocate(db, [patients[0].id], NOW)
        for_one = len(statements)
        allocate(db, [patient.id for patient in patients], NOW)

        assert len(statements) - for_one == for_one
        assert len(allocations(db)) == len(patients)


def test_two_that_allocate_at_once_post_one_allocation(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        charge(db, visit, 9500)
        make_payment(db, visit, 5000)
    together = threading.Barrier(2)

    def run(_number: int) -> None:
        together.wait(timeout=30)
        with database.transaction() as db:
            allocate(db, [scene.patient.id], NOW)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, range(2)))

    with database.reading() as db:
        assert allocations(db) == [f"allocation:{scene.patient.id}:1"]


WORK = st.lists(
    st.tuples(
        st.sampled_from(
            ["charge", "insured", "decide", "take back", "pay session", "pay charge", "credit", "allocate"]
        ),
        st.integers(0, 5),
        st.integers(1, 12_000),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=WORK)
def test_after_any_work_the_balance_is_untouched_and_the_allocation_is_as_if_made_at_the_end(
    work: list[tuple[str, int, int]], stage: tuple[Database, Scene]
) -> None:
    database, scene = stage
    positions = count(1)
    with database.transaction() as db:
        patient = make_patient(db)
        patient_id = patient.id
        visits = [make_session(db, patient, scene.practitioner, DAY + day * WEEK) for day in range(3)]
        owing, insured, total = [], [], 0
        for kind, which, cents in work:
            if kind == "charge":
                owing.append(charge(db, visits[which % 3], cents, position=next(positions)))
                total += cents
            elif kind == "insured":
                insured.append(charge(db, visits[which % 3], cents, insured=True, position=next(positions)))
            elif kind == "decide" and insured:
                decide(db, one := insured.pop(which % len(insured)), patient_id, patient_cents=one.cents // 2)
                total += one.cents // 2
            elif kind == "take back" and owing:
                take_back(db, one := owing.pop(which % len(owing)))
                total -= one.cents
            elif kind.startswith("pay") or kind == "credit":
                named = f"charge:{owing[which % len(owing)].id}" if kind == "pay charge" and owing else None
                session = f"session:{visits[which % 3].id}" if kind == "pay session" else f"credit:{patient_id}"
                pay(db, patient_id, cents, named or session)
                total -= cents
            else:
                allocate(db, [patient_id], NOW)
        allocate(db, [patient_id], NOW)

        account = account_of(db, patient_id)
        assert balance(db, owed_by_patient(patient_id)) == total
        assert standing(db, patient_id) == account.balances
        assert account.differences == {}
        assert unbalanced_entries(db) == []
