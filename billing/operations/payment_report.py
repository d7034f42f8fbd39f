"""Payments, refunds and what they paid for, as ``--json`` and the text of a command tell them. No names, only ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from billing.charges.models import Charge
from billing.database import Db
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.ledger.accounts import owed_by_patient
from billing.ledger.queries import balance
from billing.money import text_from_cents
from billing.patients.models import Patient
from billing.payments.account import About, Account, parted
from billing.payments.applied import applied_parts, parts_of_payments
from billing.payments.models import Payment, Refund
from billing.payments.queries import account_of, refunds_of
from billing.sessions.models import ClinicSession

Report = dict[str, Any]


def account_report(db: Db, patient: Patient) -> Report:
    """All payments of a patient, the earliest first, and where the account stands."""
    of_patient = select(Payment).where(Payment.patient_id == patient.id)
    payments = db.scalars(of_patient.order_by(Payment.received_on, Payment.id)).all()
    told = payments_report(db, patient, payments)
    return {"patient": _name(patient), "payments": told, "account": _standing(db, account_of(db, patient.id))}


def payment_report(db: Db, payment: Payment) -> Report:
    """One payment, and where the account stands."""
    patient = db.get_one(Patient, payment.patient_id)
    (told,) = payments_report(db, patient, [payment])
    return {**told, "account": _standing(db, account_of(db, patient.id))}


def refund_report(db: Db, refund: Refund) -> Report:
    """One refund, and where the account stands."""
    payment = db.get_one(Payment, refund.payment_id)
    patient = db.get_one(Patient, payment.patient_id)
    receipts = _receipts(db, [], [refund.id])
    told = {"payment": payment.id, "patient": _name(patient), **_refund(refund, receipts)}
    return {**told, "account": _standing(db, account_of(db, patient.id))}


def payments_report(db: Db, patient: Patient, payments: Sequence[Payment]) -> list[Report]:
    """These payments of one patient; a fixed number of queries."""
    account, parts = account_of(db, patient.id), parts_of_payments(db, patient.id)
    went = {one.id: applied_parts(one.id, parts, account.moves) for one in payments if one.reversed_at is None}
    refunds = refunds_of(db, [one.id for one in payments])
    receipts = _receipts(db, [one.id for one in payments], [back.id for own in refunds.values() for back in own])
    places = _Places(db, account.credit, [about for own in went.values() for about in own])
    return [
        {
            "payment": one.id,
            "patient": _name(patient),
            "amount": text_from_cents(one.cents),
            "method": one.method.value,
            "received_on": one.received_on.isoformat(),
            "reference": one.reference,
            "taken_back": one.reversed_at is not None,
            "applied": [places.told(about, cents) for about, cents in went.get(one.id, {}).items()],
            "refunds": [_refund(back, receipts) for back in refunds[one.id]],
            "receipt": receipts.get(f"payment:{one.id}"),
        }
        for one in payments
    ]


def _refund(refund: Refund, receipts: Mapping[str, str]) -> Report:
    return {
        "refund": refund.id,
        "amount": text_from_cents(refund.cents),
        "method": refund.method.value,
        "refunded_on": refund.refunded_on.isoformat(),
        "reference": refund.reference,
        "why": refund.why,
        "receipt": receipts.get(f"refund:{refund.id}"),
    }


def _name(record: Patient | ClinicSession) -> str:
    """What a record is called outside: the old system's id, or our own number where there is none."""
    return record.external_id or str(record.id)


def _standing(db: Db, account: Account) -> dict[str, str]:
    return {
        "balance": text_from_cents(balance(db, owed_by_patient(account.patient_id))),
        "owed": text_from_cents(account.owed_cents),
        "credit": text_from_cents(account.free_cents),
        "kept": text_from_cents(sum(account.kept.values())),
    }


def _receipts(db: Db, payment_ids: Sequence[int], refund_ids: Sequence[int]) -> dict[str, str]:
    """The numbers of issued receipts as printed, by what they are for."""
    rows = db.execute(
        select(Paper.number, Paper.payment_id, Paper.refund_id).where(
            Paper.payment_id.in_(payment_ids) | Paper.refund_id.in_(refund_ids)
        )
    )
    return {
        f"payment:{payment_id}" if payment_id else f"refund:{refund_id}": paper_name(PaperKind.RECEIPT, number)
        for number, payment_id, refund_id in rows
    }


class _Places:
    """What money is at, in words that people know: charges, sessions and their days."""

    def __init__(self, db: Db, credit: str, abouts: Sequence[About]) -> None:
        self.credit = credit
        named = [parted(about) for about in abouts]
        charge_ids = {number for kind, number in named if kind == "charge"}
        charges = db.execute(select(Charge.id, Charge.session_id).where(Charge.id.in_(charge_ids))).all()
        self.session_of: dict[int, int] = dict(charges)
        session_ids = {number for kind, number in named if kind == "session"} | set(self.session_of.values())
        found = db.scalars(select(ClinicSession).where(ClinicSession.id.in_(session_ids)))
        self.sessions: dict[int, tuple[str, date]] = {one.id: (_name(one), one.service_on) for one in found}

    def told(self, about: About, cents: int) -> Report:
        """A part of a payment: what it is at (a charge, kept for a session, credit) and how much."""
        kind, number = parted(about)
        amount = {"amount": text_from_cents(cents)}
        if kind == "charge":
            name, on = self.sessions[self.session_of[number]]
            return {"to": "charge", "charge": number, "session": name, "service_on": on.isoformat(), **amount}
        if kind == "session":
            name, on = self.sessions[number]
            return {"to": "kept", "session": name, "service_on": on.isoformat(), **amount}
        return {"to": "credit" if about == self.credit else "other", **amount}


def payment_text(told: Report) -> str:
    """A payment for people."""
    reference = f" ({told['reference']})" if told["reference"] else ""
    taken_back = "; taken back" if told["taken_back"] else ""
    head = f"Payment {told['payment']}: {told['amount']} from patient {told['patient']}"
    lines = [f"{head} by {told['method']}{reference} on {told['received_on']}{taken_back}."]
    lines += [f"  {part['amount']:>10}  {_place_text(part)}" for part in told["applied"]]
    return "\n".join([*lines, *(f"  {refund_text(one)}" for one in told["refunds"])])


def refund_text(told: Report) -> str:
    """A refund for people."""
    reference = f" ({told['reference']})" if told["reference"] else ""
    head = f"Refund {told['refund']}: {told['amount']} by {told['method']}{reference} on {told['refunded_on']}"
    return f"{head}: {told['why']}"


def _place_text(part: Report) -> str:
    if part["to"] == "charge":
        return f"to charge {part['charge']}, session {part['session']} on {part['service_on']}"
    if part["to"] == "kept":
        return f"kept for session {part['session']} on {part['service_on']}"
    return "credit" if part["to"] == "credit" else "to other amounts owed"


def standing_text(account: Mapping[str, str]) -> str:
    """Where an account stands, for people."""
    parts = [f"The patient owes {account['owed']}"]
    parts += [f"credit {account['credit']}"] if account["credit"] != "0.00" else []
    parts += [f"kept for sessions {account['kept']}"] if account["kept"] != "0.00" else []
    return "; ".join(parts) + "."
