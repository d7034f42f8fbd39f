from __future__ import annotations

import pytest

from billing.database import Database
from tests.access.cast import Cast, make_cast


@pytest.fixture
def cast(database: Database) -> Cast:
    return make_cast(database)
