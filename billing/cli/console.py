"""How every command speaks, and what it has to hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

import click
from sqlalchemy.exc import ArgumentError, DBAPIError

from billing.errors import MeridianError, Refused
from billing.settings import settings_of_this_process
from billing.wiring import Program, ready

DONE, LEFT_FOR_A_PERSON = 0, 1
"""Exit codes; click itself exits with 2 for wrong usage."""


class Console:
    """A command's voice, and the program it works on."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    @cached_property
    def program(self) -> Program:
        """The program the environment describes, with its database made or brought up to date.

        Raises :class:`Refused` when its database cannot be used.
        """
        try:
            return ready(settings_of_this_process())
        except DBAPIError as error:
            said = str(error.orig).partition("\n")[0]
            raise Refused(f"The database cannot be used: {said}. See that it runs and can be reached.") from None
        except ArgumentError:
            raise Refused("MERIDIAN_DATABASE_URL is not a database's URL, such as postgresql://host/name.") from None

    def report(self, result: dict[str, Any], text: str) -> None:
        """Say the result: as JSON, or as text for people."""
        click.echo(json.dumps(result, ensure_ascii=False) if self.as_json else text)

    def progress(self, what: str, done: int) -> None:
        """Overwrite one line on standard error, if someone is watching it."""
        if sys.stderr.isatty():
            click.echo(f"\r{what}: {done}\033[K", nl=False, err=True)

    def progress_done(self) -> None:
        """Wipe the progress line."""
        if sys.stderr.isatty():
            click.echo("\r\033[K", nl=False, err=True)

    def refuse(self, error: MeridianError) -> None:
        """Say why nothing could be done."""
        self.progress_done()
        if self.as_json:
            click.echo(json.dumps({"error": str(error)}, ensure_ascii=False))
        else:
            click.echo(str(error), err=True)


def command(function: Callable[..., int]) -> Callable[..., None]:
    """Turn a function of a :class:`Console` that returns an exit code into what click calls.

    It gains the option ``--json``; what is refused is told, not traced.
    """

    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
    @wraps(function)
    def run(*, as_json: bool, **options: Any) -> None:
        console = Console(as_json=as_json)
        try:
            code = function(console, **options)
        except MeridianError as error:
            console.refuse(error)
            code = LEFT_FOR_A_PERSON
        except DBAPIError as error:
            # Its text may quote a record, so only its kind is told.
            kind = type(error.orig).__name__
            console.refuse(Refused(f"The database refused this step ({kind}), and it was undone. Repeat it."))
            code = LEFT_FOR_A_PERSON
        sys.exit(code)

    return run
