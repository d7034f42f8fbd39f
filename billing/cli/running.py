"""Commands that bring sessions in and bill them: import, bill, papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from billing import clock
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.audit.sealing import seal
from billing.claims.filing.refiling import claims_to_refile
from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.clinic.queries import the_clinic
from billing.documents.keeping import note_handed_out
from billing.operations.billing_report import as_text as bill_as_text
from billing.operations.billing_report import summary
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.handing_out import (
    ALL_FOLDERS,
    CLAIMS,
    all_papers,
    files_to_tell_of,
    hand_out,
    make_folders,
    papers_to_hand_out,
    write_summary,
)
from billing.operations.importing.importing_folder import import_folder
from billing.operations.importing.report import as_text as import_as_text
from billing.wiring import Program

_FOLDER = click.Path(file_okay=False, path_type=Path)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Say what would happen; change nothing.")
@command
def import_(console: Console, folder: Path, check: bool) -> int:
    """Read a clinic from a folder of CSV files; good rows go in, bad ones are refused with the reason."""
    report = import_clinic(console, console.program, folder, check=check)
    console.report(report, import_as_text(report))
    return LEFT_FOR_A_PERSON if report["refused"] else DONE


def import_clinic(console: Console, program: Program, folder: Path, *, check: bool = False) -> dict[str, Any]:
    """Import a folder into a program's database, or only see what would happen; returns the report."""
    made = import_folder(program.database, folder, check=check, progress=console.progress)
    console.progress_done()
    return made.report()


@click.command()
@click.option("--through", type=_DAY, required=True, help="Bill sessions up to and including this day.")
@click.option("--out", type=_FOLDER, required=True, help="Folder for the claim files, forms and papers.")
@click.option("--preprinted", is_flag=True, help="Claim forms without the form itself, for red preprinted sheets.")
@click.option(
    "--refile",
    multiple=True,
    metavar="CLAIM|FILE",
    help="File this rejected claim, or all rejected ones of this claim file, again though unchanged.",
)
@command
def bill(console: Console, through: datetime, out: Path, preprinted: bool, refile: tuple[str, ...]) -> int:
    """Bill signed sessions: charges, claims, superbills and invoices; summary.json says what became of each."""
    report = bill_through(console, console.program, through.date(), out, preprinted=preprinted, refile=refile)
    console.report(report, bill_as_text(report, out))
    waiting = [report["claims"][group] for group in ("held", "unknown", "outdated", "rejected")]
    return LEFT_FOR_A_PERSON if any([*waiting, report["unbilled"], report["failures"]]) else DONE


def bill_through(
    console: Console,
    program: Program,
    through: date,
    out: Path,
    *,
    preprinted: bool = False,
    refile: Sequence[str] = (),
) -> dict[str, Any]:
    """Bill up to a day, leave the papers in a folder, and return the report.

    Raises :class:`Refused`, and has changed nothing, when a claim of ``refile`` cannot be filed again.
    """
    with program.database.reading() as db:
        the_clinic(db)
        claims_to_refile(db, refile, through)
    make_folders(out)
    run = BillingRun(through, refile)
    with program.database.alone("billing run"):
        run_billing(
            program.database,
            run,
            program.documents,
            program.clearinghouse(out / CLAIMS),
            program.file_settings,
            preprinted_forms=preprinted,
            progress=console.progress,
        )
        report = _hand_out(program, run, out)
    console.progress_done()
    return report


def _hand_out(program: Program, run: BillingRun, out: Path) -> dict[str, Any]:
    """Leave the papers and the report in the folder, and only then remember that people have them."""
    with program.database.reading() as db:
        report, new_papers, new_files = summary(db, run), papers_to_hand_out(db), files_to_tell_of(db)
    hand_out(out, new_papers, program.documents)
    write_summary(out, report)
    with program.database.transaction() as db:
        at, by = clock.now(), Actor(ActorKind.COMMAND, "bill")
        note_handed_out(db, [*new_files, *(paper.document_id for paper in new_papers)], at)
        record(db, by, "clinic billed", Subject("clinic", "1"), at, {"through": run.through.isoformat()})
        seal(db, 1000)
    return report


@click.command()
@click.option("--out", type=_FOLDER, required=True, help="Folder for the claim files, forms and papers.")
@command
def papers(console: Console, out: Path) -> int:
    """Write every claim file, form and paper that was ever made into a folder again."""
    program = console.program
    make_folders(out, ALL_FOLDERS)
    with program.database.reading() as db:
        kept = all_papers(db)
    hand_out(out, kept, program.documents)
    console.report({"papers": len(kept)}, f"{len(kept)} papers are in {out}.")
    return DONE


COMMANDS = (import_, bill, papers)
