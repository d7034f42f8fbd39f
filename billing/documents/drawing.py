"""Papers that are drawn from a frozen snapshot: the same bytes however often, so nothing needs a lease."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from billing import clock
from billing.database import Db
from billing.documents.keeping import NewDocument, keep
from billing.documents.models import PDF
from billing.ports import DocumentStore
from billing.relay import Delivery, Route

PAPERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class PaperToDraw:
    """A paper that has no document yet: whose it is, what it will be called, and its snapshot."""

    owner_kind: str
    owner_id: int
    kind: str
    version: int
    file_name: str
    snapshot: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A paper's kept bytes."""

    sha256: str
    size: int


def drawing_route(
    name: str,
    undrawn: Callable[[Db, int], Sequence[PaperToDraw]],
    render: Callable[[PaperToDraw], bytes],
    documents: DocumentStore,
) -> Route[PaperToDraw, Drawn]:
    """A route that draws whatever ``undrawn`` finds and keeps it as PDF documents."""

    def deliver(paper: PaperToDraw) -> Drawn:
        content = render(paper)
        return Drawn(documents.put(content), len(content))

    return Route(name, undrawn, deliver, _record, PAPERS_AT_ONCE, lighten=lambda paper: replace(paper, snapshot={}))


def _record(db: Db, deliveries: Sequence[Delivery[PaperToDraw, Drawn]]) -> None:
    keep(
        db,
        [
            NewDocument(
                one.letter.owner_kind,
                one.letter.owner_id,
                one.letter.kind,
                one.letter.file_name,
                PDF,
                one.outcome.sha256,
                one.outcome.size,
                one.letter.version,
            )
            for one in deliveries
            if one.outcome
        ],
        clock.now(),
    )
