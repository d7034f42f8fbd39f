"""Where things are: a page's address by its name, and the page on which a record is looked at or mended.

Nobody is sent to a page that would turn them away: where a role may not open it, there is no address.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, g, url_for
from werkzeug.routing import BuildError

from billing.access.permissions import Permission

PAGES = {
    "patient": "patients.patient",
    "policy": "policies.policy_form",
    "benefit": "benefits.benefit_form",
    "session": "session.session",
    "claim": "claims.claim",
    "charge": "accounts.charge",
    "payment": "patient_record.payment",
    "remittance": "remittances.remittance",
    "practitioner": "people.person",
    "payer": "payers.payer",
    "fee": "fees.fee",
    "clinic": "settings.clinic",
    "place": "places.place_form",
    "credential": "credential.credential",
    "licence_services": "credential.scope_form",
    "estimate": "estimates.estimate",
}
"""The page of each kind of record; it takes the record's number, or a fee's code, as ``id``."""
_ONLY_ONE = ("clinic",)


def to(endpoint: str, **arguments: object) -> str:
    """The address of a page; empty when there is no such page, not for these arguments, or not for this person."""
    if not may_open(endpoint):
        return ""
    given: dict[str, Any] = {name: value for name, value in arguments.items() if value is not None}
    try:
        return url_for(endpoint, **given)
    except (BuildError, ValueError):
        return ""


def link(where: str) -> str:
    """The page on which a problem's ``where`` (``patient:17``) is mended; empty when there is none for this person."""
    kind, _, number = where.partition(":")
    if kind not in PAGES or not number:
        return ""
    return to(PAGES[kind]) if kind in _ONLY_ONE else to(PAGES[kind], id=number)


def is_withheld(where: str) -> bool:
    """Whether there is a page on which ``where`` can be mended, but not for this person: somebody else must."""
    kind, _, number = where.partition(":")
    return kind in PAGES and bool(number) and not may_open(PAGES[kind])


def may_open(endpoint: str) -> bool:
    """Whether the role of the person whose request this is includes a page; true while nobody is known."""
    needed = getattr(current_app.view_functions.get(endpoint), "may", None)
    call = g.get("call")
    return call is None or call.who is None or not isinstance(needed, Permission) or call.may(needed)


def register(app: Flask) -> None:
    """Let templates use these."""
    app.add_template_filter(link)
    app.add_template_filter(is_withheld)
    app.add_template_global(to)
