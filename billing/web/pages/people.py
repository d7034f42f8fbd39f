"""The people who treat: what is on file of them, their payers' enrolments, and the account they sign in with."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.clinic.country import is_american
from billing.clinic.places import places
from billing.payers.queries import all_payers, payer_with_id
from billing.practitioners.accounts import account_of, link_account
from billing.practitioners.editing import (
    NOBODY,
    PractitionerDetails,
    add_practitioner,
    edit_practitioner,
    practitioner_details_of,
)
from billing.practitioners.enrolments import EnrolmentDetails, add_enrolment, edit_enrolment, enrolment_details_of
from billing.practitioners.models import Network, Practitioner, Supervision
from billing.practitioners.queries import (
    all_practitioners,
    credentials_of,
    enrolment_with_id,
    enrolments_of,
    full_name,
    practitioner_with_id,
)
from billing.practitioners.renewal_data import ENROLMENT, renewals
from billing.practitioners.renewal_rules import RenewalRule
from billing.practitioners.supervising import supervisions_of
from billing.reports.licences_page import lines_of
from billing.reports.people_page import accounts_to_choose, sessions_after_leaving
from billing.reports.people_page import people as all_people
from billing.web.asked import asked_number
from billing.web.credential_words import credential_words
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.held_claims import judge_held_again
from billing.web.rendering import page

pages = Blueprint("people", __name__)
ADDRESS = "/settings/people"
_MAY = Permission.EDIT_CLINIC
TAXONOMIES = (
    ("171100000X", "Acupuncturist"),
    ("207Q00000X", "Family physician"),
    ("208100000X", "Physical medicine and rehabilitation"),
    ("363L00000X", "Nurse practitioner"),
    ("363A00000X", "Physician assistant"),
    ("111N00000X", "Chiropractor"),
    ("225700000X", "Massage therapist"),
)
"""Codes of the NUCC's set that are frequent in acupuncture clinics."""
NETWORKS = [(Network.IN, "In network"), (Network.OUT, "Out of network")]


@endpoint(pages, ADDRESS, may=_MAY, audit=None)
def people(call: Call) -> Response:
    """Everybody who treats or has treated here."""
    return page(call, "people/people.html", people=all_people(call.db, call.clinic, call.today), **_choices(call))


@endpoint(pages, f"{ADDRESS}/new", may=_MAY, audit=None)
def new_form(call: Call) -> Response:
    """The form for somebody who treats."""
    return page(call, "people/new.html", details=NOBODY, seen="", **_choices(call))


@endpoint(pages, ADDRESS, method="POST", may=_MAY, audit="practitioner added", subject="practitioner", again=new_form)
def add(call: Call) -> Response:
    """Put somebody who treats on file."""
    form = Form()
    details = _typed(form)
    form.refuse_any()
    made = add_practitioner(call.db, details)
    call.subject = Subject("practitioner", str(made.id))
    flash("On file. Add the licence next; without one nothing can be signed or billed.")
    return _to_person(made.id)


@endpoint(pages, f"{ADDRESS}/<int:id>", may=_MAY, audit=None)
def person(call: Call, id: int) -> Response:
    """One practitioner: what is on file, to be corrected, and what belongs to them."""
    shown, known = practitioner_with_id(call.db, id), places(call.db)
    details = practitioner_details_of(shown)
    return page(
        call, "people/person.html", practitioner=shown, name=full_name(shown), details=details,
        seen=seen_mark(details), account=account_of(call.db, id), enrolments=enrolments_of(call.db, id),
        lines=lines_of(shown, credentials_of(call.db, id), call.today, known),
        left_behind=sessions_after_leaving(call.db, shown), supervisions=_supervisions(call, id),
        place_names={one.id: one.name for one in known}, **credential_words(), **_choices(call),
    )  # fmt: skip


@endpoint(pages, f"{ADDRESS}/<int:id>", method="POST", may=_MAY, audit="practitioner changed", subject="practitioner",
          again=person)  # fmt: skip
def save(call: Call, id: int) -> Response:
    """Keep what was corrected of a practitioner."""
    form = Form()
    form.check_seen(seen_mark(practitioner_details_of(practitioner_with_id(call.db, id))))
    details = _typed(form)
    form.refuse_any()
    _say_saved(call, edit_practitioner(call.db, id, details))
    return _to_person(id)


@endpoint(pages, f"{ADDRESS}/<int:id>/account", may=_MAY, audit=None)
def account_form(call: Call, id: int) -> Response:
    """The choice of the account a practitioner signs in with."""
    shown, account = practitioner_with_id(call.db, id), account_of(call.db, id)
    return page(
        call, "people/account.html", practitioner=shown, name=full_name(shown), account=account,
        seen=seen_mark(account.id if account else None),
        accounts=[(one.id, f"{one.name}, {one.email}") for one in accounts_to_choose(call.db, id)],
    )  # fmt: skip


@endpoint(pages, f"{ADDRESS}/<int:id>/account", method="POST", may=_MAY, audit="practitioner's account changed",
          subject="practitioner", again=account_form)  # fmt: skip
def link(call: Call, id: int) -> Response:
    """Have a practitioner sign notes with an account, or with none."""
    practitioner_with_id(call.db, id)
    account = account_of(call.db, id)
    form = Form()
    form.check_seen(seen_mark(account.id if account else None))
    user_id = form.pick("user", "The account", [one.id for one in accounts_to_choose(call.db, id)], required=False)
    form.refuse_any()
    link_account(call.db, id, user_id)
    call.detail["user"] = user_id
    flash("Notes that this account signs are now this practitioner's." if user_id else "No account signs for them now.")
    return _to_person(id)


