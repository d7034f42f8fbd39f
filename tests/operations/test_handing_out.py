"""A run's papers lie in the folder that was named, or it is said why not.

On SQLite alone: what lies in a folder does not depend on the database.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from billing import clock
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.database import Database
from billing.documents.keeping import note_handed_out
from billing.errors import Refused
from billing.operations.billing_report import summary
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.handing_out import (
    CLAIMS,
    FORMS,
    all_papers,
    files_to_tell_of,
    hand_out,
    make_folders,
    papers_to_hand_out,
    write_summary,
)
from billing.sessions.models import BillTo
from tests.claims.office import BILLED_AT, SETTINGS, THROUGH, Office, open_office
from tests.factories import DAY


@pytest.fixture
def office(sqlite_database: Database) -> Office:
    opened = open_office(sqlite_database)
    opened.visit()
    opened.visit(DAY, start="11:00", bill_to=BillTo.SELF)
    opened.visit(DAY, start="13:00", bill_to=BillTo.SUPERBILL)
    return opened


def billed_into(office: Office, out: Path) -> dict[str, Any]:
    """What the command does: bill, and leave the papers and the report in a folder."""
    make_folders(out)
    run = BillingRun(THROUGH)
    with clock.stopped_at(BILLED_AT):
        run_billing(office.database, run, office.store, FolderClearinghouse(out / CLAIMS), SETTINGS)
    return handed_out(office, run, out)


def handed_out(office: Office, run: BillingRun, out: Path) -> dict[str, Any]:
    with office.database.reading() as db:
        report, papers = summary(db, run), papers_to_hand_out(db)
    hand_out(out, papers, office.store)
    write_summary(out, report)
    with office.database.transaction() as db:
        note_handed_out(db, [*files_to_tell_of(db), *(paper.document_id for paper in papers)], BILLED_AT)
    return report


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_the_report_names_is_there(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"

    report = billed_into(office, out)

    kept, (filed,) = contents(out), report["claims"]["filed"]
    assert len(kept) == 5
    assert json.loads(kept["summary.json"]) == report
    assert filed["file"] in kept
    assert f"cms1500/{filed['claim']}.pdf" in kept
    assert {"invoices/INV-000001.pdf", "superbills/SB-000001.pdf"} <= set(kept)
    assert all(content.startswith(b"%PDF") for name, content in kept.items() if name.endswith(".pdf"))


def test_the_same_papers_can_be_handed_out_again(office: Office, tmp_path: Path) -> None:
    billed_into(office, tmp_path / "first")
    first = contents(tmp_path / "first")

    make_folders(tmp_path / "second")
    with office.database.reading() as db:
        papers = all_papers(db)
    hand_out(tmp_path / "second", papers, office.store)

    del first["summary.json"]
    assert contents(tmp_path / "second") == first
    assert len(papers) == 4


def test_what_was_handed_out_is_not_due_again(office: Office, tmp_path: Path) -> None:
    billed_into(office, tmp_path / "out")

    with office.database.reading() as db:
        due = papers_to_hand_out(db)
    again = billed_into(office, tmp_path / "again")

    assert due == []
    assert set(contents(tmp_path / "again")) == {"summary.json"}
    assert (again["sessions_billed"], again["billed_before"]) == (0, 3)


def test_what_a_run_that_was_cut_off_did_is_told_and_handed_out_by_the_next(office: Office, tmp_path: Path) -> None:
    make_folders(tmp_path / "cut off")
    with clock.stopped_at(BILLED_AT):
        clearinghouse = FolderClearinghouse(tmp_path / "cut off" / CLAIMS)
        run_billing(office.database, BillingRun(THROUGH), office.store, clearinghouse, SETTINGS)

    report = billed_into(office, tmp_path / "next")

    assert (report["sessions_signed"], report["sessions_billed"], report["billed_before"]) == (3, 3, 0)
    assert len(report["claims"]["filed"]) == len(report["superbills"]) == len(report["invoices"]) == 1
    handed = set(contents(tmp_path / "next"))
    assert {report["invoices"][0]["file"], report["superbills"][0]["file"]} <= handed
    assert list((tmp_path / "next" / CLAIMS).iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_billed(office: Office, tmp_path: Path) -> None:
    blocked = tmp_path / "out"
    blocked.write_text("a file where the folder should be")

    with pytest.raises(Refused, match="Nothing was billed"):
        make_folders(blocked)

    assert office.claims() == []


def test_a_folder_that_fails_at_the_end_says_that_what_is_filed_is_filed(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"
    make_folders(out)
    (out / FORMS).rmdir()
    (out / FORMS).write_text("a file where the folder should be")
    run = BillingRun(THROUGH)
    run_billing(office.database, run, office.store, FolderClearinghouse(out / CLAIMS), SETTINGS)

    with pytest.raises(Refused, match="What was filed is filed"):
        handed_out(office, run, out)

    with office.database.reading() as db:
        assert len(papers_to_hand_out(db)) == 3
    assert not (out / "summary.json").exists()


def test_a_summary_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="could not be written"):
        write_summary(tmp_path / "missing", {})


def test_an_earlier_summary_is_replaced_whole(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_text("an earlier run")

    report = billed_into(office, out)

    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == report
    assert not [name for name in contents(out) if name.endswith(".part")]


def test_no_file_name_says_whom_a_paper_is_about(office: Office, tmp_path: Path) -> None:
    billed_into(office, tmp_path / "out")

    names = " ".join(contents(tmp_path / "out")).upper()

    assert office.scene.patient.last_name.upper() not in names
    assert office.scene.patient.first_name.upper() not in names
