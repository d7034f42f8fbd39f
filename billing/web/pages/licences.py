"""Licences and certificates: what lapses, what is held because of it, and entering, renewing and suspending them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.country import is_american
from billing.clinic.places import places
from billing.practitioners.credential_details import Cover, CredentialDetails, credential_details_of
from billing.practitioners.credentials import (
    add_credential,
    correct_credential,
    credentials_beside,
    lift_suspension,
    renew_credential,
    suspend_credential,
)
from billing.practitioners.lapsing import LAPSES_WITHIN_DAYS, NEVER, days_without, same_words
from billing.practitioners.models import CoverForm, Credential, CredentialKind, CredentialStatus
from billing.practitioners.queries import all_practitioners, credential_with_id, full_name
from billing.reports.credential_page import credential_page
from billing.reports.licences_page import licences_page
from billing.web.asked import asked_number
from billing.web.credential_words import FORMS, KINDS, TAKEN_AWAY, credential_words
from billing.web.endpoint import Call, endpoint
from billing.web.formatting import plain_day
from billing.web.forms import Form, seen_mark
from billing.web.held_claims import judge_held_again
from billing.web.rendering import page

pages = Blueprint("licences", __name__)
_MAY = Permission.EDIT_CLINIC
_LARGEST_LIMIT = 1_000_000_000_00
"""Of an insurance, in cents."""


@endpoint(pages, "/licences", may=Permission.SEE_LICENCES, audit=None)
def licences(call: Call) -> Response:
    """Every licence and certificate, and what wants doing about them."""
    shown = licences_page(call.db, call.clinic, call.today)
    names = {one.id: full_name(one) for one, _ in shown.people}
    return page(call, "licences/licences.html", shown=shown, soon=LAPSES_WITHIN_DAYS, names=names, **credential_words())


@endpoint(pages, "/licences/new", may=_MAY, audit=None)
def new_form(call: Call) -> Response:
    """The form for another licence or certificate."""
    known = {one.value for one in CredentialKind}
    kind = request.args.get("kind", "")
    return page(
        call, "licences/credential.html", credential=None, holder=asked_number("practitioner"), seen="",
        kind=kind if kind in known else CredentialKind.LICENCE.value, place=asked_number("place"), **_choices(call),
    )  # fmt: skip


@endpoint(pages, "/licences", method="POST", may=_MAY, audit="licence added", subject="practitioner", again=new_form)
def add(call: Call) -> Response:
    """Put another licence or certificate on file."""
    form = Form()
    holder, details = _typed(call, form)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    made = add_credential(call.db, holder, details)
    call.subject, call.detail["credential"] = _subject(made), made.id
    _warn_of_twins(call, made)
    return _done(call, "It is on file.")


@endpoint(pages, "/licences/<int:id>/correct", may=_MAY, audit=None)
def correct_form(call: Call, id: int) -> Response:
    """The form with one entry, to correct what was typed wrongly."""
    kept = credential_with_id(call.db, id)
    return page(
        call, "licences/credential.html", credential=kept, holder=kept.practitioner_id, kind=kept.kind.value,
        place=kept.place_id, seen=_mark(kept), **_choices(call),
    )  # fmt: skip


@endpoint(pages, "/licences/<int:id>/correct", method="POST", may=_MAY, audit="licence corrected", again=correct_form)
def correct(call: Call, id: int) -> Response:
    """Keep a corrected entry."""
    kept = _about(call, id)
    form = Form()
    form.check_seen(_mark(kept))
    holder, details = _typed(call, form)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    correct_credential(call.db, id, holder, details)
    return _done(call, "Saved.")


@endpoint(pages, "/licences/<int:id>/renew", may=_MAY, audit=None)
def renew_form(call: Call, id: int) -> Response:
    """The form for what follows an entry."""
    return _about_one(call, id, "licences/renew.html", a_day=timedelta(days=1))


@endpoint(pages, "/licences/<int:id>/renew", method="POST", may=_MAY, audit="licence renewed", again=renew_form)
def renew(call: Call, id: int) -> Response:
    """Put what follows an entry on file; the old one stays."""
    kept = _about(call, id)
    form = Form()
    form.check_seen(_mark(kept))
    number = form.text("number", "The number", most=100)
    first, last = form.day("valid_from", "The first day"), form.day("valid_to", "The last day")
    form.refuse_any()
    if first is None:
        raise AssertionError("a form without a problem has both days")
    made = renew_credential(call.db, id, number, first, last)
    _warn_of_gap(call, made)
    return _done(call, "Renewed; the old entry is kept.")


def _warn_of_gap(call: Call, made: Credential) -> None:
    earlier = [one for one in credentials_beside(call.db, made) if _is_like(one, made)]
    if gap := days_without(made.valid_from, earlier):
        first, last = (plain_day(one) for one in gap)
        flash(
            f"From {first} to {last} there is no {KINDS[made.kind].lower()} in force. Correct the days if there is.",
            "warn",
        )


def _warn_of_twins(call: Call, made: Credential) -> None:
    """Tell of another number of the same issuer that is in force on the same days, as it may be a slip."""
    twins = [
        one
        for one in credentials_beside(call.db, made)
        if _is_like(one, made)
        and same_words(one.number) != same_words(made.number)
        and one.valid_from <= made.ends_on
        and made.valid_from <= one.ends_on
    ]
    if twins and made.kind is CredentialKind.LICENCE:
        flash(
            f"Licence {twins[0].number} of {made.issuer} is on file for some of the same days. Correct one of them if "
            "they are the same licence.",
            "warn",
        )


def _is_like(one: Credential, other: Credential) -> bool:
    return one.kind is other.kind and same_words(one.issuer) == same_words(other.issuer)


@endpoint(pages, "/licences/<int:id>/suspend", may=_MAY, audit=None)
def suspend_form(call: Call, id: int) -> Response:
    """The form for what its issuer takes away."""
    return _about_one(call, id, "licences/suspend.html", taken_away=TAKEN_AWAY)


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
    return _about_one(call, id, "licences/lift.html")


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
    lift_suspension(call.db, id, on)
    return _done(call, "It is in force again.")


def _typed(call: Call, form: Form) -> tuple[int | None, CredentialDetails | None]:
    holders = [one.id for one in all_practitioners(call.db)]
    kind = form.choice("kind", "The kind", CredentialKind)
    of_place = kind is CredentialKind.PREMISES
    holder = None if of_place else form.pick("practitioner", "The practitioner", holders)
    issuer, number = form.text("issuer", "The issuer", most=100), form.text("number", "The number", most=100)
    first, last = form.day("valid_from", "The first day"), form.day("valid_to", "The last day", required=False)
    place_id = form.pick("place", "The place", [one.id for one in places(call.db)], required=False)
    cover = _cover(form)
    if kind is None or first is None or form.problems:
        return holder, None
    return holder, CredentialDetails(kind, issuer, number, first, last, place_id, cover)


def _cover(form: Form) -> Cover:
    return Cover(
        form.choice("cover_form", "The form", CoverForm, required=False),
        form.day("retro_date", "The retroactive date", required=False),
        form.money("per_claim", "The limit for a claim", most_cents=_LARGEST_LIMIT, required=False),
        form.money("aggregate", "The limit in all", most_cents=_LARGEST_LIMIT, required=False),
    )


def _about(call: Call, id: int) -> Credential:
    """The entry, noted in the audit row as its practitioner's."""
    kept = credential_with_id(call.db, id)
    call.subject, call.detail["credential"] = _subject(kept), id
    return kept


