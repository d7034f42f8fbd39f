"""What a payer said of a patient's cover, and what it authorised: the phone-call form and its like."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.claims.decided_visits import visits_decided
from billing.coverage.authorisation_editing import (
    MOST_UNITS,
    AuthorisationDetails,
    add_authorisation,
    authorisation_details_of,
    authorisation_with_id,
    codes_in,
    edit_authorisation,
)
from billing.coverage.benefit_editing import (
    LONGEST_REMARKS,
    MOST_MONTHS,
    MOST_VISITS,
    POOLS,
    Verified,
    benefit_of,
    benefit_with_id,
    check_insured,
    verify_benefit,
)
from billing.coverage.benefit_history import said_of
from billing.coverage.models import Authorisation, Benefit, BenefitPeriod, BenefitSource, CopayPer
from billing.coverage.wording import basis_points, percent_words
from billing.patients.queries import patient_with_id
from billing.payers.queries import payer_with_id
from billing.practitioners.models import Network
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("benefits", __name__)
MOST_CENTS = 10_000_000
LONGEST_CODES = 400
SOURCES = [
    (BenefitSource.PHONE, "Telephone call"),
    (BenefitSource.PORTAL, "The payer's portal"),
    (BenefitSource.PAPER, "Letter or plan document"),
]
PERIODS = [
    (BenefitPeriod.CALENDAR_YEAR, "The calendar year"),
    (BenefitPeriod.PLAN_YEAR, "The plan year"),
    (BenefitPeriod.ROLLING_MONTHS, "The months before each visit"),
    (BenefitPeriod.CALENDAR_MONTH, "The calendar month"),
    (BenefitPeriod.LIFETIME, "As long as the policy lasts"),
]
ANSWERS = [
    ("yes", "Yes, acupuncture is covered"),
    ("no", "No, it is not covered"),
    ("unknown", "They did not say"),
]
YES_OR_NO = [("yes", "Yes"), ("no", "No")]
_MEANT = {"yes": True, "no": False, "unknown": None}
NETWORKS = [(Network.IN, "In network"), (Network.OUT, "Out of network")]
COPAYS = [(CopayPer.VISIT, "Once a visit"), (CopayPer.SERVICE, "For each service")]
SHARED = [("chiropractic", "chiropractic"), ("therapy", "physical therapy"), ("massage", "massage")]
AMOUNTS = (
    ("copay", "The copay"), ("deductible_remaining", "The deductible left"),
    ("out_of_pocket_remaining", "The out-of-pocket maximum left"), ("dollar_limit", "The dollar limit"),
    ("dollars_remaining", "The dollars left"), ("deductible", "The deductible"),
    ("family_deductible", "The family deductible"), ("family_deductible_remaining", "The family deductible left"),
    ("out_of_pocket", "The out-of-pocket maximum"), ("family_out_of_pocket", "The family out-of-pocket maximum"),
    ("family_out_of_pocket_remaining", "The family out-of-pocket maximum left"),
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
        answers=ANSWERS, yes_or_no=YES_OR_NO, networks=NETWORKS, copays=COPAYS, shared=SHARED, today=call.today,
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
    verify_benefit(call.db, id, payer_id, _with_ours(call, id, payer_id, said), by=str(call.actor), at=call.at)
    flash("The benefits are noted.")
    return _to_patient(id)


def _with_ours(call: Call, patient_id: int, payer_id: int, said: Verified) -> Verified:
    """What was said, with how many of our own visits the payer had counted when it told what is left."""
    if said.visits_remaining is None:
        return said
    decided = visits_decided(
        call.db, patient_id, payer_id, said.verified_on, said.period, plan_year_from=said.plan_year_from,
        months=said.period_months or 12,
    )  # fmt: skip
    return replace(said, visits_decided_here=decided)


def _said(form: Form, today: date) -> Verified | None:
    answer = form.raw("covered")
    if answer not in _MEANT:
        form.problem("covered", "It is not said whether acupuncture is covered.", "Choose one of the three.")
    source = form.choice("source", "How it was learned", BenefitSource)
    verified_on = form.day("verified_on", "The day", latest=today)
    period = form.choice("period", "The year in which visits count", BenefitPeriod)
    amounts = {
        f"{name}_cents": form.money(name, label, least_cents=0, most_cents=MOST_CENTS, required=False)
        for name, label in AMOUNTS
    }
    copay_per = form.choice("copay_per", "The copay", CopayPer, required=False)
    network = form.choice("network", "The terms", Network, required=False)
    told: dict[str, Any] = {
        "visits_allowed": form.number("visits_allowed", "Visits allowed", 0, MOST_VISITS, required=False),
        "visits_remaining": form.number("visits_remaining", "Visits left", 0, MOST_VISITS, required=False),
        "visits_used_elsewhere": form.number("visits_used_elsewhere", "Visits elsewhere", 0, MOST_VISITS, False) or 0,
        "period_months": form.number("period_months", "Months", 1, MOST_MONTHS, required=False),
        "plan_year_from": form.day("plan_year_from", "The plan's year", required=False),
        "shared_with": tuple(pool for pool in POOLS if form.ticked(f"shared_with_{pool}")),
        "plan_name": form.text("plan_name", "The plan", required=False),
        "representative": form.text("representative", "The name", required=False),
        "reference": form.text("reference", "The reference number", required=False),
        "remarks": form.lines("remarks", "The remarks", LONGEST_REMARKS),
        "coinsurance_basis_points": _share(form),
        "authorisation_required": _MEANT.get(form.raw("authorisation_required")),
        "referral_required": _MEANT.get(form.raw("referral_required")),
        "deductible_applies": not form.ticked("deductible_waived"),
        "copay_waives_deductible": form.ticked("copay_waives_deductible"),
        "copay_counts_to_out_of_pocket": not form.ticked("copay_not_counted"),
        "copay_per": copay_per or CopayPer.VISIT,
        "network": network,
    }
    if answer not in _MEANT or source is None or verified_on is None or period is None:
        return None
    return Verified(_MEANT[answer], verified_on, source, period=period, **{**told, **amounts})


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
    units = form.number("units_per_visit", "Units a visit", 1, MOST_UNITS, required=False)
    before = form.number("used_before", "Visits used before", 0, MOST_VISITS, required=False)
    episode = form.text("seoc_name", "The episode of care", required=False)
    codes = codes_in(form.text("codes_allowed", "The codes", most=LONGEST_CODES, required=False))
    diagnoses = codes_in(form.text("diagnoses", "The diagnoses", most=LONGEST_CODES, required=False))
    referring = form.text("referring_npi", "The referring NPI", required=False)
    if first is None or last is None or visits is None:
        return None
    return AuthorisationDetails(number, first, last, visits, episode, units, codes, diagnoses, referring, before or 0)


def _mark(benefit: Benefit | None) -> str:
    return seen_mark(said_of(benefit)) if benefit else seen_mark("nobody asked")


def _authorisation_mark(one: Authorisation) -> str:
    return seen_mark(one.id, asdict(authorisation_details_of(one)))


def _to_patient(patient_id: int) -> Response:
    return make_response(redirect(url_for("patients.patient", id=patient_id), 303))
