"""Booking money that patients handed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import insert, select, update

from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db, batches
from billing.ledger.accounts import money_received, owed_by_patient
from billing.ledger.posting import Line, NewEntry, post, reverse
from billing.payments.models import Payment, PaymentMethod

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class SessionPayment:
    """What a patient paid on the day of a session, in cents; zero when nothing."""

    session_id: int
    patient_id: int
    cents: int
    method: PaymentMethod
    received_on: date

    @property
    def source(self) -> str:
        """Where it was learned from: one standing payment each."""
        return f"session:{self.session_id}"


def book_session_payments(db: Db, payments: Iterable[SessionPayment], at: datetime) -> None:
    """Make each session's booked payment what is said here.

    Saying the same again changes nothing; a different amount, method, day or patient reverses the
    standing payment and books the new one.
    """
    for batch in batches(payments, _BATCH):
        _book(db, batch, at)


def _book(db: Db, payments: Sequence[SessionPayment], at: datetime) -> None:
    standing = {
        one.source: one
        for one in db.scalars(
            select(Payment).where(Payment.source.in_([one.source for one in payments]), Payment.reversed_at.is_(None))
        )
    }
    changed = [one for one in payments if _content(standing.get(one.source)) != _wanted(one)]
    wrong = [standing[one.source] for one in changed if one.source in standing]
    if wrong:
        reverse(db, [f"payment:{one.id}" for one in wrong], local(at, the_clinic(db).time_zone).date(), at)
        db.execute(update(Payment).where(Payment.id.in_([one.id for one in wrong])).values(reversed_at=at))
    rows = [
        {
            "patient_id": one.patient_id,
            "session_id": one.session_id,
            "cents": one.cents,
            "method": one.method,
            "received_on": one.received_on,
            "source": one.source,
        }
        for one in changed
        if one.cents
    ]
    if rows:
        booked = db.scalars(insert(Payment).returning(Payment), rows).all()
        post(db, [_entry(one) for one in booked], at)


def _content(payment: Payment | None) -> tuple[object, ...]:
    return (payment.patient_id, payment.cents, payment.method, payment.received_on) if payment else ()


def _wanted(payment: SessionPayment) -> tuple[object, ...]:
    return (payment.patient_id, payment.cents, payment.method, payment.received_on) if payment.cents else ()


def _entry(payment: Payment) -> NewEntry:
    return NewEntry(
        f"payment:{payment.id}",
        payment.received_on,
        f"Payment by {payment.method}",
        [
            Line(money_received(payment.method), payment.cents, payment.source),
            Line(owed_by_patient(payment.patient_id), -payment.cents, payment.source),
        ],
    )
