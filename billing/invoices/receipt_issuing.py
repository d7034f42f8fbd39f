"""Issuing receipts: one for each payment and each refund, numbered and frozen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import or_, select

from billing.charges.models import Charge
from billing.clinic.numbering import take_numbers
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.errors import NotFound, Refused
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.invoices.receipt import Services, Told, receipt_for_payment, receipt_for_refund
from billing.ledger.accounts import owed_by_insurance
from billing.ledger.queries import balance
from billing.patients.models import Patient
from billing.payments.account import About, parted
from billing.payments.allocating import hold_accounts
from billing.payments.applied import applied
from billing.payments.models import Payment, Refund
from billing.payments.queries import account_of, refunds_of
from billing.pdf.receipt import Receipt
from billing.practitioners.models import Credential, Practitioner
from billing.sessions.models import ClinicSession

RECEIPT: TypeAdapter[Receipt] = TypeAdapter(Receipt)


def payment_receipt(db: Db, payment_id: int, at: datetime) -> Paper:
    """The receipt for a payment, issued now unless it was before; it tells the account as it was when issued.

    Raises :class:`NotFound` for an unknown payment, :class:`Refused` for one that was taken back.
    """
    payment = db.get(Payment, payment_id)
    if payment is None:
        raise NotFound(f"There is no payment {payment_id}.")
    if payment.reversed_at is not None:
        raise Refused(f"Payment {payment_id} was taken back; there is no receipt for it.")
    hold_accounts(db, [payment.patient_id])
    issued = db.scalar(select(Paper).where(Paper.payment_id == payment_id))
    if issued is not None:
        return issued
    told = _told(db, payment.patient_id, at)
    went = applied(db, payment)
    number = take_numbers(db, PaperKind.RECEIPT, 1)[0]
    name = paper_name(PaperKind.RECEIPT, number)
    refunds = refunds_of(db, [payment_id])[payment_id]
    content = receipt_for_payment(name, payment, refunds, went, _services(db, went), told)
    return _issue(db, number, content, told, at, payment_id=payment_id)


def refund_receipt(db: Db, refund_id: int, at: datetime) -> Paper:
    """The receipt for a refund, issued now unless it was before. Raises :class:`NotFound` for an unknown one."""
    refund = db.get(Refund, refund_id)
    if refund is None:
        raise NotFound(f"There is no refund {refund_id}.")
    payment = db.get_one(Payment, refund.payment_id)
    hold_accounts(db, [payment.patient_id])
    issued = db.scalar(select(Paper).where(Paper.refund_id == refund_id))
    if issued is not None:
        return issued
    told = _told(db, payment.patient_id, at)
    number = take_numbers(db, PaperKind.RECEIPT, 1)[0]
    earlier = db.scalar(select(Paper.number).where(Paper.payment_id == payment.id))
    content = receipt_for_refund(
        paper_name(PaperKind.RECEIPT, number),
        refund,
        payment,
        paper_name(PaperKind.RECEIPT, earlier) if earlier else "",
        told,
    )
    return _issue(db, number, content, told, at, refund_id=refund_id)


def _told(db: Db, patient_id: int, at: datetime) -> Told:
    clinic = the_clinic(db)
    undecided = max(0, balance(db, owed_by_insurance(patient_id)))
    on = local(at, clinic.time_zone).date()
    return Told(clinic, db.get_one(Patient, patient_id), account_of(db, patient_id), undecided, on)


def _issue(db: Db, number: int, content: Receipt, told: Told, at: datetime, **what_for: int) -> Paper:
    paper = Paper(
        kind=PaperKind.RECEIPT,
        number=number,
        patient_id=told.patient.id,
        issued_on=told.on,
        issued_at=at,
        total_cents=content.payment.amount.cents,
        snapshot=dict(RECEIPT.dump_python(content, mode="json")),
        **what_for,
    )
    db.add(paper)
    db.flush()
    return paper


def _services(db: Db, went: Collection[About]) -> Services:
    """The services that money went to; a fixed number of queries."""
    numbers: dict[str, set[int]] = defaultdict(set)
    for kind, number in map(parted, went):
        numbers[kind].add(number)
    of_sessions = Charge.session_id.in_(numbers["session"]) & Charge.reversed_at.is_(None)
    found = db.scalars(select(Charge).where(or_(Charge.id.in_(numbers["charge"]), of_sessions)).order_by(Charge.id))
    charges = {one.id: one for one in found}
    session_ids = numbers["session"] | {one.session_id for one in charges.values()}
    sessions = {one.id: one for one in db.scalars(select(ClinicSession).where(ClinicSession.id.in_(session_ids)))}
    treating = {one.practitioner_id for one in sessions.values()}
    credentials: dict[int, list[Credential]] = defaultdict(list)
    for one in db.scalars(
        select(Credential).where(Credential.practitioner_id.in_(treating)).order_by(Credential.valid_from.desc())
    ):
        if one.practitioner_id is not None:
            credentials[one.practitioner_id].append(one)
    practitioners = db.scalars(select(Practitioner).where(Practitioner.id.in_(treating)))
    return Services(sessions, charges, {one.id: one for one in practitioners}, credentials)
