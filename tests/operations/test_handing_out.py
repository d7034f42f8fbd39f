"""A run's papers lie in the folder that was named, or it is said why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from billing import clock
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.database import Database
from billing.errors import Refused
from billing.operations.billing_report import summary
from billing.operations.billing_run import BillingRun, run_billing
from billing.operations.handing_out import (
    CLAIMS,
    FORMS,
    hand_out,
    hand_out_again,
    kept_papers,
    make_folders,
)
from billing.sessions.models import BillTo
from tests.claims.office import BILLED_AT, SETTINGS, THROUGH, Office, open_office
from tests.factories import DAY


@pytest.fixture
def office(database: Database) -> Office:
    opened = open_office(database)
    opened.visit()
    opened.visit(DAY, start="11:00", bill_to=BillTo.SELF)
    opened.visit(DAY, start="13:00", bill_to=BillTo.SUPERBILL)
    return opened


def billed_into(office: Office, out: Path) -> tuple[BillingRun, dict[str, Any]]:
    make_folders(out)
    run = BillingRun(THROUGH)
    with clock.stopped_at(BILLED_AT):
        run_billing(office.database, run, office.store, FolderClearinghouse(out / CLAIMS), SETTINGS)
    with office.database.reading() as db:
        return run, summary(db, run)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_the_report_names_is_there(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run, report = billed_into(office, out)

    hand_out(out, run, office.store, report)

    kept, (filed,) = contents(out), report["claims"]["filed"]
    assert len(kept) == 5
    assert json.loads(kept["summary.json"]) == report
    assert filed["file"] in kept
    assert f"cms1500/{filed['claim']}.pdf" in kept
    assert {"invoices/INV-000001.pdf", "superbills/SB-000001.pdf"} <= set(kept)
    assert all(content.startswith(b"%PDF") for name, content in kept.items() if name.endswith(".pdf"))


def test_the_same_papers_can_be_handed_out_again(office: Office, tmp_path: Path) -> None:
    run, report = billed_into(office, tmp_path / "first")
    hand_out(tmp_path / "first", run, office.store, report)
    first = contents(tmp_path / "first")

    make_folders(tmp_path / "second")
    with office.database.reading() as db:
        papers = kept_papers(db)
    hand_out_again(tmp_path / "second", papers, office.store)

    del first["summary.json"]
    assert contents(tmp_path / "second") == first
    assert len(papers) == 4


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_billed(office: Office, tmp_path: Path) -> None:
    blocked = tmp_path / "out"
    blocked.write_text("a file where the folder should be")

    with pytest.raises(Refused, match="Nothing was billed"):
        make_folders(blocked)

    assert office.claims() == []


def test_a_folder_that_fails_at_the_end_says_that_what_is_filed_is_filed(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run, report = billed_into(office, out)
    (out / FORMS).rmdir()
    (out / FORMS).write_text("gone")

    with pytest.raises(Refused, match="What was filed is filed") as refusal:
        hand_out(out, run, office.store, report)

    assert "meridian papers" in str(refusal.value)
    assert not (out / "summary.json").exists()


def test_handing_out_again_into_a_folder_that_fails_is_refused(office: Office, tmp_path: Path) -> None:
    billed_into(office, tmp_path / "first")
    with office.database.reading() as db:
        papers = kept_papers(db)

    with pytest.raises(Refused, match="could not be written"):
        hand_out_again(tmp_path / "missing", papers, office.store)


def test_an_earlier_summary_is_replaced_whole(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "summary.json").write_text("an earlier run")
    run, report = billed_into(office, out)

    hand_out(out, run, office.store, report)

    assert json.loads((out / "summary.json").read_text(encoding="utf-8")) == report
    assert not [name for name in contents(out) if name.endswith(".part")]


def test_no_file_name_says_whom_a_paper_is_about(office: Office, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run, report = billed_into(office, out)
    hand_out(out, run, office.store, report)

    names = " ".join(contents(out)).upper()

    assert office.scene.patient.last_name.upper() not in names
    assert (office.scene.patient.external_id or "").upper() not in names.split("/")
