"""Who supervises whose treatments."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.payers.queries import all_payers
from billing.practitioners.licensing import bills_medicare
from billing.practitioners.models import Practitioner, Supervision
from billing.practitioners.queries import all_practitioners, full_name, practitioner_with_id
from billing.practitioners.supervising import (
    SupervisionDetails,
    add_supervision,
    edit_supervision,
    supervision_details_of,
    supervision_with_id,
)
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.held_claims import judge_held_again
from billing.web.rendering import page

pages = Blueprint("supervision", __name__)
_MAY = Permission.EDIT_CLINIC


@endpoint(pages, "/settings/people/<int:id>/supervision/new", may=_MAY, audit=None)
def new_form(call: Call, id: int) -> Response:
    """The form for who supervises a practitioner."""
    return _form(call, practitioner_with_id(call.db, id), None)


@endpoint(pages, "/settings/people/<int:id>/supervision", method="POST", may=_MAY, audit="supervision added",
          subject="practitioner", again=new_form)  # fmt: skip
def add(call: Call, id: int) -> Response:
    """Put on file who supervises a practitioner."""
    practitioner_with_id(call.db, id)
    call.detail["supervision"] = add_supervision(call.db, id, _typed(call, id, Form())).id
    flash("The supervision is on file. New Medicare sessions name the supervisor by themselves.")
    judge_held_again(call)
    return _to_person(id)


@endpoint(pages, "/settings/supervision/<int:id>", may=_MAY, audit=None)
def supervision_form(call: Call, id: int) -> Response:
    """The form with what is on file of a supervision."""
    kept = supervision_with_id(call.db, id)
    return _form(call, practitioner_with_id(call.db, kept.practitioner_id), kept)


@endpoint(pages, "/settings/supervision/<int:id>", method="POST", may=_MAY, audit="supervision changed",
          again=supervision_form)  # fmt: skip
def save(call: Call, id: int) -> Response:
    """Keep a corrected, ended or attested supervision."""
    kept = supervision_with_id(call.db, id)
    call.subject, call.detail["supervision"] = Subject("practitioner", str(kept.practitioner_id)), id
    form = Form()
    form.check_seen(_mark(kept))
    edit_supervision(call.db, id, _typed(call, kept.practitioner_id, form))
    flash("Saved.")
    judge_held_again(call)
    return _to_person(kept.practitioner_id)


def _form(call: Call, treating: Practitioner, kept: Supervision | None) -> Response:
    return page(
        call, "people/supervision.html", practitioner=treating, name=full_name(treating), supervision=kept,
        seen=_mark(kept) if kept else "", supervisors=_supervisors(call, treating.id),
        payers=[(one.id, one.name) for one in all_payers(call.db)],
    )  # fmt: skip


def _supervisors(call: Call, treating_id: int) -> list[tuple[int, str]]:
    """Everybody else, those whom Medicare enrols first."""
    others = [one for one in all_practitioners(call.db) if one.id != treating_id]
    others.sort(key=lambda one: not bills_medicare(one))
    return [(one.id, f"{full_name(one)}{', ' + one.credentials if one.credentials else ''}") for one in others]


def _typed(call: Call, treating_id: int, form: Form) -> SupervisionDetails:
    supervisor_id = form.pick("supervisor", "The supervisor", [one for one, _ in _supervisors(call, treating_id)])
    payer_id = form.pick("payer", "The payer", [one.id for one in all_payers(call.db)], required=False)
    first, last = form.day("starts_on", "The first day"), form.day("ends_on", "The last day", required=False)
    attested_on = form.day("attested_on", "The day", latest=call.today, required=False)
    form.refuse_any()
    if supervisor_id is None or first is None:
        raise AssertionError("a form without a problem has all its details")
    return SupervisionDetails(supervisor_id, payer_id, first, last, attested_on)


def _mark(kept: Supervision) -> str:
    details: Any = supervision_details_of(kept)
    return seen_mark(kept.id, details)


def _to_person(practitioner_id: int) -> Response:
    return make_response(redirect(url_for("people.person", id=practitioner_id), 303))
