"""A claim as it looks elsewhere: on the CMS-1500, and as X12."""

from __future__ import annotations

from flask import Blueprint, Response, make_response

from billing.access.permissions import Permission
from billing.claims.filing.forms import form_to_look_at
from billing.claims.filing.showing import kept_form, shown
from billing.claims.queries import claim_by_id
from billing.documents.models import PDF
from billing.edi.claim_837p.excerpt import explained, segments_of, written_segments
from billing.reports.claim_page import claim_seen
from billing.web.endpoint import Call, endpoint
from billing.web.pages.documents import VIEWER
from billing.web.rendering import page

pages = Blueprint("claims", __name__)


@endpoint(pages, "/claims/<int:id>/form.pdf", may=Permission.SEE_CLAIMS, audit="claim form viewed", subject="claim")
def form(call: Call, id: int) -> Response:
    """The claim on paper: as it was drawn when it was filed, or else from what it says."""
    claim = claim_by_id(call.db, id)
    kept = kept_form(call.db, id)
    if kept:
        name, content = kept.file_name, call.program.documents.get(kept.sha256)
    else:
        found = shown(call.db, id, call.today)
        beginning = "draft-" if found.is_draft else ""
        name = f"{beginning}{claim.control_number}.pdf"
        content = form_to_look_at(found.filed, is_draft=found.is_draft)
    response = make_response(content)
    response.mimetype = PDF
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    response.headers["Content-Security-Policy"] = VIEWER
    return response


@endpoint(pages, "/claims/<int:id>/x12", may=Permission.SEE_CLAIMS, audit="claim viewed as X12", subject="claim")
def x12(call: Call, id: int) -> Response:
    """The claim's own segments, one a line, each with what it says."""
    found = shown(call.db, id, call.today)
    if found.file:
        segments = segments_of(call.program.documents.get(found.file.sha256), found.claim.control_number)
    else:
        segments = written_segments(found.filed.claim)
    seen = claim_seen(call.db, id)
    return page(call, "claims/x12.html", seen=seen, shown=found, segments=explained(segments))
