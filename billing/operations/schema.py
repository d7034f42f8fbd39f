"""The schema, which comes only from ``migrations/``."""

from __future__ import annotations

import importlib
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from billing.database import Base, Database

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ROOMS = Path(__file__).resolve().parents[1]


def all_tables() -> sa.MetaData:
    """Every table of every room."""
    for models in sorted(_ROOMS.glob("*/models.py")):
        importlib.import_module(f"billing.{models.parent.name}.models")
    return Base.metadata


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def upgrade(database: Database) -> None:
    """Bring the database to the newest schema, whole or not at all; nothing happens when it is there already.

    Two processes that start on a fresh database at once take turns.
    """
    if is_current(database):
        return
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(4711)"))
        command.upgrade(_config(connection), "head")


def downgrade(database: Database) -> None:
    """Take every migration back: the database is empty afterwards."""
    with database.engine.begin() as connection:
        command.downgrade(_config(connection), "base")


def is_current(database: Database) -> bool:
    """Whether the database has the newest schema."""
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    with database.reading_engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == newest


def differences(database: Database) -> list[str]:
    """What the database's tables lack or have beyond the models; empty when they agree."""
    all_tables()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        return [repr(difference) for difference in compare_metadata(context, Base.metadata)]
