"""Counting the SQL statements of a request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from billing.database import Database

_NOT_COUNTED = ("BEGIN", "PRAGMA", "COMMIT", "ROLLBACK", "SET ", "SHOW ")


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Every statement that reads or writes, in order; what only opens and ends transactions is left out."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.lstrip().upper().startswith(_NOT_COUNTED):
            seen.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", note)
