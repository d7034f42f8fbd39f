"""A page in its frame."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from billing.clinic.models import Clinic
from billing.clinic.queries import the_clinic
from billing.errors import Refused
from billing.web.endpoint import Call

UTC_ZONE = "UTC"


def clinic_if_any(call: Call) -> Clinic | None:
    """The clinic, or ``None`` before it is set up."""
    try:
        return the_clinic(call.db)
    except Refused:
        return None


def page(call: Call, template: str, status: int = 200, **facts: object) -> Response:
    """Render ``template`` with ``facts``, the person signed in, the clinic, and what was refused about each field."""
    clinic = clinic_if_any(call) if call.who else None
    frame = {
        "who": call.who,
        "clinic": clinic,
        "zone": clinic.time_zone if clinic else UTC_ZONE,
        "at": call.at,
        "here": request.endpoint,
        "refused": call.refused,
        "errors": field_errors(call.refused),
    }
    return make_response(render_template(template, **frame, **facts), status)


def field_errors(refused: Refused | None) -> dict[str, str]:
    """What is wrong with each field of a form, by the field's name."""
    errors: dict[str, str] = {}
    for problem in refused.problems if refused else []:
        kind, _, name = problem.where.partition(":")
        if kind == "field":
            errors[name] = f"{errors.get(name, '')} {problem.why} {problem.fix}".strip()
    return errors
