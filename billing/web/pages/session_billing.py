"""Who pays for one session, and why: the insurance or the patient, the injury, the supervisor, the referrer."""

from __future__ import annotations

from dataclasses import astuple

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.clinic.country import is_american
from billing.codes.places import place_label, places_on
from billing.invoices.rebilling import change_billing
from billing.reports.session_billing import SessionBilling, session_billing
from billing.sessions.billing_details import LONGEST_CLAIM_NUMBER, LONGEST_NAME, BillingDetails
from billing.sessions.models import AccidentKind, BillTo
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.pages.calendar import BILL_TO
from billing.web.rendering import page

pages = Blueprint("session_billing", __name__)

ACCIDENTS = {AccidentKind.AUTO: "An auto accident", AccidentKind.WORK: "Work", AccidentKind.OTHER: "Another accident"}


@endpoint(pages, "/sessions/<int:id>/billing", may=Permission.EDIT_PATIENTS, audit="session viewed",
          subject="session")  # fmt: skip
def billing_form(call: Call, id: int) -> Response:
    """What the session says of who pays and why; a form as long as nothing was billed with it."""
    shown = session_billing(call.db, id)
    at = shown.details.place_of_service
    places = {**dict(places_on(shown.session.service_on)), at: place_label(at)}
    return page(
        call, "session/billing.html", shown=shown, mark=_mark(shown), american=is_american(call.clinic),
        bill_to=list(BILL_TO.items()), accidents=list(ACCIDENTS.items()),
        places=[(code, f"{code} {label}") for code, label in sorted(places.items())],
    )  # fmt: skip


@endpoint(pages, "/sessions/<int:id>/billing", method="POST", may=Permission.EDIT_PATIENTS,
          audit="billing details changed", subject="session", again=billing_form)  # fmt: skip
def save(call: Call, id: int) -> Response:
    """Have the session say what was typed."""
    form, shown = Form(), session_billing(call.db, id)
    if not shown.fixed:
        form.check_seen(_mark(shown))
    details = _typed(form, shown, is_american(call.clinic))
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    changed = change_billing(call.db, id, details, by=str(call.actor), at=call.at)
    call.detail["changed"] = ", ".join(changed)
    flash("Saved." if changed else "Nothing was different.")
    return make_response(redirect(url_for("session.session", id=id), 303))


def _typed(form: Form, shown: SessionBilling, american: bool) -> BillingDetails | None:
    """What the form says; outside the United States it does not ask for an accident's state."""
    bill_to = form.choice("bill_to", "Bill to", BillTo)
    accident = form.choice("accident", "Comes from", AccidentKind, required=False)
    kept = shown.details.accident_state if accident is AccidentKind.AUTO else ""
    state = form.text("accident_state", "The state", most=10, required=False) if american else kept
    supervisors = [number for number, _ in shown.supervisors]
    place = form.text("place_of_service", "Place of service", most=2)
    supervising_id = form.pick("supervising_id", "Supervised by", supervisors, required=False)
    onset_on = form.day("onset_on", "The day", required=False)
    number = form.text("claim_number", "The claim number", most=LONGEST_CLAIM_NUMBER, required=False)
    npi = form.text("referring_npi", "The NPI", most=20, required=False)
    name = form.text("referring_name", "The name", most=LONGEST_NAME, required=False)
    if bill_to is None:
        return None
    return BillingDetails(bill_to, place, supervising_id, onset_on, accident, state, number, npi, name)


def _mark(shown: SessionBilling) -> str:
    return seen_mark(*astuple(shown.details))
