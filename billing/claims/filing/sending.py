"""Prepared claim files go out, once.

A route of ``relay`` with the clearinghouse as its world. A file that certainly did not arrive is
tried again, with the same bytes; one of which nobody knows, because delivery said so or because the
process died in the middle, is *unknown* and waits for an acknowledgement or a person. Who had it filed
stands in every claim's history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, or_, select

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
RESTS = tuple(
    (timedelta(minutes=older_than), timedelta(minutes=rest)) for older_than, rest in ((240, 60), (15, 15), (0, 1))
)
"""How long a file that was not taken rests before it is offered anew by itself, by how old it is: each time is a line
in the history of every claim in it."""

_Steps = Sequence[tuple[ClaimState, ClaimEvent]]
_ARRIVED: Mapping[FileState, _Steps] = {
    FileState.SENDING: [(ClaimState.SENDING, ClaimEvent.DELIVERED)],
    FileState.UNKNOWN: [(ClaimState.UNKNOWN, ClaimEvent.FOUND)],
    FileState.PREPARED: [(ClaimState.READY, ClaimEvent.TAKEN), (ClaimState.SENDING, ClaimEvent.DELIVERED)],
}
"""What becomes of a file's claims when its delivery succeeds: in time, after it was given up, after it was missed."""


@dataclass(frozen=True, slots=True)
class FileToSend:
    """A prepared file on its way out."""

    file_id: int
    name: str
    sha256: str
    taken_at: datetime
    """By which its taking is told from any other."""


@dataclass(frozen=True, slots=True)
class Sent:
    """That the other side has it."""


def filing_route(
    documents: DocumentStore, clearinghouse: Clearinghouse, by: str = "command:bill", *, rests: bool = False
) -> Route[FileToSend, Sent]:
    """The route from prepared files to the clearinghouse; ``by`` is who has them filed, as histories name it.

    ``rests``: a file that was not taken is left alone for a while (:data:`RESTS`); when nobody asked for it.
    """

    def take_file(db: Db, limit: int) -> list[FileToSend]:
        return take(db, limit, clock.now(), by, rests=rests)

    def deliver(letter: FileToSend) -> Sent:
        clearinghouse.submit(letter.name, documents.get(letter.sha256))
        return Sent()

    def record_files(db: Db, deliveries: Sequence[Delivery[FileToSend, Sent]]) -> None:
        for one in deliveries:
            record(db, one, clock.now(), by)

    return Route("claims", take_file, deliver, record_files)


def take(db: Db, limit: int, at: datetime, by: str, *, rests: bool = False) -> list[FileToSend]:
    """At most ``limit`` prepared files, now being sent, their claims with them."""
    give_up_lost(db, at, by)
    files = db.scalars(
        select(ClaimFile)
        .where(ClaimFile.state == FileState.PREPARED, *([_has_rested(at)] if rests else []))
        .order_by(ClaimFile.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for file in files:
        file.state, file.taken_at = FileState.SENDING, at
        why = f"sent in {file.name}"
        _move_claims(db, file.id, ClaimState.READY, ClaimEvent.TAKEN, by=by, why=why, at=at)
    return [FileToSend(file.id, file.name, file.sha256, at) for file in files]


def _has_rested(at: datetime) -> ColumnElement[bool]:
    """Whether a file was never offered, or long enough ago."""
    one = ClaimFile
    spans = [(one.prepared_at <= at - older_than, one.taken_at <= at - rest) for older_than, rest in RESTS]
    return or_(one.taken_at.is_(None), case(*spans, else_=one.taken_at <= at - RESTS[-1][1]))


def record(db: Db, delivery: Delivery[FileToSend, Sent], at: datetime, by: str) -> None:
    """Write down what became of a file that was being sent.

    A delivery that ends after the file was given up still tells that it arrived; nothing is written when the file
    has been taken up by another since, or when it was late and failed.
    """
    letter, failure = delivery.letter, delivery.failure
    file = db.scalars(select(ClaimFile).where(ClaimFile.id == letter.file_id).with_for_update()).one()
    if file.taken_at != letter.taken_at:
        return
    if failure is None:
        _record_arrival(db, file, at, by)
    elif file.state is FileState.SENDING:
        is_certain = isinstance(failure, NotDelivered)
        file.state = FileState.PREPARED if is_certain else FileState.UNKNOWN
        event = ClaimEvent.RETURNED if is_certain else ClaimEvent.LOST
        _move_claims(db, file.id, ClaimState.SENDING, event, by=by, why=str(failure), at=at)


def _record_arrival(db: Db, file: ClaimFile, at: datetime, by: str) -> None:
    steps = _ARRIVED.get(file.state)
    if steps is None:
        return
    file.state, file.sent_at = FileState.SENT, at
    for state, event in steps:
        _move_claims(db, file.id, state, event, by=by, why=f"delivered in {file.name}", at=at)


def give_up_lost(db: Db, at: datetime, by: str) -> None:
    """Call *unknown* whatever has been on its way for longer than its lease, its claims with it."""
    lost = db.scalars(
        select(ClaimFile)
        .where(ClaimFile.state == FileState.SENDING, ClaimFile.taken_at < at - LEASE)
        .with_for_update(skip_locked=True)
    ).all()
    for file in lost:
        file.state = FileState.UNKNOWN
        why = "the program stopped while it was being sent"
        _move_claims(db, file.id, ClaimState.SENDING, ClaimEvent.LOST, by=by, why=why, at=at)


def _move_claims(
    db: Db, file_id: int, state: ClaimState, event: ClaimEvent, *, by: str, why: str, at: datetime
) -> None:
    """Move the claims of a file; of one of unknown fate those of which nothing has been heard meanwhile."""
    of_file = select(Claim.id).where(Claim.file_id == file_id)
    if state is ClaimState.UNKNOWN:
        of_file = of_file.where(Claim.state == state)
    move(db, db.scalars(of_file).all(), state, event, by=by, why=why, at=at)
