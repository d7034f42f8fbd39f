"""The documents that prove a credential: a scan or a photograph of each, kept as it was sent in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select

from billing.database import Db, hold_lock
from billing.documents.keeping import NewDocument, keep
from billing.documents.models import Document
from billing.errors import Refused, block
from billing.practitioners.models import Credential
from billing.practitioners.queries import credential_with_id

OWNER = "credential"
"""Owner of a document that proves a credential; its number is that of the entry."""
EVIDENCE = "evidence"
LARGEST_EVIDENCE = 10 * 1024 * 1024
"""Bytes."""
_KINDS = (
    (b"%PDF-", "application/pdf", "pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "png"),
    (b"\xff\xd8\xff", "image/jpeg", "jpg"),
)
"""By what a file begins with; its name proves nothing."""


class Proof(StrEnum):
    """How an entry is proven."""

    KEPT = "kept"
    OF_AN_EARLIER_TERM = "of an earlier term"
    """Only entries before it are."""
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that is in the document store already."""

    sha256: str
    size: int
    media_type: str
    ending: str


def kind_of(content: bytes) -> tuple[str, str]:
    """The media type of a PDF, PNG or JPEG file and the ending of its name. Raises :class:`Refused` for others."""
    for begins, media_type, ending in _KINDS:
        if content.startswith(begins):
            return media_type, ending
    why = "This is neither a PDF nor a picture (PNG, JPEG)."
    raise Refused(why, [block("evidence.kind", why, "Scan or photograph the document.", "field:file")])


def add_evidence(db: Db, credential_id: int, evidence: Evidence, at: datetime) -> Document:
    """Name kept bytes as the next document that proves an entry; earlier ones stay. Raises :class:`NotFound`."""
    credential = credential_with_id(db, credential_id)
    hold_lock(db, f"evidence:{credential_id}")
    newest = db.scalar(
        select(func.max(Document.version)).where(Document.owner_kind == OWNER, Document.owner_id == credential.id)
    )
    version = (newest or 0) + 1
    # Named by the entry and not by its file, whose name may say anything.
    name = f"{credential.kind}-{credential.id}-{version}.{evidence.ending}"
    row = NewDocument(
        OWNER, credential.id, EVIDENCE, name, evidence.media_type, evidence.sha256, evidence.size, version
    )
    keep(db, [row], at)
    return evidence_of(db, [credential])[0]


def evidence_of(db: Db, credentials: Sequence[Credential]) -> list[Document]:
    """The documents that prove these entries, the latest first."""
    entries = [one.id for one in credentials]
    theirs = select(Document).where(Document.owner_kind == OWNER, Document.owner_id.in_(entries))
    return list(db.scalars(theirs.order_by(Document.created_at.desc(), Document.id.desc())))


def is_over(credential: Credential, on: date) -> bool:
    """Whether the last day of an entry is known and past."""
    return credential.valid_to is not None and credential.valid_to < on


def proof(credential: Credential, entries: Sequence[Credential], documents: Sequence[Document], on: date) -> Proof:
    """How an entry is proven on a day by the documents of all entries of the same credential.

    What proves an entry whose end is past proves nothing of the day.
    """
    proven = {one.owner_id for one in documents}
    if credential.id in proven and not is_over(credential, on):
        return Proof.KEPT
    return Proof.OF_AN_EARLIER_TERM if any(one.id in proven for one in entries) else Proof.MISSING
