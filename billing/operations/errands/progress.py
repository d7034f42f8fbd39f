"""How far an errand is, written down now and then: the sign of life that keeps it from being taken up by another."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import update

from billing import clock
from billing.database import Database, Db
from billing.errors import MeridianError
from billing.operations.models import Errand, ErrandState
from billing.relay import carry_out

SECONDS_BETWEEN = 0.5
"""A progress row is written at most this often."""


class BrokenOff(Exception):
    """The process is to end: what is under way stops between two transactions, and waits to be taken up again."""


class Telling(Protocol):
    """Whoever hears how far long work is."""

    def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Hear it. Raises :class:`BrokenOff` when the process is to end."""


@dataclass(frozen=True, slots=True)
class Unheard:
    """Nobody asks how far it is; it only stops when the process is to end."""

    is_stopping: Callable[[], bool]

    def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Raises :class:`BrokenOff` when the process is to end."""
        if self.is_stopping():
            raise BrokenOff


@dataclass(slots=True)
class Progress:
    """The running errand's own row. Never call it with a transaction open: it writes in one of its own."""

    database: Database
    errand_id: int
    is_stopping: Callable[[], bool] = lambda: False
    since: Callable[[], float] = time.monotonic
    """A clock that only runs forward, in seconds."""
    _next: float = field(default=0.0, init=False)

    def tell(self, doing: str, done: int = 0, total: int | None = None) -> None:
        """Say what is being done, how many so far and of how many, if that is known.

        Raises :class:`BrokenOff` when the process is to end.
        """
        if self.is_stopping():
            raise BrokenOff
        if self.since() < self._next:
            return
        # That another write takes long is no reason to end; the next sign will do.
        with suppress(MeridianError):
            carry_out(self.database, lambda db: self._write(db, doing, done, total))
        self._next = self.since() + SECONDS_BETWEEN

    def _write(self, db: Db, doing: str, done: int, total: int | None) -> None:
        shown = done if total is None else min(done, total)
        mine = (Errand.id == self.errand_id, Errand.state == ErrandState.RUNNING)
        db.execute(update(Errand).where(*mine).values(doing=doing, done=shown, total=total, seen_at=clock.now()))
