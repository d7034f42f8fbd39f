"""There is exactly one clinic."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from billing.clinic.queries import the_clinic
from billing.database import Database
from billing.errors import Refused
from tests.factories import make_clinic


def test_the_clinic_is_found(database: Database) -> None:
    with database.transaction() as db:
        made = make_clinic(db)

        assert the_clinic(db) is made


def test_where_there_is_none_one_is_told_how_to_get_it(database: Database) -> None:
    with database.reading() as db, pytest.raises(Refused, match="meridian import"):
        the_clinic(db)


def test_a_second_clinic_is_refused_by_the_database(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        make_clinic(db, id=2)
