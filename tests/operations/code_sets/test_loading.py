"""A code set is loaded whole or not at all, and what it changes for this clinic is told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from billing import clock
from billing.adapters.code_folder import DiskCodeFolder
from billing.audit.models import AuditEntry
from billing.audit.recording import Actor, ActorKind
from billing.charges.models import Fee
from billing.claims.lifecycle import ClaimState
from billing.codes.diagnoses import billable_codes
from billing.codes.sets import shelf as sets
from billing.codes.sets.kinds import SetKind
from billing.codes.sets.shelf import shelf_in
from billing.database import Database
from billing.errors import Conflict, Refused
from billing.operations.code_sets.loading import LOCK, Loading, load
from billing.operations.code_sets.unpacking import sent_path
from billing.operations.errands.progress import Unheard
from billing.sessions.models import BillTo
from tests.claims.office import Office, open_office
from tests.codes.published import BEFORE, CAPS_HEAD, PAIRS_HEAD, caps_known, order_file, pair_row, pairs_known, zipped

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
BILLED_THROUGH = date(2026, 10, 31)
AUTUMN = date(2026, 10, 6)
BY = Actor(ActorKind.USER, "1")
NEXT_YEAR = (billable_codes(BEFORE) - {"M5450"}) | {"M5455"}
YEAR = "icd10cm_order_2027.txt"


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DiskCodeFolder]:
    made = DiskCodeFolder(tmp_path / "codes")
    sets.use(made)
    yield made
    sets.use(None)


def loaded(
    office: Office, folder: DiskCodeFolder, tmp_path: Path, kind: SetKind, asked: date | None = None, **files: str
) -> dict[str, Any]:
    paths = []
    for name, text in files.items():
        path = tmp_path / name.replace("__", ".")
        path.write_text(text)
        paths.append(sent_path(path))
    with clock.stopped_at(AT):
        return load(office.database, folder, Loading(kind, paths, asked, BY), Unheard(lambda: False))


def load_year(office: Office, folder: DiskCodeFolder, tmp_path: Path, codes: set[str] = NEXT_YEAR) -> dict[str, Any]:
    return loaded(office, folder, tmp_path, SetKind.ICD10CM, icd10cm_order_2027__txt=order_file(codes))


def test_a_loaded_year_tells_what_changed_of_the_codes_used_here(
    office: Office, folder: DiskCodeFolder, tmp_path: Path
) -> None:
    office.visit(AUTUMN, diagnoses=["M54.50"])

    report = load_year(office, folder, tmp_path)

    assert (report["edition"], report["effective_from"]) == ("fiscal year 2027", "2026-10-01")
    assert (report["files"], report["kept"], report["is_known"]) == ([YEAR], len(NEXT_YEAR), False)
    assert report["changes"] == {
        "added": [], "ended": ["M54.50"], "changed": [], "all_added": 1, "all_ended": 1, "all_changed": 0,
    }  # fmt: skip


def test_sessions_not_yet_filed_that_are_judged_otherwise_are_told(
    office: Office, folder: DiskCodeFolder, tmp_path: Path
) -> None:
    ended = office.visit(AUTUMN, diagnoses=["M54.50"])
    came = office.visit(date(2026, 10, 13), diagnoses=["M54.55"], bill_to=BillTo.SUPERBILL)
    office.visit(date(2026, 9, 29), diagnoses=["M54.50"])
    office.visit(date(2026, 10, 20), diagnoses=["M54.59"])

    report = load_year(office, folder, tmp_path)

    assert report["otherwise"] == [
        {"session": ended.id, "service_on": "2026-10-06", "gone": [], "new": ["diagnosis.not_billable"]},
        {"session": came.id, "service_on": "2026-10-13", "gone": ["diagnosis.not_billable"], "new": []},
    ]
    assert report["judged_otherwise"] == 2


def test_held_claims_are_judged_anew_and_filed_ones_are_left_alone(
    office: Office, folder: DiskCodeFolder, tmp_path: Path
) -> None:
    filed = office.visit(AUTUMN, diagnoses=["M54.50"])
    held = office.visit(date(2026, 10, 13), diagnoses=["M54.55"])
    office.bill(BILLED_THROUGH)
    before = (office.claim(filed).state, office.claim(held).state, office.holding(held))
    frozen = office.frozen()

    report = load_year(office, folder, tmp_path)

    assert before == (ClaimState.SENT, ClaimState.HELD, ["diagnosis.not_billable"])
    assert (report["held_checked"], report["held_released"]) == (1, 1)
    assert (office.claim(filed).state, office.claim(held).state) == (ClaimState.SENT, ClaimState.READY)
    assert office.frozen() == frozen
    assert [one["session"] for one in report["otherwise"]] == [held.id]


def test_pair_edits_are_kept_for_the_codes_of_the_fee_schedule_too(
    office: Office, folder: DiskCodeFolder, tmp_path: Path
) -> None:
    office.write(lambda db: db.add(Fee(code="20610", payer_id=None, cents=9000, effective_from=date(2026, 1, 1))))
    text = PAIRS_HEAD + pairs_known() + pair_row("20610", "97810") + pair_row("11111", "97810")

    report = loaded(office, folder, tmp_path, SetKind.PAIR_EDITS, **{"ccipra-v323r0-f1__txt": text})

    assert report["changes"]["added"] == ["20610 + 97810"]
    assert report["rows"] == report["kept"] + 1
    assert report["narrowed_to"] > 50


def test_a_zip_file_is_read_as_its_publisher_packs_it(office: Office, folder: DiskCodeFolder, tmp_path: Path) -> None:
    path = tmp_path / "2027-code-descriptions-tabular-order.zip"
    path.write_bytes(
        zipped(
            icd10cm_order_2027__txt=order_file(NEXT_YEAR),
            icd10cm_codes_2027__txt="A000    Words\n",
            icd10cm_order_addenda_2027__txt="Add:         M5455   Words\n",
            icd10OrderFiles__pdf="%PDF",
        )
    )

    with clock.stopped_at(AT):
        report = load(
            office.database, folder, Loading(SetKind.ICD10CM, [sent_path(path)], None, BY), Unheard(lambda: False)
        )

    assert (report["files"], report["kept"]) == ([path.name], len(NEXT_YEAR))


def test_the_same_file_again_changes_nothing(office: Office, folder: DiskCodeFolder, tmp_path: Path) -> None:
    first = load_year(office, folder, tmp_path)
    stamp = folder.stamp(sets.LIST)

    again = load_year(office, folder, tmp_path)

    assert (first["is_known"], again["is_known"]) == (False, True)
    assert folder.stamp(sets.LIST) == stamp


def test_a_refused_file_leaves_everything_as_it_was(office: Office, folder: DiskCodeFolder, tmp_path: Path) -> None:
    load_year(office, folder, tmp_path)
    before = {one.name: one.read_bytes() for one in folder.folder.iterdir()}
    text = CAPS_HEAD + caps_known() + "97810,none,3 x,y\n"

    with pytest.raises(Refused, match="nothing of it was taken"):
        loaded(office, folder, tmp_path, SetKind.UNIT_CAPS, date(2026, 10, 1), table__csv=text)

    assert {one.name: one.read_bytes() for one in folder.folder.iterdir()} == before


def test_a_set_for_days_to_come_waits_for_them(office: Office, folder: DiskCodeFolder, tmp_path: Path) -> None:
    office.visit(AUTUMN, diagnoses=["M54.50"])

    report = loaded(
        office, folder, tmp_path, SetKind.UNIT_CAPS, date(2027, 1, 1), table__csv=CAPS_HEAD + caps_known(c97810=0)
    )

    assert report["judged_otherwise"] == 0
    assert shelf_in(folder).on(SetKind.UNIT_CAPS, date(2026, 12, 31)) is None
    assert shelf_in(folder).on(SetKind.UNIT_CAPS, date(2027, 1, 1)) is not None


def test_who_loaded_what_is_in_the_audit_trail(office: Office, folder: DiskCodeFolder, tmp_path: Path) -> None:
    load_year(office, folder, tmp_path)

    with office.database.reading() as db:
        entry = db.scalars(sa.select(AuditEntry).where(AuditEntry.action == "code set loaded")).one()
    assert (entry.actor_kind, entry.actor_id) == ("user", "1")
    assert entry.detail["kind"] == "icd10cm"


def test_two_are_not_loaded_at_once(office: Office, folder: DiskCodeFolder, tmp_path: Path) -> None:
    with office.database.alone(LOCK), pytest.raises(Conflict):
        load_year(office, folder, tmp_path)


def test_an_empty_installation_can_load_sets_before_there_is_a_clinic(
    database: Database, folder: DiskCodeFolder, tmp_path: Path
) -> None:
    path = tmp_path / YEAR
    path.write_text(order_file(NEXT_YEAR))

    report = load(database, folder, Loading(SetKind.ICD10CM, [sent_path(path)], None, BY), Unheard(lambda: False))

    assert report["kept"] == len(NEXT_YEAR)
