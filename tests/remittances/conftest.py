"""What the tests of payments start from."""

from __future__ import annotations

import pytest

from billing.database import Database
from tests.claims.office import Office, open_office


@pytest.fixture
def office(database: Database) -> Office:
    """A billing office whose clinic has no session yet."""
    return open_office(database)


@pytest.fixture
def sqlite_office(sqlite_database: Database) -> Office:
    """The same on the embedded database alone: for what repeats a rule often."""
    return open_office(sqlite_database)
