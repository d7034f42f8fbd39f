"""Rule packs in the settings: what is in force and due for a review, writing one's own, and the test bench."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.coverage.authorisation_editing import codes_in
from billing.coverage.rules.composing import PlanRules, composed, key_of
from billing.coverage.rules.keeping import (
    assign_pack,
    keep_pack,
    text_of_pack,
    the_shelf,
    versions_of_pack,
    withdraw_pack,
)
from billing.coverage.rules.pack import Pack
from billing.coverage.rules.reading import LONGEST_TEXT, read_pack
from billing.coverage.rules.recomposing import opened, recomposed
from billing.coverage.rules.shelf import shipped
from billing.coverage.rules.windows import Window
from billing.errors import NotFound, Refused
from billing.payers.models import PayerKind
from billing.reports.coverage_panel import coverage_panel, hand_names
from billing.reports.hits import Hit
from billing.reports.rule_packs_page import rule_packs_page
from billing.reports.search import patients_found
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.pages.patient_coverage import OUTCOME_KINDS
from billing.web.pages.patients import seeker_of
from billing.web.pages.payers import KINDS
from billing.web.rendering import page

pages = Blueprint("rule_packs", __name__)
ADDRESS = "/settings/rule-packs"
_MAY = Permission.EDIT_CLINIC
MOST_FOUND = 8
WINDOWS = [
    (Window.CALENDAR_YEAR, "The calendar year"),
    (Window.PLAN_YEAR, "The plan year"),
    (Window.ROLLING_MONTHS, "The twelve months before each visit"),
    (Window.CALENDAR_MONTH, "The calendar month"),
    (Window.LIFETIME, "As long as the policy lasts"),
]


@endpoint(pages, ADDRESS, may=_MAY, audit=None)
def rule_packs(call: Call) -> Response:
    """Every pack in force, those due for a review first, and which payer is judged by which."""
    return page(
        call, "rule_packs/rule_packs.html", shown=rule_packs_page(call.db, call.clinic, call.today), kinds=KINDS
    )


@endpoint(pages, f"{ADDRESS}/payers", method="POST", may=_MAY, audit="rule packs assigned", subject="clinic",
          again=rule_packs)  # fmt: skip
def assign(call: Call) -> Response:
    """Say which pack judges the plans of each payer."""
    form = Form()
    known = {str(payer.id): payer for payer, _ in rule_packs_page(call.db, call.clinic, call.today).assigned}
    for number, payer in known.items():
        name = f"pack_{number}"
        if name in request.form and form.raw(name) != (payer.rule_pack or ""):
            assign_pack(call.db, payer.id, form.raw(name))
            call.detail[f"payer {number}"] = form.raw(name)[:60]
    flash("Saved. What waits to be filed is judged anew by the next billing run.")
    return _to(url_for("rule_packs.rule_packs"))


@endpoint(pages, f"{ADDRESS}/new", may=_MAY, audit=None)
def new_form(call: Call) -> Response:
    """The short form for a plan's rules."""
    kinds = [(kind.value, words) for kind, words in KINDS.items()]
    return page(call, "rule_packs/new.html", kinds=kinds, windows=WINDOWS, today=call.today)


@endpoint(pages, ADDRESS, method="POST", may=_MAY, audit="rule pack added", subject="rule pack", again=new_form)
def add(call: Call) -> Response:
    """Write a pack from the short form and put it in force."""
    form = Form()
    plan = _plan(form, call.today)
    if plan is not None and key_of(plan.name) in {*the_shelf(call.db).packs, *shipped(), "new", "payers"}:
        form.problem("name", "There is a pack of that name already.", "Open that one, or choose another name.")
    form.refuse_any()
    if plan is None:
        raise AssertionError("a form without a problem has all its details")
    made = keep_pack(call.db, composed(plan), by=str(call.actor), at=call.at)
    call.subject = Subject("rule pack", made.key)
    flash("The pack is in force for the payers and plans it is named for. Look through its text below.")
    return _to(url_for("rule_packs.rule_pack", id=made.key))


@endpoint(pages, f"{ADDRESS}/<id>/form", may=_MAY, audit=None)
def edit_form(call: Call, id: str) -> Response:
    """The short form with what the latest edition of a pack says, if the form can show it."""
    text = text_of_pack(call.db, id)
    kinds = [(kind.value, words) for kind, words in KINDS.items()]
    return page(call, "rule_packs/new.html", kinds=kinds, windows=WINDOWS, today=call.today, key=id,
                opened=opened(text), seen=seen_mark(text))  # fmt: skip


@endpoint(pages, f"{ADDRESS}/<id>/form", method="POST", may=_MAY, audit="rule pack changed", subject="rule pack",
          again=edit_form)  # fmt: skip
def edit(call: Call, id: str) -> Response:
    """Put what the form says in force as the next version, in place of the latest edition or after it."""
    text = text_of_pack(call.db, id)
    one = opened(text)
    if one is None:
        raise Refused("This pack is written in a way that the form cannot change. Change its text.")
    form = Form()
    form.check_seen(seen_mark(text))
    plan = _plan(form, call.today, one.pack.name)
    form.refuse_any()
    if plan is None:
        raise AssertionError("a form without a problem has all its details")
    changed = recomposed(one, plan, is_new_edition=form.ticked("is_new_edition"))
    keep_pack(call.db, changed, by=str(call.actor), at=call.at, key=id)
    flash("In force. What waits to be filed is judged anew by the next billing run.")
    return _to(url_for("rule_packs.rule_pack", id=id))


