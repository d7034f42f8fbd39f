"""Insurers: who they are, how claims reach them, and by when."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.country import is_american
from billing.payers.editing import (
    LONGEST_FILING_LIMIT_DAYS,
    PayerDetails,
    add_payer,
    edit_payer,
    payer_details_of,
)
from billing.payers.models import PayerKind
from billing.payers.queries import payer_with_id
from billing.payers.readiness import USUAL_FILING_LIMIT_DAYS
from billing.reports.payers_page import enrolled_with, payers_page, usage_of
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("payers", __name__)
ADDRESS = "/settings/payers"
_MAY = Permission.EDIT_CLINIC
KINDS = {
    PayerKind.COMMERCIAL: "Commercial health plan",
    PayerKind.MEDICARE: "Medicare",
    PayerKind.MEDICAID: "Medicaid",
    PayerKind.VA: "Veterans Affairs",
    PayerKind.WORKERS_COMP: "Workers' compensation",
    PayerKind.AUTO: "Auto insurance",
}


@endpoint(pages, ADDRESS, may=_MAY, audit=None)
def payers(call: Call) -> Response:
    """Every insurer the clinic knows."""
    return page(call, "payers/payers.html", rows=payers_page(call.db, call.today), **_choices(call))


@endpoint(pages, f"{ADDRESS}/new", may=_MAY, audit=None)
def new_form(call: Call) -> Response:
    """The form for another insurer."""
    return page(call, "payers/new.html", details=PayerDetails("", PayerKind.COMMERCIAL), seen="", **_choices(call))


@endpoint(pages, ADDRESS, method="POST", may=_MAY, audit="payer added", subject="payer", again=new_form)
def add(call: Call) -> Response:
    """Put another insurer on file."""
    form = Form()
    details = _typed(form)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    made = add_payer(call.db, details)
    call.subject = Subject("payer", str(made.id))
    flash("The payer is on file. Enrol your practitioners with it next.")
    return _to_payer(made.id)


@endpoint(pages, f"{ADDRESS}/<int:id>", may=_MAY, audit=None)
def payer(call: Call, id: int) -> Response:
    """One insurer: what is on file, to be corrected, and how much it is used."""
    shown = payer_with_id(call.db, id)
    details = payer_details_of(shown)
    return page(
        call, "payers/payer.html", payer=shown, details=details, seen=seen_mark(details),
        usage=usage_of(call.db, id, call.today), enrolled=enrolled_with(call.db, id), **_choices(call),
    )  # fmt: skip


@endpoint(pages, f"{ADDRESS}/<int:id>", method="POST", may=_MAY, audit="payer changed", subject="payer", again=payer)
def save(call: Call, id: int) -> Response:
    """Keep what was corrected of an insurer."""
    form = Form()
    form.check_seen(seen_mark(payer_details_of(payer_with_id(call.db, id))))
    details = _typed(form)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    uses = usage_of(call.db, id, call.today).weight
    edit_payer(call.db, id, details, uses=uses, kind_is_meant=form.ticked("kind_is_meant"))
    flash("Saved. Claims that were sent stay as they are; those that wait are judged anew by the next billing run.")
    return _to_payer(id)


def _typed(form: Form) -> PayerDetails | None:
    name, kind = form.text("name", "The name"), form.choice("kind", "The kind", PayerKind)
    number = form.text("payer_number", "The payer number", most=80, required=False)
    address1 = form.text("address1", "The address", required=False)
    city, state = form.text("city", "The city", required=False), form.text("state", "The state", required=False)
    postcode = form.text("zip", "The postcode", required=False)
    limit = form.number("filing_limit_days", "The filing limit", 1, LONGEST_FILING_LIMIT_DAYS, required=False)
    one_type = form.ticked("takes_one_service_type")
    return None if kind is None else PayerDetails(name, kind, number, address1, city, state, postcode, limit, one_type)


def _choices(call: Call) -> dict[str, Any]:
    return {
        "kinds": list(KINDS.items()),
        "kind_words": KINDS,
        "usual_limit": USUAL_FILING_LIMIT_DAYS,
        "american": is_american(call.clinic),
    }


def _to_payer(payer_id: int) -> Response:
    return make_response(redirect(url_for("payers.payer", id=payer_id), 303))
