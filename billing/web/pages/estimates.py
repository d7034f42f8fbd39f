"""Estimates on paper: which are due, issuing and replacing them, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask import Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.errors import NotFound
from billing.estimates.good_faith.covering import speaks_from
from billing.estimates.good_faith.handing_over import (
    LONGEST_REMARK,
    ask_for_estimate,
    estimate_with_id,
    withdraw_request,
)
from billing.estimates.good_faith.issuing import LONGEST_WHY, issue_estimate, name_of
from billing.estimates.good_faith.proposing import Draft, course_days, drafted
from billing.estimates.good_faith.scope import MOST_SERVICES, MOST_UNITS, MOST_VISITS, ExpectedService, Scope
from billing.estimates.models import EstimateRequest, GoodFaithEstimate
from billing.operations.rounds import DRAW_PAPERS
from billing.patients.queries import patient_with_id
from billing.reports.estimate_accuracy import accuracy as accuracy_of_all
from billing.reports.estimate_accuracy import compared
from billing.reports.estimates_page import estimates_page, patient_estimates
from billing.reports.patient_plan import practitioners_on
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.formatting import day
from billing.web.forms import Form
from billing.web.pages.estimate import pages, to_estimate
from billing.web.pages.patient_plan import record_page
from billing.web.rendering import page

FREE_ROWS = 3
"""Empty rows for further services, below those drafted."""
LONGEST_CODE = 20
"""A code of the clinic's own, such as ``LIU-WEI-DI-HUANG``, may be as long as in its fees."""
MOST_DAYS_BETWEEN = 92


@endpoint(pages, "/estimates", may=Permission.SEE_PATIENTS, audit="estimates listed", subject="day")
def estimates(call: Call) -> Response:
    """What is due, what bills have come near to, and what was issued last."""
    call.subject = Subject("day", call.today.isoformat())
    return page(call, "estimates/estimates.html", found=estimates_page(call.db, call.today))


@endpoint(pages, "/estimates/accuracy", may=Permission.SEE_CLAIMS, audit="estimate accuracy viewed", subject="day")
def accuracy(call: Call) -> Response:
    """What was told beforehand against what payers decided."""
    call.subject = Subject("day", call.today.isoformat())
    return page(call, "estimates/accuracy.html", found=accuracy_of_all(call.db))


@endpoint(pages, "/patients/<int:id>/estimates", may=Permission.SEE_PATIENTS, audit="patient estimates viewed",
          subject="patient")  # fmt: skip
def of_patient(call: Call, id: int) -> Response:
    """A patient's estimates and requests for one."""
    found = patient_estimates(call.db, id, call.today)
    sessions = compared(call.db, id) if call.may(Permission.SEE_CLAIMS) else []
    return record_page(call, id, "estimates", found=found, compared=sessions, today=call.today)


@endpoint(pages, "/patients/<int:id>/estimates/new", may=Permission.EDIT_PATIENTS, audit="estimate form viewed",
          subject="patient")  # fmt: skip
def new_form(call: Call, id: int) -> Response:
    """A new estimate, drafted from what is booked and planned; with ``?replaces=`` the next version of one."""
    return _form(call, id, asked_number("replaces"))


def _form(call: Call, id: int, replaces: int | None) -> Response:
    patient_with_id(call.db, id)
    earlier = _own(call, id, replaces) if replaces is not None else None
    return record_page(
        call,
        id,
        "estimates",
        "new_estimate",
        draft=drafted(call.db, id, call.today, asked_number("practitioner")),
        earlier=earlier,
        earlier_name=name_of(earlier) if earlier else "",
        practitioners=practitioners_on(call.db, call.today),
        rows=MOST_SERVICES,
        free=FREE_ROWS,
        most_visits=MOST_VISITS,
        most_units=MOST_UNITS,
        today=call.today,
    )


def _again(call: Call, id: int) -> Response:
    return _form(call, id, asked_number("replaces"))


@endpoint(pages, "/patients/<int:id>/estimates/new", method="POST", may=Permission.EDIT_PATIENTS,
          audit="estimate issued", subject="patient", again=_again)  # fmt: skip
