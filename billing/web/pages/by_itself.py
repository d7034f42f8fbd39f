"""What the clinic lets happen by itself, and when."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, url_for

from billing.access.permissions import Permission
from billing.operations.rounds_shown import rounds_shown
from billing.reminders.automation import LAST_DAY, ByItself, by_itself, choose
from billing.reminders.rules import RULES
from billing.reports.what_is_said import examples
from billing.web.endpoint import Call, endpoint
from billing.web.forms import Form, seen_mark
from billing.web.rendering import page

pages = Blueprint("by_itself", __name__)
ADDRESS = "/settings/by-itself"


@endpoint(pages, ADDRESS, may=Permission.EDIT_CLINIC, audit=None)
def by_itself_form(call: Call) -> Response:
    """The choices, and the rounds in which all of it is done."""
    return _shown(call)


def _shown(call: Call) -> Response:
    chosen = by_itself(call.db)
    settings = call.program.settings
    return page(
        call,
        "settings/by_itself.html",
        chosen=chosen,
        rules=RULES,
        says=examples(call.db, call.program.links, call.at),
        seen=_mark(chosen),
        shown=rounds_shown(call.db, call.program.up_since, call.at),
        folders={"email": settings.mail == "folder", "text": settings.texts == "folder"},
    )


@endpoint(pages, ADDRESS, method="POST", may=Permission.EDIT_CLINIC, audit="automation changed", subject="clinic",
          again=_shown)  # fmt: skip
def change(call: Call) -> Response:
    """Have it happen so from now on."""
    form = Form()
    form.check_seen(_mark(by_itself(call.db)))
    usual = ByItself()
    wanted = ByItself(
        quiet_until=form.clock_time("quiet_until", "Quiet until") or usual.quiet_until,
        quiet_from=form.clock_time("quiet_from", "Quiet from") or usual.quiet_from,
        rules_off=frozenset(row.rule for row in RULES if not form.ticked(row.rule.value)),
        bills_at=form.clock_time("bills_at", "Billing at", required=False),
        superbills_on=_day(form, "superbills_on", "Superbills on"),
        statements_on=_day(form, "statements_on", "Statements on"),
    )
    form.refuse_any()
    choose(call.db, wanted)
    call.detail |= {"rules_off": " ".join(sorted(wanted.rules_off)), "bills_at": str(wanted.bills_at or "")}
    flash("Kept. It holds from now on, also for what is planned already.")
    return make_response(redirect(url_for("by_itself.by_itself_form"), 303))


def _day(form: Form, name: str, label: str) -> int | None:
    return form.number(name, label, 1, LAST_DAY, required=False)


def _mark(chosen: ByItself) -> str:
    return seen_mark(
        chosen.quiet_until, chosen.quiet_from, sorted(chosen.rules_off), chosen.bills_at, chosen.superbills_on,
        chosen.statements_on,
    )  # fmt: skip
