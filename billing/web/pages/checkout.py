"""Checking out: what was done, who pays what of it and why, the next sessions, the papers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.errors import Refused
from billing.estimates.models import Occasion
from billing.invoices.at_desk import Taken, charge_session, due_now, issue_paper, issue_paper_if_fit, take_at_desk
from billing.invoices.desk_due import DeskDue
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper
from billing.invoices.paid import check_word
from billing.invoices.receipt_issuing import payment_receipt
from billing.money import Money
from billing.operations.estimating import keep_session_estimate
from billing.operations.rounds import DRAW_PAPERS
from billing.payments.judging import LONGEST_REFERENCE, surplus_problems
from billing.payments.models import PaymentMethod
from billing.payments.queries import payments_of_sessions
from billing.reports.checkout import checkout_of
from billing.sessions.lifecycle import SessionState
from billing.sessions.moving import check_out, the_session
from billing.web.endpoint import Call, endpoint, form_sent
from billing.web.forms import Form, seen_mark
from billing.web.links import to
from billing.web.next_sessions import book_ticked
from billing.web.rendering import page

pages = Blueprint("checkout", __name__)

_AT_FIELDS = {"payment.amount": "amount", "payment.card_number": "reference", "payment.text": "reference"}
"""The field at which a rule's problem is shown."""


@endpoint(pages, "/sessions/<int:id>/checkout", may=Permission.TAKE_MONEY, audit="checkout viewed", subject="session")
def checkout(call: Call, id: int) -> Response:
    """Charges, the patient's part, payment, next sessions and papers on one screen."""
    shown = checkout_of(call.db, id, call.today)
    check = check_word(call.clinic.currency).capitalize()
    methods = [("card", "Card"), ("cash", "Cash"), ("check", check), ("other", "Other")]
    return page(call, "checkout/checkout.html", shown=shown, methods=methods, mark=_mark(shown.due))


@endpoint(
    pages, "/sessions/<int:id>/payment", method="POST", may=Permission.TAKE_MONEY, audit="payment taken",
    subject="session", again=checkout,
)  # fmt: skip
def payment(call: Call, id: int) -> Response:
    """Take money with the session, and issue its receipt."""
    form = Form()
    cents = form.money("amount", "Amount")
    method = form.choice("method", "How it is paid", PaymentMethod)
    reference = form.text("reference", "Reference", most=LONGEST_REFERENCE, required=False)
    due = due_now(call.db, id)
    form.check_seen(_mark(due))
    if cents is not None and not form.ticked("more_is_meant"):
        form.problems += surplus_problems(cents, due.most_due, call.clinic.currency)
    form.refuse_any()
    if cents is not None and method is not None:
        keep_session_estimate(call.db, id, Occasion.CHECKOUT, by=str(call.actor), at=call.at)
        source = f"form:{sent}" if (sent := form_sent()) else None
        try:
            taken = take_at_desk(call.db, id, cents, method, reference or None, source, at=call.at)
        except Refused as refused:
            raise _at_fields(refused) from None
        call.detail.update(payment=taken.payment.id, cents=cents)
        call.ring(DRAW_PAPERS)
        flash(_taken_words(taken, call.clinic.currency))
    return _back(id)


@endpoint(
    pages, "/sessions/<int:id>/papers", method="POST", may=Permission.TAKE_MONEY, audit="paper issued",
    subject="session", again=checkout,
)  # fmt: skip
def papers(call: Call, id: int) -> Response:
    """Issue the session's invoice or superbill now, or the receipt of a payment taken with it."""
    form = Form()
    taken = [one.id for one in payments_of_sessions(call.db, [id])[id]]
    number = form.pick("payment", "Payment", taken, required=False)
    form.refuse_any()
    paper = issue_paper(call.db, id, call.at) if number is None else payment_receipt(call.db, number, call.at)
    call.detail["paper"] = paper.id
    call.ring(DRAW_PAPERS)
    flash(f"{_named(paper)} is ready.")
    return _back(id)


def _again(call: Call, id: int) -> Response:
    """The page once more for whoever may see it; anybody else is told the reasons alone."""
    if call.refused is not None and not call.may(Permission.TAKE_MONEY):
        raise call.refused
    shown: Response = checkout(call, id)
    return shown


@endpoint(
    pages, "/sessions/<int:id>/next", method="POST", may=Permission.BOOK, audit="next sessions booked",
    subject="session", again=_again,
)  # fmt: skip
def book_next(call: Call, id: int) -> Response:
    """Book the ticked ones of the proposed sessions, all of them or none."""
    book_ticked(call, Form(), id)
    return _from_booking(call, id)


def _from_booking(call: Call, id: int) -> Response:
    return _back(id) if call.may(Permission.TAKE_MONEY) else _to_day()


@endpoint(
    pages, "/sessions/<int:id>/leave", method="POST", may=Permission.TAKE_MONEY, audit="patient checked out",
    subject="session", again=checkout,
)  # fmt: skip
def leave(call: Call, id: int) -> Response:
    """The patient leaves: the session is charged and its paper issued, if its note is signed."""
    charge_session(call.db, id, call.at)
    keep_session_estimate(call.db, id, Occasion.CHECKOUT, by=str(call.actor), at=call.at)
    paper = issue_paper_if_fit(call.db, id, call.at)
    check_out(call.db, id, by=str(call.actor), at=call.at)
    if paper is not None:
        call.ring(DRAW_PAPERS)
    flash(" ".join(_left_words(call, id, paper)))
    return _to_day()


def _left_words(call: Call, id: int, paper: Paper | None) -> Iterator[str]:
    """That somebody left, and what is still to be done about the visit, in sentences."""
    yield "Checked out."
    if paper is not None:
        yield f"{_named(paper)} is issued."
    if the_session(call.db, id).state is not SessionState.SIGNED:
        yield "The note is not signed yet."
    if asked := due_now(call.db, id).suggested:
        yield f"{Money(asked, call.clinic.currency)} was asked for and not taken."


def _mark(due: DeskDue) -> str:
    """What the person saw of the money; another mark later means that somebody took or booked some meanwhile."""
    return seen_mark(due.charge, due.share, due.paid, due.today, due.earlier, due.credit)


def _at_fields(refused: Refused) -> Refused:
    """The same problems, each at the field at which it is mended."""
    problems = [
        replace(one, where=f"field:{_AT_FIELDS[one.rule]}") if one.rule in _AT_FIELDS else one
        for one in refused.problems
    ]
    return Refused(str(refused), problems)


def _taken_words(taken: Taken, currency: str) -> str:
    """What became of money that was taken, in sentences."""
    parts = (
        (taken.for_session, "for this session"),
        (taken.kept, "kept for this session until it is settled"),
        (taken.for_earlier, "for what was owed before"),
        (taken.credit, "more than is owed, and stays as credit for later visits"),
    )
    told = "; ".join(f"{Money(cents, currency)} {words}" for cents, words in parts if cents)
    papers = [_named(one) for one in (taken.receipt, taken.paper) if one is not None]
    are = "are" if len(papers) > 1 else "is"
    return f"Taken {Money(taken.payment.cents, currency)}: {told}. {' and '.join(papers)} {are} ready."


def _named(paper: Paper) -> str:
    return f"{paper.kind.value.capitalize()} {paper_name(paper.kind, paper.number)}"


def _back(id: int) -> Response:
    return make_response(redirect(url_for("checkout.checkout", id=id), 303))


def _to_day() -> Response:
    return make_response(redirect(to("today.today") or "/", 303))
