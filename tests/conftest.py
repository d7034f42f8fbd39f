"""What every test can ask for: a fresh database of either kind, and a Redis.

``database`` gives each test a migrated and empty one, once on SQLite and once on PostgreSQL. It
really commits: inside the usual savepoint of a test, a law that is judged at commit would never be.
Servers start when the first test wants one, so that a pure test waits for nothing.
"""

from __future__ import annotations

import gc
import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psycopg
import pytest
import redis
from sqlalchemy import Engine

from billing.database import Database
from billing.operations import schema
from tests.emptied import Reused
from tests.servers import PostgresqlServer, RedisServer, running_postgresql, running_redis

hypothesis.settings.register_profile("desk", deadline=None, max_examples=50)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=100, derandomize=True, print_blob=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

# Mappings and compiled statements are thousands of objects that live on; to look through them again and again
# would take long.
gc.set_threshold(100_000, 50, 100)

_numbers = itertools.count(1)
_first_of_its_kind: dict[str, Engine] = {}


LONGEST = ("browser", "journeys", "remittances", "web")
"""Folders of which some file takes long: when all files are dealt out to processes, these go first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    folders = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: folders.get(item.path.parent.name, len(LONGEST)))


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh database; the test runs once on each kind."""
    made: Database = request.getfixturevalue(f"{request.param}_database")
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without any table, once of each kind: for tests of the migrations themselves."""
    fresh = Database(request.getfixturevalue(f"empty_{request.param}_url"))
    yield fresh
    fresh.close()


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh database of the embedded kind, in the test's own folder."""
    file = tmp_path / "meridian.sqlite3"
    shutil.copyfile(_sqlite_template, file)
    fresh = _compiled_once(Database(f"sqlite:///{file}"))
    yield fresh
    fresh.close()


@pytest.fixture
def postgresql_database(_postgresql_databases: Reused) -> Iterator[Database]:
    """A fresh database on PostgreSQL."""
    with _postgresql_databases.fresh() as fresh:
        yield fresh


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'empty.sqlite3'}"


@pytest.fixture
def empty_postgresql_url(postgresql_server: PostgresqlServer, _postgresql_admin: psycopg.Connection) -> Iterator[str]:
    """The URL of a PostgreSQL database without any table."""
    name = _make_database(_postgresql_admin, "template0")
    yield postgresql_server.url(name)
    _drop_database(_postgresql_admin, name)


@pytest.fixture
def redis_url(redis_server: RedisServer) -> str:
    """The URL of a Redis with nothing in it."""
    with redis.Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """The PostgreSQL of this test run."""
    with running_postgresql() as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The Redis of this test run."""
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "meridian.sqlite3"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def _postgresql_admin(postgresql_server: PostgresqlServer) -> Iterator[psycopg.Connection]:
    with postgresql_server.connect() as connection:
        yield connection


@pytest.fixture(scope="session")
def _postgresql_databases(
    postgresql_server: PostgresqlServer, _postgresql_admin: psycopg.Connection, _postgresql_template: str
) -> Iterator[Reused]:
    reused = Reused(
        make=lambda: _make_database(_postgresql_admin, _postgresql_template),
        opened=lambda name: _compiled_once(Database(postgresql_server.url(name))),
        connect=postgresql_server.connect,
        drop=lambda name: _drop_database(_postgresql_admin, name),
    )
    yield reused
    reused.close()


@pytest.fixture(scope="session")
def _postgresql_template(postgresql_server: PostgresqlServer, _postgresql_admin: psycopg.Connection) -> str:
    name = _make_database(_postgresql_admin, "template0")
    _migrate(postgresql_server.url(name))
    return name


def _compiled_once(fresh: Database) -> Database:
    """Let a database use the statements that were compiled for another of its kind; to compile them is half a test."""
    known = _first_of_its_kind.setdefault(fresh.engine.dialect.name, fresh.engine)
    for engine in (fresh.engine, fresh.reading_engine):
        engine.dialect = known.dialect
        engine._compiled_cache = known._compiled_cache
    return fresh


def _migrate(url: str) -> None:
    template = Database(url)
    schema.upgrade(template)
    template.close()


def _make_database(admin: psycopg.Connection, template: str) -> str:
    name = f"clinic_{next(_numbers)}"
    # Copying a small template's files is quicker than logging its pages, the default from PostgreSQL 15 on.
    strategy = "STRATEGY file_copy" if admin.info.server_version >= 150000 else ""
    admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}")
    return name


def _drop_database(admin: psycopg.Connection, name: str) -> None:
    admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
