"""One patient's record behind the summary: sessions, plan, ledger, money, papers, messages, history."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.errors import Refused
from billing.invoices.issuing import paper_name
from billing.invoices.models import PaperKind
from billing.invoices.receipt_issuing import payment_receipt, refund_receipt
from billing.money import Money
from billing.payments.judging import surplus_problems
from billing.payments.models import Payment, PaymentMethod
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.reports.patient import patient_head
from billing.reports.patient_history import acts_page, changes_page
from billing.reports.patient_ledger import patient_ledger
from billing.reports.patient_papers import claim_forms, papers_page
from billing.reports.patient_payments import payment_told, payments_of_patient
from billing.reports.patient_plan import patient_plan, practitioners_on
from billing.reports.patient_record import sessions_page
from billing.treatment.plans import LONGEST_WHY, MOST_SESSIONS, SUCCEEDED, end_plan, plans_of, start_plan
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.rendering import page

pages = Blueprint("patient_record", __name__)

_AT_FIELDS = {
    "payment.amount": "amount",
    "payment.date": "on",
    "payment.card_number": "reference",
    "payment.text": "reference",
    "refund.amount": "amount",
}
"""The field at which a rule's problem is shown."""


def _shown(call: Call, id: int, tab: str, template: str = "", **facts: Any) -> Response:
    """A page of the record in its frame; ``template`` where it is not the tab's own."""
    head = patient_head(call.db, id, call.today)
    return page(call, f"patient_record/{template or tab}.html", patient=head.patient, head=head, tab=tab, **facts)


@endpoint(pages, "/patients/<int:id>/sessions", may=Permission.SEE_PATIENTS, audit="patient sessions viewed",
          subject="patient")  # fmt: skip
def sessions(call: Call, id: int) -> Response:
    """All sessions of a patient, the newest first."""
    before = asked_number("before")
    return _shown(call, id, "sessions", shown=sessions_page(call.db, id, before), before=before)


@endpoint(pages, "/patients/<int:id>/plan", may=Permission.SEE_PATIENTS, audit="patient plan viewed",
          subject="patient")  # fmt: skip
def plan(call: Call, id: int) -> Response:
    """The course of care: how far it has come, what is next, and forms to begin or end one."""
    shown, here = patient_plan(call.db, id, call.today), practitioners_on(call.db, call.today)
    return _shown(call, id, "plan", shown=shown, practitioners=here, most=MOST_SESSIONS)


@endpoint(pages, "/patients/<int:id>/plan", method="POST", may=Permission.BOOK, audit="treatment plan started",
          subject="patient", again=plan)  # fmt: skip
def begin_plan(call: Call, id: int) -> Response:
    """Begin a course of care; one still in force ends that day."""
    form = Form()
    treating = [number for number, _ in practitioners_on(call.db, call.today)]
    practitioner = form.pick("practitioner", "Practitioner", treating)
    starts_on = form.day("starts_on", "First session on")
    weekly, fortnightly, monthly = (
        form.number(name, label, 0, MOST_SESSIONS)
        for name, label in (("weekly", "Weekly"), ("fortnightly", "Fortnightly"), ("monthly", "Monthly"))
    )
    diagnosis = form.text("diagnosis", "Diagnosis", most=10, required=False)
    why = form.text("why", "Why a new course", most=LONGEST_WHY, required=False)
    form.refuse_any()
    if practitioner is not None and starts_on is not None:
        made = start_plan(
            call.db, id, practitioner, starts_on, weekly or 0, fortnightly or 0, monthly or 0, diagnosis or None,
            why or SUCCEEDED,
        )  # fmt: skip
        call.detail["plan"] = made.id
        flash("The course of care has begun. Its next sessions are proposed below.")
    return make_response(redirect(url_for("patient_record.plan", id=id), 303))


@endpoint(pages, "/patients/<int:id>/plan/end", method="POST", may=Permission.BOOK, audit="treatment plan ended",
          subject="patient", again=plan)  # fmt: skip
def finish_plan(call: Call, id: int) -> Response:
    """End a course of care before its last session."""
    form = Form()
    number = form.pick("plan", "Plan", [one.id for one in plans_of(call.db, id)])
    on = form.day("ends_on", "Ends on")
    why = form.text("why_ended", "Reason", most=LONGEST_WHY)
    form.refuse_any()
    if number is not None and on is not None:
        end_plan(call.db, number, on, why)
        call.detail["plan"] = number
        flash("The course of care is ended.")
    return make_response(redirect(url_for("patient_record.plan", id=id), 303))


@endpoint(pages, "/patients/<int:id>/ledger", may=Permission.TAKE_MONEY, audit="patient ledger viewed",
          subject="patient")  # fmt: skip
def ledger(call: Call, id: int) -> Response:
    """Every entry of the patient's books, the payments, and where the account stands."""
    before = request.args.get("before", "")
    shown, paid = patient_ledger(call.db, id, before), payments_of_patient(call.db, id)
    return _shown(call, id, "ledger", shown=shown, payments=paid, before=before)


@endpoint(pages, "/patients/<int:id>/payment", may=Permission.TAKE_MONEY, audit="payment form viewed",
          subject="patient")  # fmt: skip
def payment_form(call: Call, id: int) -> Response:
    """The form for money that comes besides a visit's checkout."""
    return _shown(call, id, "ledger", "take_payment", shown=patient_ledger(call.db, id))


@endpoint(pages, "/patients/<int:id>/payment", method="POST", may=Permission.TAKE_MONEY, audit="payment taken",
          subject="patient", again=payment_form)  # fmt: skip
