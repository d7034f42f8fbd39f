from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2.bccache import Bucket, BytecodeCache

from billing import clock
from billing.adapters.memory import MemoryBell
from billing.database import Database
from billing.settings import settings_from
from billing.web.app import create_app
from billing.wiring import Program
from tests.access.cast import NOON, make_cast
from tests.web.desk import Desk


class CompiledOnce(BytecodeCache):
    """Templates compiled by the first test that shows them, for all tests of a process."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.kept.get(bucket.key):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = CompiledOnce()


@pytest.fixture
def program(database: Database, tmp_path: Path) -> Program:
    url = database.url.render_as_string(hide_password=False)
    made = Program(settings_from({"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_DATABASE_URL": url}))
    made.database = database
    # Long work that a test asks for waits until the test runs it.
    made.bell = MemoryBell()
    return made


@pytest.fixture
def desk(program: Program) -> Desk:
    app = create_app(program)
    app.jinja_env.bytecode_cache = TEMPLATES
    return Desk(app, program.database, make_cast(program.database))


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield
