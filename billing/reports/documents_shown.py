"""Papers and kept documents as somebody looks at them: what they are, and whose."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from billing.claims.models import Claim
from billing.database import Db
from billing.documents.models import Document
from billing.errors import NotFound
from billing.estimates.good_faith.drawing import OWNER as ESTIMATE_OWNER
from billing.estimates.models import GoodFaithEstimate
from billing.invoices.drawing import OWNER
from billing.invoices.models import Paper
from billing.sessions.models import ClinicSession

CLAIM = "claim"


@dataclass(frozen=True, slots=True)
class DocumentShown:
    """A kept document, and the patient it is about; ``None`` when it is about many or nobody."""

    document: Document
    patient_id: int | None


@dataclass(frozen=True, slots=True)
class PaperShown:
    """An issued paper, and its document unless it has never been drawn."""

    paper: Paper
    document: Document | None


def document_shown(db: Db, document_id: int) -> DocumentShown:
    """The document with that number. Raises :class:`NotFound`."""
    document = db.get(Document, document_id)
    if document is None:
        raise NotFound(f"There is no document {document_id}.")
    return DocumentShown(document, _patient_of(db, document))


def paper_shown(db: Db, paper_id: int) -> PaperShown:
    """The paper with that number. Raises :class:`NotFound`."""
    paper = db.get(Paper, paper_id)
    if paper is None:
        raise NotFound(f"There is no paper {paper_id}.")
    newest = select(Document).where(Document.owner_kind == OWNER, Document.owner_id == paper_id)
    return PaperShown(paper, db.scalar(newest.order_by(Document.version.desc()).limit(1)))


def _patient_of(db: Db, document: Document) -> int | None:
    if document.owner_kind == OWNER:
        return db.scalar(select(Paper.patient_id).where(Paper.id == document.owner_id))
    if document.owner_kind == CLAIM:
        claim = select(ClinicSession.patient_id).join(Claim, Claim.session_id == ClinicSession.id)
        return db.scalar(claim.where(Claim.id == document.owner_id))
    if document.owner_kind == ESTIMATE_OWNER:
        return db.scalar(select(GoodFaithEstimate.patient_id).where(GoodFaithEstimate.id == document.owner_id))
    return None
