"""The sample clinic goes in as its own description says: which rows are refused, and what is told besides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.identifiers import is_npi
from billing.operations.importing.planning import Plan
from billing.operations.importing.reading.folder import read_folder
from billing.practitioners.models import Practitioner
from tests.operations.importing.folders import bring, check, contents, outcomes

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
CLINIC = DATA / "clinic-a"
_REFUSED = re.compile(r"\| (\w+\.csv) \| (\d+) \| (\w*) ?\| (\w+) \| [^|]+ \|")


@pytest.fixture
def clinic() -> Path:
    if not CLINIC.is_dir():
        pytest.skip(f"the sample clinic's folder is missing: {CLINIC}")
    return CLINIC


def described(clinic: Path) -> list[tuple[str, int, str, str]]:
    """The rows that its description says are refused: file, line, id, column."""
    text = (clinic / "README.md").read_text(encoding="utf-8")
    found = _REFUSED.findall(text[text.index("## Rows the import refuses") :])
    return [(file, int(line), row_id, column) for file, line, row_id, column in found]


def refused(made: Plan) -> list[tuple[str, int, str, str]]:
    return [(one["file"], one["line"], one["id"], one["column"]) for one in made.report()["refused"]]


def test_exactly_the_described_rows_are_refused(database: Database, clinic: Path) -> None:
    made = bring(database, read_folder(clinic))

    assert len(described(clinic)) == 18
    assert sorted(refused(made)) == sorted(described(clinic))


def test_the_memo_of_the_front_desk_is_told_and_passed_over(database: Database, clinic: Path) -> None:
    made = check(database, read_folder(clinic))

    assert made.report()["ignored_columns"] == [{"file": "patients.csv", "column": "front_desk_memo"}]


def test_rows_and_new_rows_are_counted(database: Database, clinic: Path) -> None:
    report = bring(database, read_folder(clinic)).report()

    assert report["files"]["sessions.csv"] == {"rows": 204, "new": 195, "updated": 0, "unchanged": 0}
    assert report["files"]["patients.csv"] == {"rows": 53, "new": 50, "updated": 0, "unchanged": 0}


def test_a_practitioner_whose_npi_fails_only_its_check_digit_goes_in(database: Database, clinic: Path) -> None:
    bring(database, read_folder(clinic))

    with database.reading() as db:
        npi = db.scalars(sa.select(Practitioner.npi).where(Practitioner.external_id == "PR3")).one()
    assert npi == "1234567890"
    assert not is_npi(npi)


def test_importing_it_again_changes_nothing(database: Database, clinic: Path) -> None:
    first = bring(database, read_folder(clinic))
    before = contents(database)

    again = bring(database, read_folder(clinic))

    assert refused(again) == refused(first)
    assert {name: (0, 0, new) for name, (new, _, _) in outcomes(first).items()} == outcomes(again)
    assert contents(database) == before
