"""Prepared claim files go out, once.

A route of ``relay`` with the clearinghouse as its world. A file that certainly did not arrive is
tried again, with the same bytes; one of which nobody knows, because delivery said so or because the
process died in the middle, is *unknown* and waits for an acknowledgement or a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from billing import clock
from billing.claims.lifecycle import ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimFile, FileState
from billing.claims.moving import move
from billing.database import Db
from billing.errors import NotDelivered
from billing.ports import Clearinghouse, DocumentStore
from billing.relay import Delivery, Route

LEASE = timedelta(minutes=10)
"""After so long a file still being sent is taken for lost with the process that sent it."""

_BY = "command:bill"


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A prepared file on its way out."""

    file_id: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Sent:
    """That the other side has it."""


def filing_route(documents: DocumentStore, clearinghouse: Clearinghouse) -> Route[FileToSend, Sent]:
    """The route from prepared files to the clearinghouse."""

    def take_file(db: Db, limit: int) -> list[FileToSend]:
        return take(db, limit, clock.now())

    def deliver(letter: FileToSend) -> Sent:
        clearinghouse.submit(letter.name, documents.get(letter.sha256))
        return Sent()

    def record_files(db: Db, deliveries: Sequence[Delivery[FileToSend, Sent]]) -> None:
        for one in deliveries:
            record(db, one, clock.now())

    return Route("claims", take_file, deliver, record_files)


def take(db: Db, limit: int, at: datetime) -> list[FileToSend]:
    """At most ``limit`` prepared files, now being sent, their claims with them."""
    give_up_lost(db, at)
    files = db.scalars(
        select(ClaimFile)
        .where(ClaimFile.state == FileState.PREPARED)
        .order_by(ClaimFile.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for file in files:
        file.state, file.taken_at = FileState.SENDING, at
        _move_claims(db, file.id, ClaimState.READY, ClaimEvent.TAKEN, f"sent in {file.name}", at)
    return [FileToSend(file.id, file.name, file.sha256) for file in files]


def record(db: Db, delivery: Delivery[FileToSend, Sent], at: datetime) -> None:
    """Write down what became of a file that was being sent."""
    file_id = delivery.letter.file_id
    if delivery.failure is None:
        state, event, why = FileState.SENT, ClaimEvent.DELIVERED, f"delivered in {delivery.letter.name}"
    elif isinstance(delivery.failure, NotDelivered):
        state, event, why = FileState.PREPARED, ClaimEvent.RETURNED, str(delivery.failure)
    else:
        state, event, why = FileState.UNKNOWN, ClaimEvent.LOST, str(delivery.failure)
    sent_at = at if state is FileState.SENT else None
    db.execute(update(ClaimFile).where(ClaimFile.id == file_id).values(state=state, sent_at=sent_at))
    _move_claims(db, file_id, ClaimState.SENDING, event, why, at)


def give_up_lost(db: Db, at: datetime) -> None:
    """Call *unknown* whatever has been on its way for longer than its lease, its claims with it."""
    lost = db.scalars(
        select(ClaimFile)
        .where(ClaimFile.state == FileState.SENDING, ClaimFile.taken_at < at - LEASE)
        .with_for_update(skip_locked=True)
    ).all()
    for file in lost:
        file.state = FileState.UNKNOWN
        why = "the program stopped while it was being sent"
        _move_claims(db, file.id, ClaimState.SENDING, ClaimEvent.LOST, why, at)


def _move_claims(db: Db, file_id: int, state: ClaimState, event: ClaimEvent, why: str, at: datetime) -> None:
    claim_ids = db.scalars(select(Claim.id).where(Claim.file_id == file_id)).all()
    move(db, claim_ids, state, event, by=_BY, why=why, at=at)
