"""The audit trail: who did or saw what."""

from __future__ import annotations

from flask import Blueprint, Response, request

from billing.access.permissions import Permission
from billing.access.queries import users
from billing.reports.audit_trail import acts, kinds_of_subject
from billing.web.asked import asked_day, asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.links import link
from billing.web.rendering import page

pages = Blueprint("audit_trail", __name__)
AT_ONCE = 100


@endpoint(pages, "/settings/audit", may=Permission.SEE_AUDIT, audit="audit trail viewed", subject="audit trail")
def audit_trail(call: Call) -> Response:
    """The latest acts, narrowed to a person, a kind of record or a day; older ones behind a link."""
    who, kind, until = asked_number("who"), request.args.get("kind", "")[:40], asked_day("until")
    found = acts(
        call.db, user_id=who, kind=kind, until=until, before=asked_number("before"),
        zone=call.clinic.time_zone, limit=AT_ONCE,
    )  # fmt: skip
    return page(
        call,
        "settings/audit.html",
        acts=found,
        older=found[-1].number if len(found) == AT_ONCE else None,
        people=[(user.id, user.name) for user in users(call.db)],
        kinds=[(one, one.capitalize()) for one in kinds_of_subject(call.db)],
        asked={"who": who, "kind": kind, "until": until.isoformat() if until else ""},
        link=link,
    )
