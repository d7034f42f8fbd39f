"""Drawing issued papers as PDFs, from their snapshots alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Exists, func, select

from billing.database import Database, Db
from billing.documents.drawing import Drawn, PaperToDraw, drawing_route
from billing.documents.keeping import document_of
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
from billing.relay import Route, look_up, relay

OWNER = "paper"


def papers_route(documents: DocumentStore) -> Route[PaperToDraw, Drawn]:
    """The route from issued papers to their PDFs."""
    return drawing_route("papers", undrawn, render, documents)


def draw_now(database: Database, documents: DocumentStore, paper: Paper) -> Document:
    """The document of one issued paper, drawn and kept now unless it was before.

    For somebody who waits for it: the same bytes as the billing run would make, by the same route.

    Raises :class:`OutsideWorld` when the store cannot keep it.
    """
    only_this = Paper.id == paper.id

    def this_one(db: Db, limit: int) -> list[PaperToDraw]:
        return undrawn(db, limit, only_this)

    for done in relay(database, drawing_route("paper", this_one, render, documents)):
        if done.failure:
            raise done.failure
    return look_up(database, lambda db: document_of(db, OWNER, paper.id, paper.kind))


def undrawn(db: Db, limit: int, *which: ColumnElement[bool]) -> list[PaperToDraw]:
    """Issued papers without a PDF, in the order of their issue; of all, or of those ``which`` are asked about."""
    papers = db.scalars(select(Paper).where(~_has_document(), *which).order_by(Paper.id).limit(limit))
    return [
        PaperToDraw(OWNER, one.id, one.kind, 1, f"{paper_name(one.kind, one.number)}.pdf", one.snapshot)
        for one in papers
    ]


def papers_undrawn(db: Db) -> int:
    """How many issued papers have no PDF."""
    return db.scalar(select(func.count()).select_from(Paper).where(~_has_document())) or 0


def _has_document() -> Exists:
    return select(Document.id).where(Document.owner_kind == OWNER, Document.owner_id == Paper.id).exists()


def render(paper: PaperToDraw) -> bytes:
    """The PDF of a snapshot; the same to the byte each time."""
    if paper.kind == PaperKind.INVOICE:
        return render_invoice(INVOICE.validate_python(paper.snapshot))
    if paper.kind == PaperKind.RECEIPT:
        return render_receipt(RECEIPT.validate_python(paper.snapshot))
    if paper.kind == PaperKind.STATEMENT:
        return render_statement(STATEMENT.validate_python(paper.snapshot))
    return render_superbill(SUPERBILL.validate_python(paper.snapshot))
