"""The schema comes from the migrations, on both kinds of database, there and back."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.operations import schema

_MIGRATING = """
import sys
from billing.database import Database
from billing.operations import schema
print("ready", flush=True)
sys.stdin.readline()
schema.upgrade(Database(sys.argv[1]))
"""


def everything_in(database: Database) -> set[str]:
    """Names of all tables, triggers and functions that are not the database's own."""
    if database.is_sqlite:
        asked = "SELECT name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"
    else:
        asked = """
            SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            UNION SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
        """
    with database.engine.connect() as connection:
        return set(connection.execute(sa.text(asked)).scalars())


def test_a_migrated_database_is_what_the_models_say(empty_database: Database) -> None:
    schema.upgrade(empty_database)

    assert schema.differences(empty_database) == []
    assert schema.is_current(empty_database)


def test_a_fresh_database_is_not_current(empty_database: Database) -> None:
    assert not schema.is_current(empty_database)


def test_migrating_back_leaves_nothing(empty_database: Database) -> None:
    schema.upgrade(empty_database)

    schema.downgrade(empty_database)

    left_over = {name for name in everything_in(empty_database) if not name.startswith("alembic_version")}
    assert left_over == set()


def test_up_and_down_and_up_again_ends_where_up_did(empty_database: Database) -> None:
    schema.upgrade(empty_database)
    once = everything_in(empty_database)

    schema.downgrade(empty_database)
    schema.upgrade(empty_database)

    assert everything_in(empty_database) == once
    assert schema.differences(empty_database) == []


def test_migrating_what_is_current_changes_nothing(database: Database) -> None:
    before = everything_in(database)

    schema.upgrade(database)

    assert everything_in(database) == before


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_start_on_a_fresh_database_at_once_take_turns(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"empty_{kind}_url")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _MIGRATING, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60)[1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0, 0], "\n".join(said)
    database = Database(url)
    assert schema.is_current(database)
    database.close()


def test_migrations_are_numbered_in_sequence() -> None:
    names = sorted(file.name for file in (schema.MIGRATIONS / "versions").glob("*.py"))

    numbers = [int(name[:4]) for name in names]

    assert numbers == list(range(1, len(names) + 1))
    assert [name for name in names if not re.fullmatch(r"\d{4}_[a-z_0-9]+\.py", name)] == []
