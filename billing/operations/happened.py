"""What happened lately in the chain from signed note to paid claim, and what was said: told in order of time.

Records alone are asked, the newest of each kind, and what is alike in one minute is told in one line. No line names
a patient, so that it can be looked at over and over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal_column, select

from billing.claims.lifecycle import ClaimEvent
from billing.claims.models import Claim, ClaimMove, Responsibility
from billing.clinic.models import Clinic
from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.documents.models import ReceivedFile
from billing.invoices.issuing import paper_name
from billing.invoices.models import Paper, PaperKind
from billing.money import Money
from billing.operations.errands.kinds import ErrandKind, title_of
from billing.operations.models import Errand, ErrandState, WorkerSign
from billing.operations.signs_of_life import WORKER, those_there
from billing.reminders.lifecycle import MessageEvent, MessageState
from billing.reminders.models import Channel, Message, MessageMove
from billing.remittances.models import Remittance, RemittanceState
from billing.sessions.lifecycle import SessionEvent
from billing.sessions.models import ClinicSession, SessionMove

LATELY = timedelta(hours=24)
MOST = 3_000
"""So many rows of each kind are looked at: the newest, found by their numbers."""
LINES = 60
NAMED = 8
"""So many records are named in one line."""

_E, _M = ClaimEvent, MessageEvent
_CLAIMS = {
    _E.DELIVERED: ("filed", "info"),
    _E.LOST: ("of unknown fate: nobody knows whether they arrived", "bad"),
    _E.ACCEPTED: ("accepted by the payer", "good"),
    _E.REJECTED: ("rejected", "bad"),
    _E.DENIED: ("refused by the payer", "warn"),
    _E.PAID: ("decided and posted", "good"),
    _E.REVERSED: ("taken back by the payer, to be decided anew", "warn"),
}
_MESSAGES = {
    _M.DELIVERED: ("sent", "good"),
    _M.WITHHELD: ("held back", "quiet"),
    _M.REFUSED: ("not taken by the other side", "bad"),
    _M.LOST: ("of unknown fate", "warn"),
}
_PAPERS = {
    PaperKind.INVOICE: ("invoice", "invoices"),
    PaperKind.SUPERBILL: ("superbill", "superbills"),
    PaperKind.STATEMENT: ("statement", "statements"),
    PaperKind.RECEIPT: ("receipt", "receipts"),
}
_BEGAN = "A worker began; from here on it happens by itself"
_CHANNELS = {Channel.TEXT: ("text", "texts"), Channel.EMAIL: ("e-mail", "e-mails")}


@dataclass(frozen=True, slots=True)
class Named:
    """A record that a line is about: its words, and what kind it is and which."""

    words: str
    kind: str
    """``claim``, ``remittance``, ``paper``, ``errand``, ``answers``, ``message``, ``session``; ``messages`` are all."""
    id: int


@dataclass(frozen=True, slots=True)
class Happening:
    """One line."""

    at: datetime
    title: str
    tone: str
    about: tuple[Named, ...] = ()
    more: int = 0
    """How many records are not named."""


@dataclass(frozen=True, slots=True)
class Lately:
    """What happened, the latest first, and what is next."""

    lines: list[Happening]
    messages_to_come: int
    """How many messages are planned."""
    next_message_at: datetime | None
    there: Sequence[WorkerSign]
    """What works by itself, and gave a sign lately."""


def happened_lately(db: Db, at: datetime) -> Lately:
    """What happened in the day before ``at``; eleven queries."""
    since, clinic = at - LATELY, the_clinic(db)
    there = those_there(db, at)
    found = [
        *(Happening(one.started_at, _BEGAN, "quiet") for one in there if one.kind == WORKER and one.started_at > since),
        *_claims(db, since),
        *_payments(db, since, clinic),
        *_answer_files(db, since),
        *_papers(db, since),
        *_errands(db, since),
        *_messages(db, since),
        *_confirmed(db, since),
        *_called_off(db, since),
    ]
    found.sort(key=lambda one: one.at, reverse=True)
    planned = select(func.count(), func.min(Message.due_at)).where(Message.state == MessageState.PLANNED)
    count, due_at = db.execute(planned).one()
    return Lately(found[:LINES], count, due_at, there)


_SAID = Named("See them", "messages", 0)


@dataclass(frozen=True, slots=True)
class _Alike:
    """What happened in one minute and is of one kind."""

    at: datetime
    """Of the last of it."""
    kind: tuple[Any, ...]
    records: list[tuple[str, int]]
    """Words and number of each record."""

    def line(self, title: str, tone: str, record_kind: str) -> Happening:
        """It as a line, which names the first few records."""
        about = [Named(words, record_kind, number) for words, number in self.records[:NAMED]]
        return Happening(self.at, title, tone, tuple(about), max(0, len(self.records) - NAMED))


def _alike(rows: Iterable[Any]) -> list[_Alike]:
    """Groups of rows: the first cell is the instant, the last two are a record's words and number, others its kind."""
    groups: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        at, *kind, _, _ = row
        groups[at.replace(second=0, microsecond=0), *kind].append(row)
    return [
        _Alike(rows[-1][0], tuple(kind), [(row[-2], row[-1]) for row in rows]) for (_, *kind), rows in groups.items()
    ]


