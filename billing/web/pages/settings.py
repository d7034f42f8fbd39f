"""The clinic's own record, and the way through setting a clinic up."""

from __future__ import annotations

from zoneinfo import available_timezones

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.editing import ClinicDetails, details_of, keep_clinic
from billing.clinic.models import Clinic, TaxIdKind
from billing.reports.setting_up import books_are_open, set_up
from billing.web.endpoint import SIGNED_IN, Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("settings", __name__)
EMPTY = ClinicDetails("", "", "", TaxIdKind.EIN, "", "", "", "", "", "", "", "", "", "USD", "")
CURRENCIES = ("USD", "GBP", "EUR", "CAD", "AUD", "NZD", "CHF")


@endpoint(pages, "/settings/start", may=SIGNED_IN, audit=None)
def start(call: Call) -> Response:
    """What a clinic needs before its first patient, step by step."""
    return page(call, "settings/start.html", there=set_up(call.db))


@endpoint(pages, "/settings/clinic", may=Permission.EDIT_CLINIC, audit=None)
def clinic(call: Call) -> Response:
    """The clinic's record, to be corrected."""
    return _shown(call)


def _shown(call: Call) -> Response:
    details = _details(call)
    return page(
        call,
        "settings/clinic.html",
        details=details,
        seen=seen_mark(details),
        zones=[(zone, zone) for zone in sorted(available_timezones()) if "/" in zone and not zone.startswith("Etc/")],
        currencies=[(one, one) for one in CURRENCIES],
        tax_id_kinds=[(kind.value, kind.value) for kind in TaxIdKind],
    )


@endpoint(pages, "/settings/clinic", method="POST", may=Permission.EDIT_CLINIC, audit="clinic changed",
          subject="clinic", again=_shown)  # fmt: skip
def change_clinic(call: Call) -> Response:
    """Keep the clinic's record."""
    form = Form()
    form.check_seen(seen_mark(_details(call)))
    details = ClinicDetails(
        name=form.text("name", "Name"),
        npi=form.text("npi", "NPI", required=False),
        tax_id=form.text("tax_id", "Tax id"),
        tax_id_kind=form.choice("tax_id_kind", "Kind of tax id", TaxIdKind) or TaxIdKind.EIN,
        taxonomy=form.text("taxonomy", "Taxonomy", required=False),
        address1=form.text("address1", "Address"),
        address2=form.text("address2", "Address, second line", required=False),
        city=form.text("city", "City"),
        state=form.text("state", "State, county or province"),
        zip=form.text("zip", "ZIP or postcode"),
        phone=form.text("phone", "Phone"),
        email=form.text("email", "E-mail", required=False),
        time_zone=form.text("time_zone", "Time zone"),
        currency=form.text("currency", "Currency").upper(),
        submitter_id=form.text("submitter_id", "Submitter id", required=False),
    )
    form.refuse_any()
    is_new = call.db.get(Clinic, 1) is None
    keep_clinic(call.db, details, books_are_open=books_are_open(call.db))
    call.subject = Subject("clinic", "1")
    flash("The clinic's record is kept.")
    return make_response(redirect(url_for("settings.start" if is_new else "settings.clinic"), 303))


def _details(call: Call) -> ClinicDetails:
    kept = call.db.get(Clinic, 1)
    return details_of(kept) if kept else EMPTY
