"""Payment files are kept whatever they hold; each payment in them is told of once, and by nobody's name."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from billing import clock
from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.audit.models import AuditEntry
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.documents.models import Document, ReceivedFile
from billing.documents.receiving import OWNER_KIND
from billing.edi.findings import Finding
from billing.errors import NotDelivered, Severity
from billing.operations.remitting import Report, acknowledge_files, remit, why_no_payment
from tests.claims.assembly.further_payers import insure_also
from tests.claims.office import SETTINGS, Office, open_office
from tests.factories import DAY
from tests.operations.inbox import put, rows
from tests.remittances.books import PAID_AT, balances, filed, remittances
from tests.remittances.payer import answer, file_of, pays, reversal

COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
FULL = ({}, {})
NAMES = ("Okoro", "OKORO", "Miri", "MIRI", "MEM0")
"""What of the patient on stage no report may hold."""


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)


@pytest.fixture
def other_office(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Office:
    """Another clinic, whose claims nobody here knows."""
    file = tmp_path_factory.mktemp("other") / "meridian.sqlite3"
    shutil.copyfile(_sqlite_template, file)
    return open_office(Database(f"sqlite:///{file}"))


def read(office: Office, *files: Path) -> Report:
    with clock.stopped_at(PAID_AT):
        return remit(office.database, office.store, files)


def test_the_report_tells_of_each_payment_what_became_of_it(office: Office, inbox: Path) -> None:
    first, second = (answer(filed(office, DAY + timedelta(days=7 * week)), *COPAY) for week in range(2))
    good, off = pays(first, trace="EFT1"), pays(second, trace="EFT2", paid_cents=115_01)
    path = put(inbox, "day.835", file_of(good, off))

    report = read(office, path)
    again = read(office, put(inbox, "again.835", file_of(off, good)))

    assert report.as_json() == {
        "posted": [{"file": "day.835", "payment": "EFT1", "claims": 1, "paid": "115.00"}],
        "queued": [
            {
                "file": "day.835",
                "payment": "EFT2",
                "why": "it does not balance",
                "arithmetic": "Check 115.01, but claims 115.00 - provider-level 0.00 = 115.00",
            }
        ],
        "repeated": [],
    }
    assert again.as_json() == {
        "posted": [],
        "queued": [],
        "repeated": [{"file": "again.835", "payment": "EFT2"}, {"file": "again.835", "payment": "EFT1"}],
    }
    assert (report.waiting, again.waiting) == (1, 1)
    assert report.is_left_for_a_person


def test_the_report_for_people_has_a_line_for_each_payment_and_the_sums_of_what_waits(
    office: Office, inbox: Path
) -> None:
    made = answer(filed(office), *COPAY)
    line = made.lines[0]
    off = pays(made, trace="EFT2")
    text = file_of(off).replace(f"SVC*HC:{line.procedure}*95.00*55.00".encode(), b"SVC*HC:97810*95.00*55.01")

    lines = read(office, put(inbox, "day.835", text)).as_text().splitlines()

    assert lines[0].startswith("day.835, payment EFT2: QUEUED. it does not balance")
    assert lines[1] == "    Check 115.00 = claims 115.00 - provider-level 0.00"
    assert lines[2].endswith("line 1 (97810): 95.00 - 40.00 = 55.00, but 55.01 was paid")
    assert lines[-1] == "Payments: 0 posted, 0 repeated, 1 left for a person."


def test_a_payment_that_takes_money_is_told_below_zero(office: Office, inbox: Path) -> None:
    made = answer(filed(office), *COPAY)
    read(office, put(inbox, "first.835", file_of(pays(made))))

    report = read(office, put(inbox, "second.835", file_of(pays(reversal(made)))))

    assert [one["paid"] for one in report.posted] == ["-115.00"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "It holds no payment: it is no X12 file, or is broken before it begins"),
        (b"%PDF-1.7 \x00\xff", "It holds no payment: it is no X12 file, or is broken before it begins"),
        (b"ISA*00*", "It holds no payment: it is no X12 file, or is broken before it begins"),
    ],
    ids=["empty", "binary", "cut off"],
)
def test_a_file_without_a_payment_is_queued_without_a_number(
    office: Office, inbox: Path, content: bytes, why: str
) -> None:
    path = put(inbox, "strange", content)

    report, again = read(office, path), read(office, path)

    (told,) = report.queued
    assert (told["file"], told["payment"], told["arithmetic"]) == ("strange", None, "")
    assert told["why"].startswith(why)
    assert again.as_json() == {"posted": [], "queued": [], "repeated": [{"file": "strange", "payment": None}]}
    assert again.is_left_for_a_person
    assert office.store.get(rows(office, ReceivedFile)[0].sha256) == content


@pytest.mark.parametrize(
    ("kind", "words"),
    [("999", "meridian answers"), ("277CA", "meridian answers"), ("271", "meridian answers"),
     ("837", "a claim file"), ("850", "nothing here can read it"), ("", "no X12 file"), ("835", "a payment file")],
)  # fmt: skip
def test_a_file_without_a_payment_is_told_what_it_is(kind: str, words: str) -> None:
    assert words in why_no_payment(kind, [])


def test_a_file_that_is_no_x12_is_told_with_what_was_found() -> None:
    findings = [
        Finding("one", Severity.BLOCK, "The envelope is cut off.", 1, "ISA"),
        Finding("two", Severity.WARN, "OKORO stands outside a transaction.", 1, ""),
    ]

    told = why_no_payment("", findings)

    assert "The envelope is cut off" in told
    assert "OKORO" not in told


def test_a_file_is_kept_under_its_hash_before_anything_is_made_of_it(office: Office, inbox: Path) -> None:
    content = file_of(pays(answer(filed(office), *FULL)))

    read(office, put(inbox, "miri-okoro.835", content))

    (file,) = rows(office, ReceivedFile)
    (paper,) = [one for one in rows(office, Document) if one.owner_kind == OWNER_KIND]
    assert (file.file_name, file.size, file.received_at) == ("miri-okoro.835", len(content), PAID_AT)
    assert (paper.owner_id, paper.kind, paper.sha256) == (file.id, "835", file.sha256)
    assert office.store.get(file.sha256) == content
    assert [one.file_id for one in remittances(office)] == [file.id]


def test_nothing_that_is_told_or_audited_names_a_patient(office: Office, inbox: Path) -> None:
    claim = filed(office)
    good = pays(answer(claim, *COPAY, member_id="MEM00001"))
    stranger = pays(answer(claim, *COPAY, control_number="ELSE", last_name="OKORO-NOBODY"))
    off = pays(answer(claim, *FULL, member_id="MEM00001"), paid_cents=1)

    report = read(office, put(inbox, "day.835", file_of(good, stranger, off)), put(inbox, "x", b"OKORO MIRI"))

    told = json.dumps(report.as_json()) + report.as_text()
    audited = json.dumps([[one.action, one.subject_id, one.detail] for one in rows(office, AuditEntry)])
    assert len(report.posted) + len(report.queued) == 4
    assert not [name for name in NAMES if name in told or name in audited]


def test_what_is_left_goes_to_the_next_payer_in_the_same_breath(office: Office, inbox: Path) -> None:
    insure_also(office)
    made = answer(filed(office), *COPAY)

    read(office, put(inbox, "day.835", file_of(pays(made))))

    assert office.states() == [ClaimState.PAID, ClaimState.READY]


def test_a_file_that_cannot_be_read_holds_up_no_other(office: Office, inbox: Path) -> None:
    good = put(inbox, "good.835", file_of(pays(answer(filed(office), *FULL))))

    report = read(office, inbox / "gone.835", good)

    assert [one["file"] for one in report.posted] == ["good.835"]
    assert report.queued == [
        {
            "file": "gone.835",
            "payment": None,
            "why": "The file cannot be read: No such file or directory.",
            "arithmetic": "",
        }
    ]


def test_a_file_that_cannot_be_kept_is_not_taken_in(office: Office, inbox: Path) -> None:
    path = put(inbox, "day.835", file_of(pays(answer(filed(office), *FULL))))
    office.store.failure = NotDelivered("The disk is full.")

    report = read(office, path)
    office.store.failure = None
    again = read(office, path)

    assert [one["why"] for one in report.queued] == ["The disk is full. Nothing of it was posted; give the file again."]
    assert report.waiting == 1
    assert len(again.posted) == 1


def test_every_payment_judged_is_heard_of(office: Office, inbox: Path) -> None:
    payments = [pays(answer(filed(office, DAY + timedelta(days=7 * week)), *FULL)) for week in range(3)]
    heard: list[int] = []

    with clock.stopped_at(PAID_AT):
        remit(office.database, office.store, [put(inbox, "a", file_of(*payments)), put(inbox, "b", b"")], heard.append)

    assert heard == [1, 2, 3, 4]


def test_payments_can_come_before_there_is_a_clinic(database: Database, other_office: Office, inbox: Path) -> None:
    strange = file_of(pays(answer(filed(other_office), *FULL)))

    report = remit(database, MemoryStore(), [put(inbox, "a", b""), put(inbox, "b", strange)])

    assert (len(report.queued), report.waiting) == (2, 2)
    assert "is not a claim of ours" in report.queued[1]["why"]
    assert acknowledge_files(database, MemoryStore(), MemoryClearinghouse(), SETTINGS) == []


def test_a_run_that_stops_between_two_payments_is_finished_by_the_next(office: Office, inbox: Path) -> None:
    first, second = (pays(answer(filed(office, DAY + timedelta(days=7 * week)), *FULL)) for week in range(2))
    path = put(inbox, "day.835", file_of(first, second))

    def stop(done: int) -> None:
        raise KeyboardInterrupt

    with clock.stopped_at(PAID_AT), pytest.raises(KeyboardInterrupt):
        remit(office.database, office.store, [path], stop)
    between = balances(office)["money:transfer"]
    report = read(office, path)

    assert between == 165_00
    assert (len(report.posted), len(report.repeated)) == (1, 1)
    assert balances(office)["money:transfer"] == 330_00


def test_every_payment_file_is_acknowledged_once(office: Office, inbox: Path, tmp_path: Path) -> None:
    read(office, put(inbox, "day.835", file_of(pays(answer(filed(office), *FULL)))))
    outbox = FolderClearinghouse(tmp_path / "outbox")

    for _ in range(2):
        with clock.stopped_at(PAID_AT):
            assert acknowledge_files(office.database, office.store, outbox, SETTINGS) == []

    assert [path.suffix for path in (tmp_path / "outbox").iterdir()] == [".999"]


def test_an_acknowledgement_that_the_world_does_not_take_is_told_once(office: Office, inbox: Path) -> None:
    read(office, put(inbox, "day.835", file_of(pays(answer(filed(office), *FULL)))))
    office.clearinghouse.failure = NotDelivered("The folder is full.")

    with clock.stopped_at(PAID_AT):
        failures = acknowledge_files(office.database, office.store, office.clearinghouse, SETTINGS)

    assert failures == ["The folder is full."]
