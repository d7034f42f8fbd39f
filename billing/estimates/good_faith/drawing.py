"""Drawing issued estimates as PDFs, from their snapshots alone."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from billing.database import Database, Db
from billing.documents.drawing import Drawn, PaperToDraw, drawing_route
from billing.documents.keeping import document_of
from billing.documents.models import Document
from billing.estimates.good_faith.issuing import ESTIMATE, name_of
from billing.estimates.models import GoodFaithEstimate
from billing.pdf.good_faith_estimate import render_estimate
from billing.ports import DocumentStore
from billing.relay import Route, look_up, relay

OWNER = "estimate"
KIND = "estimate"


def estimates_route(documents: DocumentStore) -> Route[PaperToDraw, Drawn]:
    """The route from issued estimates to their PDFs."""
    return drawing_route("estimates", undrawn, render, documents)


def draw_now(database: Database, documents: DocumentStore, estimate_id: int) -> Document:
    """The document of one issued estimate, drawn and kept now unless it was before.

    Raises :class:`OutsideWorld` when the store cannot keep it.
    """
    only_this = GoodFaithEstimate.id == estimate_id

    def this_one(db: Db, limit: int) -> list[PaperToDraw]:
        return undrawn(db, limit, only_this)

    for done in relay(database, drawing_route("estimate", this_one, render, documents)):
        if done.failure:
            raise done.failure
    return look_up(database, lambda db: document_of(db, OWNER, estimate_id, KIND))


def undrawn(db: Db, limit: int, *which: ColumnElement[bool]) -> list[PaperToDraw]:
    """Issued estimates without a PDF, in the order of their issue; of all, or of those ``which`` are asked about."""
    has_document = select(Document.id).where(Document.owner_kind == OWNER, Document.owner_id == GoodFaithEstimate.id)
    in_order = select(GoodFaithEstimate).where(~has_document.exists(), *which).order_by(GoodFaithEstimate.id)
    return [
        PaperToDraw(OWNER, one.id, KIND, one.version, f"{name_of(one).replace(' ', '-')}.pdf", one.snapshot)
        for one in db.scalars(in_order.limit(limit))
    ]


def render(paper: PaperToDraw) -> bytes:
    """The PDF of a snapshot; the same to the byte each time."""
    return render_estimate(ESTIMATE.validate_python(paper.snapshot))
