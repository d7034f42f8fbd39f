"""The command that takes in what clearinghouses and payers answer to claims."""

from __future__ import annotations

from pathlib import Path

import click

from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.operations.answers import as_text, is_left_for_a_person, read_answers

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@command
def answers(console: Console, files: tuple[Path, ...]) -> int:
    """Read 999, TA1, 277CA, 277 and 271 files: each answer finds its claim, or its question about cover.

    It is kept with it, and moves it or is noted; what a 271 tells becomes the benefit on file. Every file is kept.
    """
    program = console.program
    report = read_answers(program.database, program.documents, files, lambda done: console.progress("files read", done))
    console.progress_done()
    console.report(report, as_text(report))
    return LEFT_FOR_A_PERSON if is_left_for_a_person(report) else DONE
