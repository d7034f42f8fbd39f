"""What is wrong with an installation is said with what to do about it."""

from __future__ import annotations

from pathlib import Path

from billing.database import Database
from billing.errors import OutcomeUnknown
from billing.operations.doctoring import clinic_problems, disk_problems
from tests.claims.office import open_office


def test_a_folder_that_can_be_written_is_fine_and_is_left_as_it_was(tmp_path: Path) -> None:
    problems = disk_problems(tmp_path / "data")

    assert [one.rule for one in problems if one.rule != "disk.nearly_full"] == []
    assert list((tmp_path / "data").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    blocked = tmp_path / "data"
    blocked.write_text("a file where the folder should be")

    (problem,) = disk_problems(blocked)

    assert problem.rule == "disk.not_writable"
    assert str(blocked) in problem.why
    assert problem.fix


def test_an_empty_database_is_told_how_to_import(database: Database) -> None:
    with database.reading() as db:
        (problem,) = clinic_problems(db)

    assert problem.rule == "clinic.missing"
    assert "meridian import" in problem.fix


def test_a_clinic_with_nothing_unknown_is_well(database: Database) -> None:
    office = open_office(database)
    office.visit()
    office.bill()

    with database.reading() as db:
        assert clinic_problems(db) == []


def test_claims_of_unknown_fate_wait_for_a_person(database: Database) -> None:
    office = open_office(database)
    office.visit()
    office.clearinghouse.failure = OutcomeUnknown("the line went dead")
    office.bill()

    with database.reading() as db:
        (problem,) = clinic_problems(db)

    assert problem.rule == "claims.unknown"
    assert "1 claims" in problem.why
    assert "clearinghouse" in problem.fix
