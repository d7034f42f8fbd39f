"""Commands by which a person says what became of a claim of unknown fate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import click

from billing import clock
from billing.audit.recording import Actor, ActorKind, Fact, Subject, record
from billing.claims.filing import resolving
from billing.claims.models import ClaimFile
from billing.claims.queries import claim_by_control_number
from billing.cli.console import DONE, Console, command
from billing.database import Db

_BY = Actor(ActorKind.COMMAND, "claim")
_why = click.option("--why", required=True, metavar="TEXT", help="How it is known; it stands in the claims' histories.")

Verb = Callable[..., int]


@dataclass(frozen=True, slots=True)
class _Said:
    """What was said of a claim, and whom it moved."""

    file: str
    claims: int


@click.group()
def claim() -> None:
    """Claims of which nobody knows whether they arrived."""


@claim.command()
@click.argument("number", metavar="CLAIM")
@_why
@command
def arrived(console: Console, number: str, why: str) -> int:
    """Say that a claim of unknown fate arrived, and with it every claim of its file."""
    said = _say(console, number, why, resolving.found, "claim said to have arrived")
    console.report(
        {"claim": number, "state": "sent", "file": said.file, "claims": said.claims},
        f"{said.file} arrived: {_claims(said)} sent.",
    )
    return DONE


@claim.command()
@click.argument("number", metavar="CLAIM")
@_why
@command
def missed(console: Console, number: str, why: str) -> int:
    """Say that a claim of unknown fate did not arrive: its file is handed over again, the same to the last byte.

    Ask the clearinghouse before: a claim that is sent twice looks like fraud.
    """
    said = _say(console, number, why, resolving.missed, "claim said not to have arrived")
    console.report(
        {"claim": number, "state": "ready", "file": said.file, "claims": said.claims},
        f"{said.file} did not arrive: {_claims(said)} ready. A worker hands the file over, or the next meridian bill.",
    )
    return DONE


def _say(console: Console, number: str, why: str, verb: Verb, action: str) -> _Said:
    with console.program.database.transaction() as db:
        return _resolve(db, number, why, verb, action)


def _resolve(db: Db, number: str, why: str, verb: Verb, action: str) -> _Said:
    at, one = clock.now(), claim_by_control_number(db, number)
    moved = verb(db, [one.id], str(_BY), why, at)
    detail: dict[str, Fact] = {"claims": moved}
    record(db, _BY, action, Subject("claim", str(one.id)), at, detail)
    return _Said(db.get_one(ClaimFile, one.file_id).name, moved)


def _claims(said: _Said) -> str:
    return "1 claim is" if said.claims == 1 else f"{said.claims} claims are"
