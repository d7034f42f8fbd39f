"""Commands about code sets: loading one from its publisher's file, and which are in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from billing import clock
from billing.audit.recording import Actor, ActorKind
from billing.cli.console import DONE, LEFT_FOR_A_PERSON, Console, command
from billing.clinic.models import Clinic
from billing.codes.sets.editions import plain
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.shelf import shelf
from billing.database import Db
from billing.errors import Refused
from billing.operations.code_sets.loading import Loading, load
from billing.operations.code_sets.unpacking import sent_path
from billing.reports.code_set_standing import KindStanding, standing
from billing.reports.codes_used import procedure_codes

_BY = Actor(ActorKind.COMMAND, "codes")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_KIND = click.Choice([one.value for one in SetKind])


class _OnConsole:
    """Tells progress on standard error."""

    def __init__(self, console: Console) -> None:
        self.console = console

    def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Overwrite the progress line."""
        self.console.progress(doing, done)


@click.group()
def codes() -> None:
    """Code sets: diagnoses, pair edits, unit caps, add-on codes, each from its publisher's own file."""


@codes.command("load")
@click.argument("kind", metavar="KIND", type=_KIND)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=_FILE)
@click.option(
    "--effective-from", "effective_from", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE",
    help="First day on which it holds; needed where the file's name does not say it.",
)  # fmt: skip
@command
def load_(console: Console, kind: str, files: tuple[Path, ...], effective_from: datetime | None) -> int:
    """Load a code set, whole or not at all; the earlier one stays in force for its days.

    KIND is icd10cm, ncci-ptp, mue, add-on or ncd-30-3-3. FILE is the publisher's text file, or the zip file it comes
    in; the pair edits of a quarter are all their parts.
    """
    program = console.program
    asked = effective_from.date() if effective_from else None
    loading = Loading(SetKind(kind), [sent_path(one) for one in files], asked, _BY)
    try:
        report = load(program.database, program.code_folder, loading, _OnConsole(console))
    except Refused as refusal:
        raise _with_reasons(refusal) from None
    console.progress_done()
    console.report(report, _as_text(report))
    return DONE


def _with_reasons(refusal: Refused) -> Refused:
    told = [f"  {one.why}" for one in refusal.problems]
    return Refused("\n".join([str(refusal), *told]), refusal.problems)


@codes.command("list")
@command
def list_(console: Console) -> int:
    """Which sets are in force, since when, and what is overdue."""
    with console.program.database.reading() as db:
        today, used = _today(db), procedure_codes(db)
    found = standing(shelf(), today, used)
    console.report({"sets": [_row(one) for one in found]}, "\n".join(_line(one) for one in found))
    return LEFT_FOR_A_PERSON if any(one.overdue for one in found) else DONE


def _today(db: Db) -> date:
    clinic = db.get(Clinic, 1)
    return clock.today(clinic.time_zone if clinic else "UTC")


def _row(one: KindStanding) -> dict[str, Any]:
    return {
        "kind": one.kind.value,
        "title": one.facts.title,
        "edition": one.edition,
        "comes_along": one.in_force is None,
        "effective_from": one.in_force.effective_from.isoformat() if one.in_force else None,
        "files": [file.name for file in one.in_force.files] if one.in_force else [],
        "kept": one.in_force.kept if one.in_force else None,
        "overdue": one.overdue.why if one.overdue else None,
        "not_covered": list(one.not_covered),
        "loaded": [
            {
                "effective_from": each.effective_from.isoformat(),
                "kept": each.kept,
                "loaded_at": each.loaded_at.isoformat(),
            }
            for each in one.loaded
        ],
    }  # fmt: skip


def _line(one: KindStanding) -> str:
    names = [file.name for file in one.in_force.files] if one.in_force else ["comes along with Meridian"]
    lines = [f"{one.kind.value:<11} {one.edition} ({', '.join(names)})"]
    later = [each for each in one.loaded if one.in_force is None or each.effective_from > one.in_force.effective_from]
    lines += [f"            from {plain(each.effective_from)}: {each.kept} rows are loaded" for each in later]
    lines += [f"            {one.overdue.why}"] if one.overdue else []
    if one.not_covered:
        lines.append(f"            loaded without {', '.join(one.not_covered)}: load the same file again")
    return "\n".join(lines)


def _as_text(report: Mapping[str, Any]) -> str:
    if report["is_known"]:
        return f"{report['title']} of {report['edition']}: the same file was loaded before. Nothing was changed."
    changes = report["changes"]
    lines = [
        f"{report['title']} of {report['edition']} {report['are']} in force for sessions from {report['begins']} on: "
        f"{report['kept']:,} of {report['rows']:,} rows kept.",
        f"Against the edition before: {changes['all_added']:,} added, {changes['all_ended']:,} ended, "
        f"{changes['all_changed']:,} changed.",
    ]
    for what, words in (("added", "Added"), ("ended", "Ended")):
        lines += [f"{words}, of the codes used here: {', '.join(changes[what])}."] if changes[what] else []
    lines += [f"{one['what']}: {one['now']}; it was {one['before']}." for one in changes["changed"]]
    lines.append(f"Sessions not yet filed that are judged otherwise: {report['judged_otherwise']}.")
    lines += [_session_line(one) for one in report["otherwise"]]
    lines.append(f"{report['held_checked']} held claims were judged again; {report['held_released']} are ready now.")
    return "\n".join(lines)


def _session_line(one: Mapping[str, Any]) -> str:
    said = [f"new: {', '.join(one['new'])}"] if one["new"] else []
    said += [f"gone: {', '.join(one['gone'])}"] if one["gone"] else []
    return f"  session {one['session']} of {one['service_on']}: {'; '.join(said)}"
