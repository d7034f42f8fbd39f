"""A folder that was sent as a zip file is checked or brought in, before there is a clinic too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.adapters.memory import MemoryStore
from billing.clinic.models import Clinic
from billing.database import Database
from billing.documents.models import Document
from billing.operations.errands.asking import errand_seen
from billing.operations.errands.kinds import ErrandKind
from billing.operations.importing.packing import pack
from billing.operations.models import Errand, ErrandState
from billing.patients.models import Patient
from billing.reports.import_report import refusals_as_csv, refusals_in
from tests.access.cast import make_cast
from tests.operations.errands import Backroom
from tests.operations.importing.folders import GOOD


def as_csv(*rows: dict[str, str]) -> bytes:
    """Rows as a file whose header their keys are."""
    lines = [",".join(rows[0]), *(",".join(f'"{cell}"' for cell in row.values()) for row in rows)]
    return "\n".join(lines).encode()


def a_zip(**changed: bytes) -> bytes:
    """The small clinic as it is sent, with some of its files changed; an empty one is left out."""
    files = {name: as_csv(row) for name, row in GOOD.items()}
    files |= {f"{name}.csv": content for name, content in changed.items()}
    return pack((f"clinic/{name}", content) for name, content in files.items() if content)


@pytest.fixture
def backroom(database: Database, tmp_path: Path) -> Backroom:
    return Backroom(database, MemoryStore(), tmp_path / "inbox", make_cast(database).ada)


def bring_in(backroom: Backroom, content: bytes, *, check: bool = False) -> Errand:
    return backroom.done(ErrandKind.IMPORT, sha256=backroom.documents.put(content), check=check)


def count(backroom: Backroom, table: type[Clinic] | type[Patient]) -> int:
    with backroom.database.reading() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_an_empty_database_becomes_a_clinic(backroom: Backroom) -> None:
    ended = bring_in(backroom, a_zip())

    assert ended.state is ErrandState.DONE, ended.failure
    assert ended.result is not None
    assert (count(backroom, Clinic), count(backroom, Patient)) == (1, 1)
    assert {one["name"]: one["new"] for one in ended.result["files"]} == dict.fromkeys(GOOD, 1)
    assert (ended.result["refused_rows"], ended.result["check"]) == (0, False)


def test_checking_tells_the_same_and_changes_nothing(backroom: Backroom) -> None:
    checked = bring_in(backroom, a_zip(), check=True)
    patients = count(backroom, Patient)
    brought_in = bring_in(backroom, a_zip())

    assert checked.result is not None
    assert brought_in.result is not None
    assert patients == 0
    assert checked.result["files"] == brought_in.result["files"]
    with backroom.database.reading() as db:
        titles = [errand_seen(db, one.id, backroom.user.role).title for one in (checked, brought_in)]
    assert titles == ["Import, checking only", "Import"]


def test_the_same_folder_again_changes_nothing(backroom: Backroom) -> None:
    bring_in(backroom, a_zip())

    again = bring_in(backroom, a_zip())

    assert again.result is not None
    assert {(one["new"], one["unchanged"]) for one in again.result["files"]} == {(0, 1)}


def test_refused_rows_are_kept_apart_from_the_errand_since_they_quote_what_was_sent(backroom: Backroom) -> None:
    bad = {**GOOD["patients.csv"], "id": "=A2", "last_name": "Secretive", "birth_date": "11 May 1979"}

    ended = bring_in(backroom, a_zip(patients=as_csv(GOOD["patients.csv"], bad)))

    assert ended.result is not None
    report = backroom.documents.get(ended.result["report"])
    shown = refusals_in(report, 10)
    assert (ended.result["refused_rows"], ended.result["refusals"], shown.further) == (1, 1, 0)
    assert "11 May" not in json.dumps(ended.result)
    (row,) = shown.rows
    assert (row["file"], row["line"], row["column"]) == ("patients.csv", 3, "birth_date")
    header, line, *_ = refusals_as_csv(report).split("\r\n")
    assert header == "file,line,id,column,reason,fix"
    assert line.startswith("patients.csv,3,'=A2,birth_date,")
    assert refusals_in(report, 0).further == 1


def test_what_was_sent_and_what_was_said_of_it_are_documents(backroom: Backroom) -> None:
    ended = bring_in(backroom, a_zip(), check=True)

    assert ended.result is not None
    with backroom.database.reading() as db:
        kept = {one.kind: one.sha256 for one in db.scalars(sa.select(Document)) if one.owner_id == ended.id}
    assert kept == {"import": ended.facts["sha256"], "import report": ended.result["report"]}


def test_files_that_nothing_reads_and_columns_that_nothing_knows_are_named(backroom: Backroom) -> None:
    payers = as_csv({**GOOD["payers.csv"], "fax": "none"})
    content = pack([("clinic.csv", as_csv(GOOD["clinic.csv"])), ("payers.csv", payers), ("notes.txt", b"hello")])

    ended = bring_in(backroom, content)

    assert ended.result is not None
    assert ended.result["passed_over"] == ["notes.txt"]
    assert ended.result["ignored_columns"] == [{"file": "payers.csv", "column": "fax"}]


def test_a_whole_file_that_is_refused_is_marked(backroom: Backroom) -> None:
    ended = bring_in(backroom, a_zip(payers=b"\xff\xfei\x00d\x00"))

    assert ended.result is not None
    assert [one["name"] for one in ended.result["files"] if one["is_refused"]] == ["payers.csv"]


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"id,name\n", "cannot be opened"), (pack([("photo.jpg", b"...")]), "nothing that can be imported")],
)
def test_what_cannot_be_unpacked_is_told_in_words(backroom: Backroom, content: bytes, told: str) -> None:
    ended = bring_in(backroom, content)

    assert ended.state is ErrandState.FAILED
    assert told in ended.failure


def test_without_a_clinic_there_or_here_nothing_goes_in(backroom: Backroom) -> None:
    ended = bring_in(backroom, a_zip(clinic=b""))

    assert ended.state is ErrandState.FAILED
    assert "There is no clinic yet" in ended.failure
    assert count(backroom, Patient) == 0
