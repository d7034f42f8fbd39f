"""What a payer said of a patient's cover, and what it authorised: the phone-call form and its like."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.coverage.benefit_editing import (
    LONGEST_REMARKS,
    MOST_VISITS,
    AuthorisationDetails,
    Verified,
    add_authorisation,
    authorisation_with_id,
    benefit_of,
    benefit_with_id,
    check_insured,
    edit_authorisation,
    verify_benefit,
)
from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, BenefitSource
from billing.coverage.wording import basis_points, percent_words
from billing.patients.queries import patient_with_id
from billing.payers.queries import payer_with_id
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("benefits", __name__)
MOST_CENTS = 10_000_000
SOURCES = [
    (BenefitSource.PHONE, "Telephone call"),
    (BenefitSource.PORTAL, "The payer's portal"),
    (BenefitSource.PAPER, "Letter or plan document"),
]
PERIODS = [
    (BenefitPeriod.CALENDAR_YEAR, "The calendar year"),
    (BenefitPeriod.PLAN_YEAR, "The plan year, from the policy's first day"),
]
ANSWERS = [("yes", "Yes, acupuncture is covered"), ("no", "No, it is not covered")]
_KEPT = (
    "covered", "copay_cents", "coinsurance_basis_points", "deductible_remaining_cents", "out_of_pocket_remaining_cents",
    "visits_allowed", "visits_used_elsewhere", "period", "authorisation_required", "verified_on", "reference",
    "representative", "source", "remarks",
)  # fmt: skip


@endpoint(pages, "/patients/<int:id>/benefits/<int:payer_id>", may=Permission.EDIT_PATIENTS, audit="patient viewed",
          subject="patient")  # fmt: skip
def verify_form(call: Call, id: int, payer_id: int) -> Response:
    """The form to fill while one is on the phone with the payer, beginning with what it said last time."""
    return _verify_page(call, id, payer_id)


@endpoint(pages, "/benefits/<int:id>", may=Permission.EDIT_PATIENTS, audit="patient viewed")
def benefit_form(call: Call, id: int) -> Response:
    """The same form, for a benefit that is on file."""
    benefit = benefit_with_id(call.db, id)
    call.subject = Subject("patient", str(benefit.patient_id))
    return _verify_page(call, benefit.patient_id, benefit.payer_id)


def _verify_page(call: Call, patient_id: int, payer_id: int) -> Response:
    check_insured(call.db, patient_id, payer_id)
    benefit = benefit_of(call.db, patient_id, payer_id)
    share = benefit.coinsurance_basis_points if benefit else None
    return page(
        call, "patients/benefit.html", patient=patient_with_id(call.db, patient_id),
        payer=payer_with_id(call.db, payer_id), benefit=benefit, seen=_mark(benefit),
        share="" if share is None else percent_words(share).removesuffix("%"), sources=SOURCES, periods=PERIODS,
        answers=ANSWERS, today=call.today,
    )  # fmt: skip


@endpoint(pages, "/patients/<int:id>/benefits/<int:payer_id>", method="POST", may=Permission.EDIT_PATIENTS,
          audit="benefit verified", subject="patient", again=verify_form)  # fmt: skip
def verify(call: Call, id: int, payer_id: int) -> Response:
    """Keep what the payer said."""
    check_insured(call.db, id, payer_id)
    call.detail["payer"] = payer_id
    form = Form()
    form.check_seen(_mark(benefit_of(call.db, id, payer_id)))
    said = _said(form, call.today)
    form.refuse_any()
    if said is None:
        raise AssertionError("a form without a problem has all its answers")
    verify_benefit(call.db, id, payer_id, said)
    flash("The benefits are noted.")
    return _to_patient(id)


def _said(form: Form, today: date) -> Verified | None:
    answer = form.raw("covered")
    if answer not in ("yes", "no"):
        form.problem("covered", "It is not said whether acupuncture is covered.", "Choose yes or no.")
    source = form.choice("source", "How it was learned", BenefitSource)
    verified_on = form.day("verified_on", "The day", latest=today)
    period = form.choice("period", "The year in which visits count", BenefitPeriod)
    amounts = {
        name: form.money(name, label, least_cents=0, most_cents=MOST_CENTS, required=False)
        for name, label in (
            ("copay", "The copay"), ("deductible_remaining", "The deductible left"),
            ("out_of_pocket_remaining", "The out-of-pocket maximum left"),
        )
    }  # fmt: skip
    allowed = form.number("visits_allowed", "Visits allowed", 0, MOST_VISITS, required=False)
    elsewhere = form.number("visits_used_elsewhere", "Visits elsewhere", 0, MOST_VISITS, required=False)
    representative = form.text("representative", "The name", required=False)
    reference = form.text("reference", "The reference number", required=False)
    remarks = form.lines("remarks", "The remarks", LONGEST_REMARKS)
    share = _share(form)
    if answer not in ("yes", "no") or source is None or verified_on is None or period is None:
        return None
    return Verified(
        covered=answer == "yes", verified_on=verified_on, source=source, copay_cents=amounts["copay"],
        coinsurance_basis_points=share, deductible_remaining_cents=amounts["deductible_remaining"],
        out_of_pocket_remaining_cents=amounts["out_of_pocket_remaining"], visits_allowed=allowed,
        visits_used_elsewhere=elsewhere or 0, period=period,
        authorisation_required=form.ticked("authorisation_required"), representative=representative,
        reference=reference, remarks=remarks,
    )  # fmt: skip


def _share(form: Form) -> int | None:
    typed = form.raw("coinsurance")
    if not typed:
        return None
    try:
        return basis_points(typed)
    except ValueError:
        form.problem("coinsurance", "The coinsurance is not a percentage from 0 to 100.", "Write it like 20 or 12.5.")
        return None


@endpoint(pages, "/patients/<int:id>/authorisations/new", may=Permission.EDIT_PATIENTS, audit="patient viewed",
          subject="patient")  # fmt: skip
def new_authorisation_form(call: Call, id: int) -> Response:
    """The form for an authorisation by the payer named in the address."""
    payer_id = asked_number("payer") or 0
    check_insured(call.db, id, payer_id)
    return page(
        call, "patients/authorisation.html", patient=patient_with_id(call.db, id),
        payer=payer_with_id(call.db, payer_id), authorisation=None, seen="", today=call.today,
    )  # fmt: skip


@endpoint(pages, "/patients/<int:id>/authorisations", method="POST", may=Permission.EDIT_PATIENTS,
          audit="authorisation added", subject="patient", again=new_authorisation_form)  # fmt: skip
def authorise(call: Call, id: int) -> Response:
    """Put an authorisation on file."""
    payer_id = asked_number("payer") or 0
    check_insured(call.db, id, payer_id)
    call.detail["payer"] = payer_id
    form = Form()
    details = _authorised(form)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    add_authorisation(call.db, id, payer_id, details)
    flash("The authorisation is on file.")
    return _to_patient(id)


@endpoint(pages, "/authorisations/<int:id>", may=Permission.EDIT_PATIENTS, audit="patient viewed")
def authorisation_form(call: Call, id: int) -> Response:
    """The form with what is on file of an authorisation."""
    known = authorisation_with_id(call.db, id)
    call.subject = Subject("patient", str(known.patient_id))
    return page(
        call, "patients/authorisation.html", patient=patient_with_id(call.db, known.patient_id),
        payer=payer_with_id(call.db, known.payer_id), authorisation=known, seen=_authorisation_mark(known),
        today=call.today,
    )  # fmt: skip


@endpoint(pages, "/authorisations/<int:id>", method="POST", may=Permission.EDIT_PATIENTS,
          audit="authorisation changed", again=authorisation_form)  # fmt: skip
def save_authorisation(call: Call, id: int) -> Response:
    """Keep a corrected authorisation."""
    known = authorisation_with_id(call.db, id)
    call.subject = Subject("patient", str(known.patient_id))
    form = Form()
    form.check_seen(_authorisation_mark(known))
    details = _authorised(form)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    edit_authorisation(call.db, id, details)
    flash("Saved.")
    return _to_patient(known.patient_id)


def _authorised(form: Form) -> AuthorisationDetails | None:
    number = form.text("number", "The authorisation number")
    first, last = form.day("valid_from", "The first day"), form.day("valid_to", "The last day")
    visits = form.number("visits", "Visits", 1, MOST_VISITS)
    if first is None or last is None or visits is None:
        return None
    return AuthorisationDetails(number, first, last, visits)


def _mark(benefit: Benefit | None) -> str:
    return seen_mark(*(getattr(benefit, name) for name in _KEPT)) if benefit else seen_mark("nobody asked")


def _authorisation_mark(one: Authorisation) -> str:
    return seen_mark(one.id, one.number, one.valid_from, one.valid_to, one.visits)


def _to_patient(patient_id: int) -> Response:
    return make_response(redirect(url_for("patients.patient", id=patient_id), 303))
