"""The queues in which claims wait, each read in the order in which it came there.

A queue is never longer to read than the page that shows it: rows are asked for from a place on, which is the
instant and the number of the row before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, Select, Subquery, and_, func, or_, select, union_all

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, ClaimAnswer, ClaimMove, ClaimProblem, Responsibility
from billing.database import Db
from billing.errors import Severity
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.sessions.models import ClinicSession

SILENCE = timedelta(days=21)
"""So long a payer may say nothing before somebody asks."""


class Queue(StrEnum):
    """What claims, or sessions without one, wait for."""

    UNBILLED = "unbilled"
    """Signed sessions with neither a claim that stands nor a paper."""
    HELD = "held"
    READY = "ready"
    SENT = "sent"
    """On their way or with the payer."""
    SILENT = "silent"
    """Those of them about which nothing was said for :data:`SILENCE`."""
    REJECTED = "rejected"
    DENIED = "denied"
    PAID = "paid"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    """Closed, replaced or voided: nobody waits for anything."""


_S = ClaimState
STATES: Mapping[Queue, tuple[ClaimState, ...]] = {
    Queue.HELD: (_S.DRAFT, _S.HELD),
    Queue.READY: (_S.READY,),
    Queue.SENT: (_S.SENDING, _S.SENT, _S.ACCEPTED),
    Queue.SILENT: (_S.SENT, _S.ACCEPTED),
    Queue.REJECTED: (_S.REJECTED,),
    Queue.DENIED: (_S.DENIED,),
    Queue.PAID: (_S.PAID,),
    Queue.UNKNOWN: (_S.UNKNOWN,),
    Queue.CLOSED: (_S.CLOSED, _S.REPLACED, _S.VOIDED),
}
"""The states of the claims in each queue of claims."""
_QUEUE_OF = {state: queue for queue, states in STATES.items() if queue is not Queue.SILENT for state in states}
LATEST_FIRST = frozenset({Queue.PAID, Queue.CLOSED})
"""Queues in which nobody works anything off; in all others what has waited longest comes first."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a queue is narrowed to; zero or empty where it is not."""

    payer_id: int = 0
    practitioner_id: int = 0
    rule: str = ""
    """Only claims that this rule stops."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of a queue begins: behind this row, or before it.

    ``at`` is the instant at which a claim came into its state; of a session without a claim its day, at midnight UTC.
    """

    at: datetime
    id: int
    is_before: bool = False


@dataclass(frozen=True, slots=True)
class Waiting:
    """A claim in a queue."""

    id: int
    control_number: str
    state: ClaimState
    responsibility: Responsibility
    session_id: int
    service_on: date
    patient_id: int
    patient: str
    payer: str
    """Empty when no policy is in force."""
    total_cents: int
    since: datetime | None
    """When it came into its state."""

    @property
    def place(self) -> Place | None:
        """Where the page behind this row begins."""
        return Place(self.since, self.id) if self.since else None


def queue_of(state: ClaimState) -> Queue:
    """Where claims in that state are looked for."""
    return _QUEUE_OF[state]


def counts(db: Db, at: datetime) -> dict[Queue, int]:
    """How many wait in each queue at an instant; two queries."""
    by_state = dict(db.execute(select(Claim.state, func.count()).group_by(Claim.state)).all())
    silent = _matching(STATES[Queue.SILENT], _is_silent(at), [func.count().label("claims")])
    unbilled = select(func.count()).where(ClinicSession.awaits_billing)
    row = db.execute(select(select(func.sum(silent.c.claims)).scalar_subquery(), unbilled.scalar_subquery())).one()
    found = {queue: sum(by_state.get(state, 0) for state in states) for queue, states in STATES.items()}
    return {**found, Queue.SILENT: int(row[0] or 0), Queue.UNBILLED: row[1]}


def waiting(
    db: Db, queue: Queue, at: datetime, narrowed: Narrowed, place: Place | None = None, limit: int = 50
) -> list[Waiting]:
    """At most ``limit`` claims of a queue, in its order, from a place on; one query."""
    falls = (queue in LATEST_FIRST) is not (place is not None and place.is_before)
    conditions = _conditions(queue, at, narrowed) + ([_behind(place, falls)] if place else [])
    order = (Claim.moved_at.desc(), Claim.id.desc()) if falls else (Claim.moved_at, Claim.id)
    # Each state by itself: the index has its claims in order, so that no longer queue has to be sorted.
    places = union_all(
        *(
            select(select(Claim.id).where(Claim.state == state, *conditions).order_by(*order).limit(limit).subquery())
            for state in STATES[queue]
        )
    ).subquery()
    rows = db.execute(_rows().join(places, places.c.id == Claim.id).order_by(*order).limit(limit))
    found = [_row(row) for row in rows]
    return found[::-1] if place and place.is_before else found


