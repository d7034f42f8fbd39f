"""What happened to a patient's record: the changes, which everybody may see, and the whole audit trail.

The changes are told from the rows that a change leaves anyway. Who looked at what stands in the audit trail alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, SQLColumnExpression, String, and_, cast, literal, or_, select

from billing.access.models import User
from billing.audit.models import AuditEntry
from billing.audit.queries import Subjects, acts_about
from billing.audit.recording import ActorKind
from billing.claims.models import Claim
from billing.database import Db
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper
from billing.ledger.models import Entry
from billing.payments.models import Payment, Refund
from billing.reports.money_words import means
from billing.sessions.models import ClinicSession, SessionMove

ROWS = 60


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was changed."""

    at: datetime
    kind: str
    """``session``, ``payment``, ``refund`` or ``paper``."""
    number: int
    """Of the session, the payment or the paper; a refund has that of its payment."""
    words: str
    cents: int | None
    """The amount, where it is about money."""
    on: date
    """The day of the session, or the day the money changed hands or the paper was issued."""
    by: str
    """Who caused it; empty where only the audit trail knows."""
    why: str
    key: tuple[datetime, int, int]
    """Its place: instant, kind and number of the row."""


@dataclass(frozen=True, slots=True)
class Act:
    """One row of the audit trail."""

    entry: AuditEntry
    by: str


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """A page of changes, the newest first."""

    changes: list[Change]
    older: str
    """Where the next page begins; empty at the end."""


@dataclass(frozen=True, slots=True)
class ActsPage:
    """A page of the audit trail, the newest row first."""

    acts: list[Act]
    older: int | None
    """The row before which the next page begins."""


def changes_page(db: Db, patient_id: int, before: str = "") -> ChangesPage:
    """What was changed about a patient; four queries and one for the names. ``before`` is another page's ``older``."""
    start = _key_from(before)
    found = [
        *_moves(db, patient_id, start),
        *_payments(db, patient_id, start),
        *_refunds(db, patient_id, start),
        *_papers(db, patient_id, start),
    ]
    found.sort(key=lambda one: one.key, reverse=True)
    page = found[:ROWS]
    older = _key_text(page[-1].key) if len(found) > ROWS else ""
    return ChangesPage(_with_names(db, page), older)


def acts_page(db: Db, patient_id: int, before: int | None = None) -> ActsPage:
    """Who did or saw what of a patient, from the audit trail; ``before`` is another page's ``older``."""
    rows = acts_about(db, _subjects(db, patient_id), ROWS + 1, before)
    page = rows[:ROWS]
    names = _names(db, (f"{one.actor_kind}:{one.actor_id}" for one in page))
    acts = [Act(one, names[f"{one.actor_kind}:{one.actor_id}"]) for one in page]
    return ActsPage(acts, page[-1].id if len(rows) > ROWS else None)


def _subjects(db: Db, patient_id: int) -> Subjects:
    """Everything of a patient that an audit row can be about; claims are named by either of their numbers."""
    sessions = select(ClinicSession.id).where(ClinicSession.patient_id == patient_id)
    claims = db.execute(select(Claim.id, Claim.control_number).where(Claim.session_id.in_(sessions))).all()
    payments = select(Payment.id).where(Payment.patient_id == patient_id)
    papers = select(Paper.id).where(Paper.patient_id == patient_id)
    return {
        "patient": [patient_id],
        "session": db.scalars(sessions).all(),
        "claim": [name for one in claims for name in one],
        "payment": db.scalars(payments).all(),
        "paper": db.scalars(papers).all(),
    }


_MOVE, _PAYMENT, _REFUND, _PAPER = range(4)
"""The order of what was written at the same instant."""
_Start = tuple[datetime, int, int] | None


def _moves(db: Db, patient_id: int, start: _Start) -> Iterator[Change]:
    rows = (
        select(SessionMove, ClinicSession.service_on)
        .join(ClinicSession, ClinicSession.id == SessionMove.session_id)
        .where(ClinicSession.patient_id == patient_id, *_after(SessionMove.at, SessionMove.id, _MOVE, start))
    )
    for move, on in db.execute(rows.order_by(SessionMove.at.desc(), SessionMove.id.desc()).limit(ROWS + 1)):
        words = f"Session {move.event}"
        yield Change(move.at, "session", move.session_id, words, None, on, move.by, move.why, (move.at, _MOVE, move.id))


