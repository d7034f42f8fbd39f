"""A name once given to bytes never points elsewhere."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from billing.adapters.memory import MemoryStore
from billing.database import Database, Db
from billing.documents.drawing import Drawn, PaperToDraw, drawing_route
from billing.documents.keeping import NewDocument, document_of, keep
from billing.documents.models import Document
from billing.errors import NotDelivered, NotFound
from billing.relay import relay

AT = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)


def a_document(**changes: Any) -> NewDocument:
    cells: dict[str, Any] = {
        "owner_kind": "claim", "owner_id": 7, "kind": "cms1500", "file_name": "MER0000007.pdf",
        "media_type": "application/pdf", "sha256": "a" * 64, "size": 1234,
    }  # fmt: skip
    return NewDocument(**{**cells, **changes})


def kept(database: Database) -> list[Document]:
    with database.reading() as db:
        return list(db.scalars(sa.select(Document).order_by(Document.id)))


def put(database: Database, *documents: NewDocument) -> None:
    with database.transaction() as db:
        keep(db, documents, AT)


def papers_of(count: int) -> list[PaperToDraw]:
    return [PaperToDraw("paper", number, "invoice", 1, f"INV-{number}.pdf", {"n": number}) for number in range(count)]


def test_a_document_is_found_by_its_owner(database: Database) -> None:
    put(database, a_document())

    with database.reading() as db:
        found = document_of(db, "claim", 7, "cms1500")

    assert (found.file_name, found.sha256, found.size, found.created_at) == ("MER0000007.pdf", "a" * 64, 1234, AT)


@pytest.mark.parametrize("other", [("claim", 8, "cms1500"), ("paper", 7, "cms1500"), ("claim", 7, "837P")])
def test_nobody_elses_document_is_found(database: Database, other: tuple[str, int, str]) -> None:
    put(database, a_document())

    with database.reading() as db, pytest.raises(NotFound):
        document_of(db, *other)


def test_naming_the_same_thing_again_is_passed_over_and_the_first_stands(database: Database) -> None:
    put(database, a_document())

    put(database, a_document(sha256="b" * 64))

    assert [one.sha256 for one in kept(database)] == ["a" * 64]


def test_the_newest_version_is_the_one_that_is_found(database: Database) -> None:
    put(database, a_document(), a_document(version=2, sha256="b" * 64))

    with database.reading() as db:
        assert document_of(db, "claim", 7, "cms1500").sha256 == "b" * 64


def test_a_document_is_retained_until_the_end_of_the_tenth_year(database: Database) -> None:
    put(database, a_document())

    assert [one.retain_until for one in kept(database)] == [date(2036, 12, 31)]


def test_naming_nothing_is_nothing(database: Database) -> None:
    put(database)

    assert kept(database) == []


def test_every_undrawn_paper_is_drawn_kept_and_named(database: Database) -> None:
    store, waiting = MemoryStore(), papers_of(3)
    route = drawing_route("papers", _not_kept(waiting), lambda paper: f"%PDF {paper.snapshot}".encode(), store)

    done = relay(database, route)

    assert [one.outcome for one in done] == [Drawn(one.sha256, one.size) for one in kept(database)]
    assert [store.get(one.sha256) for one in kept(database)] == [f"%PDF {{'n': {n}}}".encode() for n in range(3)]


def test_papers_a_full_store_would_not_take_stay_due(database: Database) -> None:
    store, waiting = MemoryStore(), papers_of(2)
    route = drawing_route("papers", _not_kept(waiting), lambda paper: b"%PDF", store)
    store.failure = NotDelivered("the disk is full")

    failed = relay(database, route)
    store.failure = None
    relay(database, route)

    assert {str(one.failure) for one in failed} == {"the disk is full"}
    assert len(kept(database)) == 2


def test_two_that_draw_the_same_paper_name_it_once(database: Database) -> None:
    store, waiting = MemoryStore(), papers_of(1)
    route = drawing_route("papers", _not_kept(waiting), lambda paper: b"%PDF", store)
    with database.transaction() as db:
        first, second = route.take(db, 1), route.take(db, 1)
    assert first == second

    relay(database, route)
    put(database, a_document(owner_kind="paper", owner_id=0, kind="invoice", sha256="c" * 64))

    assert len(kept(database)) == 1
    assert kept(database)[0].sha256 in store.contents


def _not_kept(papers: list[PaperToDraw]) -> Any:
    def undrawn(db: Db, limit: int) -> list[PaperToDraw]:
        named = set(db.scalars(sa.select(Document.owner_id).where(Document.owner_kind == "paper")))
        return [one for one in papers if one.owner_id not in named][:limit]

    return undrawn
