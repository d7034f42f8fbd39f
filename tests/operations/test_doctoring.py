"""What is wrong with an installation is said with what to do about it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from billing import clock
from billing.adapters.clearinghouse_sftp import SftpClearinghouse
from billing.adapters.inbox_sftp import SftpInbox
from billing.adapters.sftp_line import SftpServer
from billing.database import Database
from billing.errors import NotDelivered, OutcomeUnknown, Severity
from billing.operations.doctoring import clearinghouse_problems, clinic_problems, disk_problems, inbox_problems
from billing.operations.inbox_troubles import note_troubles
from tests.claims.office import BILLED_AT, open_office
from tests.sftp_server import running_sftp


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


def test_claim_files_that_wait_for_long_are_told(database: Database) -> None:
    office = open_office(database)
    office.visit()
    office.clearinghouse.failure = NotDelivered("refused")
    office.bill()

    with database.reading() as db, clock.stopped_at(BILLED_AT + timedelta(minutes=59)):
        soon = clinic_problems(db)
    with database.reading() as db, clock.stopped_at(BILLED_AT + timedelta(minutes=61)):
        (late,) = clinic_problems(db)

    assert soon == []
    assert late.rule == "claims.waiting"
    assert "1 claim file has" in late.why


def test_a_clearinghouse_that_cannot_be_reached_is_told_for_each_way(tmp_path: Path) -> None:
    with running_sftp(tmp_path / "far") as stage:
        house, inbox = SftpClearinghouse(stage.server(), "claims"), SftpInbox(stage.server(), "nowhere")
        problems = clearinghouse_problems({"claims": house.check, "answers": inbox.files})
        fine = clearinghouse_problems({"claims": house.check})
        stage.faults.refuses_login = True
        closed = clearinghouse_problems({"claims": house.check, "answers": inbox.files})

    assert fine == []
    assert [(one.rule, one.severity) for one in problems] == [("clearinghouse.unreachable", Severity.BLOCK)]
    assert "nowhere" in problems[0].why
    assert ["MERIDIAN_SFTP_USER" in one.why for one in closed] == [True, True]


def test_a_key_of_ours_that_cannot_be_read_is_told() -> None:
    house = SftpClearinghouse(SftpServer("127.0.0.1", 1, "clinic", "hush", known_hosts="nothing"), "claims")

    (problem,) = clearinghouse_problems({"claims": house.check})

    assert "MERIDIAN_SFTP_KNOWN_HOSTS" in problem.why


def test_files_of_the_inbox_that_cannot_be_read_are_told_and_others_are_not(database: Database) -> None:
    note_troubles(database, "here", {"": "cut", "a.835": "It is larger than 200 MB."}, is_whole=True)
    note_troubles(database, "elsewhere", {"b.835": "gone"}, is_whole=True)

    with database.reading() as db:
        (problem,) = inbox_problems(db, "here")

    assert problem.rule == "inbox.unreadable"
    assert problem.why == "a.835 in here: It is larger than 200 MB."