def _number(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _claims(db: Db, since: datetime) -> Iterator[Happening]:
    newest = select(func.max(ClaimMove.id)).scalar_subquery()
    is_later = Claim.responsibility != Responsibility.PRIMARY
    rows = db.execute(
        select(ClaimMove.at, ClaimMove.event, is_later, Claim.control_number, Claim.id)
        .join(Claim, Claim.id == ClaimMove.claim_id)
        .where(ClaimMove.id > newest - MOST, ClaimMove.at >= since, ClaimMove.event.in_(_CLAIMS))
        .order_by(ClaimMove.id)
    )
    for group in _alike(rows):
        event, later = group.kind
        (words, tone), payer = _CLAIMS[event], " on a further payer" if later else ""
        yield group.line(f"{_number(len(group.records), 'claim', 'claims')}{payer} {words}", tone, "claim")


def _payments(db: Db, since: datetime, clinic: Clinic) -> Iterator[Happening]:
    one = Remittance
    rows = db.scalars(select(one).where(one.recorded_at >= since).order_by(one.id.desc()).limit(LINES))
    for paid in rows:
        amount, claims = Money(paid.paid_cents, clinic.currency), _number(paid.claims, "claim", "claims")
        name = paid.payer_name or "A payer"
        is_posted = paid.state is RemittanceState.POSTED
        title = f"{name} paid {amount} for {claims}" if is_posted else f"A payment of {name} waits for a person"
        about = Named(paid.trace_number or "Open it", "remittance", paid.id)
        yield Happening(paid.recorded_at, title, "good" if is_posted else "warn", (about,))


def _answer_files(db: Db, since: datetime) -> Iterator[Happening]:
    one = ReceivedFile
    newest = select(func.max(one.id)).scalar_subquery()
    rows = db.execute(
        select(one.received_at, one.file_name, one.id).where(one.id > newest - LINES, one.received_at >= since)
    )
    for group in _alike(rows):
        title = f"{_number(len(group.records), 'file', 'files')} came in from payers and the clearinghouse"
        yield group.line(title, "info", "answers")


def _papers(db: Db, since: datetime) -> Iterator[Happening]:
    newest = select(func.max(Paper.id)).scalar_subquery()
    rows = db.execute(
        select(Paper.issued_at, Paper.kind, Paper.number, Paper.id)
        .where(Paper.id > newest - MOST, Paper.issued_at >= since)
        .order_by(Paper.id)
    )
    for group in _alike((at, kind, paper_name(kind, number), id) for at, kind, number, id in rows):
        yield group.line(f"{_number(len(group.records), *_PAPERS[group.kind[0]])} made", "good", "paper")


def _errands(db: Db, since: datetime) -> Iterator[Happening]:
    ended = (Errand.asked_by_id.is_(None), Errand.ended_at >= since)
    for one in db.scalars(select(Errand).where(*ended).order_by(Errand.id.desc()).limit(LINES)):
        title, is_done = title_of(ErrandKind(one.kind), one.facts), one.state is ErrandState.DONE
        words = f"{title}, asked for by the clock: {'done' if is_done else 'could not be done'}"
        yield Happening(
            one.ended_at or one.asked_at, words, "good" if is_done else "bad", (Named("What it did", "errand", one.id),)
        )


def _messages(db: Db, since: datetime) -> Iterator[Happening]:
    newest = select(func.max(MessageMove.id)).scalar_subquery()
    rows: Iterable[Any] = db.execute(
        select(MessageMove.at, MessageMove.event, Message.channel, literal_column("'Open it'"), Message.id)
        .join(Message, Message.id == MessageMove.message_id)
        .where(MessageMove.id > newest - MOST, MessageMove.at >= since, MessageMove.event.in_(_MESSAGES))
        .order_by(MessageMove.id)
    )
    for group in _alike(rows):
        event, channel = group.kind
        words, tone = _MESSAGES[event]
        title = f"{_number(len(group.records), *_CHANNELS[channel])} {words}"
        # Many of them have nothing to be told apart by but whom they went to.
        alone = group.line(title, tone, "message")
        yield alone if len(group.records) == 1 else Happening(group.at, title, tone, (_SAID,))


def _confirmed(db: Db, since: datetime) -> Iterator[Happening]:
    """Visits to come that patients have confirmed by their link."""
    one = ClinicSession
    rows: Iterable[Any] = db.execute(
        select(one.confirmed_at, one.id)
        .where(one.starts_at >= since, one.confirmed_at >= since)
        .order_by(one.starts_at)
        .limit(LINES)
    )
    for confirmed_at, id in rows:
        yield Happening(confirmed_at, "A patient confirmed a visit", "good", (Named("The session", "session", id),))


def _called_off(db: Db, since: datetime) -> Iterator[Happening]:
    """Visits that patients have called off by their link."""
    newest, one = select(func.max(SessionMove.id)).scalar_subquery(), SessionMove
    rows = db.execute(
        select(one.at, one.session_id).where(
            one.id > newest - MOST, one.at >= since, one.event == SessionEvent.CANCELLED, one.by.startswith("patient:")
        )
    )
    for at, id in rows:
        yield Happening(at, "A patient called a visit off", "warn", (Named("The session", "session", id),))