@endpoint(pages, f"{ADDRESS}/<int:id>/enrolments/new", may=_MAY, audit=None)
def new_enrolment_form(call: Call, id: int) -> Response:
    """The form for a practitioner's standing with a payer."""
    shown = practitioner_with_id(call.db, id)
    return page(
        call, "people/enrolment.html", practitioner=shown, name=full_name(shown), enrolment=None, seen="",
        payers=[(one.id, one.name) for one in all_payers(call.db)], chosen=asked_number("payer"), networks=NETWORKS,
        places=[(one.id, one.name) for one in places(call.db)], cycle=_recredentialing_rule(),
    )  # fmt: skip


@endpoint(pages, f"{ADDRESS}/<int:id>/enrolments", method="POST", may=_MAY, audit="enrolment added",
          subject="practitioner", again=new_enrolment_form)  # fmt: skip
def enrol(call: Call, id: int) -> Response:
    """Put a practitioner's standing with a payer on file."""
    form = Form()
    payer_id = form.pick("payer", "The payer", [one.id for one in all_payers(call.db)])
    details = _enrolment(call, form, payer_id)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    call.detail["enrolment"] = add_enrolment(call.db, id, details).id
    flash("The enrolment is on file.")
    judge_held_again(call)
    return _to_person(id)


@endpoint(pages, "/settings/enrolments/<int:id>", may=_MAY, audit=None)
def enrolment_form(call: Call, id: int) -> Response:
    """The form with what is on file of an enrolment."""
    kept = enrolment_with_id(call.db, id)
    shown = practitioner_with_id(call.db, kept.practitioner_id)
    return page(
        call, "people/enrolment.html", practitioner=shown, name=full_name(shown), enrolment=kept,
        payer=payer_with_id(call.db, kept.payer_id), seen=seen_mark(enrolment_details_of(kept)), networks=NETWORKS,
        places=[(one.id, one.name) for one in places(call.db)], cycle=_recredentialing_rule(),
    )  # fmt: skip


@endpoint(pages, "/settings/enrolments/<int:id>", method="POST", may=_MAY, audit="enrolment changed",
          again=enrolment_form)  # fmt: skip
def save_enrolment(call: Call, id: int) -> Response:
    """Keep a corrected or ended enrolment."""
    kept = enrolment_with_id(call.db, id)
    call.subject, call.detail["enrolment"] = Subject("practitioner", str(kept.practitioner_id)), id
    form = Form()
    form.check_seen(seen_mark(enrolment_details_of(kept)))
    details = _enrolment(call, form, kept.payer_id)
    form.refuse_any()
    if details is None:
        raise AssertionError("a form without a problem has all its details")
    edit_enrolment(call.db, id, details)
    flash("Saved. Claims that were sent stay as they are.")
    judge_held_again(call)
    return _to_person(kept.practitioner_id)


def _typed(form: Form) -> PractitionerDetails:
    return PractitionerDetails(
        first_name=form.text("first_name", "The first name"), last_name=form.text("last_name", "The last name"),
        credentials=form.text("credentials", "The letters", required=False),
        npi=form.text("npi", "The NPI", required=False),
        taxonomy=form.text("taxonomy", "The taxonomy", required=False),
        email=form.text("email", "The e-mail address", required=False),
        left_on=form.day("left_on", "The day", required=False),
        birth_date=form.day("birth_date", "The day", required=False),
    )  # fmt: skip


def _enrolment(call: Call, form: Form, payer_id: int | None) -> EnrolmentDetails | None:
    network = form.choice("network", "The standing", Network)
    first, last = form.day("effective_from", "The first day"), form.day("effective_to", "The last day", required=False)
    place_id = form.pick("place", "The place", [one.id for one in places(call.db)], required=False)
    identifier = form.text("identifier", "The number", most=80, required=False)
    by = form.day("recredential_by", "The day", required=False)
    if payer_id is None or network is None or first is None:
        return None
    return EnrolmentDetails(payer_id, network, first, last, place_id, identifier, by)


def _recredentialing_rule() -> RenewalRule | None:
    """How often payers look into somebody again, as a rule."""
    return next((one for one in renewals().rules if ENROLMENT in one.kinds), None)


def _supervisions(call: Call, practitioner_id: int) -> list[tuple[Supervision, str, str]]:
    """Who supervises somebody: each with the name, and the payer it is for."""
    names = {one.id: full_name(one) for one in all_practitioners(call.db)}
    payer_names = {one.id: one.name for one in all_payers(call.db)}
    return [
        (one, names[one.supervisor_id], payer_names[one.payer_id] if one.payer_id else "")
        for one in supervisions_of(call.db, practitioner_id)
    ]


def _choices(call: Call) -> dict[str, Any]:
    return {"american": is_american(call.clinic), "taxonomies": TAXONOMIES}


def _say_saved(call: Call, practitioner: Practitioner) -> None:
    flash("Saved.")
    behind = sessions_after_leaving(call.db, practitioner)
    if behind:
        counted = "1 session is" if behind == 1 else f"{behind} sessions are"
        flash(f"{counted} booked with them after they have left. Move them to somebody else in the calendar.", "warn")
    if practitioner.left_on is not None and account_of(call.db, practitioner.id) is not None:
        flash("Their account can still sign in. Close it under Users when they no longer need it.", "warn")


def _to_person(practitioner_id: int) -> Response:
    return make_response(redirect(url_for("people.person", id=practitioner_id), 303))
