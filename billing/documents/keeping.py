"""Naming bytes that the document store already keeps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from billing.database import Db, insert_ignoring
from billing.documents.models import Document, HandedOut
from billing.errors import NotFound

RETENTION_YEARS = 10
"""Chart and billing records; a clinic's state may ask for less."""


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A name for bytes already in the store."""

    owner_kind: str
    owner_id: int
    kind: str
    file_name: str
    media_type: str
    sha256: str
    size: int
    """Bytes."""
    version: int = 1


def keep(db: Db, documents: Sequence[NewDocument], at: datetime) -> None:
    """Name the documents. One that has the same owner, kind and version as an existing one is passed over."""
    retain_until = date(at.year + RETENTION_YEARS, 12, 31)
    insert_ignoring(
        db,
        Document,
        [
            {
                "owner_kind": one.owner_kind,
                "owner_id": one.owner_id,
                "kind": one.kind,
                "version": one.version,
                "file_name": one.file_name,
                "media_type": one.media_type,
                "sha256": one.sha256,
                "size": one.size,
                "created_at": at,
                "retain_until": retain_until,
            }
            for one in documents
        ],
    )


def note_handed_out(db: Db, document_ids: Iterable[int], at: datetime) -> None:
    """Remember that people have these documents, so that no later run hands them out as new."""
    insert_ignoring(db, HandedOut, [{"document_id": document_id, "at": at} for document_id in document_ids])


def document_of(db: Db, owner_kind: str, owner_id: int, kind: str) -> Document:
    """The newest version of an owner's document. Raises :class:`NotFound` when there is none."""
    found = db.scalar(
        select(Document)
        .where(Document.owner_kind == owner_kind, Document.owner_id == owner_id, Document.kind == kind)
        .order_by(Document.version.desc())
        .limit(1)
    )
    if found is None:
        raise NotFound(f"There is no {kind} of {owner_kind} {owner_id}.")
    return found
