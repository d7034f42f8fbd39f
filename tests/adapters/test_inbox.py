"""An inbox is only looked at: a folder, a server's folder, and the one in memory that tests use, behave alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from billing.adapters.inbox_folder import FolderInbox
from billing.adapters.inbox_sftp import SftpInbox
from billing.adapters.memory import MemoryInbox
from billing.errors import NotDelivered
from billing.ports import FileThere, Inbox
from tests.sftp_server import SftpOnStage, running_sftp

CAME_AT = datetime(2026, 4, 1, 6, 30, tzinfo=UTC)
Put = Callable[[str, bytes], None]


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[SftpOnStage]:
    with running_sftp(tmp_path / "far") as running:
        yield running


@pytest.fixture(params=["folder", "sftp", "memory"])
def inbox(request: pytest.FixtureRequest, tmp_path: Path) -> Inbox:
    if request.param == "sftp":
        return SftpInbox(request.getfixturevalue("stage").server(), "answers")
    return FolderInbox(tmp_path) if request.param == "folder" else MemoryInbox()


@pytest.fixture
def put(inbox: Inbox, request: pytest.FixtureRequest) -> Put:
    """Lay a file in, as the other side does."""
    if isinstance(inbox, MemoryInbox):
        return lambda name, content: inbox.put(name, content, CAME_AT)
    folder = inbox.folder if isinstance(inbox, FolderInbox) else request.getfixturevalue("stage").folder / "answers"
    return lambda name, content: lay(folder / name, content)


def lay(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    os.utime(path, (CAME_AT.timestamp(), CAME_AT.timestamp()))


def test_every_inbox_lists_its_files_by_name_and_gives_each(inbox: Inbox, put: Put) -> None:
    put("b.835", b"second")
    put("a.277", b"first" * 50_000)

    there = inbox.files()
    contents = [inbox.read(one.name) for one in there]

    assert there == [FileThere("a.277", 250_000, CAME_AT), FileThere("b.835", 6, CAME_AT)]
    assert contents == [b"first" * 50_000, b"second"]


def test_every_inbox_says_when_a_file_cannot_be_had_without_its_name(inbox: Inbox) -> None:
    with pytest.raises(NotDelivered) as failure:
        inbox.read("okoro.835")

    assert "okoro" not in str(failure.value)


def test_every_inbox_is_empty_at_first_and_can_be_closed_and_asked_again(inbox: Inbox, put: Put) -> None:
    before = inbox.files()
    inbox.close()
    put("a.277", b"first")

    assert before == []
    assert [one.name for one in inbox.files()] == ["a.277"]
    inbox.close()
    assert inbox.read("a.277") == b"first"
    inbox.close()


@pytest.mark.parametrize("name", [".hidden", "coming.835.part", "COMING.835.TMP", "a.filepart"])
def test_what_somebody_is_still_writing_is_not_listed(tmp_path: Path, stage: SftpOnStage, name: str) -> None:
    lay(stage.folder / "answers" / name, b"half")

    assert FolderInbox(stage.folder / "answers").files() == []
    assert SftpInbox(stage.server(), "answers").files() == []


def test_folders_in_the_inbox_are_passed_over(stage: SftpOnStage) -> None:
    (stage.folder / "answers" / "old").mkdir()

    assert FolderInbox(stage.folder / "answers").files() == []
    assert SftpInbox(stage.server(), "answers").files() == []


def test_a_folder_that_does_not_exist_is_empty_and_one_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")

    assert FolderInbox(tmp_path / "missing").files() == []
    with pytest.raises(NotDelivered, match="cannot be looked into"):
        FolderInbox(tmp_path / "file").files()


def test_a_place_is_named_without_its_password(stage: SftpOnStage, tmp_path: Path) -> None:
    assert SftpInbox(stage.server(), "/answers/").place == f"sftp://clinic@127.0.0.1:{stage.port}/answers"
    assert FolderInbox(tmp_path).place == str(tmp_path)


def test_one_line_serves_a_whole_look(stage: SftpOnStage) -> None:
    inbox = SftpInbox(stage.server(), "answers")
    for number in range(5):
        lay(stage.folder / "answers" / f"{number}.835", b"x")

    contents = [inbox.read(one.name) for one in inbox.files()]
    inbox.close()

    assert (contents, stage.logins) == ([b"x"] * 5, 1)


def test_nothing_is_changed_at_the_far_end(stage: SftpOnStage) -> None:
    lay(stage.folder / "answers" / "a.835", b"x")
    inbox = SftpInbox(stage.server(), "answers")

    inbox.read(inbox.files()[0].name)
    inbox.close()

    assert stage.there("answers") == {"a.835": b"x"}
    assert stage.uploads == 0


def test_names_that_no_folder_can_hold_are_never_asked_for(stage: SftpOnStage) -> None:
    lay(stage.folder / "answers" / "a.835", b"x")
    stage.faults.lists_nonsense = True

    names = [one.name for one in SftpInbox(stage.server(), "answers").files()]

    assert [name for name in names if "/" in name or "\n" in name or not name] == []
    assert "a.835" in names


@pytest.mark.parametrize("fault", ["lists_undecodable", "lists_without_sizes", "talks_nonsense", "refuses_login"])
def test_a_listing_that_makes_no_sense_is_told_and_not_taken_for_an_empty_inbox(stage: SftpOnStage, fault: str) -> None:
    lay(stage.folder / "answers" / "a.835", b"x")
    setattr(stage.faults, fault, True)
    inbox = SftpInbox(stage.server(seconds=1), "answers")

    with pytest.raises(NotDelivered):
        inbox.files()
    setattr(stage.faults, fault, False)

    assert [one.name for one in inbox.files()] == ["a.835"]


def test_one_file_that_may_not_be_read_leaves_the_others_readable(stage: SftpOnStage) -> None:
    for name in ("a.835", "b.835"):
        lay(stage.folder / "answers" / name, b"x")
    stage.faults.unreadable = {"a.835"}
    inbox = SftpInbox(stage.server(), "answers")
    inbox.files()

    with pytest.raises(NotDelivered, match="does not allow that"):
        inbox.read("a.835")

    assert inbox.read("b.835") == b"x"
    assert stage.logins == 1
