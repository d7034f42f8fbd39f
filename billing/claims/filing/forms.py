"""Every filed claim also gets its CMS-1500, drawn from the frozen version."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from billing.claims.content.paper_form import cms1500_of
from billing.claims.content.snapshot import SNAPSHOT, FiledClaim
from billing.claims.lifecycle import UNDELIVERED
from billing.claims.models import Claim, FiledVersion
from billing.database import Db
from billing.documents.drawing import Drawn, PaperToDraw, drawing_route
from billing.documents.models import Document
from billing.pdf.cms1500.printing import render_cms1500
from billing.ports import DocumentStore
from billing.relay import Route

KIND = "cms1500"


def forms_route(documents: DocumentStore, *, preprinted: bool) -> Route[PaperToDraw, Drawn]:
    """The route from filed claims to their forms: data alone for ``preprinted`` sheets, else with the form drawn."""

    def render(paper: PaperToDraw) -> bytes:
        form = cms1500_of(SNAPSHOT.validate_python(paper.snapshot))
        return render_cms1500(form, background=not preprinted)

    return drawing_route("claim forms", undrawn, render, documents)


def form_to_look_at(filed: FiledClaim, *, is_draft: bool) -> bytes:
    """The CMS-1500 of a claim with the form under it; a draft is stamped, so that nobody posts it by mistake."""
    return render_cms1500(cms1500_of(filed), background=True, stamp="DRAFT" if is_draft else "")


def undrawn(db: Db, limit: int) -> list[PaperToDraw]:
    """Versions that have been delivered and have no form."""
    rows = db.execute(
        select(FiledVersion, Claim.control_number)
        .join(Claim, Claim.id == FiledVersion.claim_id)
        .where(*_is_undrawn())
        .order_by(FiledVersion.claim_id, FiledVersion.version)
        .limit(limit)
    )
    return [
        PaperToDraw("claim", version.claim_id, KIND, version.version, f"{control_number}.pdf", version.snapshot)
        for version, control_number in rows
    ]


def forms_undrawn(db: Db) -> int:
    """How many versions have been delivered and have no form."""
    versions = select(func.count()).select_from(FiledVersion).join(Claim, Claim.id == FiledVersion.claim_id)
    return db.scalar(versions.where(*_is_undrawn())) or 0


def _is_undrawn() -> list[ColumnElement[bool]]:
    has_form = select(Document.id).where(
        Document.owner_kind == "claim",
        Document.owner_id == FiledVersion.claim_id,
        Document.kind == KIND,
        Document.version == FiledVersion.version,
    )
    return [Claim.state.not_in(UNDELIVERED), ~has_form.exists()]
