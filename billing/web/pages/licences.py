"""Licences and certificates: what lapses, what is held because of it, and entering, renewing and suspending them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.country import is_american
from billing.practitioners.credentials import (
    CredentialDetails,
    add_credential,
    correct_credential,
    credential_details_of,
    lift_suspension,
    renew_credential,
    suspend_credential,
)
from billing.practitioners.lapsing import LAPSES_WITHIN_DAYS, NEVER, Standing, days_without, same_words
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.practitioners.queries import (
    all_practitioners,
    credential_with_id,
    credentials_of,
    full_name,
    practitioner_with_id,
)
from billing.reports.licences_page import licences_page, line_of
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.formatting import plain_day
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("licences", __name__)
_MAY = Permission.EDIT_CLINIC
KINDS = {
    CredentialKind.LICENCE: "Licence",
    CredentialKind.CERTIFICATION: "Certification",
    CredentialKind.MALPRACTICE: "Malpractice cover",
    CredentialKind.CPR: "CPR",
    CredentialKind.NEEDLE_TECHNIQUE: "Needle technique",
}
TONES = {
    Standing.VALID: "good",
    Standing.LAPSES_SOON: "warn",
    Standing.NOT_YET: "info",
    Standing.LAPSED: "bad",
    Standing.SUSPENDED: "bad",
    Standing.REVOKED: "bad",
}
_TAKEN_AWAY = [(CredentialStatus.SUSPENDED, "Suspended"), (CredentialStatus.REVOKED, "Revoked")]


def standing_words(standing: Standing, days_left: int) -> str:
    """How a credential stands, as a chip says it."""
    if standing is Standing.LAPSES_SOON:
        return "Lapses today" if not days_left else f"Lapses in {days_left} {'day' if days_left == 1 else 'days'}"
    return "In force" if standing is Standing.VALID else standing.value.capitalize()


@endpoint(pages, "/licences", may=Permission.SEE_LICENCES, audit=None)
def licences(call: Call) -> Response:
    """Every licence and certificate, and what wants doing about them."""
    shown = licences_page(call.db, call.clinic, call.today)
    return page(call, "licences/licences.html", shown=shown, soon=LAPSES_WITHIN_DAYS, **_words())


@endpoint(pages, "/licences/new", may=_MAY, audit=None)
def new_form(call: Call) -> Response:
    """The form for another licence or certificate."""
    known = {one.value for one in CredentialKind}
    kind = request.args.get("kind", "")
    return page(
        call, "licences/credential.html", credential=None, holder=asked_number("practitioner"), seen="",
        kind=kind if kind in known else CredentialKind.LICENCE.value, **_choices(call),
    )  # fmt: skip


@endpoint(pages, "/licences", method="POST", may=_MAY, audit="licence added", subject="practitioner", again=new_form)
def add(call: Call) -> Response:
    """Put another licence or certificate on file."""
    form = Form()
    holder, details = _typed(call, form)
    form.refuse_any()
    if holder is None or details is None:
        raise AssertionError("a form without a problem has all its details")
    made = add_credential(call.db, holder, details)
    call.subject, call.detail["credential"] = Subject("practitioner", str(holder)), made.id
    return _done("It is on file.", made)


@endpoint(pages, "/licences/<int:id>", may=_MAY, audit=None)
def credential_form(call: Call, id: int) -> Response:
    """The form with one entry, to correct what was typed wrongly."""
    kept = credential_with_id(call.db, id)
    return page(
        call, "licences/credential.html", credential=kept, holder=kept.practitioner_id, kind=kept.kind.value,
        seen=_mark(kept), **_choices(call),
    )  # fmt: skip


@endpoint(pages, "/licences/<int:id>", method="POST", may=_MAY, audit="licence corrected", again=credential_form)
def correct(call: Call, id: int) -> Response:
    """Keep a corrected entry."""
    kept = _about(call, id)
    form = Form()
    form.check_seen(_mark(kept))
    holder, details = _typed(call, form)
    form.refuse_any()
    if holder is None or details is None:
        raise AssertionError("a form without a problem has all its details")
    return _done("Saved.", correct_credential(call.db, id, holder, details))


@endpoint(pages, "/licences/<int:id>/renew", may=_MAY, audit=None)
def renew_form(call: Call, id: int) -> Response:
    """The form for what follows an entry."""
    kept = credential_with_id(call.db, id)
    return _about_one(call, kept, "licences/renew.html", begins=kept.valid_to + timedelta(days=1))


@endpoint(pages, "/licences/<int:id>/renew", method="POST", may=_MAY, audit="licence renewed", again=renew_form)
def renew(call: Call, id: int) -> Response:
    """Put what follows an entry on file; the old one stays."""
    kept = _about(call, id)
    form = Form()
    form.check_seen(_mark(kept))
    number = form.text("number", "The number", most=100)
    first, last = form.day("valid_from", "The first day"), form.day("valid_to", "The last day")
    form.refuse_any()
    if first is None or last is None:
        raise AssertionError("a form without a problem has both days")
    made = renew_credential(call.db, id, number, first, last)
    _warn_of_gap(call, made)
    return _done("Renewed; the old entry is kept.", made)


def _warn_of_gap(call: Call, made: Credential) -> None:
    earlier = [
        one
        for one in credentials_of(call.db, made.practitioner_id)
        if one.kind is made.kind and same_words(one.issuer) == same_words(made.issuer)
    ]
    if gap := days_without(made.valid_from, earlier):
        first, last = (plain_day(one) for one in gap)
        flash(
            f"From {first} to {last} there is no {KINDS[made.kind].lower()} in force. Correct the days if there is.",
            "warn",
        )


@endpoint(pages, "/licences/<int:id>/suspend", may=_MAY, audit=None)
def suspend_form(call: Call, id: int) -> Response:
    """The form for what its issuer takes away."""
    return _about_one(call, credential_with_id(call.db, id), "licences/suspend.html", taken_away=_TAKEN_AWAY)


@endpoint(pages, "/licences/<int:id>/suspend", method="POST", may=_MAY, audit="licence suspended", again=suspend_form)
def suspend(call: Call, id: int) -> Response:
    """Note that its issuer suspends or revokes it."""
    kept = _about(call, id)
    form = Form()
    form.check_seen(_mark(kept))
    status = form.choice("status", "What happened", CredentialStatus)
    first = form.day("first_day", "The first day")
    last = form.day("last_day", "The last day", required=False)
    form.refuse_any()
    if status is None or first is None:
        raise AssertionError("a form without a problem has all its details")
    barred = suspend_credential(call.db, id, status, first, last)
    words = f"Noted as {barred.status}."
    if barred.kind is CredentialKind.LICENCE:
        words += " What was treated on these days is held, and not billed."
    flash(words, "warn")
    return _to_list()


@endpoint(pages, "/licences/<int:id>/lift", may=_MAY, audit=None)
def lift_form(call: Call, id: int) -> Response:
    """The question from which day on it is in force again."""
    return _about_one(call, credential_with_id(call.db, id), "licences/lift.html")


@endpoint(pages, "/licences/<int:id>/lift", method="POST", may=_MAY, audit="suspension lifted", again=lift_form)
def lift(call: Call, id: int) -> Response:
    """Note that it is in force again."""
    kept = _about(call, id)
    form = Form()
    form.check_seen(_mark(kept))
    on = form.day("on", "The day")
    form.refuse_any()
    if on is None:
        raise AssertionError("a form without a problem has its day")
    return _done("It is in force again.", lift_suspension(call.db, id, on))


def _typed(call: Call, form: Form) -> tuple[int | None, CredentialDetails | None]:
    holders = [one.id for one in all_practitioners(call.db)]
    holder = form.pick("practitioner", "The practitioner", holders)
    kind = form.choice("kind", "The kind", CredentialKind)
    issuer, number = form.text("issuer", "The issuer", most=100), form.text("number", "The number", most=100)
    first, last = form.day("valid_from", "The first day"), form.day("valid_to", "The last day")
    if kind is None or first is None or last is None:
        return holder, None
    return holder, CredentialDetails(kind, issuer, number, first, last)


def _about(call: Call, id: int) -> Credential:
    """The entry, noted in the audit row as its practitioner's."""
    kept = credential_with_id(call.db, id)
    call.subject, call.detail["credential"] = Subject("practitioner", str(kept.practitioner_id)), id
    return kept


def _about_one(call: Call, kept: Credential, template: str, **facts: Any) -> Response:
    holder = practitioner_with_id(call.db, kept.practitioner_id)
    line = line_of(kept, holder, credentials_of(call.db, holder.id), call.today)
    return page(call, template, credential=kept, line=line, seen=_mark(kept), **_words(), **facts)


def _choices(call: Call) -> dict[str, Any]:
    return {
        "holders": [(one.id, full_name(one)) for one in all_practitioners(call.db)],
        "kinds": list(KINDS.items()),
        "american": is_american(call.clinic),
        "never": NEVER.replace(month=12, day=31),
        **_words(),
    }


def _words() -> dict[str, Any]:
    return {"kind_words": KINDS, "tones": TONES, "standing_words": standing_words, "never_from": NEVER}


def _mark(credential: Credential) -> str:
    details = credential_details_of(credential)
    return seen_mark(credential.id, credential.practitioner_id, credential.status, details)


def _done(words: str, credential: Credential) -> Response:
    if credential.kind is CredentialKind.LICENCE:
        words += " Claims that were held over it are let go by the next billing run."
    flash(words)
    return _to_list()


def _to_list() -> Response:
    return make_response(redirect(url_for("licences.licences"), 303))
