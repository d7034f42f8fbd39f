"""The outside world in memory behaves as the real one does, so that tests against it mean something."""

from __future__ import annotations

from pathlib import Path

import pytest

from billing.adapters.clearinghouse_folder import FolderClearinghouse
from billing.adapters.memory import MemoryClearinghouse, MemoryStore
from billing.adapters.store_disk import DiskStore
from billing.errors import NotDelivered, NotFound, OutcomeUnknown
from billing.ports import Clearinghouse, DocumentStore


@pytest.fixture(params=["memory", "disk"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    return MemoryStore() if request.param == "memory" else DiskStore(tmp_path)


@pytest.fixture(params=["memory", "folder"])
def clearinghouse(request: pytest.FixtureRequest, tmp_path: Path) -> Clearinghouse:
    return MemoryClearinghouse() if request.param == "memory" else FolderClearinghouse(tmp_path)


def test_every_store_gives_back_what_it_was_given(store: DocumentStore) -> None:
    names = {store.put(content): content for content in (b"one", b"two", b"one")}

    assert {name: store.get(name) for name in names} == names
    assert len(names) == 2


def test_every_store_says_when_it_has_lost_something(store: DocumentStore) -> None:
    with pytest.raises(NotFound):
        store.get("f" * 64)


def test_every_clearinghouse_takes_a_file(clearinghouse: Clearinghouse) -> None:
    clearinghouse.submit("1.837", b"ISA")


def test_a_clearinghouse_can_fail_without_having_received() -> None:
    clearinghouse = MemoryClearinghouse()
    clearinghouse.failure = NotDelivered("full")

    with pytest.raises(NotDelivered):
        clearinghouse.submit("1.837", b"ISA")

    assert clearinghouse.received == []


def test_a_clearinghouse_can_receive_and_then_fail() -> None:
    clearinghouse = MemoryClearinghouse()
    clearinghouse.failure, clearinghouse.receives_before_failing = OutcomeUnknown("dead"), True

    with pytest.raises(OutcomeUnknown):
        clearinghouse.submit("1.837", b"ISA")

    assert clearinghouse.received == [("1.837", b"ISA")]


def test_a_store_that_fails_keeps_nothing() -> None:
    store = MemoryStore()
    store.failure = NotDelivered("full")

    with pytest.raises(NotDelivered):
        store.put(b"one")

    assert store.contents == {}