def ids_waiting(db: Db, queue: Queue, at: datetime, narrowed: Narrowed, limit: int) -> list[int]:
    """The numbers of at most ``limit`` claims of a queue, in their order; one query."""
    conditions = _conditions(queue, at, narrowed)
    found = select(Claim.id).where(Claim.state.in_(STATES[queue]), *conditions)
    return list(db.scalars(found.order_by(Claim.id).limit(limit)))


def holding_rules(db: Db, narrowed: Narrowed) -> list[tuple[str, int]]:
    """How many held claims each rule stops, the most frequent first."""
    number = func.count(ClaimProblem.claim_id.distinct())
    rows = db.execute(
        select(ClaimProblem.rule, number)
        .join(Claim, Claim.id == ClaimProblem.claim_id)
        .where(
            Claim.state.in_(STATES[Queue.HELD]),
            ClaimProblem.severity == Severity.BLOCK,
            *_whose(Narrowed(narrowed.payer_id, narrowed.practitioner_id)),
        )
        .group_by(ClaimProblem.rule)
        .order_by(number.desc(), ClaimProblem.rule)
    )
    return [(rule, claims) for rule, claims in rows]


def last_words(db: Db, claim_ids: Iterable[int]) -> dict[int, str]:
    """Why each of these claims is in its state, as its history says; claims without one are left out."""
    last = select(func.max(ClaimMove.id)).where(ClaimMove.claim_id.in_(list(claim_ids))).group_by(ClaimMove.claim_id)
    rows = db.execute(select(ClaimMove.claim_id, ClaimMove.why).where(ClaimMove.id.in_(last)))
    return dict(rows.all())


def _rows() -> Select[Claim, int, date, str, str, str]:
    return (
        select(
            Claim,
            ClinicSession.patient_id,
            ClinicSession.service_on,
            Patient.first_name,
            Patient.last_name,
            func.coalesce(Payer.name, ""),
        )
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .outerjoin(Payer, Payer.id == Claim.payer_id)
    )


def _row(row: Row[Claim, int, date, str, str, str]) -> Waiting:
    claim, patient_id, on, first_name, last_name, payer = row
    return Waiting(
        id=claim.id,
        control_number=claim.control_number,
        state=claim.state,
        responsibility=claim.responsibility,
        session_id=claim.session_id,
        service_on=on,
        patient_id=patient_id,
        patient=f"{first_name} {last_name}",
        payer=payer,
        total_cents=claim.total_cents,
        since=claim.moved_at,
    )


def _conditions(queue: Queue, at: datetime, narrowed: Narrowed) -> list[ColumnElement[bool]]:
    return [*_whose(narrowed), *(_is_silent(at) if queue is Queue.SILENT else [])]


def _whose(narrowed: Narrowed) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if narrowed.payer_id:
        conditions.append(Claim.payer_id == narrowed.payer_id)
    if narrowed.practitioner_id:
        treated_by = select(ClinicSession.id).where(
            ClinicSession.id == Claim.session_id, ClinicSession.practitioner_id == narrowed.practitioner_id
        )
        conditions.append(treated_by.exists())
    if narrowed.rule:
        stopped = select(ClaimProblem.claim_id).where(
            ClaimProblem.claim_id == Claim.id,
            ClaimProblem.rule == narrowed.rule,
            ClaimProblem.severity == Severity.BLOCK,
        )
        conditions.append(stopped.exists())
    return conditions


def _is_silent(at: datetime) -> list[ColumnElement[bool]]:
    """Whether a claim has not moved for so long, and nothing was said of it either."""
    heard = select(ClaimAnswer.id).where(ClaimAnswer.claim_id == Claim.id, ClaimAnswer.received_at >= at - SILENCE)
    return [Claim.moved_at < at - SILENCE, ~heard.exists()]


def _behind(place: Place, falls: bool) -> ColumnElement[bool]:
    if falls:
        return or_(Claim.moved_at < place.at, and_(Claim.moved_at == place.at, Claim.id < place.id))
    return or_(Claim.moved_at > place.at, and_(Claim.moved_at == place.at, Claim.id > place.id))


def _matching(
    states: Sequence[ClaimState], conditions: Sequence[ColumnElement[bool]], columns: Sequence[ColumnElement[int]]
) -> Subquery:
    return union_all(*(select(*columns).where(Claim.state == state, *conditions) for state in states)).subquery()
