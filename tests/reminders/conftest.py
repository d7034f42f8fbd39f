"""What the tests of reminders start from."""

from __future__ import annotations

import pytest

from billing.database import Database
from tests.reminders.stage import Stage, open_stage


@pytest.fixture
def stage(database: Database) -> Stage:
    """A clinic in Portland, on either database."""
    return open_stage(database)


@pytest.fixture
def sqlite_stage(sqlite_database: Database) -> Stage:
    """The same on the embedded database alone: for what repeats a rule often."""
    return open_stage(sqlite_database)