def issue(call: Call, id: int) -> Response:
    """Issue what the form says."""
    form = Form()
    replaces = asked_number("replaces")
    who = form.pick("practitioner", "Practitioner", [number for number, _ in practitioners_on(call.db, call.today)])
    scope = _typed_scope(form, drafted(call.db, id, call.today, who))
    why = form.text("why", "What has changed", most=LONGEST_WHY, required=replaces is not None)
    form.refuse_any()
    if who is None or scope is None:
        raise AssertionError("a form without a problem says who and what")
    made = issue_estimate(call.db, id, who, scope, by=str(call.actor), at=call.at, replaces=replaces, why=why)
    call.detail["estimate"] = made.id
    call.ring(DRAW_PAPERS)
    flash(f"{name_of(made)} is issued. Give it to the patient, and note how.")
    if speaks_from(made) > made.from_on:
        flash(f"It is too late to bind before {day(speaks_from(made))}: until then the one before holds.", "warn")
    return to_estimate(made.id)


def _typed_scope(form: Form, draft: Draft) -> Scope | None:
    """What is to be estimated; problems stand at their fields."""
    first = form.day("from_on", "First visit on")
    count = form.number("visits", "Visits", 1, MOST_VISITS)
    every = form.number("every", "Days between visits", 1, MOST_DAYS_BETWEEN)
    to_on = form.day("to_on", "Speaks until", required=False)
    frequency = form.text("frequency", "How often", most=200, required=False)
    diagnoses = form.text("diagnoses", "Diagnoses", most=100, required=False)
    separately = form.lines("separately", "Scheduled separately", most=1000, required=False)
    services = _typed_services(form)
    if first is None or count is None or every is None:
        return None
    known: Sequence[date] = draft.days if form.ticked("as_planned") else ()
    days = course_days(first, count, known, every)
    return Scope(
        services,
        days,
        to_on or days[-1],
        tuple(dict.fromkeys(code.upper() for code in diagnoses.replace(",", " ").split())),
        frequency,
        tuple(line.strip() for line in separately.splitlines() if line.strip()),
    )


def _typed_services(form: Form) -> tuple[ExpectedService, ...]:
    found = []
    for row in form.rows("service", ("code", "units", "first")):
        code = row["code"].strip().upper()
        if not code:
            continue
        place = row["place"]
        if len(code) > LONGEST_CODE:
            form.problem(f"service-{place}-code", f"A code has at most {LONGEST_CODE} characters.", "Correct it.")
            continue
        units = form.number(f"service-{place}-units", "Units", 1, MOST_UNITS)
        found.append(ExpectedService(code, units or 1, bool(row["first"])))
    return tuple(found)


@endpoint(pages, "/patients/<int:id>/estimates/asked", method="POST", may=Permission.EDIT_PATIENTS,
          audit="estimate asked for", subject="patient", again=of_patient)  # fmt: skip
def note_request(call: Call, id: int) -> Response:
    """Note that the patient asked what care would cost."""
    form = Form()
    on = form.day("asked_on", "Asked on")
    remark = form.text("remark", "What was asked", most=LONGEST_REMARK, required=False)
    form.refuse_any()
    if on is not None:
        ask_for_estimate(call.db, id, on, by=str(call.actor), at=call.at, remark=remark)
        flash("Noted. An estimate is due within three business days.")
    return make_response(redirect(url_for("estimates.of_patient", id=id), 303))


def _request(call: Call, id: int) -> EstimateRequest:
    asked = call.db.get(EstimateRequest, id)
    if asked is None:
        raise NotFound(f"There is no request {id}.")
    call.subject = Subject("patient", str(asked.patient_id))
    return asked


def _requests_again(call: Call, id: int) -> Response:
    shown: Response = of_patient(call, _request(call, id).patient_id)
    return shown


@endpoint(pages, "/estimate-requests/<int:id>/withdraw", method="POST", may=Permission.EDIT_PATIENTS,
          audit="estimate not wanted any more", again=_requests_again)  # fmt: skip
def withdraw(call: Call, id: int) -> Response:
    """The patient does not want the estimate any more."""
    patient_id = _request(call, id).patient_id
    form = Form()
    why = form.text("why_withdrawn", "Reason", most=LONGEST_REMARK)
    form.refuse_any()
    withdraw_request(call.db, id, at=call.at, why=why)
    flash("Noted that it is not wanted any more.")
    return make_response(redirect(url_for("estimates.of_patient", id=patient_id), 303))


def _own(call: Call, patient_id: int, estimate_id: int) -> GoodFaithEstimate:
    found = estimate_with_id(call.db, estimate_id)
    if found.patient_id != patient_id:
        raise NotFound(f"There is no estimate {estimate_id} of this patient.")
    return found
