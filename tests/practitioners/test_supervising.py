"""Who supervises whom: entering it, proposing it, and what is asked of it where a payer wants supervision."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing.database import Database, Db
from billing.errors import NotFound, Refused, Severity
from billing.practitioners.models import Practitioner, Supervision
from billing.practitioners.supervising import (
    SupervisionDetails,
    add_supervision,
    edit_supervision,
    proposed_supervisor,
    supervision_details_of,
    supervision_problems,
    supervisions_of,
)
from tests.factories import DAY, a_payer, a_physician, a_practitioner, make_payer, make_physician, make_practitioner

BEN, IDA = a_practitioner(id=1), a_physician(id=2)
MEDICARE = a_payer(id=7)


def supervision(**changes: Any) -> Supervision:
    cells: dict[str, Any] = {
        "id": 1, "practitioner_id": 1, "supervisor_id": 2, "payer_id": None, "starts_on": date(2026, 1, 1),
        "ends_on": None, "attested_on": date(2026, 1, 1),
    }  # fmt: skip
    return Supervision(**{**cells, **changes})


def problems(*supervisions: Supervision, on: date = DAY) -> list[tuple[str, Severity]]:
    found = supervision_problems(BEN, IDA, supervisions, MEDICARE, on, "session:5")
    return [(one.rule, one.severity) for one in found]


def test_2_1_an_attested_supervision_in_force_is_no_problem() -> None:
    assert problems(supervision()) == []


def test_where_no_supervision_was_ever_entered_it_is_told_and_stops_nothing() -> None:
    assert problems() == [("supervision.unrecorded", Severity.WARN)]


@pytest.mark.parametrize(
    "changes",
    [{"starts_on": date(2026, 3, 4)}, {"ends_on": date(2026, 3, 2)}, {"supervisor_id": 3}, {"payer_id": 8}],
)
def test_a_supervision_of_other_days_people_or_payers_stops_the_claim(changes: dict[str, Any]) -> None:
    assert problems(supervision(**changes)) == [("supervision.not_in_force", Severity.BLOCK)]


def test_2_1_a_supervision_without_attestation_stops_the_claim() -> None:
    assert problems(supervision(attested_on=None)) == [("supervision.not_attested", Severity.BLOCK)]


def test_one_attested_of_two_is_enough() -> None:
    assert problems(supervision(attested_on=None), supervision(id=2, payer_id=7)) == []


def test_who_is_proposed_is_the_payers_own_supervisor_first_and_an_attested_one_before_that() -> None:
    general, own = supervision(supervisor_id=4), supervision(id=2, supervisor_id=5, payer_id=7)
    agreed = supervision(id=3, supervisor_id=6, payer_id=7, attested_on=None, starts_on=date(2026, 2, 1))

    assert proposed_supervisor([general], 7, DAY) == 4
    assert proposed_supervisor([general, own, agreed], 7, DAY) == 5
    assert proposed_supervisor([agreed], 7, DAY) == 6
    assert proposed_supervisor([general], 7, date(2025, 12, 31)) is None
    assert proposed_supervisor([], 7, DAY) is None


def two(db: Db) -> tuple[Practitioner, Practitioner]:
    return make_practitioner(db), make_physician(db)


def test_a_supervision_is_entered_attested_and_ended(database: Database) -> None:
    with database.transaction() as db:
        ben, ida = two(db)
        made = add_supervision(db, ben.id, SupervisionDetails(ida.id, None, date(2026, 1, 1)))
        wanted = SupervisionDetails(ida.id, make_payer(db).id, date(2026, 1, 1), date(2026, 12, 31), date(2026, 1, 5))
        edit_supervision(db, made.id, wanted)

    with database.reading() as db:
        assert [supervision_details_of(one) for one in supervisions_of(db, ben.id)] == [wanted]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"supervisor_id": 0}, "supervisor"),
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
        ({"starts_on": date(2027, 1, 1)}, "starts_on"),
    ],
)
def test_what_no_supervision_can_be_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], field: str
) -> None:
    with sqlite_database.transaction() as db:
        ben, ida = two(db)
        if field == "starts_on":
            add_supervision(db, ben.id, SupervisionDetails(ida.id, None, date(2026, 1, 1)))
        cells: dict[str, Any] = {"supervisor_id": ida.id, "payer_id": None, "starts_on": date(2026, 1, 1), **changes}
        wanted = SupervisionDetails(**{**cells, "supervisor_id": cells["supervisor_id"] or ben.id})

        with pytest.raises(Refused) as refused:
            add_supervision(db, ben.id, wanted)

        assert [one.where for one in refused.value.problems] == [f"field:{field}"]


def test_somebody_who_is_not_there_supervises_nobody(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        ben, _ = two(db)

        with pytest.raises(NotFound):
            add_supervision(db, ben.id, SupervisionDetails(999, None, date(2026, 1, 1)))
