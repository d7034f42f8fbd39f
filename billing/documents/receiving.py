"""Files from outside are registered once for each content, whatever they are called and however often they come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import insert, select

from billing.database import Db, hold_lock
from billing.documents.keeping import NewDocument, keep
from billing.documents.models import ReceivedFile

OWNER_KIND = "received_file"
"""Owner of the document that a received file's bytes are, and of what is answered to it."""
UNKNOWN_KIND = "unknown"
"""The kind of document of a file that nobody can tell what it is."""


@dataclass(frozen=True, slots=True)
class Received:
    """A file that came from outside."""

    file_id: int
    is_new: bool
    """Whether its content has never come before; that it came says nothing of what was made of it."""


def receive(db: Db, file_name: str, sha256: str, size: int, kind: str, at: datetime) -> Received:
    """Register a file whose ``size`` bytes are in the document store already, and name them as a document.

    ``kind`` is the transaction set (``835``, ``999``, ``277CA`` …); what cannot be the name of one is none. Whoever
    registers the same content at the same time waits until this transaction ends.
    """
    hold_lock(db, f"{OWNER_KIND}:{sha256}")
    known = db.scalar(select(ReceivedFile.id).where(ReceivedFile.sha256 == sha256))
    if known is not None:
        return Received(known, is_new=False)
    name = name_of(file_name)
    row = {"sha256": sha256, "file_name": name, "size": size, "received_at": at}
    file_id = db.scalars(insert(ReceivedFile).returning(ReceivedFile.id), [row]).one()
    is_x12 = kind.isascii() and kind.isalnum()
    media_type = "application/edi-x12" if is_x12 else "application/octet-stream"
    keep(db, [NewDocument(OWNER_KIND, file_id, kind if is_x12 else UNKNOWN_KIND, name, media_type, sha256, size)], at)
    return Received(file_id, is_new=True)


def name_of(path: str | PurePath) -> str:
    """A file's name without its folder; what of it is no UTF-8 becomes question marks, or no database would take it."""
    return PurePath(path).name.encode("utf-8", "replace").decode("utf-8")
