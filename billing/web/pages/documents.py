"""Kept documents and issued papers, as the browser shows or saves them."""

from __future__ import annotations

import re

from flask import Blueprint, Response, make_response

from billing.access.permissions import Permission
from billing.audit.recording import Subject
from billing.documents.models import PDF, Document
from billing.errors import Forbidden
from billing.estimates.good_faith.drawing import OWNER as ESTIMATE_OWNER
from billing.invoices.drawing import OWNER, draw_now
from billing.practitioners.evidence import OWNER as EVIDENCE_OWNER
from billing.reports.documents_shown import CLAIM, document_shown, paper_shown
from billing.web.endpoint import Call, endpoint

pages = Blueprint("documents", __name__)

_ABOUT_PATIENTS = (OWNER, CLAIM, ESTIMATE_OWNER)
"""Documents of these owners are about one patient; all others are the clinic's dealings with payers."""
_HARMLESS = re.compile(r"[^A-Za-z0-9._-]+")
VIEWER = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "object-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a browser's own PDF viewer may do: show this one document, styled by the viewer."""


@endpoint(pages, "/documents/<int:id>", may=Permission.SEE_PATIENTS, audit="document viewed", subject="document")
def document(call: Call, id: int) -> Response:
    """A kept document, by its number."""
    shown = document_shown(call.db, id)
    if shown.document.owner_kind == EVIDENCE_OWNER:
        if not call.may(Permission.SEE_LICENCES):
            raise Forbidden("Your role may not see licences.")
        call.subject = Subject("credential", str(shown.document.owner_id))
    elif shown.document.owner_kind not in _ABOUT_PATIENTS and not call.may(Permission.SEE_CLAIMS):
        raise Forbidden("Your role may not see files exchanged with payers.")
    if shown.patient_id is not None:
        call.subject = Subject("patient", str(shown.patient_id))
    call.detail["document"] = id
    return sent_document(call, shown.document)


@endpoint(pages, "/papers/<int:id>", may=Permission.SEE_PATIENTS, audit="paper viewed", subject="paper")
def paper(call: Call, id: int) -> Response:
    """An issued invoice, superbill, receipt or statement, drawn now if it never was."""
    shown = paper_shown(call.db, id)
    call.subject = Subject("patient", str(shown.paper.patient_id))
    call.detail["paper"] = id
    return sent_document(call, shown.document or draw_now(call.program.database, call.program.documents, shown.paper))


def sent_document(call: Call, document: Document) -> Response:
    """The bytes: a PDF in the browser's viewer, anything else to be saved, as nothing else is to be run here."""
    response = make_response(call.program.documents.get(document.sha256))
    is_pdf = document.media_type == PDF
    response.mimetype = PDF if is_pdf else "application/octet-stream"
    name = _HARMLESS.sub("-", document.file_name).strip("-.") or f"document-{document.id}"
    response.headers["Content-Disposition"] = f'{"inline" if is_pdf else "attachment"}; filename="{name}"'
    if is_pdf:
        response.headers["Content-Security-Policy"] = VIEWER
    return response
