"""What happened lately: claims, answers, payments, papers and messages, to be watched as it happens."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from billing.access.permissions import Permission
from billing.operations.happened import Named, happened_lately
from billing.operations.regular import next_billing
from billing.reminders.automation import by_itself
from billing.reminders.queries import View
from billing.web.asked import asked_number
from billing.web.endpoint import Call, endpoint
from billing.web.links import to
from billing.web.rendering import page, part

pages = Blueprint("happened", __name__)
LOOKS = 240
"""So often a page that is left open asks again; then a person does."""
_PAGES = {
    "claim": "claims.claim",
    "remittance": "remittances.remittance",
    "answers": "remittances.answers",
    "paper": "documents.paper",
    "errand": "errands.errand",
    "message": "reminders.message",
    "session": "session.session",
}


@endpoint(pages, "/by-itself", may=Permission.POST_REMITTANCES, audit=None)
def happened(call: Call) -> Response:
    """The last day's events, the latest first; the browser asks for them again and again."""
    looks = asked_number("looks") or 0
    settings, chosen = call.program.settings, by_itself(call.db)
    facts: dict[str, Any] = {
        "lately": happened_lately(call.db, call.at),
        "bills_at": next_billing(chosen, call.clinic.time_zone, call.at),
        "looks": looks + 1 if looks < LOOKS else 0,
        "address_of": _address,
        "folders": [
            str(settings.outbox / name)
            for name, way in (("mail", settings.mail), ("texts", settings.texts))
            if way == "folder"
        ],
    }
    if call.is_partial:
        return part(call, "happened/_lately.html", **facts)
    return page(call, "happened/happened.html", **facts)


def _address(one: Named) -> str:
    if one.kind == "messages":
        return to("reminders.reminders", view=View.SAID.value)
    return to(_PAGES[one.kind], id=one.id)
