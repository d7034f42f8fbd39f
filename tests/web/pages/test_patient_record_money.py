"""Money besides a checkout: taken, put to what it pays for, told, and given back; each with its receipt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from billing import clock
from billing.invoices.models import Paper, PaperKind
from billing.operations.rounds import DRAW_PAPERS
from billing.payments.models import Payment, PaymentMethod, Refund
from billing.payments.taking import take_payment
from billing.sessions.models import BillTo
from tests.factories import DAY, make_patient, make_payment
from tests.web.desk import Desk, audit_rows
from tests.web.pages.record_stage import AT, KEY, ON, Stage, open_stage, words


@pytest.fixture(autouse=True)
def april() -> Iterator[None]:
    with clock.stopped_at(AT):
        yield


@pytest.fixture
def stage(desk: Desk) -> Stage:
    """Miri owes 165.00 for a visit that she pays herself: 95.00 and 70.00."""
    made = open_stage(desk)
    made.office.visit(bill_to=BillTo.SELF)
    made.office.bill()
    return made


def pay(stage: Stage, charges: tuple[int, ...] = (), **changes: str) -> TestResponse:
    typed = {"amount": "100.00", "on": ON.isoformat(), "method": "check", "reference": "1042", "form_key": KEY}
    return stage.send(f"{stage.path}/payment", charges=charges, **{**typed, **changes})


def payments(stage: Stage) -> list[Payment]:
    return list(stage.ask(lambda db: db.scalars(sa.select(Payment).order_by(Payment.id)).all()))


def receipts(stage: Stage) -> list[Paper]:
    of_money = sa.select(Paper).where(Paper.kind == PaperKind.RECEIPT).order_by(Paper.id)
    return list(stage.ask(lambda db: db.scalars(of_money).all()))


def test_the_form_proposes_what_is_owed_and_lists_the_open_charges(stage: Stage) -> None:
    page = stage.front_desk().get(f"{stage.path}/payment")

    assert 'name="amount" type="text" autocomplete="off" value="165.00"' in page.text
    said = words(page)
    assert "97810 Acupuncture, first 15 min of Tue 3 Mar 2026 $95.00" in said
    assert "The patient owes $165.00" in said


def test_a_payment_is_booked_pays_the_oldest_first_and_has_its_receipt(stage: Stage) -> None:
    answer = pay(stage)

    (made,) = payments(stage)
    assert (answer.status_code, answer.location) == (303, f"/payments/{made.id}")
    assert (made.cents, made.method, made.received_on, made.reference) == (100_00, PaymentMethod.CHECK, ON, "1042")
    assert stage.owed() == 65_00
    (receipt,) = receipts(stage)
    assert (receipt.payment_id, receipt.total_cents) == (made.id, 100_00)
    said = words(stage.front_desk().get(answer.location))
    assert "paid for 97810 Acupuncture, first 15 min of Tue 3 Mar 2026 $95.00" in said
    assert "RC-000001" in said


def test_the_receipt_is_drawn_at_once_by_the_workers(stage: Stage) -> None:
    bell = stage.desk.app.extensions["meridian"].bell

    pay(stage)

    assert bell.heard == [DRAW_PAPERS]


def test_the_charges_ticked_are_paid_first(stage: Stage) -> None:
    pay(stage, charges=(2,), amount="70.00")

    said = words(stage.front_desk().get(f"/payments/{payments(stage)[0].id}"))

    assert "paid for 97811 Acupuncture, further 15 min, new needles of Tue 3 Mar 2026 $70.00" in said
    assert "97810" not in said.partition("Where the money is")[2]


def test_what_is_paid_beyond_what_is_owed_is_told_as_credit(stage: Stage) -> None:
    answer = pay(stage, amount="200.00")

    assert "kept as credit $35.00" in words(stage.front_desk().get(answer.location))
    assert stage.owed() == -35_00


def test_far_more_than_is_owed_is_booked_only_once_somebody_says_that_it_is_meant(stage: Stage) -> None:
    refused = pay(stage, amount="1650.00")
    booked = pay(stage, amount="1650.00", more_is_meant="yes")

    assert (refused.status_code, booked.status_code) == (422, 303)
    assert "$165.00 is asked for; $1,485.00 of $1,650.00 would be kept as credit." in words(refused)
    assert 'name="more_is_meant"' in refused.text
    assert [one.cents for one in payments(stage)] == [1650_00]


def test_a_form_sent_twice_takes_the_money_once(stage: Stage) -> None:
    assert pay(stage).location == pay(stage).location

    assert len(payments(stage)) == len(receipts(stage)) == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("amount", "ten"), ("amount", "0.00"), ("amount", "-5.00"), ("amount", "200000"), ("on", "2026-04-21"),
        ("on", "1970-01-01"), ("on", "x"), ("method", "gold"), ("reference", "4242 4242 4242 4242"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_is_kept(stage: Stage, field: str, typed: str) -> None:
    page = pay(stage, **{"method": "card", "reference": "Visa 4242", field: typed})

    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert 'value="Visa 4242"' in page.text or field == "reference"
    assert payments(stage) == []
    assert stage.owed() == 165_00


def test_another_patients_charge_is_not_paid(stage: Stage) -> None:
    other = stage.office.write(lambda db: make_patient(db).id)
    stage.office.visit(DAY, patient_id=other, start="14:00", bill_to=BillTo.SELF)
    stage.office.bill()

    page = pay(stage, charges=(3,))

    assert page.status_code == 422
    assert "Charges: one of them cannot be chosen." in words(page)
    assert payments(stage) == []


def test_who_takes_no_money_sees_and_books_none(stage: Stage) -> None:
    pay(stage)
    ben = stage.desk.cast.ben

    assert stage.practitioner().get(f"{stage.path}/payment").status_code == 403
    assert stage.practitioner().get("/payments/1").status_code == 403
    assert stage.send(f"{stage.path}/payment", by=ben, amount="5.00").status_code == 403
    assert stage.send("/payments/1/refund", by=ben, amount="5.00").status_code == 403
    assert len(payments(stage)) == 1


def test_a_payment_is_looked_at_under_its_patients_name_in_the_trail(stage: Stage) -> None:
    pay(stage)

    stage.front_desk().get("/payments/1")

    taken, viewed = [
        row for row in audit_rows(stage.desk.database) if row.action in ("payment taken", "payment viewed")
    ]
    assert (viewed.subject_kind, viewed.subject_id) == ("patient", str(stage.patient_id))
    assert taken.detail["cents"] == 100_00
    assert stage.front_desk().get("/payments/99").status_code == 404


def overpaid(stage: Stage) -> int:
    """A payment of which 35.00 are free."""
    patient_id = stage.patient_id
    made = stage.office.write(
        lambda db: take_payment(db, patient_id, 200_00, PaymentMethod.CARD, ON - timedelta(days=2), "Visa 4242", at=AT)
    )
    return int(made.id)


def give_back(stage: Stage, payment_id: int, **changes: str) -> TestResponse:
    typed = {"amount": "20.00", "on": ON.isoformat(), "why": "Paid too much", "form_key": KEY}
    return stage.send(f"/payments/{payment_id}/refund", **{**typed, **changes})


def refunds(stage: Stage) -> list[Refund]:
    return list(stage.ask(lambda db: db.scalars(sa.select(Refund)).all()))


def test_money_is_given_back_out_of_what_is_free_with_a_receipt(stage: Stage) -> None:
    payment_id = overpaid(stage)

    answer = give_back(stage, payment_id)

    assert (answer.status_code, answer.location) == (303, f"/payments/{payment_id}")
    (back,) = refunds(stage)
    assert (back.cents, back.method, back.why) == (20_00, PaymentMethod.CARD, "Paid too much")
    assert [paper.refund_id for paper in receipts(stage)] == [back.id]
    said = words(stage.front_desk().get(answer.location))
    assert "given back by card on Mon 20 Apr 2026 Paid too much $20.00" in said
    assert "$15.00 of it is free" in said


def test_the_same_refund_on_another_form_is_not_booked_and_not_said_to_be(stage: Stage) -> None:
    payment_id = overpaid(stage)
    give_back(stage, payment_id, amount="10.00")
    fay = stage.front_desk()
    typed = {"amount": "10.00", "on": ON.isoformat(), "why": "Paid too much", "form_key": "another-key-of-a-form"}

    answer = fay.post(f"/payments/{payment_id}/refund", **typed)

    assert "Nothing more is booked." in fay.get(answer.location).text
    assert [one.cents for one in refunds(stage)] == [10_00]


@pytest.mark.parametrize(
    ("field", "typed", "why"),
    [
        ("amount", "35.01", "no more than $35.00 is free"),
        ("why", "", "Reason is empty."),
        ("on", "17/4/2026", "as in YYYY-MM-DD"),
        ("on", "2026-04-17", "is before Sat 18 Apr 2026"),
        ("on", "2026-04-21", "is after Mon 20 Apr 2026"),
    ],
)
def test_a_refund_that_cannot_be_is_refused_at_its_field(stage: Stage, field: str, typed: str, why: str) -> None:
    page = give_back(stage, overpaid(stage), **{field: typed})

    assert page.status_code == 422
    assert f'id="{field}-error"' in page.text
    assert why in words(page)
    assert "<details" in page.text.partition("Give money back")[2]
    assert " open" in page.text.partition('<details class="disclosure')[2].partition(">")[0]
    assert refunds(stage) == []


def test_a_refund_sent_twice_is_made_once(stage: Stage) -> None:
    payment_id = overpaid(stage)

    assert give_back(stage, payment_id).location == give_back(stage, payment_id).location
    assert len(refunds(stage)) == 1


def test_money_that_pays_for_services_is_not_offered_back(stage: Stage) -> None:
    pay(stage)

    page = stage.front_desk().get("/payments/1")

    assert "Nothing of it is free" in words(page)
    assert "/payments/1/refund" not in page.text


def test_a_payment_from_the_old_system_gets_its_receipt_when_asked_for(stage: Stage) -> None:
    session = stage.office.visit(DAY + timedelta(days=1))
    payment = stage.office.write(lambda db: make_payment(db, session, 20_00))
    browser = stage.front_desk()
    assert "None has been issued. Issue the receipt" in words(browser.get(f"/payments/{payment.id}"))

    answer = stage.send(f"/payments/{payment.id}/receipt")

    assert answer.status_code == 303
    assert [paper.payment_id for paper in receipts(stage)] == [payment.id]
    assert "Issue the receipt" not in words(browser.get(f"/payments/{payment.id}"))


def test_the_ledger_lists_payments_with_their_receipts(stage: Stage) -> None:
    pay(stage, on=date(2026, 4, 18).isoformat())

    said = words(stage.front_desk().get(f"{stage.path}/ledger")).partition("Payments")[2]

    assert "Sat 18 Apr 2026 Paid by check, 1042 $100.00" in said
    assert "RC-000001" in said
