"""A PostgreSQL database that is emptied after each test: to make one and warm it up takes longer than most tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy.pool import QueuePool

from billing.database import Database

TESTS_BETWEEN_SWEEPS = 100
"""After so many tests what was deleted is swept up; to look past it would take longer and longer."""

_SHAPE = """
    SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
        SELECT oid || relkind::text || relname || relhastriggers::text FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('S', 'i')
        UNION ALL SELECT attrelid || attname::text || attnotnull::text FROM pg_attribute
            JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
        UNION ALL SELECT oid || tgenabled::text FROM pg_trigger
        UNION ALL SELECT oid::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT oid || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) AS made (part)
"""
_IN_USE = """
    SELECT (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory')
"""
_NUMBER_ANEW = """
    SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname"


@dataclass(slots=True)
class Emptied:
    """One database, the connection that empties it, and how it was when it was made."""

    database: Database
    sweeper: psycopg.Connection
    shape: str
    tables: list[str]
    """Those that were empty."""
    tests: int = 0

    def is_as_it_was(self) -> bool:
        """Whether only rows have changed, and nobody but the database's own idle connections is at it."""
        pool = self.database.engine.pool
        assert isinstance(pool, QueuePool)
        connections, locks = self.sweeper.execute(_IN_USE).fetchone() or (0, 0)
        is_idle = connections == pool.checkedin() and not pool.checkedout() and not locks
        return is_idle and self.shape == _shape(self.sweeper)

    def empty(self) -> None:
        """Take out every row, past the laws that forbid it, and number anew."""
        with self.sweeper.transaction():
            for table in _filled(self.sweeper, self.tables):
                self.sweeper.execute(SQL("DELETE FROM {}").format(Identifier(table)))
            self.sweeper.execute(_NUMBER_ANEW)
        self.tests += 1
        if self.tests % TESTS_BETWEEN_SWEEPS == 0:
            self.sweeper.execute("VACUUM ANALYZE")


class Reused:
    """Gives each test an empty database: the one before, or another where its schema was changed or it is in use."""

    def __init__(
        self,
        make: Callable[[], str],
        opened: Callable[[str], Database],
        connect: Callable[[str], psycopg.Connection],
        drop: Callable[[str], None],
    ) -> None:
        """``make`` makes a database with the schema and gives its name, by which the others take it."""
        self._make, self._opened, self._connect, self._drop = make, opened, connect, drop
        self._at_hand: Emptied | None = None

    @contextmanager
    def fresh(self) -> Iterator[Database]:
        """An empty database until the block ends."""
        one = self._at_hand or self._another()
        self._at_hand = None
        yield one.database
        if one.is_as_it_was():
            one.empty()
            self._at_hand = one
        else:
            self._give_up(one)

    def close(self) -> None:
        """Give up the database that is at hand."""
        if self._at_hand:
            self._give_up(self._at_hand)

    def _another(self) -> Emptied:
        name = self._make()
        sweeper = self._connect(name)
        sweeper.execute("SET session_replication_role = replica")
        tables = [name for (name,) in sweeper.execute(_TABLES)]
        filled = set(_filled(sweeper, tables))
        return Emptied(self._opened(name), sweeper, _shape(sweeper), [one for one in tables if one not in filled])

    def _give_up(self, one: Emptied) -> None:
        name = one.sweeper.info.dbname
        one.database.close()
        one.sweeper.close()
        self._drop(name)


def _filled(sweeper: psycopg.Connection, tables: list[str]) -> list[str]:
    """Those of the tables that hold a row."""
    asked = SQL(" UNION ALL ").join(
        SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(name, Identifier(name)) for name in tables
    )
    return [name for (name,) in sweeper.execute(asked)]


def _shape(sweeper: psycopg.Connection) -> str:
    return str((sweeper.execute(_SHAPE).fetchone() or ("",))[0])
