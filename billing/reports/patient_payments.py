"""What a patient paid and was given back, where the money is, and the receipts for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from billing.charges.models import Charge
from billing.database import Db
from billing.errors import NotFound
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper
from billing.invoices.patient_account import Services
from billing.payments.account import parted
from billing.payments.applied import applied_parts, parts_of_payments
from billing.payments.models import Payment, Refund
from billing.payments.queries import account_of, refunds_of
from billing.payments.refunding import refundable
from billing.reports.money_words import Part, means, put
from billing.reports.patient_record import NamedPaper
from billing.sessions.models import ClinicSession


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money given back."""

    refund: Refund
    means: str
    receipt: NamedPaper | None


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """Money that came."""

    payment: Payment
    means: str
    receipt: NamedPaper | None
    refunds: list[RefundRow]
    parts: list[Part]
    """Where what is left of it is now; empty for a payment that was taken back."""
    refundable: int
    """How many cents may be given back."""

    @property
    def given_back(self) -> int:
        """How many cents were given back."""
        return sum(one.refund.cents for one in self.refunds)


def payments_of_patient(db: Db, patient_id: int) -> list[PaymentRow]:
    """All payments of a patient, the latest first; a fixed number of queries."""
    of_patient = select(Payment).where(Payment.patient_id == patient_id)
    payments = db.scalars(of_patient.order_by(Payment.received_on.desc(), Payment.id.desc())).all()
    return _told(db, patient_id, payments) if payments else []


def payment_told(db: Db, payment_id: int) -> PaymentRow:
    """One payment. Raises :class:`NotFound`."""
    payment = db.get(Payment, payment_id)
    if payment is None:
        raise NotFound(f"There is no payment {payment_id}.")
    (row,) = _told(db, payment.patient_id, [payment])
    return row


def _told(db: Db, patient_id: int, payments: Sequence[Payment]) -> list[PaymentRow]:
    account, left = account_of(db, patient_id), parts_of_payments(db, patient_id)
    refunds = refunds_of(db, [one.id for one in payments])
    receipts = _receipts(db, patient_id)
    went = {one.id: applied_parts(one.id, left, account.moves) for one in payments if one.id in left}
    services = _services(db, {parted(about) for parts in went.values() for about in parts})
    return [
        PaymentRow(
            payment=one,
            means=means(one),
            receipt=receipts.get(f"payment:{one.id}"),
            refunds=[RefundRow(back, means(back), receipts.get(f"refund:{back.id}")) for back in refunds[one.id]],
            parts=[put(about, cents, services) for about, cents in went.get(one.id, {}).items()],
            refundable=refundable(left[one.id], account) if one.id in left else 0,
        )
        for one in payments
    ]


def _receipts(db: Db, patient_id: int) -> dict[str, NamedPaper]:
    """The patient's receipts, by what they are for."""
    of_money = Paper.payment_id.is_not(None) | Paper.refund_id.is_not(None)
    rows = db.scalars(select(Paper).where(Paper.patient_id == patient_id, of_money))
    return {
        f"payment:{one.payment_id}" if one.payment_id else f"refund:{one.refund_id}": NamedPaper(
            one.id, paper_name(one.kind, one.number), one.kind
        )
        for one in rows
    }


def _services(db: Db, named: set[tuple[str, int]]) -> Services:
    """The charges and sessions that money is at."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for kind, number in named:
        numbers[kind].append(number)
    charges = db.scalars(select(Charge).where(Charge.id.in_(numbers["charge"])))
    sessions = db.scalars(select(ClinicSession).where(ClinicSession.id.in_(numbers["session"])))
    return Services({one.id: one for one in charges}, {one.id: one for one in sessions})
