"""What the workers can be rung for. Each task drains everything of its kind that is due."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from celery import shared_task

from billing import clock
from billing.audit.recording import Actor, ActorKind
from billing.claims.filing.forms import forms_route
from billing.claims.filing.preparing import preparing_route
from billing.claims.filing.sending import filing_route
from billing.errors import MeridianError, NotDelivered
from billing.estimates.good_faith.drawing import estimates_route
from billing.invoices.drawing import papers_route
from billing.operations.eligibility.asking_payers import ask_payers as ask_all_payers
from billing.operations.errands.running import run_waiting
from billing.operations.fetching import fetch_answers as take_in_what_came
from billing.operations.regular import ask_what_is_regular as ask_for_it
from billing.operations.rounds import (
    ASK_PAYERS,
    ASK_WHAT_IS_REGULAR,
    DRAW_PAPERS,
    FETCH_ANSWERS,
    FILE_CLAIMS,
    GIVE_SIGN,
    PLAN_MESSAGES,
    READ_REPLIES,
    RUN_ERRANDS,
    SEAL_AUDIT,
    SEND_MESSAGES,
)
from billing.operations.sealing_all import seal_trail
from billing.relay import Delivery, Route, carry_out, relay
from billing.reminders import rounds as messages
from billing.wiring import Program, program_of_this_process
from workers.signs import sign_as_worker
from workers.stopping import is_stopping

_log = logging.getLogger(__name__)
_first_come = Lock()
_FILING = str(Actor(ActorKind.WORKER, FILE_CLAIMS))
"""Who files what nobody handed over by hand, as the claims' histories name it."""
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
    filed = _drain(program, filing_route(program.documents, program.clearinghouse(), _FILING, rests=True))
    if any(one.failure is None for one in filed):
        program.bell.ring(FETCH_ANSWERS)


@shared_task(name=FETCH_ANSWERS)
@told_without_contents()
def fetch_answers() -> None:
    """Take in what has come into the inbox; what a payer left to the next one is then filed at once."""
    program = _program()
    if take_in_what_came(program.means):
        program.bell.ring(FILE_CLAIMS)


@shared_task(name=ASK_PAYERS)
@told_without_contents()
def ask_payers() -> None:
    """Ask payers about cover; where the answers come through the inbox, they are looked for at once."""
    program = _program()
    with _until_halted():
        asked = ask_all_payers(
            program.means, program.eligibility_line, _halt_if_asked, by_rules=program.settings.asks_by_rules
        )
        _tell("eligibility questions", asked)
        if asked and program.eligibility_line is None:
            program.bell.ring(FETCH_ANSWERS)


@shared_task(name=DRAW_PAPERS)
@told_without_contents()
def draw_papers() -> None:
    """Draw the invoices, superbills and claim forms that were issued and not yet drawn."""
    program = _program()
    _drain(program, papers_route(program.documents))
    _drain(program, estimates_route(program.documents))
    _drain(program, forms_route(program.documents, preprinted=False))


@shared_task(name=SEAL_AUDIT)
@told_without_contents()
def seal_audit() -> None:
    """Seal the audit rows that have no seal yet."""
    seal_trail(_program().database)


@shared_task(name=PLAN_MESSAGES)
@told_without_contents()
def plan_messages() -> None:
    """Plan what is to be said to patients and staff in the days to come; some of it may be due at once."""
    program = _program()
    planned = messages.plan_messages(program.database)
    if planned.new or planned.released:
        program.bell.ring(SEND_MESSAGES)


@shared_task(name=SEND_MESSAGES)
@told_without_contents()
def send_messages() -> None:
    """Send the messages whose time has come."""
    program = _program()
    with _until_halted():
        sent = messages.send_messages(
            program.database, program.mailer, program.texts, program.links, progress=_halt_if_asked
        )
        _tell("messages", sent)


@shared_task(name=READ_REPLIES)
@told_without_contents()
def read_replies() -> None:
    """Heed the text messages that came in."""
    program = _program()
    try:
        messages.read_replies(program.database, program.texts)
    except NotDelivered as failure:
        _log.warning("replies: %s", failure)


@shared_task(name=RUN_ERRANDS)
@told_without_contents()
def run_errands() -> None:
    """Run the errands that were asked for at the desk or by the clock.

    They may have filed claims, which a clearinghouse may have answered, or posted payments that leave something to
    the next payer: both are looked for at once.
    """
    program = _program()
    if run_waiting(program.means):
        for what in (FETCH_ANSWERS, FILE_CLAIMS):
            program.bell.ring(what)


@shared_task(name=ASK_WHAT_IS_REGULAR)
@told_without_contents()
def ask_what_is_regular() -> None:
    """Ask for the regular work whose turn has come, and have it begin."""
    program = _program()
    if carry_out(program.database, lambda db: ask_for_it(db, clock.now())):
        program.bell.ring()


@shared_task(name=GIVE_SIGN)
@told_without_contents()
def give_sign() -> None:
    """Say that this worker is there."""
    sign_as_worker(_program())


def _program() -> Program:
    """Made by the first task of a process, since a child must not inherit its parent's connections."""
    with _first_come:
        return _the_program()


@cache
def _the_program() -> Program:
    program = program_of_this_process()
    program.is_stopping = is_stopping
    return program


class _Halted(Exception):
    """The worker is to end: what is due waits for another."""


def _drain(program: Program, route: Route[Any, Any]) -> Sequence[Delivery[Any, Any]]:
    """Relay what is due; what the outside world would not take is due again in the next round.

    Gives what became of it; nothing, when it was broken off.
    """
    with _until_halted():
        done = relay(program.database, route, _halt_if_asked)
        _tell(route.name, done)
        return done
    return ()


@contextmanager
def _until_halted() -> Iterator[None]:
    """A worker that is to end stops between two batches."""
    with suppress(_Halted):
        yield


def _halt_if_asked(_done: int) -> None:
    if is_stopping():
        raise _Halted


def _tell(name: str, deliveries: Sequence[Delivery[Any, Any]]) -> None:
    """Say in the log what the outside world would not take, each reason once."""
    for reason in dict.fromkeys(str(one.failure) for one in deliveries if one.failure):
        _log.warning("%s: %s", name, reason)
