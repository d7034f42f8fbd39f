"""The database: base class, column types, and :meth:`Database.transaction`, the only commit in the program.

SQLite and PostgreSQL are both first class; what differs between them lives here and in the
migrations. On SQLite a writing transaction begins ``IMMEDIATE``: a deferred one reads before it
holds the lock, and of two that then write the first update is lost without a word. A reading one
is deferred and refuses to write, so that it never waits behind a long write.
"""

from __future__ import annotations

import enum
import fcntl
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, Dialect, make_url

from billing.errors import Conflict, DatabaseAway, Refused

Db = orm.Session
"""An open transaction. A function whose first argument is one reads or writes inside its caller's."""

BUSY_SECONDS = 30
"""How long a writer waits on SQLite before it gives up."""

_READING = "meridian_reading"
_Item = TypeVar("_Item")


class UtcInstant(sa.types.TypeDecorator[datetime]):
    """An instant, always in UTC and always aware; SQLite, which knows no zones, stores it as naive UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; refuses a time without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """As aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(choices: type[enum.StrEnum], name: str = "") -> sa.Enum:
    """A text column type that admits only the words of a ``StrEnum``, checked by the database too.

    ``name`` tells two columns of one table apart that have the same words.
    """
    return sa.Enum(
        choices,
        native_enum=False,
        create_constraint=True,
        length=24,
        name=name or choices.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Key = Annotated[int, orm.mapped_column(_BIG, primary_key=True)]
"""A record's own number."""
Cents = Annotated[int, orm.mapped_column(sa.BigInteger())]
"""Whole minor units of the clinic's currency."""


class Base(orm.DeclarativeBase):
    """Root of all tables. Constraint names are derived, so that migrations can name them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcInstant,
        int: _BIG,
        str: sa.Text(),
        dict[str, Any]: sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
        list[Any]: sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
        list[str]: sa.JSON().with_variant(postgresql.JSONB(), "postgresql"),
    }


class Database:
    """One database and the two ways to open a transaction on it."""

    def __init__(self, url: str) -> None:
        self.url: URL = make_url(url.replace("postgres://", "postgresql://", 1))
        if self.url.get_backend_name() == "sqlite":
            if self.url.database and self.url.database != ":memory:":
                _make_folder(Path(self.url.database).parent)
            self.engine = sa.create_engine(self.url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
            sa.event.listen(self.engine, "connect", _open_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        elif self.url.get_backend_name() != "postgresql":
            raise Refused(f"Meridian keeps its records in SQLite or PostgreSQL, not in {self.url.get_backend_name()}.")
        else:
            driven = self.url.set(drivername="postgresql+psycopg")
            # A plan made while a table was empty stays slow for as long as its connection lives.
            custom_plans = {"options": "-c plan_cache_mode=force_custom_plan"}
            self.engine = sa.create_engine(driven, hide_parameters=True, pool_pre_ping=True, connect_args=custom_plans)
        # A reader on PostgreSQL would else see what was committed since its last statement.
        one_state = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        self.reading_engine = self.engine.execution_options(**{_READING: True, **one_state})

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded kind."""
        return self.engine.dialect.name == "sqlite"

    @property
    def name(self) -> str:
        """Where it is, without its password."""
        return self.url.render_as_string(hide_password=True)

    @contextmanager
    def transaction(self) -> Iterator[Db]:
        """A writing transaction: committed when the block ends, rolled back whole when it raises."""
        with orm.Session(self.engine, expire_on_commit=False) as db, _troubles_in_words(), db.begin():
            yield db

    @contextmanager
    def reading(self) -> Iterator[Db]:
        """A transaction that cannot write and sees one state of the data throughout."""
        with orm.Session(self.reading_engine, expire_on_commit=False) as db, _troubles_in_words({}), db.begin():
            yield db

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Do something of which only one may run at a time, over any number of transactions and processes.

        Raises :class:`Conflict` when another is at it. What dies lets go of it.
        """
        with self._held(what) as is_held:
            if not is_held:
                raise Conflict(f"Another {what} is going on. Wait for it to end, and repeat.")
            yield

    @contextmanager
    def _held(self, what: str) -> Iterator[bool]:
        if self.is_sqlite:
            with Path(f"{self.url.database}.{what.replace(' ', '-')}").open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield False
                else:
                    yield True
        else:
            lock = zlib.crc32(f"alone: {what}".encode())
            with _troubles_in_words({}), self.engine.connect() as connection:
                try:
                    yield bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(lock))))
                finally:
                    # The lock is the connection's, which lets go of it at once here, and in the end by being closed:
                    # back in the pool it would keep it.
                    with suppress(sa.exc.SQLAlchemyError):
                        connection.execute(sa.select(sa.func.pg_advisory_unlock_all()))
                    connection.invalidate()

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refused(f"The data folder {folder} cannot be made: {error.strerror}. Name another one.") from None


def _open_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reading = bool(connection.get_execution_options().get(_READING))
    connection.exec_driver_sql(f"PRAGMA query_only={'ON' if reading else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


_TROUBLES = {
    "database or disk is full": "The disk of the database is full",
    "disk I/O error": "The disk of the database fails or is full",
    "No space left on device": "The disk of the database is full",
    "could not extend file": "The disk of the database is full",
    "unable to open database file": "The database cannot be opened: its folder is missing or may not be used",
    "attempt to write a readonly database": "The database may not be written by this user",
}
"""What a database says when its surroundings fail under a writer, and what it means."""
_COMING_OR_GOING = ("08", "57P01", "57P02", "57P03")
"""PostgreSQL's states of a line that broke, and of a server that shuts down, has crashed, or is not ready yet."""


@contextmanager
def _troubles_in_words(of_writing: Mapping[str, str] = _TROUBLES) -> Iterator[None]:
    """Turn a database's complaint about its surroundings into words.

    Raises :class:`Conflict` when the database is busy for too long, :class:`DatabaseAway` when its server does not
    answer, :class:`Refused` when its disk or its folder fails; a fault of the program stays what it is.
    """
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        if _is_away(error.orig):
            raise DatabaseAway("The database does not answer for the moment. Try again in a while.") from None
        said = str(error.orig)
        if "database is locked" in said:
            raise Conflict(f"Another long write has held the database for {BUSY_SECONDS} seconds. Try again.") from None
        for text, meaning in of_writing.items():
            if text in said:
                raise Refused(
                    f"{meaning}. This step was undone, and what was done before it stays; mend it and repeat."
                ) from None
        raise


def _is_away(error: BaseException | None) -> bool:
    """Whether the database's server is not there, comes or goes; the driver itself knows no state for a dead line."""
    state: str | None = getattr(error, "sqlstate", "")
    return state is None or state.startswith(_COMING_OR_GOING)


def hold_lock(db: Db, name: str) -> None:
    """Wait until no other transaction holds the lock ``name``; held until this one ends.

    For work of which only one may run at a time. On SQLite the writing transaction is itself such a lock.
    """
    if db.get_bind().dialect.name == "postgresql":
        db.execute(sa.select(sa.func.pg_advisory_xact_lock(zlib.crc32(name.encode()))))


def insert_ignoring(db: Db, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, passing over those that a unique constraint says are there already."""
    if rows:
        dialect_insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
        db.execute(dialect_insert(table).on_conflict_do_nothing(), list(rows))


def insert_many(db: Db, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert a great many rows, all with the same columns, without learning their keys.

    The driver would send PostgreSQL one statement for each row, so they go as one JSON value. An instant
    without a zone raises ``ValueError``.
    """
    if not rows:
        return
    made = Base.metadata.tables[table.__tablename__]
    if db.get_bind().dialect.name != "postgresql":
        db.execute(sa.insert(made), list(rows))
        return
    fresh = as_table(made, rows)
    db.execute(sa.insert(made).from_select(list(rows[0]), sa.select(fresh), include_defaults=False))


def as_table(made: sa.Table, rows: Sequence[Mapping[str, Any]]) -> sa.TableValuedAlias:
    """The rows as one JSON value that PostgreSQL reads as a table."""
    columns = [sa.column(name, made.c[name].type) for name in rows[0]]
    text = json.dumps([dict(row) for row in rows], default=_in_json)
    given = sa.func.json_to_recordset(sa.cast(sa.bindparam("rows", text, sa.Text()), postgresql.JSON()))
    return given.table_valued(*columns, name="fresh").render_derived(with_types=True)


def _in_json(value: object) -> str:
    if not isinstance(value, date) or (isinstance(value, datetime) and value.tzinfo is None):
        raise ValueError("only plain values, dates and instants with a time zone can be written")
    return value.isoformat()


def batches(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """The items in lists of at most ``size``, so that one statement's parameters stay bounded."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
