"""Leaving papers in a folder for the people who asked for them."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, select

from billing.claims.filing import forms
from billing.claims.filing.preparing import CLAIM_FILE
from billing.claims.models import ClaimFile, FileState
from billing.database import Db, batches
from billing.documents.models import Document, HandedOut
from billing.errors import Refused
from billing.invoices.models import PaperKind
from billing.operations.billing_report import FOLDER
from billing.ports import DocumentStore

CLAIMS = "claims"
FORMS = "cms1500"
RECEIPTS = "receipts"
STATEMENTS = "statements"

_BILLED = {forms.KIND: FORMS, **{kind.value: folder for kind, folder in FOLDER.items()}}
"""What a billing run hands out, by kind of document."""
_KEPT = {CLAIM_FILE: CLAIMS, **_BILLED, PaperKind.RECEIPT.value: RECEIPTS, PaperKind.STATEMENT.value: STATEMENTS}
BILLING_FOLDERS = (CLAIMS, *_BILLED.values())
ALL_FOLDERS = tuple(_KEPT.values())
_AT_ONCE = 5000


def make_folders(out: Path, names: Iterable[str] = BILLING_FOLDERS) -> None:
    """Make the folders of a run and see that they can be written, before anything is filed or issued.

    Raises :class:`Refused` when they cannot.
    """
    try:
        for name in names:
            (out / name).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as probe:
            probe.write(b"\0" * 4096)
    except OSError as error:
        raise Refused(
            f"{out} cannot be written: {error.strerror}. Nothing was billed or issued; choose another folder."
        ) from None


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """A document as it goes into a folder."""

    document_id: int
    folder: str
    file_name: str
    sha256: str


def papers_to_hand_out(db: Db) -> list[KeptPaper]:
    """Forms, superbills and invoices that no run has handed out yet, be they of a run that was cut off.

    Claim files are not among them: the clearinghouse has those, and a second copy might be sent.
    """
    handed_out = select(HandedOut.document_id).where(HandedOut.document_id == Document.id)
    return _papers(db, Document.kind.in_(_BILLED), ~handed_out.exists())


def files_to_tell_of(db: Db) -> list[int]:
    """Ids of the documents of delivered claim files whose claims no report has told of yet."""
    handed_out = select(HandedOut.document_id).where(HandedOut.document_id == Document.id)
    return list(
        db.scalars(
            select(Document.id)
            .join(ClaimFile, (Document.owner_kind == "claim_file") & (Document.owner_id == ClaimFile.id))
            .where(ClaimFile.state == FileState.SENT, ~handed_out.exists())
        )
    )


def all_papers(db: Db) -> list[KeptPaper]:
    """Every claim file, form, superbill, invoice, receipt and statement that was ever made."""
    return _papers(db)


def papers_of(db: Db, document_ids: Iterable[int]) -> list[KeptPaper]:
    """These documents, as far as people get them in a folder."""
    return [paper for some in batches(document_ids, _AT_ONCE) for paper in _papers(db, Document.id.in_(some))]


def _papers(db: Db, *conditions: ColumnElement[bool]) -> list[KeptPaper]:
    rows = db.execute(
        select(Document.id, Document.kind, Document.file_name, Document.sha256)
        .where(Document.kind.in_(_KEPT), *conditions)
        .order_by(Document.id)
    )
    return [KeptPaper(own, _KEPT[kind], file_name, sha256) for own, kind, file_name, sha256 in rows]


def hand_out(out: Path, papers: Iterable[KeptPaper], documents: DocumentStore) -> None:
    """Write papers into their folders below ``out``.

    Raises :class:`Refused` when that cannot be done; the papers are kept, and due again next time.
    """
    try:
        for paper in papers:
            (out / paper.folder / paper.file_name).write_bytes(documents.get(paper.sha256))
    except OSError as error:
        raise _unfinished(out, error) from None


def write_summary(out: Path, report: Mapping[str, Any]) -> None:
    """Write ``summary.json``, whole or not at all. Raises :class:`Refused` when that cannot be done."""
    part = out / ".summary.json.part"
    try:
        part.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        part.replace(out / "summary.json")
    except OSError as error:
        raise _unfinished(out, error) from None


def _unfinished(out: Path, error: OSError) -> Refused:
    return Refused(
        f"{out} could not be written to the end: {error.strerror}. What was filed is filed, and its papers are kept: "
        "make room and repeat, and the next run hands them out."
    )
