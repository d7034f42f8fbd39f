"""Does everything hold? The books, the audit chain, the signed charts, the stored documents, the schema.

What needs the database and what needs the document store are asked apart, so that no transaction is
open while the store is read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select

from billing.audit.verifying import broken_links
from billing.claims.models import Claim, FiledVersion
from billing.database import Db, batches
from billing.documents.models import Document
from billing.errors import NotFound, Problem, block
from billing.ledger.queries import unbalanced_entries
from billing.ports import DocumentStore
from billing.sessions.charting import chart_sha256
from billing.sessions.models import ClinicSession, Note
from billing.sessions.queries import charts

_SESSIONS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class KeptDocument:
    """What the database says about stored bytes."""

    document_id: int
    file_name: str
    sha256: str
    size: int


@dataclass(slots=True)
class Records:
    """What the database said of itself, and the documents that are still to be looked at."""

    problems: list[Problem] = field(default_factory=list)
    documents: list[KeptDocument] = field(default_factory=list)


def examine_records(db: Db) -> Records:
    """Check everything that lies in the database."""
    problems = [
        block(
            "ledger.unbalanced",
            f"The postings of {source} do not sum to zero.",
            "Restore the last backup that verifies; the database was changed behind Meridian's back.",
            source,
        )
        for source in unbalanced_entries(db)
    ]
    problems += broken_links(db)
    problems += _changed_charts(db)
    problems += _changed_claims(db)
    rows = db.execute(select(Document.id, Document.file_name, Document.sha256, Document.size))
    return Records(problems, [KeptDocument(*row) for row in rows])


def document_problems(documents: DocumentStore, kept: Iterable[KeptDocument]) -> Iterator[Problem]:
    """Documents that are gone, or are not the bytes that were kept."""
    for one in kept:
        where = f"document:{one.document_id}"
        try:
            content = documents.get(one.sha256)
        except NotFound:
            yield block("document.missing", f"{one.file_name} is gone.", "Restore it from a backup.", where)
            continue
        if hashlib.sha256(content).hexdigest() != one.sha256:
            yield block("document.changed", f"{one.file_name} was changed.", "Restore it from a backup.", where)


def _changed_charts(db: Db) -> Iterator[Problem]:
    """Signed sessions whose chart is not what was signed."""
    newest = select(Note.session_id, func.max(Note.version).label("version")).group_by(Note.session_id).subquery()
    signed = db.execute(
        select(Note.session_id, Note.chart_sha256).join(
            newest, (newest.c.session_id == Note.session_id) & (newest.c.version == Note.version)
        )
    ).all()
    for batch in batches(signed, _SESSIONS_AT_ONCE):
        digests = {row.session_id: row.chart_sha256 for row in batch}
        sessions = db.scalars(select(ClinicSession).where(ClinicSession.id.in_(digests))).all()
        for session_id, chart in charts(db, sessions).items():
            if chart_sha256(chart.sets, chart.procedures, chart.diagnoses) != digests[session_id]:
                yield block(
                    "note.changed",
                    f"The chart of session {session_id} is not what was signed.",
                    "Restore the last backup that verifies.",
                    f"session:{session_id}",
                )
        db.expunge_all()


def _changed_claims(db: Db) -> Iterator[Problem]:
    """Filed claims whose total is not what was filed."""
    newest = select(FiledVersion.claim_id, func.max(FiledVersion.version).label("version")).group_by(
        FiledVersion.claim_id
    )
    latest = newest.subquery()
    rows = db.scalars(
        select(Claim.control_number)
        .join(FiledVersion, FiledVersion.claim_id == Claim.id)
        .join(latest, (latest.c.claim_id == FiledVersion.claim_id) & (latest.c.version == FiledVersion.version))
        .where(Claim.total_cents != FiledVersion.total_cents)
    )
    for control_number in rows:
        yield block(
            "claim.changed",
            f"Claim {control_number} does not total what was filed.",
            "Restore the last backup that verifies.",
            f"claim:{control_number}",
        )