def _subject(kept: Credential) -> Subject:
    """Whose it is, for the audit row: a person's, or a place's."""
    if kept.practitioner_id is not None:
        return Subject("practitioner", str(kept.practitioner_id))
    return Subject("place", str(kept.place_id or ""))


def _about_one(call: Call, id: int, template: str, **facts: Any) -> Response:
    shown = credential_page(call.db, call.clinic, id, call.today)
    kept = shown.credential
    return page(
        call, template, shown=shown, credential=kept, line=shown.line, seen=_mark(kept), **credential_words(), **facts
    )


def _choices(call: Call) -> dict[str, Any]:
    return {
        "holders": [(one.id, full_name(one)) for one in all_practitioners(call.db)],
        "kinds": list(KINDS.items()),
        "places": [(one.id, one.name) for one in places(call.db)],
        "forms": list(FORMS.items()),
        "american": is_american(call.clinic),
        "never": NEVER.replace(month=12, day=31),
        **credential_words(),
    }


def _mark(credential: Credential) -> str:
    details = credential_details_of(credential)
    return seen_mark(credential.id, credential.practitioner_id, credential.status, details)


def _done(call: Call, words: str) -> Response:
    flash(words)
    judge_held_again(call)
    return _to_list()


def _to_list() -> Response:
    return make_response(redirect(url_for("licences.licences"), 303))
