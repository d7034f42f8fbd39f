"""A page in its frame, or a part of one."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request

from billing import clock
from billing.access.permissions import Permission
from billing.clinic.models import Clinic
from billing.errors import Refused
from billing.operations.signs_of_life import last_sign
from billing.reports.standing import Standing, standing
from billing.web import login
from billing.web.endpoint import Call
from billing.web.formatting import with_days
from billing.web.rail import rail, silence

UTC_ZONE = "UTC"
NO_CURRENCY = "USD"


def page(call: Call, template: str, status: int = 200, **facts: object) -> Response:
    """Render ``template`` with ``facts`` and everything its frame shows."""
    return make_response(render_template(template, **{**_frame(call), **facts}), status)


def part(call: Call, template: str, status: int = 200, **facts: object) -> Response:
    """Render a fragment of a page for a browser that asked for no more; it knows what the page knows."""
    return page(call, template, status, **facts)


def _frame(call: Call) -> dict[str, Any]:
    """What every template can use.

    The person, clinic, its zone, currency and date; the rail; what may be done; what was refused, about which
    fields, and what had been typed.
    """
    now = standing(call.db, call.at.date(), last_sign()) if call.who else Standing()
    clinic = now.clinic
    zone = clinic.time_zone if clinic else UTC_ZONE
    return {
        "who": call.who,
        "clinic": clinic,
        "zone": zone,
        "currency": clinic.currency if clinic else NO_CURRENCY,
        "at": call.at,
        "today": clock.local(call.at, zone).date(),
        "here": request.endpoint,
        "rail": rail(call, now),
        "silence": silence(call, now),
        "may": lambda name: call.may(Permission(name)),
        "refused": call.refused,
        "errors": field_errors(call.refused),
        "sent": request.form if call.refused else None,
        "form_key": lambda: secrets.token_urlsafe(18),
        "idle": login.idle_out() if call.who else None,
    }


def clinic_if_any(call: Call) -> Clinic | None:
    """The clinic, or ``None`` before it is set up."""
    return standing(call.db, call.at.date()).clinic


def field_errors(refused: Refused | None) -> dict[str, str]:
    """What is wrong with each field of a form, by the field's name."""
    errors: dict[str, str] = {}
    for problem in refused.problems if refused else []:
        kind, _, name = problem.where.partition(":")
        if kind == "field":
            errors[name] = with_days(f"{errors.get(name, '')} {problem.why} {problem.fix}".strip())
    return errors
