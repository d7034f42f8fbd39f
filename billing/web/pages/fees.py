"""Prices: the clinic's own fees and what payers' contracts allow, each from a day on."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.charges.fee_editing import HIGHEST_CENTS, NewPrice, add_fee, normal_code, take_back_fee
from billing.codes.procedures import procedures
from billing.errors import NotFound
from billing.payers.queries import all_payers
from billing.reports.fees_page import CodePrices, fee_page, fees_page
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("fees", __name__)
ADDRESS = "/settings/fees"
_MAY = Permission.EDIT_CLINIC


@endpoint(pages, ADDRESS, may=_MAY, audit=None)
def fees(call: Call) -> Response:
    """Every code with its price of today, and beside it what one payer's contract allows."""
    rows, payers = fees_page(call.db, call.today)
    compared = next((one for one in payers if one.id == asked_number("payer")), None)
    return page(call, "fees/fees.html", rows=rows, payers=[(one.id, one.name) for one in payers], compared=compared)


@endpoint(pages, f"{ADDRESS}/new", may=_MAY, audit=None)
def new_form(call: Call) -> Response:
    """The form for a code that has no price yet."""
    return page(
        call, "fees/new.html", known=procedures(), payers=[(one.id, one.name) for one in all_payers(call.db)], seen=""
    )


@endpoint(pages, ADDRESS, method="POST", may=_MAY, audit="price added", subject="fee", again=new_form)
def add(call: Call) -> Response:
    """Set the first price of a code."""
    form = Form()
    typed = form.text("code", "The code", most=20)
    if typed and not normal_code(typed):
        form.problem("code", "This is no code.", "Write letters, digits, points or hyphens, such as 97810.")
    return _add(call, form, normal_code(typed))


@endpoint(pages, f"{ADDRESS}/<id>", may=_MAY, audit=None)
def fee(call: Call, id: str) -> Response:
    """One code with all its prices."""
    prices, payers = fee_page(call.db, _code(id), call.today)
    return page(call, "fees/fee.html", prices=prices, payers=[(one.id, one.name) for one in payers], seen=_mark(prices))


@endpoint(pages, f"{ADDRESS}/<id>", method="POST", may=_MAY, audit="price added", subject="fee", again=fee)
def add_price(call: Call, id: str) -> Response:
    """Let another price of a code hold from a day on."""
    form = Form()
    form.check_seen(_mark(fee_page(call.db, _code(id), call.today)[0]))
    return _add(call, form, _code(id))


@endpoint(pages, f"{ADDRESS}/<id>/take-back", method="POST", may=_MAY, audit="price taken back", subject="fee",
          again=fee)  # fmt: skip
def take_back(call: Call, id: str) -> Response:
    """Take back a price that nothing has been charged by."""
    prices, _ = fee_page(call.db, _code(id), call.today)
    schedules = [prices.standard, *prices.contracts]
    theirs = [price.fee.id for schedule in schedules for price in schedule.prices]
    form = Form()
    fee_id = form.pick("price", "The price", theirs)
    form.refuse_any()
    if fee_id is not None:
        taken = take_back_fee(call.db, fee_id)
        call.detail.update(cents=taken.cents, effective_from=taken.effective_from.isoformat(), payer=taken.payer_id)
    flash("The price is taken back.")
    return _to_code(_code(id))


def _add(call: Call, form: Form, code: str) -> Response:
    payer_id = form.pick("payer", "The schedule", [one.id for one in all_payers(call.db)], required=False)
    cents = form.money("amount", "The price", most_cents=HIGHEST_CENTS)
    on = form.day("effective_from", "The day")
    form.refuse_any()
    if cents is None or on is None:
        raise AssertionError("a form without a problem has all its details")
    _, charged = add_fee(
        call.db, NewPrice(code, payer_id, cents, on), own_code_is_meant=form.ticked("own_code_is_meant"),
        charged_is_meant=form.ticked("charged_is_meant"),
    )  # fmt: skip
    call.subject = Subject("fee", code)
    call.detail.update(cents=cents, effective_from=on.isoformat(), payer=payer_id)
    flash("The price is on file.")
    if charged:
        flash("Sessions were charged another price since that day: what is not billed yet is charged anew.", "warn")
    return _to_code(code)


def _code(id: str) -> str:
    code = normal_code(id)
    if not code:
        raise NotFound("There is no such code.")
    return code


def _mark(prices: CodePrices) -> str:
    schedules = [prices.standard, *prices.contracts]
    return seen_mark([(price.fee.id, price.fee.cents) for schedule in schedules for price in schedule.prices])


def _to_code(code: str) -> Response:
    return make_response(redirect(url_for("fees.fee", id=code), 303))
