"""Who owes what and why: balances by age, every amount walked back to the signed note, statements."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.errors import Refused
from billing.invoices.issuing import paper_name
from billing.invoices.statement_issuing import patient_statement
from billing.operations import explaining
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.explaining_tree import tree
from billing.patients.queries import patient_with_id
from billing.reports.accounts_page import Sort, View, accounts_page
from billing.reports.aging import AGES, payers_waited_for, summed
from billing.reports.record_names import record_names
from billing.web.endpoint import Call, endpoint
from billing.web.explained import linked
from billing.web.forms import Form
from billing.web.links import to
from billing.web.rendering import page, part

pages = Blueprint("accounts", __name__)
WAITING = "waiting"
"""The view of what insurers are still to decide."""
_Word = TypeVar("_Word", bound=StrEnum)


@endpoint(pages, "/accounts", may=Permission.TAKE_MONEY, audit="accounts viewed")
def accounts(call: Call) -> Response:
    """Balances by age: of patients, of patients' money, or of what insurers are still to decide."""
    if request.args.get("view") == WAITING:
        payers = payers_waited_for(call.db, call.today)
        return page(call, "accounts/waiting.html", payers=payers, ages=AGES, sums=summed(one.ages for one in payers))
    return _listed(call)


@endpoint(pages, "/accounts/find", method="POST", may=Permission.TAKE_MONEY, audit="accounts searched", looks_only=True)
def find(call: Call) -> Response:
    """The accounts of patients whose names hold what was typed."""
    return _listed(call, typed=Form().raw("q")[:200])


def _listed(call: Call, typed: str = "") -> Response:
    view = _chosen(View, "view", View.OWING)
    sort = _chosen(Sort, "sort", Sort.AMOUNT) if view is View.OWING else Sort.AMOUNT
    after = "" if typed else request.args.get("after", "")
    shown = accounts_page(call.db, call.today, view, sort, after, typed)
    facts: dict[str, Any] = {"shown": shown, "view": view, "sort": sort, "after": after, "typed": typed, "ages": AGES}
    if call.is_partial:
        return part(call, "accounts/_list.html", **facts)
    return page(call, "accounts/accounts.html", **facts)


def _chosen(choices: type[_Word], name: str, otherwise: _Word) -> _Word:
    typed = request.values.get(name, "")
    return choices(typed) if typed in {one.value for one in choices} else otherwise


@endpoint(pages, "/accounts/why/<int:id>", may=Permission.TAKE_MONEY, audit="balance explained", subject="patient")
def why(call: Call, id: int) -> Response:
    """What a patient's balance, or one amount of it (``?about=charge:17``), is made of, back to the signed note."""
    return _explained(call, id, request.args.get("about", ""))


@endpoint(pages, "/charges/<int:id>", may=Permission.TAKE_MONEY, audit="charge viewed")
def charge(call: Call, id: int) -> Response:
    """What a charge is for and what became of it."""
    patient_id = explaining.owner_of_charge(call.db, id)
    call.subject = Subject("patient", str(patient_id))
    call.detail["charge"] = id
    return _explained(call, patient_id, f"charge:{id}")


def _explained(call: Call, patient_id: int, about: str) -> Response:
    branches = tree(explaining.of_patient(call.db, patient_id, about))
    names = record_names(call.db, patient_id)
    patient = patient_with_id(call.db, patient_id)
    return page(
        call,
        "accounts/why.html",
        patient=patient,
        about=about,
        branches=branches,
        linked=linked(names, call.clinic.currency),
    )


@endpoint(pages, "/accounts/statements", method="POST", may=Permission.TAKE_MONEY, audit="statements asked for",
          again=accounts)  # fmt: skip
def make_statements(call: Call) -> Response:
    """Have a statement made for everybody who has something to be told at the end of a day."""
    form = Form()
    on = form.day("on", "The day of the statements", latest=call.today)
    form.refuse_any()
    if on is None:
        raise Refused("No day was given.")
    errand = ask(call.db, ErrandKind.STATEMENTS, {"on": on.isoformat()}, call.person.user_id, call.at)
    call.subject = Subject("errand", str(errand.id))
    call.ring()
    return make_response(redirect(to("errands.errand", id=errand.id) or url_for("accounts.accounts"), 303))


@endpoint(pages, "/accounts/<int:id>/statement", method="POST", may=Permission.TAKE_MONEY, audit="statement issued",
          subject="patient")  # fmt: skip
def make_statement(call: Call, id: int) -> Response:
    """Issue one patient's statement of today, and lead to where it stands among their papers."""
    paper = patient_statement(call.db, id, call.today, call.at)
    call.detail["paper"] = paper.id
    is_new = paper.issued_at == call.at
    already = "was issued earlier today; the next one, from tomorrow on, tells what has moved since"
    said = "is issued" if is_new else already
    flash(f"Statement {paper_name(paper.kind, paper.number)} {said}.", "good" if is_new else "warn")
    return make_response(redirect(url_for("patient_record.papers", id=id), 303))
