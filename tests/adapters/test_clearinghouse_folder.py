"""A clearinghouse that is a folder never overwrites and never shows half a file."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.durable_files import write_durably
from billing.errors import NotDelivered

NAME = "20260331-000000001.837"
CONTENT = b"ISA*00*" + b"x" * 100_000


def test_a_submitted_file_lies_in_the_folder_under_its_name(tmp_path: Path) -> None:
    FolderClearinghouse(tmp_path / "claims").submit(NAME, CONTENT)

    assert [(path.name, path.read_bytes()) for path in (tmp_path / "claims").iterdir()] == [(NAME, CONTENT)]


def test_a_file_of_that_name_with_other_content_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"somebody else's")

    with pytest.raises(NotDelivered, match=NAME):
        FolderClearinghouse(tmp_path).submit(NAME, CONTENT)

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [(NAME, b"somebody else's")]


def test_the_same_file_again_is_taken_as_delivered(tmp_path: Path) -> None:
    folder = FolderClearinghouse(tmp_path)
    folder.submit(NAME, CONTENT)

    folder.submit(NAME, CONTENT)

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [CONTENT]


def test_a_folder_that_cannot_be_written_has_certainly_not_received(tmp_path: Path) -> None:
    blocked = tmp_path / "claims"
    blocked.write_text("a file where the folder should be")

    with pytest.raises(NotDelivered, match="cannot be written"):
        FolderClearinghouse(blocked).submit(NAME, CONTENT)

    assert list(tmp_path.iterdir()) == [blocked]


def test_a_folder_in_the_place_of_the_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()

    with pytest.raises(NotDelivered):
        FolderClearinghouse(tmp_path).submit(NAME, CONTENT)

    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_the_error_names_no_content_of_the_file(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"NM1*IL*1*OKORO*MIRI")

    with pytest.raises(NotDelivered) as refusal:
        FolderClearinghouse(tmp_path).submit(NAME, b"NM1*IL*1*FINCH*ROSA")

    assert "OKORO" not in str(refusal.value)
    assert "FINCH" not in str(refusal.value)


def test_half_a_file_is_never_seen_under_its_final_name(tmp_path: Path) -> None:
    path = tmp_path / NAME
    finished = threading.Event()
    contents = [bytes([digit]) * 400_000 for digit in b"0123456789"]

    def watch() -> set[int]:
        seen = set()
        while not finished.is_set():
            if path.exists():
                seen.add(len(path.read_bytes()))
        return seen

    with ThreadPoolExecutor(1) as threads:
        watching = threads.submit(watch)
        for content in contents:
            write_durably(path, content)
        finished.set()
        seen = watching.result(timeout=30)

    assert seen <= {400_000}
    assert [one.name for one in tmp_path.iterdir()] == [NAME]


def test_what_a_reader_of_the_folder_might_pick_up_too_early_is_hidden(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.mkdir()

    with pytest.raises(IsADirectoryError):
        write_durably(path, CONTENT)

    assert [one.name for one in tmp_path.iterdir()] == [NAME]
    assert list(tmp_path.glob("*.837")) == [path]
