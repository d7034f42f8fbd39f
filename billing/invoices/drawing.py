"""Drawing issued papers as PDFs, from their snapshots alone."""

from __future__ import annotations

from sqlalchemy import select

from billing.database import Db
from billing.documents.drawing import Drawn, PaperToDraw, drawing_route
from billing.documents.models import Document
from billing.invoices.issuing import INVOICE, SUPERBILL, paper_name
from billing.invoices.models import Paper, PaperKind
from billing.invoices.receipt_issuing import RECEIPT
from billing.invoices.statement_issuing import STATEMENT
from billing.pdf.invoice import render_invoice
from billing.pdf.receipt import render_receipt
from billing.pdf.statement import render_statement
from billing.pdf.superbill import render_superbill
from billing.ports import DocumentStore
from billing.relay import Route

OWNER = "paper"


def papers_route(documents: DocumentStore) -> Route[PaperToDraw, Drawn]:
    """The route from issued papers to their PDFs."""
    return drawing_route("papers", undrawn, render, documents)


def undrawn(db: Db, limit: int) -> list[PaperToDraw]:
    """Issued papers without a PDF, in the order of their issue."""
    has_document = select(Document.id).where(Document.owner_kind == OWNER, Document.owner_id == Paper.id)
    papers = db.scalars(select(Paper).where(~has_document.exists()).order_by(Paper.id).limit(limit))
    return [
        PaperToDraw(OWNER, one.id, one.kind, 1, f"{paper_name(one.kind, one.number)}.pdf", one.snapshot)
        for one in papers
    ]


def render(paper: PaperToDraw) -> bytes:
    """The PDF of a snapshot; the same to the byte each time."""
    if paper.kind == PaperKind.INVOICE:
        return render_invoice(INVOICE.validate_python(paper.snapshot))
    if paper.kind == PaperKind.RECEIPT:
        return render_receipt(RECEIPT.validate_python(paper.snapshot))
    if paper.kind == PaperKind.STATEMENT:
        return render_statement(STATEMENT.validate_python(paper.snapshot))
    return render_superbill(SUPERBILL.validate_python(paper.snapshot))
