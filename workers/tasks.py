"""What the workers can be rung for. Each task drains everything of its kind that is due."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from celery import shared_task

from billing.claims.filing.forms import forms_route
from billing.claims.filing.preparing import preparing_route
from billing.claims.filing.sending import filing_route
from billing.errors import MeridianError
from billing.invoices.drawing import papers_route
from billing.operations.errands.running import run_waiting
from billing.operations.sealing_all import seal_trail
from billing.relay import Delivery, Route, relay
from billing.wiring import Program, program_of_this_process
from workers.schedule import DRAW_PAPERS, FILE_CLAIMS, RUN_ERRANDS, SEAL_AUDIT

_log = logging.getLogger(__name__)
_first_come = Lock()
_CHECKOUT = Path(__file__).resolve().parents[1]


class RoundFailed(MeridianError):
    """A task broke down. Its work is due again in the next round."""


@contextmanager
def told_without_contents() -> Iterator[None]:
    """Any fault inside comes out as :class:`RoundFailed`, which says what kind it was and where, and nothing else.

    Celery logs the text of a fault, and in it a database may quote what it was given: a name, a diagnosis.
    """
    try:
        yield
    except Exception as error:
        raise RoundFailed(f"{type(error).__name__} in {_way_to(error)}") from None


def _way_to(error: Exception) -> str:
    frames = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [(file.relative_to(_CHECKOUT), line) for file, line in frames if file.is_relative_to(_CHECKOUT / "billing")]
    return " > ".join(f"{file}:{line}" for file, line in ours) or "Celery"


@shared_task(name=FILE_CLAIMS)
@told_without_contents()
def file_claims() -> None:
    """Write claims that are ready into files, and hand over the files that wait."""
    program = _program()
    _drain(program, preparing_route(program.documents, program.file_settings))
    _drain(program, filing_route(program.documents, program.clearinghouse()))


@shared_task(name=DRAW_PAPERS)
@told_without_contents()
def draw_papers() -> None:
    """Draw the invoices, superbills and claim forms that were issued and not yet drawn."""
    program = _program()
    _drain(program, papers_route(program.documents))
    _drain(program, forms_route(program.documents, preprinted=False))


@shared_task(name=SEAL_AUDIT)
@told_without_contents()
def seal_audit() -> None:
    """Seal the audit rows that have no seal yet."""
    seal_trail(_program().database)


@shared_task(name=RUN_ERRANDS)
@told_without_contents()
def run_errands() -> None:
    """Run the errands that were asked for at the desk and left behind by the process that was asked."""
    run_waiting(_program().means)


def _program() -> Program:
    """Made by the first task of a process, since a child must not inherit its parent's connections."""
    with _first_come:
        return _the_program()


_the_program = cache(program_of_this_process)


def _drain(program: Program, route: Route[Any, Any]) -> None:
    """Relay what is due, and say what the outside world would not take; it is due again in the next round."""
    failed = [one for one in relay(program.database, route) if one.failure]
    for reason in _reasons(failed):
        _log.warning("%s: %s", route.name, reason)


def _reasons(failed: Sequence[Delivery[Any, Any]]) -> list[str]:
    return list(dict.fromkeys(str(one.failure) for one in failed))