def pay(call: Call, id: int) -> Response:
    """Book money, put it to what it pays for, and issue the receipt."""
    form = Form()
    cents, on = form.money("amount", "Amount"), form.day("on", "Received on", latest=call.today)
    method = form.choice("method", "Method", PaymentMethod)
    reference = form.text("reference", "Reference", most=60, required=False) or None
    shown = patient_ledger(call.db, id)
    charges = form.picks("charge", "Charges", [one.id for one in shown.open_charges])
    if cents is not None and not form.ticked("more_is_meant"):
        form.problems += surplus_problems(cents, max(0, shown.account.balance), call.clinic.currency)
    form.refuse_any()
    if cents is None or on is None or method is None:
        raise Refused("The form is not complete.")
    try:
        made = take_payment(call.db, id, cents, method, on, reference, charges, at=call.at)
    except Refused as refused:
        raise _at_fields(refused) from None
    receipt = payment_receipt(call.db, made.id, call.at)
    call.detail |= {"payment": made.id, "cents": cents}
    taken = Money(cents, call.clinic.currency)
    flash(f"{taken} is booked. The receipt is {paper_name(receipt.kind, receipt.number)}.")
    return make_response(redirect(url_for("patient_record.payment", id=made.id), 303))


@endpoint(pages, "/payments/<int:id>", may=Permission.TAKE_MONEY, audit="payment viewed")
def payment(call: Call, id: int) -> Response:
    """One payment: where its money is, its receipts, and a form to give it back."""
    told = payment_told(call.db, id)
    call.subject = _patient_of(told.payment)
    return _shown(call, told.payment.patient_id, "ledger", "payment", told=told)


@endpoint(pages, "/payments/<int:id>/refund", method="POST", may=Permission.TAKE_MONEY, audit="payment refunded",
          again=payment)  # fmt: skip
def give_back(call: Call, id: int) -> Response:
    """Give money of a payment back, by the way it came, and issue the receipt."""
    told = payment_told(call.db, id)
    call.subject = _patient_of(told.payment)
    form = Form()
    cents = form.money("amount", "Amount")
    on = form.day("on", "Given back on", earliest=told.payment.received_on, latest=call.today)
    reference = form.text("reference", "Reference", most=60, required=False) or None
    why = form.text("why", "Reason", most=300)
    form.refuse_any()
    if cents is None or on is None:
        raise Refused("The form is not complete.")
    try:
        made = refund(call.db, id, cents, why, on, reference, at=call.at)
    except Refused as refused:
        raise _at_fields(refused) from None
    receipt = refund_receipt(call.db, made.id, call.at)
    call.detail |= {"payment": id, "refund": made.id, "cents": cents}
    given = Money(cents, call.clinic.currency)
    named = paper_name(receipt.kind, receipt.number)
    if any(made.id == one.refund.id for one in told.refunds):
        flash(f"{given} was given back that day for that reason already: {named}. Nothing more is booked.", "warn")
    else:
        flash(f"{given} is booked as given back. The receipt is {named}.")
    return make_response(redirect(url_for("patient_record.payment", id=id), 303))


@endpoint(pages, "/payments/<int:id>/receipt", method="POST", may=Permission.TAKE_MONEY, audit="receipt issued",
          again=payment)  # fmt: skip
def make_receipt(call: Call, id: int) -> Response:
    """Issue the receipt of a payment that has none, such as one from the old system."""
    told = payment_told(call.db, id)
    call.subject = _patient_of(told.payment)
    receipt = payment_receipt(call.db, id, call.at)
    call.detail |= {"payment": id, "paper": receipt.id}
    flash(f"The receipt is {paper_name(receipt.kind, receipt.number)}.")
    return make_response(redirect(url_for("patient_record.payment", id=id), 303))


@endpoint(pages, "/patients/<int:id>/papers", may=Permission.SEE_PATIENTS, audit="patient papers viewed",
          subject="patient")  # fmt: skip
def papers(call: Call, id: int) -> Response:
    """What the patient was given or sent, and the claim forms."""
    kinds = {one.value: one for one in PaperKind}
    kind, before = kinds.get(request.args.get("kind", "")), asked_number("before")
    shown = papers_page(call.db, id, kind, before)
    forms = claim_forms(call.db, id) if kind is None and before is None else []
    return _shown(call, id, "papers", shown=shown, forms=forms, kind=kind, kinds=list(PaperKind), before=before)


@endpoint(pages, "/patients/<int:id>/messages", may=Permission.SEE_PATIENTS, audit="patient messages viewed",
          subject="patient")  # fmt: skip
def messages(call: Call, id: int) -> Response:
    """By which ways the patient may be reached, and what was said."""
    return _shown(call, id, "messages")


@endpoint(pages, "/patients/<int:id>/history", may=Permission.SEE_PATIENTS, audit="patient history viewed",
          subject="patient")  # fmt: skip
def history(call: Call, id: int) -> Response:
    """What was changed; with ``?trail=1`` who did or looked at what, for those who may see the audit trail."""
    before = request.args.get("before", "")
    if request.args.get("trail") == "1" and call.may(Permission.SEE_AUDIT):
        trail = acts_page(call.db, id, asked_number("before"))
        return _shown(call, id, "history", trail=trail, shown=None, before=before)
    return _shown(call, id, "history", trail=None, shown=changes_page(call.db, id, before), before=before)


def _patient_of(payment: Payment) -> Subject:
    return Subject("patient", str(payment.patient_id))


def _at_fields(refused: Refused) -> Refused:
    """The same refusal with each problem at the field it is about."""
    problems = [
        replace(one, where=f"field:{_AT_FIELDS[one.rule]}") if one.rule in _AT_FIELDS else one
        for one in refused.problems
    ]
    return Refused(str(refused), problems)
