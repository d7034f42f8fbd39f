"""What a statement says: pure, from books that were written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.claims.decisions import Adjusted, Decision
from billing.claims.models import Responsibility
from billing.invoices.statement import LastStatement, Period, Told, statement
from billing.pdf.statement import Statement
from tests.factories import a_clinic, a_patient
from tests.invoices.books_on_stage import BEGIN, PATIENT, Ledger, at_noon, ledgers

DECIDED = BEGIN + timedelta(days=14)
ON = BEGIN + timedelta(days=60)
LAST_DAY = BEGIN + timedelta(days=160)


def made(ledger: Ledger, on: date = ON, last: LastStatement | None = None, *decisions: Decision) -> Statement:
    told = Told(a_clinic(), a_patient(), {one.charge_id: [one] for one in decisions}, {})
    return statement("ST-000002", Period(ledger.books, on, last), told)


def before(ledger: Ledger, on: date) -> LastStatement:
    """The statement that was issued in the evening of that day, from what had been written."""
    earlier = Ledger([one for one in ledger.entries if one.booked_on <= on], ledger.charges, ledger.sessions)
    return LastStatement("ST-000001", on, at_noon(on) + timedelta(hours=6), earlier.balance)


def a_decision(ledger: Ledger, entry: str, charge_id: int, *adjustments: Adjusted, **changes: Any) -> Decision:
    cells: dict[str, Any] = {
        "source": "remittance:1:claim:1", "entry": entry, "charge_id": charge_id, "claim": "MER0000001",
        "responsibility": Responsibility.PRIMARY, "payer": "Example Health", "decided_on": DECIDED,
        "posted_at": at_noon(DECIDED), "reversed_at": None, "paid_cents": 0, "adjustments": adjustments, "remarks": (),
        "is_denied": False,
    }  # fmt: skip
    return Decision(**{**cells, **changes})


@given(ledgers())
def test_the_total_is_the_balance_of_the_patients_account_to_the_cent(ledger: Ledger) -> None:
    assert made(ledger, LAST_DAY).total.cents == ledger.balance


@given(ledgers(), st.integers(0, 150))
def test_a_reader_can_add_up_what_changed_since_the_last_statement(ledger: Ledger, days: int) -> None:
    told = made(ledger, LAST_DAY, before(ledger, BEGIN + timedelta(days=days)))

    changes = sum(one.amount.cents for one in told.activities)
    assert told.opening.cents + told.new_part.cents + changes == told.total.cents == ledger.balance
    assert told.other_changes.cents == 0


@given(ledgers())
def test_a_reader_can_add_up_every_line(ledger: Ledger) -> None:
    for line in made(ledger, LAST_DAY).lines:
        assert line.charged - line.insurance_paid - line.adjusted - line.waiting == line.your_part
        assert line.your_part - line.you_paid == line.left


@given(ledgers())
def test_every_charge_of_which_something_is_left_is_listed(ledger: Ledger) -> None:
    account = ledger.books.account()

    told = made(ledger, LAST_DAY, before(ledger, LAST_DAY))

    assert told.left.cents == account.left
    assert len(told.lines) == sum(1 for one in account.charges.values() if one.left)
    assert told.activities == ()
    assert (told.new_part.cents, told.other_changes.cents) == (0, 0)


def test_what_waits_for_insurance_is_shown_and_not_owed() -> None:
    ledger = Ledger()
    ledger.charge(ledger.session(), 165_00, insured=True)

    told = made(ledger)

    (line,) = told.lines
    assert (line.waiting.cents, line.your_part.cents, told.total.cents) == (165_00, 0, 0)
    assert line.why == "Your insurance is still to decide."
    assert told.due_on is None


def test_what_the_contract_takes_off_is_never_a_debt() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 150_00, insured=True)
    entry = ledger.decide(charge, DECIDED, paid=56_00, given_up=50_00, patient=44_00)
    parts = (Adjusted("CO", "45", 50_00), Adjusted("PR", "1", 30_00), Adjusted("PR", "2", 14_00))

    told = made(ledger, ON, None, a_decision(ledger, entry, charge, *parts, paid_cents=56_00))

    (line,) = told.lines
    assert (line.adjusted.cents, line.your_part.cents, told.total.cents) == (50_00, 44_00, 44_00)
    assert line.why == (
        "Example Health decided on 01/19/2026 that your part is: your deductible $30.00 + your coinsurance $14.00."
    )
    assert told.due_on == ON + timedelta(days=30)


def test_reasons_that_do_not_add_up_to_the_part_are_not_given() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 100_00, insured=True)
    entry = ledger.decide(charge, DECIDED, paid=56_00, patient=44_00)

    told = made(ledger, ON, None, a_decision(ledger, entry, charge, Adjusted("PR", "1", 30_00)))

    assert told.lines[0].why == "Your part is what your insurance left to you."


def test_a_refusal_is_told_as_the_clinics_work_not_as_a_debt() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 100_00, insured=True)
    refusal = a_decision(ledger, "remittance:1:claim:1:line:1", charge, Adjusted("CO", "16", 100_00), is_denied=True)

    told = made(ledger, ON, None, refusal)

    assert told.total.cents == 0
    assert told.lines[0].why == ("Example Health has not agreed to pay all of it. You do not owe that part now.")


def test_a_refusal_after_the_day_is_not_told_yet() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 100_00, insured=True)
    later = ON + timedelta(days=1)
    refusal = a_decision(ledger, "", charge, Adjusted("CO", "16", 100_00), is_denied=True, decided_on=later)
    books = replace(ledger.books, through=ON)

    assert books.standing([refusal]) == []
    assert replace(books, through=later).standing([refusal]) == [refusal]


def test_a_decision_that_was_taken_back_gives_no_reason() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 100_00, insured=True)
    entry = ledger.decide(charge, DECIDED, paid=56_00, patient=44_00)
    ledger.take_back(entry, DECIDED + timedelta(days=5))

    told = made(ledger, ON, None, a_decision(ledger, entry, charge, Adjusted("PR", "1", 44_00)))

    assert (told.lines[0].why, told.total.cents) == ("Your insurance is still to decide.", 0)


def test_what_the_first_payer_left_is_told_to_wait_for_the_second() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 100_00, insured=True)
    entry = ledger.decide(charge, DECIDED, paid=56_00)

    told = made(ledger, ON, None, a_decision(ledger, entry, charge, Adjusted("PR", "2", 44_00)))

    assert told.lines[0].why == "Example Health has decided; your other insurance is still to decide."
    assert (told.total.cents, told.lines[0].waiting.cents) == (0, 44_00)


def test_without_insurance_nothing_speaks_of_it() -> None:
    ledger = Ledger()
    ledger.charge(ledger.session(), 60_00)

    told = made(ledger)

    assert (told.insured, told.lines[0].why, told.total.cents) == (False, "", 60_00)


def test_money_paid_too_much_is_credit() -> None:
    ledger = Ledger()
    session = ledger.session()
    ledger.charge(session, 60_00)
    ledger.pay(BEGIN, 100_00, f"session:{session}")

    told = made(ledger)

    assert (told.total.cents, told.credit.cents, told.kept.cents, told.due_on) == (-40_00, 40_00, 0, None)
    assert "have it back" in told.how_to_pay


def test_money_paid_ahead_is_kept_for_its_visit() -> None:
    ledger = Ledger()
    session = ledger.session()
    ledger.charge(session, 165_00, insured=True)
    ledger.pay(BEGIN, 25_00, f"session:{session}")

    told = made(ledger)

    assert (told.total.cents, told.credit.cents, told.kept.cents) == (-25_00, 0, 25_00)
    assert told.how_to_pay.startswith("There is nothing to do now.")


def test_a_charge_that_was_told_and_then_taken_back_is_listed_once_more() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 60_00)
    last = before(ledger, BEGIN)
    ledger.take_back(f"charge:{charge}", DECIDED)

    told = made(ledger, ON, last)

    assert [line.why for line in told.lines] == ["Taken back: nothing is owed for it."]
    assert (told.opening.cents, told.new_part.cents, told.total.cents) == (60_00, -60_00, 0)


def test_a_charge_that_came_and_went_between_two_statements_is_not_told() -> None:
    ledger = Ledger()
    charge = ledger.charge(ledger.session(), 60_00)
    ledger.take_back(f"charge:{charge}", DECIDED)
    period = Period(ledger.books, ON)

    assert period.shown == []
    assert not period.is_worth_telling


def test_what_was_booked_late_under_an_earlier_day_is_told_by_the_next_statement() -> None:
    ledger = Ledger()
    last = LastStatement("ST-000001", BEGIN + timedelta(days=5), at_noon(BEGIN), 0)
    ledger.charge(ledger.session(BEGIN), 60_00)

    told = made(ledger, ON, last)

    assert (told.opening.cents, told.new_part.cents, told.total.cents) == (0, 60_00, 60_00)
    assert len(told.lines) == 1


def test_a_payment_corrected_within_the_period_is_told_as_it_came_out() -> None:
    ledger = Ledger()
    session = ledger.session()
    ledger.charge(session, 60_00)
    wrong = ledger.pay(BEGIN, 25_00, f"session:{session}")
    ledger.take_back(wrong, BEGIN)
    ledger.pay(BEGIN, 30_00, f"session:{session}")

    assert [(one.what, one.amount.cents) for one in made(ledger).activities] == [("You paid by card", -30_00)]


def test_a_payment_corrected_after_it_was_told_is_taken_back_in_words() -> None:
    ledger = Ledger()
    session = ledger.session()
    ledger.charge(session, 60_00)
    wrong = ledger.pay(BEGIN, 25_00, f"session:{session}")
    last = before(ledger, BEGIN)
    ledger.take_back(wrong, DECIDED)

    told = made(ledger, ON, last)

    assert [(one.what, one.amount.cents) for one in told.activities] == [("A payment was taken back by card", 25_00)]


def test_a_refund_is_told_as_given_back() -> None:
    ledger = Ledger()
    ledger.pay(BEGIN, 25_00, f"credit:{PATIENT}")
    ledger.pay(DECIDED, -25_00, f"credit:{PATIENT}", verb="refund")

    told = made(ledger)

    assert [one.what for one in told.activities] == ["You paid by card", "Given back to you by card"]
    assert told.total.cents == 0


def test_the_period_begins_the_day_after_the_last_statement_or_with_the_first_movement() -> None:
    ledger = Ledger()
    ledger.charge(ledger.session(), 60_00)

    assert made(ledger).period_from == BEGIN
    assert made(ledger, ON, before(ledger, DECIDED)).period_from == DECIDED + timedelta(days=1)


@pytest.mark.parametrize(("currency", "notes"), [("USD", 1), ("GBP", 0)])
def test_only_americans_without_insurance_are_told_of_their_estimate(currency: str, notes: int) -> None:
    ledger = Ledger()
    ledger.charge(ledger.session(), 60_00)

    told = statement("ST-000001", Period(ledger.books, ON), Told(a_clinic(currency=currency), a_patient(), {}, {}))

    assert len(told.notes) == notes
    assert ("cheque" in told.how_to_pay) is (currency == "GBP")
    assert str(told.total) == {"USD": "$60.00", "GBP": "£60.00"}[currency]
