"""A file from outside is registered once for its content, under the name it first came under."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.documents.keeping import document_of
from billing.documents.models import Document, ReceivedFile
from billing.documents.receiving import OWNER_KIND, UNKNOWN_KIND, Received, name_of, receive

AT = datetime(2026, 4, 1, 16, 0, tzinfo=UTC)
HASH = "a" * 64


def received(database: Database, name: str = "answer.999", sha256: str = HASH, kind: str = "999") -> Received:
    with database.transaction() as db:
        return receive(db, name, sha256, 1234, kind, AT)


def files(database: Database) -> list[ReceivedFile]:
    with database.reading() as db:
        return list(db.scalars(sa.select(ReceivedFile).order_by(ReceivedFile.id)))


def test_a_file_is_registered_and_its_bytes_are_a_document_of_it(database: Database) -> None:
    first = received(database)

    (file,) = files(database)
    with database.reading() as db:
        paper = document_of(db, OWNER_KIND, first.file_id, "999")
    assert first.is_new
    assert (file.id, file.file_name, file.sha256, file.size, file.received_at) == (
        first.file_id, "answer.999", HASH, 1234, AT,
    )  # fmt: skip
    assert (paper.file_name, paper.sha256, paper.size, paper.media_type) == (
        "answer.999", HASH, 1234, "application/edi-x12",
    )  # fmt: skip


def test_the_same_content_again_is_the_same_file_whatever_its_name(database: Database) -> None:
    first = received(database)

    again = received(database, name="copy.txt", kind="277CA")

    assert again == Received(first.file_id, is_new=False)
    assert [one.file_name for one in files(database)] == ["answer.999"]
    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Document)) == 1


def test_other_content_under_the_same_name_is_another_file(database: Database) -> None:
    first = received(database)

    other = received(database, sha256="b" * 64)

    assert other.is_new
    assert other.file_id != first.file_id


@pytest.mark.parametrize("kind", ["", "9\x009", "A:B"])
def test_what_nobody_can_tell_is_kept_as_unknown_bytes(database: Database, kind: str) -> None:
    first = received(database, name="scan.bin", kind=kind)

    with database.reading() as db:
        paper = document_of(db, OWNER_KIND, first.file_id, UNKNOWN_KIND)
    assert paper.media_type == "application/octet-stream"


def test_a_file_is_kept_under_its_name_without_its_folder(database: Database) -> None:
    received(database, name="/home/ada/jo-doe/answer.999")

    assert [one.file_name for one in files(database)] == ["answer.999"]


def test_a_name_that_is_no_text_can_be_kept(database: Database) -> None:
    received(database, name="caf\udce9.999")

    assert [one.file_name for one in files(database)] == ["caf?.999"]


def test_the_name_of_a_path_is_its_last_part() -> None:
    assert name_of(Path("in/from payer/a.277")) == "a.277"
    assert name_of("a.277") == "a.277"


def test_of_many_that_register_the_same_file_at_once_one_is_first(database: Database) -> None:
    start = threading.Barrier(4)

    def register(_: int) -> Received:
        start.wait()
        return received(database)

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(register, range(4)))

    assert sorted(one.is_new for one in done) == [False, False, False, True]
    assert len({one.file_id for one in done}) == 1
    assert len(files(database)) == 1


def test_nothing_is_registered_when_the_transaction_fails(database: Database) -> None:
    with pytest.raises(LookupError), database.transaction() as db:
        receive(db, "answer.999", HASH, 1234, "999", AT)
        raise LookupError

    assert files(database) == []
    assert received(database).is_new