def _plan(form: Form, today: date, known_name: str = "") -> PlanRules | None:
    name = known_name or form.text("name", "The name", most=60)
    source = form.text("source", "The source")
    valid_from = form.day("valid_from", "The first day")
    valid_to = form.day("valid_to", "The last day", required=False)
    review_by = form.day("review_by", "The day of the review", required=False)
    kind = form.choice("payer_kind", "The kind of payer", PayerKind, required=False)
    visits = form.number("visits", "Visits", 1, 3_660, required=False)
    window = form.choice("window", "The span", Window)
    units = form.number("units", "Units", 1, 99, required=False)
    weeks = form.number("benefit_after_weeks", "Weeks", 1, 100, required=False)
    conditions = codes_in(form.text("conditions", "The conditions", most=600, required=False))
    if name and not key_of(name):
        form.problem("name", "The name has no letter or digit.", "Write it in Latin letters.")
    for code in conditions:
        if not 3 <= len(code) <= 8 or not code.replace(".", "").isalnum() or not code.isascii():
            form.problem(
                "conditions", f"{code[:20]!r} is no diagnosis code.", "Write codes like M54.5, apart by blanks."
            )
            break
    if valid_from and valid_to and valid_to < valid_from:
        form.problem("valid_to", "It would end before it begins.", "Choose a later day, or leave it empty.")
    if not name or not source or valid_from is None or window is None:
        return None
    return PlanRules(
        name, source, valid_from, today, str(kind or ""), visits, window, conditions, units, weeks,
        form.ticked("needs_authorisation"), form.ticked("excludes_maintenance"), form.ticked("bills_patient_never"),
        form.ticked("stops"), valid_to, review_by,
    )  # fmt: skip


@endpoint(pages, f"{ADDRESS}/<id>", may=_MAY, audit=None)
def rule_pack(call: Call, id: str) -> Response:
    """One pack: its rules with their sources, its text, its versions, and the test bench."""
    return _pack_page(call, id)


def _pack_page(call: Call, key: str, **facts: Any) -> Response:
    text, versions = text_of_pack(call.db, key), versions_of_pack(call.db, key)
    pack = the_shelf(call.db).packs.get(key)
    hands = hand_names(call.db, {one.by for one in versions})
    shown: dict[str, Any] = {
        "key": key, "text": text, "pack": pack, "versions": versions, "hands": hands, "seen": seen_mark(text),
        "is_own": bool(versions and versions[0].text), "comes_along": key in shipped(), "on": call.today,
        "kinds": OUTCOME_KINDS, "fits_form": opened(text) is not None,
    }  # fmt: skip
    return page(call, "rule_packs/rule_pack.html", **{**shown, **facts})


@endpoint(pages, f"{ADDRESS}/<id>", method="POST", may=_MAY, audit="rule pack changed", subject="rule pack",
          again=rule_pack)  # fmt: skip
def save(call: Call, id: str) -> Response:
    """Put a changed text in force as the next version."""
    form = Form()
    form.check_seen(seen_mark(text_of_pack(call.db, id)))
    text = form.lines("text", "The text", most=LONGEST_TEXT, required=True)
    form.refuse_any()
    keep_pack(call.db, text, by=str(call.actor), at=call.at, key=id)
    flash("In force. What waits to be filed is judged anew by the next billing run.")
    return _to(url_for("rule_packs.rule_pack", id=id))


@endpoint(pages, f"{ADDRESS}/<id>/withdraw", method="POST", may=_MAY, audit="rule pack withdrawn",
          subject="rule pack", again=rule_pack)  # fmt: skip
def withdraw(call: Call, id: str) -> Response:
    """Take the clinic's own pack out of force."""
    withdraw_pack(call.db, id, by=str(call.actor), at=call.at)
    flash("Withdrawn. Its versions are kept.")
    is_left = id in shipped()
    return _to(url_for("rule_packs.rule_pack", id=id) if is_left else url_for("rule_packs.rule_packs"))


@endpoint(pages, f"{ADDRESS}/<id>/bench", method="POST", may=_MAY, audit="rule pack tried", subject="rule pack",
          looks_only=True)  # fmt: skip
def bench(call: Call, id: str) -> Response:
    """This patient, this day: what would the text say? Nothing is kept."""
    form = Form()
    text = form.lines("text", "The text", most=LONGEST_TEXT) or text_of_pack(call.db, id)
    pack, problems = read_pack(text)
    on = form.day("day", "The day", required=False) or call.today
    who, found = _patient(call, form)
    facts: dict[str, Any] = {
        "on": on,
        "problems": problems,
        "found": found,
        "asked": form.raw("patient"),
        "tried": True,
    }
    if pack is not None and who is not None:
        call.subject = Subject("patient", str(who))
        facts["panel"] = _tried(call, who, on, pack)
    return _pack_page(call, id, **facts, sent=request.form)


def _tried(call: Call, patient_id: int, on: date, pack: Pack) -> object:
    try:
        return coverage_panel(call.db, patient_id, on, call.today, pack)
    except NotFound:
        return None


def _patient(call: Call, form: Form) -> tuple[int | None, list[Hit]]:
    """The patient who is meant: chosen from those found, or the only one who fits what was typed."""
    chosen = form.raw("patient_id")
    if chosen.isascii() and chosen.isdigit() and len(chosen) < 16:
        return int(chosen), []
    found = patients_found(call.db, form.raw("patient"), MOST_FOUND, seeker_of(call))
    return (found[0].id, []) if len(found) == 1 else (None, found)


def _to(address: str) -> Response:
    return make_response(redirect(address, 303))
