"""The statement run: a statement for everybody who has something to be told, and the papers of a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from billing import clock
from billing.database import Database, Db
from billing.documents.models import Document
from billing.invoices.drawing import OWNER, papers_route, papers_undrawn
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.invoices.statement_issuing import issue_statements, patients_due, withheld
from billing.money import text_from_cents
from billing.operations.handing_out import STATEMENTS
from billing.patients.models import Patient
from billing.ports import DocumentStore
from billing.relay import climb, look_up, relay

PATIENTS_AT_ONCE = 200


@dataclass(slots=True)
class StatementRun:
    """The statements of one day, for everybody or for one patient."""

    on: date
    patient_id: int | None = None
    due: list[int] = field(default_factory=list)
    """Ids of the patients to whom one may be due."""
    issued: int = 0
    withheld: int = 0
    """Patients whose visits are billed far above their estimate; they get none before that is mended."""
    done: int = 0
    """Patients that have been looked at."""

    def find(self, db: Db) -> None:
        """See to whom a statement may be due."""
        due = patients_due(db, self.on)
        self.due = [one for one in due if self.patient_id in (None, one)]

    def stage(self, db: Db, done: int) -> int | None:
        """Issue the next patients' statements; the cursor is how many patients are done with."""
        patient_ids = self.due[done : done + PATIENTS_AT_ONCE]
        self.done = done + len(patient_ids)
        if not patient_ids:
            return None
        self.withheld += len(withheld(db, patient_ids))
        self.issued += issue_statements(db, patient_ids, self.on, clock.now())
        return done + len(patient_ids)


@dataclass(frozen=True, slots=True)
class DrawnStatement:
    """A statement whose PDF is kept."""

    name: str
    """Its number as printed."""
    patient: str
    """The old system's id of the patient, or our own."""
    total_cents: int
    document_id: int
    file_name: str
    patient_id: int


def issue_due(
    database: Database,
    run: StatementRun,
    documents: DocumentStore,
    progress: Callable[[str, int, int | None], None] = lambda what, done, total: None,
) -> list[str]:
    """Issue and draw what is due, and return what failed; what is issued and not drawn is drawn by the next run.

    ``progress`` hears what is being done, how many so far, and of how many where that is known. Raises
    :class:`Conflict` when another statement run is going on.
    """
    with database.alone("statement run"):
        look_up(database, run.find)
        climb(database, run.stage, lambda: progress("statements issued", run.done, len(run.due)))
        papers = look_up(database, papers_undrawn)
        drawn = relay(database, papers_route(documents), lambda done: progress("papers drawn", done, papers))
    return list(dict.fromkeys(str(one.failure) for one in drawn if one.failure))


def warnings_about(on: date, time_zone: str, at: datetime) -> list[str]:
    """What people should know about the day of a run that is made at that instant."""
    if on <= clock.local(at, time_zone).date():
        return []
    return [f"{on} is in the future: what is booked between now and then is on no statement before the next one."]


def withheld_words(run: StatementRun) -> list[str]:
    """That some get no statement yet, and where it is mended; nothing when all do."""
    if not run.withheld:
        return []
    who = "One statement is" if run.withheld == 1 else f"{run.withheld} statements are"
    return [f"{who} withheld: visits billed at $400 or more above their good-faith estimate. See the estimates."]


def statements_of(db: Db, run: StatementRun) -> list[DrawnStatement]:
    """The day's statements, those issued by earlier runs too, in the order of their numbers."""
    of_day = [Paper.kind == PaperKind.STATEMENT, Paper.issued_on == run.on]
    if run.patient_id is not None:
        of_day.append(Paper.patient_id == run.patient_id)
    rows = db.execute(
        select(Paper.number, Paper.patient_id, Patient.external_id, Paper.total_cents, Document.id, Document.file_name)
        .join(Patient, Patient.id == Paper.patient_id)
        .join(Document, (Document.owner_kind == OWNER) & (Document.owner_id == Paper.id))
        .where(*of_day)
        .order_by(Paper.number)
    )
    return [
        DrawnStatement(paper_name(PaperKind.STATEMENT, number), outside or str(own), cents, document_id, file_name, own)
        for number, own, outside, cents, document_id, file_name in rows
    ]


def report_of(
    run: StatementRun, statements: Iterable[DrawnStatement], warnings: list[str], failures: list[str]
) -> dict[str, Any]:
    """What ``--json`` tells: the day's statements, what people should know, and what could not be drawn."""
    return {
        "on": run.on.isoformat(),
        "issued": run.issued,
        "statements": [
            {
                "statement": one.name,
                "patient": one.patient,
                "total": text_from_cents(one.total_cents),
                "file": f"{STATEMENTS}/{one.file_name}",
            }
            for one in statements
        ],
        "warnings": [*warnings, *withheld_words(run)],
        "failures": failures,
    }


def as_text(report: dict[str, Any], out: Path) -> str:
    """The report for people; ``out`` is where the papers lie."""
    count = len(report["statements"])
    head = f"{count} statement{'' if count == 1 else 's'} of {report['on']} in {out / STATEMENTS}"
    lines = [f"{head}, {report['issued']} of them new."]
    for one in report["statements"]:
        money = ", whose money it is" if one["total"].startswith("-") else ""
        lines.append(f"  {one['statement']}  {one['total']:>10}  patient {one['patient']}{money}")
    lines += report["warnings"]
    return "\n".join([*lines, *(f"FAILED: {failure}" for failure in report["failures"])])
