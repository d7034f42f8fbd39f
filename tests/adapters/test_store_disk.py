"""Documents on a disk are there whole or not at all."""

from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from billing.adapters.store_disk import DiskStore
from billing.errors import NotDelivered, NotFound

CONTENT = b"%PDF-1.7 an invoice"


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_is_put_can_be_got_under_its_sha256(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)

    sha256 = store.put(CONTENT)

    assert sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert store.get(sha256) == CONTENT


def test_the_folder_is_made_when_it_is_first_needed(tmp_path: Path) -> None:
    store = DiskStore(tmp_path / "deep" / "documents")

    sha256 = store.put(CONTENT)

    assert store.get(sha256) == CONTENT


def test_putting_the_same_bytes_again_keeps_one_file(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)

    first, second = store.put(CONTENT), store.put(CONTENT)

    assert first == second
    assert len(files(tmp_path)) == 1


def test_nothing_but_the_hash_is_in_a_name(tmp_path: Path) -> None:
    sha256 = DiskStore(tmp_path).put(CONTENT)

    assert [path.name for path in files(tmp_path)] == [sha256]


def test_empty_bytes_are_bytes_too(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)

    assert store.get(store.put(b"")) == b""


def test_what_was_never_put_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        DiskStore(tmp_path).get("0" * 64)


def test_a_file_that_was_deleted_is_not_found(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    sha256 = store.put(CONTENT)

    for path in files(tmp_path):
        path.unlink()

    with pytest.raises(NotFound, match=sha256):
        store.get(sha256)


def test_a_store_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    blocked = tmp_path / "documents"
    blocked.write_text("a file where the folder should be")

    with pytest.raises(NotDelivered, match="cannot be written"):
        DiskStore(blocked).put(CONTENT)

    assert files(tmp_path) == [blocked]


def test_a_put_that_cannot_take_its_name_leaves_no_unfinished_file(tmp_path: Path) -> None:
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    store = DiskStore(tmp_path)
    (tmp_path / sha256[:2]).mkdir()
    dangling = tmp_path / sha256[:2] / sha256
    dangling.symlink_to(tmp_path / "nowhere")

    store.put(CONTENT)

    assert not dangling.is_symlink()
    assert files(tmp_path) == [dangling]
    assert store.get(sha256) == CONTENT


def test_many_putting_the_same_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    store = DiskStore(tmp_path)
    content = os.urandom(1 << 18)
    together = threading.Barrier(4)

    def put(_number: int) -> str:
        together.wait(timeout=30)
        return store.put(content)

    with ThreadPoolExecutor(4) as threads:
        names = set(threads.map(put, range(4)))

    assert len(names) == 1
    assert [path.read_bytes() for path in files(tmp_path)] == [content]
