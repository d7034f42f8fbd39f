"""One issued estimate: what it says, its paper, and what became of it."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.estimates.good_faith.drawing import draw_now
from billing.estimates.good_faith.handing_over import (
    LONGEST_REMARK,
    acknowledge,
    deliver,
    estimate_with_id,
    give_copy,
    let_pass,
)
from billing.estimates.good_faith.watching import Running
from billing.estimates.models import Delivery, GoodFaithEstimate
from billing.patients.queries import patient_with_id
from billing.reports.estimates_page import one_estimate
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.pages.documents import sent_document
from billing.web.rendering import page

pages = Blueprint("estimates", __name__)
"""The pages of estimates, of which the others are in :mod:`billing.web.pages.estimates`."""

WAYS = [
    (Delivery.HANDED_OVER.value, "Handed over"),
    (Delivery.POSTED.value, "By post"),
    (Delivery.EMAILED.value, "By e-mail"),
    (Delivery.PORTAL.value, "Where the patient fetches papers"),
]


@endpoint(pages, "/estimates/<int:id>", may=Permission.SEE_PATIENTS, audit="estimate viewed")
def estimate(call: Call, id: int) -> Response:
    """One estimate: what it says, what became of it, and how bills stand against it."""
    found = one_estimate(call.db, _of(call, id))
    return page(
        call,
        "estimates/estimate.html",
        found=found,
        patient=patient_with_id(call.db, found.estimate.patient_id),
        ways=WAYS,
        today=call.today,
        most=LONGEST_REMARK,
        seen=_mark(found.running),
    )


@endpoint(pages, "/estimates/<int:id>/paper", may=Permission.SEE_PATIENTS, audit="estimate paper viewed")
def paper(call: Call, id: int) -> Response:
    """The estimate as it is printed, drawn now if it never was."""
    _of(call, id)
    return sent_document(call, draw_now(call.program.database, call.program.documents, id))


@endpoint(pages, "/estimates/<int:id>/deliver", method="POST", may=Permission.EDIT_PATIENTS,
          audit="estimate delivered", again=estimate)  # fmt: skip
def note_delivery(call: Call, id: int) -> Response:
    """Note how and when the patient was given it."""
    how, on, remark = _delivery(call, id)
    deliver(call.db, id, how, on, by=str(call.actor), at=call.at, remark=remark)
    flash("Noted that the patient was given it.")
    return to_estimate(id)


@endpoint(pages, "/estimates/<int:id>/copy", method="POST", may=Permission.EDIT_PATIENTS,
          audit="estimate copied", again=estimate)  # fmt: skip
def note_copy(call: Call, id: int) -> Response:
    """Note that the patient asked for a copy and got one."""
    how, on, remark = _delivery(call, id)
    give_copy(call.db, id, how, on, by=str(call.actor), at=call.at, remark=remark)
    flash("Noted that the patient was given a copy.")
    return to_estimate(id)


def _delivery(call: Call, id: int) -> tuple[Delivery, date, str]:
    _of(call, id)
    form = Form()
    how = form.choice("how", "How", Delivery)
    on = form.day("on", "Day")
    remark = form.text("why", "Remark", most=LONGEST_REMARK, required=False)
    form.refuse_any()
    if how is None or on is None:
        raise AssertionError("a form without a problem says how and when")
    return how, on, remark


@endpoint(pages, "/estimates/<int:id>/acknowledge", method="POST", may=Permission.EDIT_PATIENTS,
          audit="estimate acknowledged", again=estimate)  # fmt: skip
def note_acknowledgement(call: Call, id: int) -> Response:
    """Note that the patient signed for it."""
    _of(call, id)
    form = Form()
    on = form.day("on", "Signed on")
    remark = form.text("why", "Remark", most=LONGEST_REMARK, required=False)
    form.refuse_any()
    if on is not None:
        acknowledge(call.db, id, on, by=str(call.actor), at=call.at, remark=remark)
        flash("Noted that the patient signed for it.")
    return to_estimate(id)


@endpoint(pages, "/estimates/<int:id>/let-pass", method="POST", may=Permission.EDIT_CLINIC,
          audit="bill above estimate let pass", again=estimate)  # fmt: skip
def let_bill_pass(call: Call, id: int) -> Response:
    """Let what is billed above the estimate go out, as far as the owner, who alone may, has seen it."""
    running = one_estimate(call.db, _of(call, id)).running
    over = running.over if running is not None and running.is_stopped else 0
    form = Form()
    if over:
        form.check_seen(_mark(running))
    why = form.text("why", "Reason", most=LONGEST_REMARK)
    form.refuse_any()
    if over:
        let_pass(call.db, id, over, by=str(call.actor), at=call.at, why=why)
        call.detail["cents"] = over
        flash("It may be billed as it is. What goes further above is stopped again.")
    else:
        flash("Nothing was stopped any more.", "warn")
    return to_estimate(id)


def _mark(running: Running | None) -> str:
    return seen_mark(running.over if running else 0)


def _of(call: Call, estimate_id: int) -> GoodFaithEstimate:
    found = estimate_with_id(call.db, estimate_id)
    call.subject = Subject("patient", str(found.patient_id))
    return found


def to_estimate(estimate_id: int) -> Response:
    """To the page of an estimate."""
    return make_response(redirect(url_for("estimates.estimate", id=estimate_id), 303))
