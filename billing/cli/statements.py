"""The command that issues patients' statements."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from billing import clock
from billing.audit.recording import Actor, ActorKind, Fact, Subject, record
from billing.audit.sealing import seal
from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.clinic.queries import the_clinic
from billing.documents.keeping import note_handed_out
from billing.operations.handing_out import STATEMENTS, hand_out, make_folders, papers_of
from billing.operations.statements import (
    StatementRun,
    as_text,
    issue_due,
    report_of,
    statements_of,
    warnings_about,
)
from billing.patients.queries import patient_named
from billing.wiring import Program


@click.command()
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The day at whose end the books are read.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the statements."
)
@click.option("--patient", metavar="ID", help="Only this patient, by the old system's id or our own.")
@command
def statements(console: Console, on: datetime, out: Path, patient: str | None) -> int:
    """Issue statements to patients.

    Everyone gets one who owes something, or whose account has moved since the last one. A day's statement is issued
    once; asked again, the command leaves the same papers again.
    """
    report = issue_statements(console, console.program, on.date(), out, patient)
    console.report(report, as_text(report, out))
    return LEFT_FOR_A_PERSON if report["failures"] else DONE


def issue_statements(
    console: Console, program: Program, on: date, out: Path, patient: str | None = None
) -> dict[str, Any]:
    """Issue a day's statements, to everyone or to one patient, leave them in a folder, and return the report."""
    with program.database.reading() as db:
        warnings = warnings_about(on, the_clinic(db).time_zone, clock.now())
        run = StatementRun(on, patient_named(db, patient).id if patient is not None else None)
    make_folders(out, [STATEMENTS])
    failures = issue_due(
        program.database, run, program.documents, lambda what, done, total: console.progress(what, done)
    )
    with program.database.reading() as db:
        drawn = statements_of(db, run)
        papers = papers_of(db, [one.document_id for one in drawn])
    hand_out(out, papers, program.documents)
    _remember(program, run, [paper.document_id for paper in papers])
    console.progress_done()
    return report_of(run, drawn, warnings, failures)


def _remember(program: Program, run: StatementRun, document_ids: list[int]) -> None:
    """Remember, now that people have the papers, that they do."""
    of_whom = Subject("clinic", "1") if run.patient_id is None else Subject("patient", str(run.patient_id))
    detail: dict[str, Fact] = {"on": run.on.isoformat(), "issued": run.issued, "handed_out": len(document_ids)}
    with program.database.transaction() as db:
        at = clock.now()
        note_handed_out(db, document_ids, at)
        record(db, Actor(ActorKind.COMMAND, "statements"), "statements issued", of_whom, at, detail)
        seal(db, 1000)
