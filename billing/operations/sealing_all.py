"""Sealing all of the audit trail that has no seal yet."""

from __future__ import annotations

from billing.audit.sealing import seal
from billing.database import Database, Db
from billing.relay import climb

ROWS_AT_ONCE = 1_000


def seal_trail(database: Database) -> None:
    """Seal every audit row that has no seal, some at a time so that no writer waits long."""
    climb(database, _seal_some)


def _seal_some(db: Db, after: int) -> int | None:
    sealed = seal(db, ROWS_AT_ONCE)
    return after + sealed if sealed == ROWS_AT_ONCE else None
