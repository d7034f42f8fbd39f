from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from billing import clock
from billing.database import Database
from billing.settings import settings_from
from billing.web.app import create_app
from billing.wiring import Program
from tests.access.cast import NOON, make_cast
from tests.web.desk import Desk


@pytest.fixture
def program(database: Database, tmp_path: Path) -> Iterator[Program]:
    url = database.url.render_as_string(hide_password=False)
    made = Program(settings_from({"MERIDIAN_DATA": str(tmp_path), "MERIDIAN_DATABASE_URL": url}))
    yield made
    made.database.close()


@pytest.fixture
def desk(program: Program) -> Desk:
    return Desk(create_app(program), program.database, make_cast(program.database))


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with clock.stopped_at(NOON):
        yield
