"""Every cent of a payment is in one place, and no two payments claim the same service twice."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.database import Database, Db
from billing.errors import Refused
from billing.payments.account import Account, Subject
from billing.payments.allocating import allocate
from billing.payments.applied import applied, applied_parts
from billing.payments.models import Payment, PaymentMethod
from billing.payments.queries import account_of
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from tests.factories import DAY, NOW, Scene, make_patient, make_payment, make_session, set_scene
from tests.payments.desk import charge, decide, take_back

WEEK = timedelta(days=7)


def taken(db: Db, patient_id: int, cents: int, *charges: int) -> Payment:
    return take_payment(db, patient_id, cents, PaymentMethod.CASH, DAY, charges=charges, at=NOW)


def test_a_payment_is_at_the_charges_it_was_named_for_and_the_oldest_and_then_credit(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        first, second = (charge(db, scene.visit(db, DAY + week * WEEK), 5000) for week in range(2))

        payment = taken(db, scene.patient.id, 12000, second.id)

        credit = f"credit:{scene.patient.id}"
        assert applied(db, payment) == {f"charge:{second.id}": 5000, f"charge:{first.id}": 5000, credit: 2000}


def test_of_two_payments_for_one_session_the_first_is_spent_first(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        insured = charge(db, visit, 9500, insured=True)
        early = make_payment(db, visit, 3000)
        late = taken(db, scene.patient.id, 2000, insured.id)

        decide(db, insured, scene.patient.id, patient_cents=4000, paid=3000)

        assert applied(db, early) == {f"charge:{insured.id}": 3000}
        assert applied(db, late) == {f"charge:{insured.id}": 1000, f"credit:{scene.patient.id}": 1000}


def test_what_a_charge_was_paid_too_much_is_the_last_payments(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        visit = scene.visit(db)
        made = charge(db, visit, 5000)
        first, second = (taken(db, scene.patient.id, 2500, made.id) for _ in range(2))
        take_back(db, made)
        cheaper = charge(db, visit, 4000)
        allocate(db, [scene.patient.id], NOW)

        assert applied(db, first) == {f"charge:{cheaper.id}": 2500}
        assert applied(db, second) == {f"charge:{cheaper.id}": 1500, f"credit:{scene.patient.id}": 1000}


def test_what_was_given_back_is_nowhere(database: Database) -> None:
    with database.transaction() as db:
        scene = set_scene(db)
        made = charge(db, scene.visit(db), 4000)
        payment = taken(db, scene.patient.id, 5000)

        refund(db, payment.id, 700, "paid too much", DAY, at=NOW)

        assert applied(db, payment) == {f"charge:{made.id}": 4000, f"credit:{scene.patient.id}": 300}


def test_money_that_stays_where_it_was_booked_is_there() -> None:
    account = Account(4, (Subject("session:1", -3000, 1, DAY, None, 3000), Subject("charge:9", 2000, 2, DAY)))

    assert applied_parts(7, {7: {"session:1": 3000, "charge:9": 500}}, account.moves) == {
        "session:1": 3000,
        "charge:9": 500,
    }


WORK = st.lists(
    st.tuples(
        st.sampled_from(["charge", "insured", "decide", "with session", "at desk", "named", "refund", "take back"]),
        st.integers(0, 5),
        st.integers(1, 9_000),
    ),
    max_size=14,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(work=WORK)
def test_all_payments_together_are_where_the_account_says(
    work: list[tuple[str, int, int]], stage: tuple[Database, Scene]
) -> None:
    database, scene = stage
    positions = count(1)
    with database.transaction() as db:
        patient = make_patient(db)
        visits = [make_session(db, patient, scene.practitioner, DAY + day * WEEK) for day in range(3)]
        payments: list[Payment] = []
        owing, insured, due = [], [], Counter[str | None]()
        for kind, which, cents in work:
            if kind == "charge":
                owing.append(charge(db, visits[which % 3], cents, position=next(positions)))
                due[f"charge:{owing[-1].id}"] = cents
            elif kind == "insured":
                insured.append(charge(db, visits[which % 3], cents, insured=True, position=next(positions)))
            elif kind == "decide" and insured:
                decide(db, one := insured.pop(which % len(insured)), patient.id, patient_cents=one.cents // 2)
                due[f"charge:{one.id}"] = one.cents // 2
            elif kind == "take back" and owing:
                take_back(db, one := owing.pop(which % len(owing)))
                del due[f"charge:{one.id}"]
            elif kind == "with session" and not any(one.session_id == visits[which % 3].id for one in payments):
                payments.append(make_payment(db, visits[which % 3], cents))
            elif kind in {"at desk", "named"}:
                try:
                    named = [owing[which % len(owing)].id] if kind == "named" and owing else []
                    payments.append(taken(db, patient.id, cents, *named))
                except Refused:
                    continue
            elif kind == "refund" and payments:
                try:
                    refund(db, payments[which % len(payments)].id, cents, f"reason {next(positions)}", DAY, at=NOW)
                except Refused:
                    continue

        account = account_of(db, patient.id)
        places = sum((Counter(applied(db, one)) for one in payments), Counter[str | None]())
        paid = {about: cents - account.balances.get(about, 0) for about, cents in due.items()}
        expected = Counter({about: cents for about, cents in paid.items() if cents}) + Counter(account.kept)
        assert places == expected + Counter({account.credit: account.free_cents})
