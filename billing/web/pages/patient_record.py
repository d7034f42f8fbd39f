"""One patient's record behind the summary: sessions, ledger, money, papers, messages, history."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.errors import Refused
from billing.invoices.issuing import paper_name
from billing.invoices.models import PaperKind
from billing.invoices.receipt_issuing import payment_receipt, refund_receipt
from billing.money import Money
from billing.operations.rounds import DRAW_PAPERS
from billing.patients.queries import patient_with_id
from billing.payments.judging import surplus_problems
from billing.payments.models import Payment, PaymentMethod
from billing.payments.refunding import refund
from billing.payments.taking import take_payment
from billing.reminders.models import Channel
from billing.reminders.opting_out import LONGEST_SAID, resume, stop
from billing.reminders.queries import messages_of_patient
from billing.reports.patient_history import acts_page, changes_page
from billing.reports.patient_ledger import patient_ledger
from billing.reports.patient_papers import claim_forms, papers_page
from billing.reports.patient_payments import payment_told, payments_of_patient
from billing.reports.patient_reach import Way, patient_reach
from billing.reports.patient_record import sessions_page
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form
from billing.web.pages.patient_plan import pages, record_page
from billing.web.pages.reminders import in_words

_AT_FIELDS = {
    "payment.amount": "amount",
    "payment.date": "on",
    "payment.card_number": "reference",
    "payment.text": "reference",
    "refund.amount": "amount",
}
"""The field at which a rule's problem is shown."""


@endpoint(pages, "/patients/<int:id>/sessions", may=Permission.SEE_PATIENTS, audit="patient sessions viewed",
          subject="patient")  # fmt: skip
def sessions(call: Call, id: int) -> Response:
    """All sessions of a patient, the newest first."""
    before = asked_number("before")
    return record_page(call, id, "sessions", shown=sessions_page(call.db, id, before), before=before)


@endpoint(pages, "/patients/<int:id>/ledger", may=Permission.TAKE_MONEY, audit="patient ledger viewed",
          subject="patient")  # fmt: skip
def ledger(call: Call, id: int) -> Response:
    """Every entry of the patient's books, the payments, and where the account stands."""
    before = request.args.get("before", "")
    shown, paid = patient_ledger(call.db, id, before), payments_of_patient(call.db, id)
    return record_page(call, id, "ledger", shown=shown, payments=paid, before=before)


@endpoint(pages, "/patients/<int:id>/payment", may=Permission.TAKE_MONEY, audit="payment form viewed",
          subject="patient")  # fmt: skip
def payment_form(call: Call, id: int) -> Response:
    """The form for money that comes besides a visit's checkout."""
    return record_page(call, id, "ledger", "take_payment", shown=patient_ledger(call.db, id))


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
    call.ring(DRAW_PAPERS)
    call.detail |= {"payment": made.id, "cents": cents}
    taken = Money(cents, call.clinic.currency)
    flash(f"{taken} is booked. The receipt is {paper_name(receipt.kind, receipt.number)}.")
    return make_response(redirect(url_for("patient_record.payment", id=made.id), 303))


@endpoint(pages, "/payments/<int:id>", may=Permission.TAKE_MONEY, audit="payment viewed")
def payment(call: Call, id: int) -> Response:
    """One payment: where its money is, its receipts, and a form to give it back."""
    told = payment_told(call.db, id)
    call.subject = _patient_of(told.payment)
    return record_page(call, told.payment.patient_id, "ledger", "payment", told=told)


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
    call.ring(DRAW_PAPERS)
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
    call.ring(DRAW_PAPERS)
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
    return record_page(call, id, "papers", shown=shown, forms=forms, kind=kind, kinds=list(PaperKind), before=before)


@endpoint(pages, "/patients/<int:id>/messages", may=Permission.SEE_PATIENTS, audit="patient messages viewed",
          subject="patient")  # fmt: skip
def messages(call: Call, id: int) -> Response:
    """What is said to the patient, by which ways, and how their consent came about."""
    after = request.args.get("after", "")
    shown, reach = messages_of_patient(call.db, id, after), patient_reach(call.db, patient_with_id(call.db, id))
    return record_page(call, id, "messages", shown=shown, reach=reach, after=after, **in_words())


@endpoint(pages, "/patients/<int:id>/messages/stop", method="POST", may=Permission.EDIT_PATIENTS,
          audit="messages stopped", subject="patient", again=messages)  # fmt: skip
def stop_messages(call: Call, id: int) -> Response:
    """The patient asked to be written to no more, by one way."""
    form = Form()
    way = _way(call, id, form)
    said = form.text(f"said-{way.channel}", "What they said", most=LONGEST_SAID)
    form.refuse_any()
    stop(call.db, way.channel, way.address, by=str(call.actor), said=said, at=call.at)
    call.detail["channel"] = way.channel.value
    flash("Nothing more is sent there, whoever has that number or address on file.")
    return make_response(redirect(url_for("patient_record.messages", id=id), 303))


@endpoint(pages, "/patients/<int:id>/messages/resume", method="POST", may=Permission.EDIT_PATIENTS,
          audit="messages resumed", subject="patient", again=messages)  # fmt: skip
def resume_messages(call: Call, id: int) -> Response:
    """The patient may be written to again, by one way."""
    form = Form()
    way = _way(call, id, form)
    form.refuse_any()
    resume(call.db, way.channel, way.address, at=call.at)
    call.detail["channel"] = way.channel.value
    flash("They may be written to again, by whatever they have agreed to.")
    return make_response(redirect(url_for("patient_record.messages", id=id), 303))


def _way(call: Call, id: int, form: Form) -> Way:
    """The way that the form is about. Raises :class:`Refused` when the patient cannot be reached by it anyway."""
    channel = form.choice("channel", "Way", Channel)
    for way in patient_reach(call.db, patient_with_id(call.db, id)).ways:
        if way.channel is channel and way.address:
            return way
    form.refuse_any()
    raise Refused("There is no number or address on file that this could be about.")


@endpoint(pages, "/patients/<int:id>/history", may=Permission.SEE_PATIENTS, audit="patient history viewed",
          subject="patient")  # fmt: skip
def history(call: Call, id: int) -> Response:
    """What was changed; with ``?trail=1`` who did or looked at what, for those who may see the audit trail."""
    before = request.args.get("before", "")
    if request.args.get("trail") == "1" and call.may(Permission.SEE_AUDIT):
        trail = acts_page(call.db, id, asked_number("before"))
        return record_page(call, id, "history", trail=trail, shown=None, before=before)
    return record_page(call, id, "history", trail=None, shown=changes_page(call.db, id, before), before=before)


def _patient_of(payment: Payment) -> Subject:
    return Subject("patient", str(payment.patient_id))


def _at_fields(refused: Refused) -> Refused:
    """The same refusal with each problem at the field it is about."""
    problems = [
        replace(one, where=f"field:{_AT_FIELDS[one.rule]}") if one.rule in _AT_FIELDS else one
        for one in refused.problems
    ]
    return Refused(str(refused), problems)
