"""The search box on every page: patients, sessions, claims and payments by whatever is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, request

from billing.reports.hits import Hit, HitKind
from billing.reports.search import found
from billing.web.endpoint import SIGNED_IN, Call, endpoint
from billing.web.links import to
from billing.web.pages.patients import seeker_of
from billing.web.rendering import page, part

pages = Blueprint("search", __name__)
IN_THE_PALETTE = 12
ON_THE_PAGE = 60
ICONS = {
    HitKind.PATIENT: "person",
    HitKind.DAY: "day",
    HitKind.SESSION: "clock",
    HitKind.CLAIM: "claims",
    HitKind.PAYMENT: "money",
    HitKind.REMITTANCE: "remittances",
    HitKind.PAPER: "paper",
}
_PAGES = {
    HitKind.PATIENT: "patients.patient",
    HitKind.SESSION: "session.session",
    HitKind.CLAIM: "claims.claim",
    HitKind.PAYMENT: "patient_record.ledger",
    HitKind.REMITTANCE: "remittances.remittance",
    HitKind.PAPER: "documents.paper",
}


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit with the page it leads to; without one it is plain text."""

    hit: Hit
    href: str
    icon: str


@endpoint(pages, "/search", method="POST", may=SIGNED_IN, audit="searched", looks_only=True)
def search(call: Call) -> Response:
    """What fits the text: for the palette its first hits, else a page of them."""
    typed = request.form.get("q", "").strip()
    limit = IN_THE_PALETTE if call.is_partial else ON_THE_PAGE
    shown = [ShownHit(hit, _href(hit), ICONS[hit.kind]) for hit in found(call.db, typed, limit, seeker_of(call))]
    if call.is_partial:
        return part(call, "search/_results.html", shown=shown, typed=typed)
    return page(call, "search/results.html", shown=shown, typed=typed, more=len(shown) == limit)


def _href(hit: Hit) -> str:
    if hit.kind is HitKind.DAY:
        return to("today.today", day=hit.on.isoformat() if hit.on else None)
    return to(_PAGES[hit.kind], id=hit.id)
