"""The rounds as the desk shows them: what each does, how often, when it last had work, and who is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, select

from billing.audit.models import AuditEntry, AuditSeal
from billing.claims.models import ClaimFile
from billing.database import Db
from billing.documents.models import PDF, Document, ReceivedFile
from billing.operations import rounds
from billing.operations.models import Errand, WorkerSign
from billing.operations.rounds import ROUNDS, Round
from billing.operations.signs_of_life import is_silent, last_sign, those_there
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Message, MessageMove, OptOut
from billing.reminders.opting_out import BY_REPLY


def _newest(asked: Select[Any]) -> ScalarSelect[datetime | None]:
    return asked.limit(1).scalar_subquery()


_LAST_DONE: Mapping[str, ScalarSelect[datetime | None]] = {
    rounds.FILE_CLAIMS: select(func.max(ClaimFile.sent_at)).scalar_subquery(),
    rounds.FETCH_ANSWERS: _newest(select(ReceivedFile.received_at).order_by(ReceivedFile.id.desc())),
    rounds.DRAW_PAPERS: _newest(
        select(Document.created_at).where(Document.media_type == PDF).order_by(Document.id.desc())
    ),
    rounds.PLAN_MESSAGES: _newest(
        select(MessageMove.at)
        .where(MessageMove.message_id == select(func.max(Message.id)).scalar_subquery())
        .order_by(MessageMove.id)
    ),
    rounds.SEND_MESSAGES: _newest(
        select(Message.sent_at).where(Message.state == MessageState.SENT).order_by(Message.due_at.desc())
    ),
    rounds.READ_REPLIES: _newest(select(OptOut.at).where(OptOut.by == BY_REPLY).order_by(OptOut.id.desc())),
    rounds.RUN_ERRANDS: _newest(select(Errand.seen_at).order_by(Errand.id.desc())),
    rounds.ASK_WHAT_IS_REGULAR: _newest(
        select(Errand.asked_at).where(Errand.period.is_not(None)).order_by(Errand.id.desc())
    ),
    rounds.SEAL_AUDIT: _newest(
        select(AuditEntry.at).join(AuditSeal, AuditSeal.entry_id == AuditEntry.id).order_by(AuditSeal.position.desc())
    ),
    rounds.GIVE_SIGN: last_sign(),
}
"""What each round leaves behind with its time."""


@dataclass(frozen=True, slots=True)
class RoundShown:
    """One round."""

    round: Round
    how_often: str
    last_done_at: datetime | None
    """``None`` when it has done nothing yet."""


@dataclass(frozen=True, slots=True)
class RoundsShown:
    """All rounds, and what works on them."""

    rounds: list[RoundShown]
    there: Sequence[WorkerSign]
    seen_at: datetime | None
    """When a worker last gave a sign."""
    is_silent: bool


def rounds_shown(db: Db, up_since: datetime, at: datetime) -> RoundsShown:
    """The rounds as they stand; two queries."""
    known = db.execute(select(*(asked.label(task) for task, asked in _LAST_DONE.items()))).one()._mapping
    shown = [RoundShown(one, in_words(one.every), known.get(one.task)) for one in ROUNDS]
    seen_at = known[rounds.GIVE_SIGN]
    return RoundsShown(shown, those_there(db, at), seen_at, is_silent(seen_at, up_since, at))


def in_words(every: timedelta) -> str:
    """How often: ``every minute``, ``every 30 seconds``, ``every 2 hours``."""
    seconds = int(every.total_seconds())
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            return f"every {word}" if seconds == size else f"every {seconds // size} {word}s"
    return f"every {seconds} seconds"
