"""The migrations, carried out by Alembic.

Imported where a schema is made or compared and nowhere else: a program that finds its tables up to date has no need
of Alembic in its memory.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData
from sqlalchemy.engine import Connection


def to_newest(connection: Connection, migrations: Path) -> None:
    """Carry out what is missing of the migrations in that folder."""
    command.upgrade(_config(connection, migrations), "head")


def to_nothing(connection: Connection, migrations: Path) -> None:
    """Take every migration back."""
    command.downgrade(_config(connection, migrations), "base")


def differences(connection: Connection, tables: MetaData) -> list[str]:
    """What the database lacks or has beyond these tables."""
    context = MigrationContext.configure(connection, opts={"compare_type": False})
    return [repr(difference) for difference in compare_metadata(context, tables)]


def _config(connection: Connection, migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations))
    config.attributes["connection"] = connection
    return config
