"""The papers a patient was given or sent, and the claim forms that tell of the patient."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from billing.claims.filing.forms import KIND as CLAIM_FORM
from billing.claims.models import Claim
from billing.database import Db
from billing.documents.models import Document
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.sessions.models import ClinicSession

ROWS = 50
MOST_FORMS = 200
CLAIM = "claim"
"""Owner of a claim form."""


@dataclass(frozen=True, slots=True)
class PaperRow:
    """An issued paper."""

    id: int
    name: str
    """Its number as printed."""
    kind: PaperKind
    issued_on: date
    total_cents: int
    service_on: date | None
    """The day of the visit that it bills."""
    session_id: int | None
    payment_id: int | None
    """The payment that a receipt is for."""


@dataclass(frozen=True, slots=True)
class PapersPage:
    """A page of papers, the newest first."""

    rows: list[PaperRow]
    older: int | None
    """The paper before which the next page begins."""


@dataclass(frozen=True, slots=True)
class ClaimForm:
    """A CMS-1500 that was drawn of a filed claim."""

    document_id: int
    version: int
    drawn_at: datetime
    claim_id: int
    control_number: str
    service_on: date


def papers_page(db: Db, patient_id: int, kind: PaperKind | None = None, before: int | None = None) -> PapersPage:
    """A patient's papers, all or of one kind; one query. ``before`` is another page's ``older``."""
    wanted = [Paper.patient_id == patient_id]
    wanted += [] if kind is None else [Paper.kind == kind]
    wanted += [] if before is None else [Paper.id < before]
    rows = db.execute(
        select(Paper, ClinicSession.service_on)
        .outerjoin(ClinicSession, ClinicSession.id == Paper.session_id)
        .where(*wanted)
        .order_by(Paper.id.desc())
        .limit(ROWS + 1)
    ).all()
    found = [
        PaperRow(
            paper.id, paper_name(paper.kind, paper.number), paper.kind, paper.issued_on, paper.total_cents, service_on,
            paper.session_id, paper.payment_id,
        )
        for paper, service_on in rows[:ROWS]
    ]  # fmt: skip
    return PapersPage(found, found[-1].id if len(rows) > ROWS else None)


def claim_forms(db: Db, patient_id: int) -> list[ClaimForm]:
    """The latest claim forms of a patient, the newest first; one query."""
    rows = db.execute(
        select(
            Document.id,
            Document.version,
            Document.created_at,
            Claim.id,
            Claim.control_number,
            ClinicSession.service_on,
        )
        .join(Claim, (Document.owner_kind == CLAIM) & (Document.owner_id == Claim.id))
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(Document.kind == CLAIM_FORM, ClinicSession.patient_id == patient_id)
        .order_by(ClinicSession.service_on.desc(), Document.id.desc())
        .limit(MOST_FORMS)
    )
    return [ClaimForm(*row) for row in rows]