def _payments(db: Db, patient_id: int, start: _Start) -> Iterator[Change]:
    source = literal("payment:", String) + cast(Payment.id, String)
    rows = (
        select(Payment, Entry.recorded_at)
        .join(Entry, Entry.source == source)
        .where(Payment.patient_id == patient_id, *_after(Entry.recorded_at, Payment.id, _PAYMENT, start))
    )
    for one, at in db.execute(rows.order_by(Entry.recorded_at.desc(), Payment.id.desc()).limit(ROWS + 1)):
        words = f"Payment {means(one)}"
        yield Change(at, "payment", one.id, words, one.cents, one.received_on, "", "", (at, _PAYMENT, one.id))


def _refunds(db: Db, patient_id: int, start: _Start) -> Iterator[Change]:
    source = literal("refund:", String) + cast(Refund.id, String)
    rows = (
        select(Refund, Entry.recorded_at)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Entry, Entry.source == source)
        .where(Payment.patient_id == patient_id, *_after(Entry.recorded_at, Refund.id, _REFUND, start))
    )
    for one, at in db.execute(rows.order_by(Entry.recorded_at.desc(), Refund.id.desc()).limit(ROWS + 1)):
        words, key = f"Refund {means(one)}", (at, _REFUND, one.id)
        yield Change(at, "refund", one.payment_id, words, one.cents, one.refunded_on, "", one.why, key)


def _papers(db: Db, patient_id: int, start: _Start) -> Iterator[Change]:
    rows = select(Paper).where(Paper.patient_id == patient_id, *_after(Paper.issued_at, Paper.id, _PAPER, start))
    for one in db.scalars(rows.order_by(Paper.issued_at.desc(), Paper.id.desc()).limit(ROWS + 1)):
        words = f"{one.kind.value.capitalize()} {paper_name(one.kind, one.number)} issued"
        key = (one.issued_at, _PAPER, one.id)
        yield Change(one.issued_at, "paper", one.id, words, one.total_cents, one.issued_on, "", "", key)


def _after(
    at: SQLColumnExpression[datetime], number: SQLColumnExpression[int], rank: int, start: _Start
) -> list[ColumnElement[bool]]:
    """Which rows of one kind come after a place in the list of all kinds, the latest first."""
    if start is None:
        return []
    instant, of_rank, last = start
    if rank == of_rank:
        return [or_(at < instant, and_(at == instant, number < last))]
    return [at <= instant if rank < of_rank else at < instant]


def _key_text(key: tuple[datetime, int, int]) -> str:
    return f"{key[0].isoformat()}~{key[1]}~{key[2]}"


def _key_from(text: str) -> _Start:
    parts = text.split("~")
    try:
        at, rank, number = datetime.fromisoformat(parts[0]), int(parts[1]), int(parts[2])
    except (ValueError, IndexError):
        return None
    return (at, rank, number) if at.tzinfo else None


def _with_names(db: Db, changes: Sequence[Change]) -> list[Change]:
    names = _names(db, (one.by for one in changes if one.by))
    return [replace(one, by=names.get(one.by, one.by)) for one in changes]


def _names(db: Db, actors: Iterable[str]) -> dict[str, str]:
    """People's names, and words for what was done without one."""
    kinds = {actor: actor.partition(":") for actor in actors}
    numbers = {int(name) for kind, _, name in kinds.values() if kind == ActorKind.USER and name.isdecimal()}
    users = {str(number): name for number, name in db.execute(select(User.id, User.name).where(User.id.in_(numbers)))}
    return {actor: _name(kind, name, users) for actor, (kind, _, name) in kinds.items()}


def _name(kind: str, name: str, users: dict[str, str]) -> str:
    if kind == ActorKind.USER:
        return users.get(name, f"Account {name}")
    if kind == ActorKind.COMMAND:
        return f"Command “{name}”"
    return "Somebody not signed in" if kind == ActorKind.STRANGER else f"In the background: {name}"
