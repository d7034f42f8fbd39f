"""One licence or certificate: its renewal by rule, education, evidence, and what happens if it lapses."""

from __future__ import annotations

from enum import StrEnum

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.errors import NotFound
from billing.practitioners.evidence import LARGEST_EVIDENCE, Evidence, Proof, add_evidence, is_over, kind_of
from billing.practitioners.queries import credential_with_id
from billing.practitioners.renewal_data import renewals
from billing.practitioners.scope_data import scopes
from billing.practitioners.scope_entering import enter_scope
from billing.reports.credential_page import credential_page
from billing.reports.licence_duties import in_hours
from billing.web.credential_words import FORMS, credential_words
from billing.web.endpoint import Call, endpoint
from billing.web.formatting import plain_day
from billing.web.forms import Form, seen_mark
from billing.web.held_claims import judge_held_again
from billing.web.rendering import page

pages = Blueprint("credential", __name__)


class Says(StrEnum):
    """What a licence says of a service."""

    ALLOWED = "allowed"
    NOT_ALLOWED = "not_allowed"


_SAYS = [(Says.ALLOWED, "Allowed"), (Says.NOT_ALLOWED, "Not allowed")]
_LARGEST_UPLOAD = LARGEST_EVIDENCE + 64 * 1024
"""Bytes of the form, with what else it carries."""


@endpoint(pages, "/licences/<int:id>", may=Permission.SEE_LICENCES, audit=None)
def credential(call: Call, id: int) -> Response:
    """How it stands, and what there is to do about it."""
    shown = credential_page(call.db, call.clinic, id, call.today)
    return page(
        call, "licences/one.html", shown=shown, credential=shown.credential, line=shown.line, in_hours=in_hours,
        categories=renewals().categories, forms=FORMS, missing=Proof.MISSING, earlier=Proof.OF_AN_EARLIER_TERM,
        **credential_words(),
    )  # fmt: skip


@endpoint(pages, "/licences/<int:id>/scope", may=Permission.EDIT_CLINIC, audit=None)
def scope_form(call: Call, id: int) -> Response:
    """The form for the services that a licence allows."""
    shown = credential_page(call.db, call.clinic, id, call.today)
    if shown.scope is None:
        raise NotFound("Only a state's licence allows services, or does not.")
    kept = shown.credential
    return page(
        call, "licences/scope.html", shown=shown, credential=kept, line=shown.line, choices=_SAYS,
        seen=seen_mark(id, kept.scope), **credential_words(),
    )  # fmt: skip


@endpoint(
    pages, "/licences/<int:id>/scope", method="POST", may=Permission.EDIT_CLINIC, audit="scope of licence entered",
    again=scope_form,
)  # fmt: skip
def enter_scope_of(call: Call, id: int) -> Response:
    """Keep which services a licence allows."""
    kept = credential_with_id(call.db, id)
    call.subject, call.detail["credential"] = Subject("practitioner", str(kept.practitioner_id or "")), id
    form = Form()
    form.check_seen(seen_mark(id, kept.scope))
    said = {one.id: form.choice(one.id, one.name, Says, required=False) for one in scopes().services}
    form.refuse_any()
    enter_scope(call.db, id, {one: says is Says.ALLOWED for one, says in said.items() if says is not None})
    flash("What this licence allows is on file.")
    judge_held_again(call)
    return make_response(redirect(url_for("credential.credential", id=id), 303))


def _keep_file(call: Call, id: int) -> Evidence:
    """Keep what was sent before anything is asked for, if it is a document or a picture."""
    credential_with_id(call.db, id)
    form = Form()
    sent = form.file("file", "The document", LARGEST_EVIDENCE)
    form.refuse_any()
    if sent is None:
        raise AssertionError("a form without a problem has its file")
    media_type, ending = kind_of(sent.content)
    return Evidence(call.program.documents.put(sent.content), len(sent.content), media_type, ending)


@endpoint(
    pages, "/licences/<int:id>/evidence", method="POST", may=Permission.EDIT_CLINIC, audit="evidence added",
    first=_keep_file, again=credential, largest=_LARGEST_UPLOAD,
)  # fmt: skip
def prove(call: Call, kept: Evidence, id: int) -> Response:
    """Put a document on file that proves an entry."""
    entry = credential_with_id(call.db, id)
    added = add_evidence(call.db, id, kept, call.at)
    owner = ("practitioner", entry.practitioner_id) if entry.practitioner_id else ("place", entry.place_id or "")
    call.subject = Subject(owner[0], str(owner[1]))
    call.detail |= {"credential": id, "document": added.id}
    flash("The document is on file.")
    if is_over(entry, call.today):
        flash(f"It is of the term that ended on {plain_day(entry.ends_on)}, and proves nothing of later days.", "warn")
    return make_response(redirect(url_for("credential.credential", id=id), 303))
