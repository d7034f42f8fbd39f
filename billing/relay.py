"""The ways to open transactions outside the web and the command line.

``look_up`` asks and ``carry_out`` does one thing. ``climb`` runs a stage over everything that is ready, a batch and
a commit at a time. ``attempt`` does a thing whole or, when it turns out unfit half-way, undoes it and writes that
down instead. ``relay`` is the only loop that talks to the world: *take* marks what is due and copies what is needed,
*deliver* calls the world with no transaction open, *record* writes what happened. A crash between take and record
is found by a lease, and what then is right depends on the thing: see each route.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from billing.database import Database, Db
from billing.errors import OutsideWorld

Letter = TypeVar("Letter")
Outcome = TypeVar("Outcome")
Done = TypeVar("Done")
Unfit = TypeVar("Unfit", bound=Exception)

Stage = Callable[[Db, int], int | None]
"""Does the batch after a cursor and returns the next cursor, or ``None`` when nothing was left."""


@dataclass(frozen=True, slots=True)
class Delivery(Generic[Letter, Outcome]):
    """What became of a letter: an outcome, or the way in which the outside world failed."""

    letter: Letter
    outcome: Outcome | None = None
    failure: OutsideWorld | None = None


@dataclass(frozen=True, slots=True)
class Route(Generic[Letter, Outcome]):
    """One kind of thing on its way out."""

    name: str
    take: Callable[[Db, int], Sequence[Letter]]
    """Marks at most so many due rows and copies what delivery needs. In a transaction."""
    deliver: Callable[[Letter], Outcome]
    """Calls the world. Raises :class:`OutsideWorld` when that fails. No transaction is open."""
    record: Callable[[Db, Sequence[Delivery[Letter, Outcome]]], None]
    """Writes what happened. In a transaction."""
    limit: int = 1
    """Letters taken, and outcomes recorded, at a time."""
    halts: Callable[[OutsideWorld], bool] = lambda failure: True
    """Whether a failure is the world's, so that the rest waits; else it is about its own letter only."""
    lighten: Callable[[Letter], Letter] = lambda letter: letter
    """Drops from a recorded letter what nobody needs any more, so that a long run's memory stays flat."""


def look_up(database: Database, question: Callable[[Db], Done]) -> Done:
    """What ``question`` answers, in a transaction that cannot write."""
    with database.reading() as db:
        return question(db)


def carry_out(database: Database, act: Callable[[Db], Done]) -> Done:
    """Do ``act`` in one transaction."""
    with database.transaction() as db:
        return act(db)


def climb(database: Database, stage: Stage, progress: Callable[[], None] = lambda: None) -> None:
    """Run ``stage`` from the beginning until it finds nothing more, committing after every batch."""
    cursor: int | None = 0
    while cursor is not None:
        with database.transaction() as db:
            cursor = stage(db, cursor)
        progress()


def attempt(
    database: Database,
    act: Callable[[Db], Done],
    unfit: type[Unfit],
    otherwise: Callable[[Db, Unfit], Done],
) -> Done:
    """Do ``act`` in one transaction; when it raises ``unfit``, undo all of it and do ``otherwise`` in another."""
    try:
        with database.transaction() as db:
            return act(db)
    except unfit as reason:
        with database.transaction() as db:
            return otherwise(db, reason)


def relay(
    database: Database,
    route: Route[Letter, Outcome],
    progress: Callable[[int], None] = lambda done: None,
) -> list[Delivery[Letter, Outcome]]:
    """Take, deliver and record until nothing is due, or until the world fails: then the rest waits.

    Returns what became of every letter taken.
    """
    done: list[Delivery[Letter, Outcome]] = []
    while True:
        with database.transaction() as db:
            letters = route.take(db, route.limit)
        deliveries = [_deliver(route, letter) for letter in letters]
        if deliveries:
            with database.transaction() as db:
                route.record(db, deliveries)
        done += [replace(one, letter=route.lighten(one.letter)) for one in deliveries]
        progress(len(done))
        if not deliveries or any(one.failure and route.halts(one.failure) for one in deliveries):
            return done


def _deliver(route: Route[Letter, Outcome], letter: Letter) -> Delivery[Letter, Outcome]:
    try:
        return Delivery(letter, outcome=route.deliver(letter))
    except OutsideWorld as failure:
        return Delivery(letter, failure=failure)
