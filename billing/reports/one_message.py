"""One message whole: what it says or would say, and what became of it step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from billing.access.models import User
from billing.database import Db
from billing.reminders.facts import gather
from billing.reminders.judging import Withheld, judge
from billing.reminders.lifecycle import MessageState
from billing.reminders.links import Links
from billing.reminders.models import Channel, Message, MessageMove
from billing.reminders.planning import MESSAGE_COLUMNS
from billing.reminders.queries import MessageRow, message_told
from billing.reminders.saying import saying_of
from billing.reminders.wording import mail_words, text_words


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would be said, or why nothing would be, were it taken as things stand."""

    words: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Step:
    """One change of a message's state."""

    move: MessageMove
    by: str
    """The person who caused it; empty when nobody did."""


@dataclass(frozen=True, slots=True)
class OneMessage:
    """A message with all that is known of it."""

    row: MessageRow
    said: str
    steps: Sequence[Step]
    outlook: Outlook | None
    """Of one that is still to come."""


def one_message(db: Db, message_id: int, links: Links, at: datetime) -> OneMessage:
    """The message of that number. Raises :class:`NotFound`."""
    told = message_told(db, message_id)
    names = _names(db, told.moves)
    steps = [Step(move, names.get(move.by, "")) for move in told.moves]
    is_to_come = told.row.state is MessageState.PLANNED
    return OneMessage(told.row, told.said, steps, _outlook(db, told.row, links, at) if is_to_come else None)


def _outlook(db: Db, message: MessageRow, links: Links, at: datetime) -> Outlook:
    row = db.execute(select(*MESSAGE_COLUMNS).where(Message.id == message.id)).one()
    then = max(at, message.due_at)
    facts = gather(db, [row], then, then)
    verdict = judge(row, facts, then)
    if isinstance(verdict, Withheld):
        return Outlook("", verdict.why)
    saying = saying_of(row, facts, links, then)
    if message.channel is Channel.TEXT:
        return Outlook(text_words(saying), "")
    subject, text = mail_words(saying)
    return Outlook(f"{subject}\n\n{text}", "")


def _names(db: Db, moves: Sequence[MessageMove]) -> Mapping[str, str]:
    users = {int(move.by.partition(":")[2]): move.by for move in moves if move.by.startswith("user:")}
    if not users:
        return {}
    return {users[one]: name for one, name in db.execute(select(User.id, User.name).where(User.id.in_(users)))}
