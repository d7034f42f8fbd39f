"""A stage for properties: made once, while each example brings its own patient."""

from __future__ import annotations

import pytest

from billing.database import Database
from tests.factories import Scene, set_scene


@pytest.fixture
def stage(sqlite_database: Database) -> tuple[Database, Scene]:
    """A clinic that every example of a property brings a patient to."""
    with sqlite_database.transaction() as db:
        return sqlite_database, set_scene(db)
