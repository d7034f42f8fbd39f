"""The schema, which comes only from ``migrations/``."""

from __future__ import annotations

import importlib
from pathlib import Path

import sqlalchemy as sa

from billing.database import Base, Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ROOMS = Path(__file__).resolve().parents[1]
_REVISION = sa.table("alembic_version", sa.column("version_num", sa.String))


def all_tables() -> sa.MetaData:
    """Every table of every room."""
    for models in sorted(_ROOMS.rglob("models.py")):
        importlib.import_module(".".join(("billing", *models.relative_to(_ROOMS).with_suffix("").parts)))
    return Base.metadata


def upgrade(database: Database) -> None:
    """Bring the database to the newest schema, whole or not at all; nothing happens when it is there already.

    Two processes that start on a fresh database at once take turns.
    """
    if is_current(database):
        return
    from billing.operations import migrating

    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(4711)"))
        migrating.to_newest(connection, MIGRATIONS)


def downgrade(database: Database) -> None:
    """Take every migration back: the database is empty afterwards."""
    from billing.operations import migrating

    with database.engine.begin() as connection:
        migrating.to_nothing(connection, MIGRATIONS)


def newest_revision() -> str:
    """The revision of the newest migration: each is named by its number, in four digits."""
    return max(path.name for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))[:4]


def is_current(database: Database) -> bool:
    """Whether the database has the newest schema."""
    with database.reading_engine.connect() as connection:
        if not sa.inspect(connection).has_table(_REVISION.name):
            return False
        return connection.scalars(sa.select(_REVISION.c.version_num)).all() == [newest_revision()]


def differences(database: Database) -> list[str]:
    """What the database's tables lack or have beyond the models; empty when they agree."""
    from billing.operations import migrating

    with database.engine.connect() as connection:
        return migrating.differences(connection, all_tables())
