"""A practitioner's standing with payers."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from billing.database import Database, Db
from billing.errors import NotFound, Refused
from billing.payers.models import Payer
from billing.practitioners.enrolments import (
    EnrolmentDetails,
    add_enrolment,
    edit_enrolment,
    enrolment_details_of,
)
from billing.practitioners.models import Enrolment, Network, Practitioner
from tests.factories import make_clinic, make_payer, make_practitioner

FIRST, LAST = date(2025, 1, 1), date(2025, 12, 31)


def stage(db: Db) -> tuple[Practitioner, Payer]:
    make_clinic(db)
    return make_practitioner(db), make_payer(db)


def kept(db: Db) -> list[EnrolmentDetails]:
    return [enrolment_details_of(one) for one in db.scalars(select(Enrolment).order_by(Enrolment.effective_from))]


def fields(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [problem.where.removeprefix("field:") for problem in refused.value.problems]


def test_out_of_network_ends_and_in_network_begins(database: Database) -> None:
    with database.transaction() as db:
        ben, payer = stage(db)
        before = add_enrolment(db, ben.id, EnrolmentDetails(payer.id, Network.OUT, FIRST))
        edit_enrolment(db, before.id, EnrolmentDetails(payer.id, Network.OUT, FIRST, LAST))
        add_enrolment(db, ben.id, EnrolmentDetails(payer.id, Network.IN, date(2026, 1, 1)))

    with database.reading() as db:
        assert kept(db) == [
            EnrolmentDetails(payer.id, Network.OUT, FIRST, LAST),
            EnrolmentDetails(payer.id, Network.IN, date(2026, 1, 1)),
        ]


@pytest.mark.parametrize(
    ("first", "last"),
    [(LAST, None), (date(2024, 1, 1), FIRST), (date(2024, 1, 1), None), (date(2025, 6, 1), date(2025, 7, 1))],
)
def test_two_standings_on_one_day_are_refused(sqlite_database: Database, first: date, last: date | None) -> None:
    with sqlite_database.transaction() as db:
        ben, payer = stage(db)
        add_enrolment(db, ben.id, EnrolmentDetails(payer.id, Network.IN, FIRST, LAST))

        with pytest.raises(Refused, match="In network is on file from 2025-01-01 to 2025-12-31") as refused:
            add_enrolment(db, ben.id, EnrolmentDetails(payer.id, Network.OUT, first, last))

        assert fields(refused) == ["effective_from"]
        assert len(kept(db)) == 1


def test_another_payer_or_person_is_another_matter(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, payer = stage(db)
        ida, other = make_practitioner(db), make_payer(db)

        for person, insurer in ((ben, payer), (ben, other), (ida, payer)):
            add_enrolment(db, person.id, EnrolmentDetails(insurer.id, Network.IN, FIRST))

        assert len(kept(db)) == 3


def test_an_enrolment_that_ends_before_it_begins_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, payer = stage(db)

        with pytest.raises(Refused) as refused:
            add_enrolment(db, ben.id, EnrolmentDetails(payer.id, Network.IN, LAST, FIRST))

        assert fields(refused) == ["effective_to"]


def test_an_enrolment_stays_with_its_payer(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, payer = stage(db)
        made = add_enrolment(db, ben.id, EnrolmentDetails(payer.id, Network.IN, FIRST))

        with pytest.raises(Refused) as refused:
            edit_enrolment(db, made.id, EnrolmentDetails(make_payer(db).id, Network.IN, FIRST))

        assert fields(refused) == ["payer"]
        assert made.payer_id == payer.id


def test_nobody_is_enrolled_with_nobody(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, payer = stage(db)

        with pytest.raises(NotFound):
            add_enrolment(db, ben.id, EnrolmentDetails(payer.id + 7, Network.IN, FIRST))
        with pytest.raises(NotFound):
            add_enrolment(db, ben.id + 7, EnrolmentDetails(payer.id, Network.IN, FIRST))
        with pytest.raises(NotFound):
            edit_enrolment(db, 7, EnrolmentDetails(payer.id, Network.IN, FIRST))
