"""A patient's account is what the books say of it, charge by charge, and never a cent more or less."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given

from billing.invoices.patient_account import PatientAccount, ages
from billing.sessions.lifecycle import SessionState
from tests.invoices.books_on_stage import BEGIN, PATIENT, Ledger, ledgers

LATER = BEGIN + timedelta(days=20)
LAST_DAY = BEGIN + timedelta(days=150)


def left_of(account: PatientAccount) -> dict[int, int]:
    return {one.charge_id: one.left for one in account.charges.values()}


@given(ledgers())
def test_the_balance_is_the_balance_of_the_patients_account(ledger: Ledger) -> None:
    assert ledger.books.account().balance == ledger.balance


@given(ledgers())
def test_the_columns_of_every_charge_add_up(ledger: Ledger) -> None:
    for one in ledger.books.account().charges.values():
        assert one.charged - one.insurance_paid - one.adjusted - one.waiting == one.patient_part
        assert one.patient_part - one.patient_paid == one.left


@given(ledgers())
def test_ages_part_what_is_left_and_nothing_else(ledger: Ledger) -> None:
    charges = list(ledger.books.account().charges.values())

    found = ages(charges, LAST_DAY)

    assert sum(found) == sum(one.left for one in charges if one.left > 0)
    assert min(found) >= 0


@given(ledgers())
def test_what_insurers_decide_upon_is_never_the_patients(ledger: Ledger) -> None:
    account = ledger.books.account()

    assert account.waiting == sum(one.waiting for one in account.charges.values())
    assert all(one.patient_part <= one.charged - one.waiting for one in account.charges.values())


def test_money_taken_with_a_session_pays_for_that_session_first() -> None:
    ledger = Ledger()
    older, newer = ledger.session(BEGIN), ledger.session(LATER)
    ledger.charge(older, 100_00)
    ledger.charge(newer, 60_00)
    ledger.pay(LATER, 70_00, f"session:{newer}")

    account = ledger.books.account()

    assert left_of(account) == {1: 90_00, 2: 0}
    assert (account.kept, account.credit) == (0, 0)


def test_money_waits_for_its_session_while_the_insurer_has_not_decided() -> None:
    ledger = Ledger()
    insured, own = ledger.session(BEGIN), ledger.session(LATER)
    ledger.charge(insured, 100_00, insured=True)
    ledger.charge(own, 60_00)
    ledger.pay(BEGIN, 25_00, f"session:{insured}")

    account = ledger.books.account()

    assert left_of(account) == {1: 0, 2: 60_00}
    assert (account.kept, account.credit, account.balance) == (25_00, 0, 35_00)


def test_money_for_a_session_that_was_cancelled_is_credit() -> None:
    ledger = Ledger()
    cancelled = ledger.session()
    ledger.sessions[cancelled].state = SessionState.CANCELLED
    ledger.pay(BEGIN, 25_00, f"session:{cancelled}")

    account = ledger.books.account()

    assert (account.kept, account.credit, account.balance) == (0, 25_00, -25_00)


def test_allocations_in_the_books_change_nothing_because_they_are_derived_anew() -> None:
    ledger = Ledger()
    session = ledger.session()
    charge = ledger.charge(session, 100_00)
    ledger.pay(BEGIN, 40_00, f"session:{session}")
    before = ledger.books.account()
    own = f"patient:{PATIENT}"
    ledger.book("allocation:7:1", LATER, (own, 40_00, f"session:{session}"), (own, -40_00, f"charge:{charge}"))

    account = ledger.books.account()

    assert left_of(account) == left_of(before) == {1: 60_00}
    assert account.balance == ledger.balance == 60_00


def test_a_write_off_lowers_the_patients_part_and_is_no_payment() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 100_00)
    about = f"charge:{charge}"
    ledger.book("writeoff:1", LATER, ("adjusted:other", 30_00, about), (f"patient:{PATIENT}", -30_00, about))

    (one,) = ledger.books.account().charges.values()

    assert (one.charged, one.adjusted, one.patient_part, one.patient_paid, one.left) == (100_00, 30_00, 70_00, 0, 70_00)


def test_an_amount_grows_old_from_the_day_it_became_the_patients() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(BEGIN), 100_00, insured=True)
    decided = BEGIN + timedelta(days=40)
    ledger.decide(charge, decided, paid=56_00, patient=44_00)
    charges = list(ledger.books.account().charges.values())

    assert ages(charges, decided + timedelta(days=30)) == (44_00, 0, 0, 0)
    assert ages(charges, decided + timedelta(days=31)) == (0, 44_00, 0, 0)
    assert ages(charges, decided + timedelta(days=61)) == (0, 0, 44_00, 0)
    assert ages(charges, decided + timedelta(days=91)) == (0, 0, 0, 44_00)


def test_a_visit_the_patient_pays_grows_old_from_the_date_of_service() -> None:
    ledger = Ledger()
    ledger.charge(ledger.session(BEGIN), 100_00)

    assert ages(list(ledger.books.account().charges.values()), BEGIN + timedelta(days=61)) == (0, 0, 100_00, 0)


def test_payments_use_up_the_oldest_part_of_a_charge_first() -> None:
    ledger = Ledger()
    session = ledger.session(BEGIN)
    charge = ledger.charge(session, 100_00, insured=True)
    ledger.decide(charge, date(2026, 1, 20), patient=40_00)
    ledger.decide(charge, date(2026, 4, 1), paid=50_00, patient=10_00)
    ledger.pay(date(2026, 4, 2), 45_00, f"session:{session}")

    assert ages(list(ledger.books.account().charges.values()), date(2026, 4, 30)) == (5_00, 0, 0, 0)


def test_a_corrected_decision_is_as_old_as_the_correction() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(BEGIN), 100_00, insured=True)
    first = ledger.decide(charge, date(2026, 1, 20), paid=56_00, patient=44_00)
    ledger.take_back(first, date(2026, 4, 10))
    ledger.decide(charge, date(2026, 4, 10), paid=50_00, patient=50_00)

    account = ledger.books.account()

    assert ages(list(account.charges.values()), date(2026, 4, 30)) == (50_00, 0, 0, 0)
    assert account.balance == 50_00
