"""The command that takes in payers' payments."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.operations import remitting
from billing.operations.remitting import Report
from billing.wiring import Program

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("remit")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@command
def remit_(console: Console, files: tuple[Path, ...]) -> int:
    """Read 835 files: each payment that balances and is all ours is posted, any other waits with its arithmetic."""
    report = take_in_payments(console, console.program, files)
    console.report(report.as_json(), report.as_text())
    return LEFT_FOR_A_PERSON if report.is_left_for_a_person else DONE


def take_in_payments(console: Console, program: Program, files: Sequence[Path]) -> Report:
    """Post what these files hold, acknowledge the files, and return the report."""
    report = remitting.take_in_payments(
        program.database,
        program.documents,
        program.acknowledgements,
        program.file_settings,
        files,
        lambda done: console.progress("payments read", done),
    )
    console.progress_done()
    return report
