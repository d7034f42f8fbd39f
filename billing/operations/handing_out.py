"""Leaving the run's papers in a folder for the people who asked for it."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from billing.database import Db
from billing.documents.models import Document
from billing.errors import Refused
from billing.invoices.models import PaperKind
from billing.operations.billing_report import FOLDER
from billing.operations.billing_run import BillingRun
from billing.ports import DocumentStore

CLAIMS = "claims"
FORMS = "cms1500"


def make_folders(out: Path) -> None:
    """Make the folders of a run and see that they can be written, before anything is filed.

    Raises :class:`Refused` when they cannot.
    """
    try:
        for name in (CLAIMS, FORMS, *FOLDER.values()):
            (out / name).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=out) as probe:
            probe.write(b"\0" * 4096)
    except OSError as error:
        raise Refused(
            f"{out} cannot be written: {error.strerror}. Nothing was billed; choose another folder."
        ) from None


def hand_out(out: Path, run: BillingRun, documents: DocumentStore, report: Mapping[str, Any]) -> None:
    """Write the forms, papers and ``summary.json`` of a run; the claim files are there already.

    Raises :class:`Refused` when the folder cannot be written; everything is kept in the document store all the same.
    """
    papers = [(FORMS, one) for one in run.forms_drawn]
    papers += [(FOLDER[PaperKind(one.kind)], one) for one in run.papers_drawn]
    try:
        for folder, paper in papers:
            (out / folder / paper.file_name).write_bytes(documents.get(paper.sha256))
        unfinished = out / ".summary.json.part"
        unfinished.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(out / "summary.json")
    except OSError as error:
        raise Refused(
            f"{out} could not be written to the end: {error.strerror}. What was filed is filed, and its "
            "papers are kept. Make room, then: meridian papers --out FOLDER"
        ) from None


@dataclass(frozen=True, slots=True)
class KeptPaper:
    """A document as it goes into a folder."""

    folder: str
    file_name: str
    sha256: str


def kept_papers(db: Db) -> list[KeptPaper]:
    """Every claim file, form, superbill and invoice that was ever made."""
    folders = {"837P": CLAIMS, "cms1500": FORMS, **{kind.value: folder for kind, folder in FOLDER.items()}}
    rows = db.execute(
        select(Document.kind, Document.file_name, Document.sha256)
        .where(Document.kind.in_(folders))
        .order_by(Document.id)
    )
    return [KeptPaper(folders[kind], file_name, sha256) for kind, file_name, sha256 in rows]


def hand_out_again(out: Path, papers: Iterable[KeptPaper], documents: DocumentStore) -> None:
    """Write kept papers into a folder. Raises :class:`Refused` when it cannot be written."""
    try:
        for one in papers:
            (out / one.folder / one.file_name).write_bytes(documents.get(one.sha256))
    except OSError as error:
        raise Refused(f"{out} could not be written to the end: {error.strerror}. Make room and repeat.") from None
