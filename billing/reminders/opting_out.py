"""They asked to stop, or to be written to again: honoured at once, for that number or address, whoever has it on file.

Replies are asked for again and again over a span that overlaps, so what a reply says is applied by its own instant:
heard twice it changes nothing, and an old STOP does not undo a later START.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select

from billing.access.queries import spelled
from billing.database import Db, hold_lock, insert_ignoring
from billing.ports import Reply
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Message, OptOut

BY_REPLY, BY_LINK = "reply", "link"
LOOK_BACK = timedelta(days=7)
"""So long after the last text a reply to it is still looked for."""
LONGEST_SAID = 300


class Word(StrEnum):
    """What a reply asks for."""

    STOP = "stop"
    START = "start"
    HELP = "help"


WORDS = {
    **dict.fromkeys(("stop", "stopall", "quit", "end", "revoke", "optout", "opt out"), Word.STOP),
    **dict.fromkeys(("cancel", "unsubscribe"), Word.STOP),
    **dict.fromkeys(("start", "unstop", "yes"), Word.START),
    **dict.fromkeys(("help", "info"), Word.HELP),
}  # fmt: skip
"""The words that count everywhere (47 CFR 64.1200(a)(10), CTIA Messaging Principles)."""
_COURTESY = frozenset(
    {
        "please", "pls", "plz", "thanks", "thank", "you", "now", "all", "me", "my", "the", "these", "this", "those",
        "your", "text", "texts", "texting", "txt", "message", "messages", "messaging", "reminder", "reminders",
        "sending", "sms", "again", "from", "to", "it",
    }
)  # fmt: skip
"""What people write around such a word: with any other word besides, it is a message for a person to read."""
_NO_LETTER = re.compile(r"[^a-z]+")


def asked_by(words: str) -> Word | None:
    """What a reply asks for; ``None`` when it is something else, such as *cancel my appointment*.

    Any plain wording counts: ``STOP.``, ``Stop all``, ``please stop texting me``.
    """
    spoken = _NO_LETTER.sub(" ", words.casefold()).split()
    whole = WORDS.get(" ".join(spoken))
    return whole or WORDS.get(" ".join(word for word in spoken if word not in _COURTESY))


def address_key(channel: Channel, address: str) -> str:
    """The address as opt-outs keep it: a number in E.164 as it is, an e-mail address in lower case."""
    return spelled(address) if channel is Channel.EMAIL else address.strip()


def stop(db: Db, channel: Channel, address: str, *, by: str, said: str, at: datetime) -> bool:
    """Write to that number or address no more. Gives whether that is news.

    ``by`` is :data:`BY_REPLY`, :data:`BY_LINK` or a hand (``user:7``); ``said`` their words. What its owner has taken
    back since ``at`` stays taken back.
    """
    key = address_key(channel, address)
    hold_lock(db, f"opt out:{key}")
    theirs = (OptOut.channel == channel, OptOut.address == key)
    known = db.execute(
        select(func.count().filter(OptOut.resumed_at.is_(None)), func.max(OptOut.resumed_at)).where(*theirs)
    ).one()
    if known[0] or (known[1] is not None and known[1] >= at):
        return False
    row = {"channel": channel, "address": key, "at": at, "by": by, "said": said.strip()[:LONGEST_SAID]}
    insert_ignoring(db, OptOut, [{**row, "resumed_at": None}])
    return True


def resume(db: Db, channel: Channel, address: str, *, at: datetime) -> bool:
    """They may be written to again. Gives whether that is news: what was asked for after ``at`` stands."""
    key = address_key(channel, address)
    hold_lock(db, f"opt out:{key}")
    standing = db.scalar(
        select(OptOut).where(
            OptOut.channel == channel, OptOut.address == key, OptOut.resumed_at.is_(None), OptOut.at <= at
        )
    )
    if standing is None:
        return False
    standing.resumed_at = at
    db.flush()
    return True


def opt_outs(db: Db, channel: Channel, address: str) -> list[OptOut]:
    """Everything that was asked for that number or address, the latest first."""
    theirs = select(OptOut).where(OptOut.channel == channel, OptOut.address == address_key(channel, address))
    return list(db.scalars(theirs.order_by(OptOut.at.desc(), OptOut.id.desc())))


@dataclass(frozen=True, slots=True)
class RepliesRead:
    """What came of replies."""

    stopped: int = 0
    """Numbers that are written to no more, and were before."""
    resumed: int = 0
    help: int = 0
    """Replies that ask for help."""
    others: int = 0
    """Replies that no word explains: for a person to read where they came in."""


def replies_since(db: Db, at: datetime) -> datetime:
    """From when on replies are asked for: some days before the last text, so that none is missed after a long stop."""
    texts = select(Message.sent_at).where(Message.state == MessageState.SENT, Message.channel == Channel.TEXT)
    last = db.scalar(texts.order_by(Message.due_at.desc()).limit(1))
    return min(last or at, at) - LOOK_BACK


def heed(db: Db, replies: Sequence[Reply]) -> RepliesRead:
    """Do what the replies ask for, oldest first; heard before, they change nothing."""
    stopped = resumed = asking = others = 0
    for reply in sorted(replies, key=lambda one: one.at):
        word = asked_by(reply.words)
        if word is Word.STOP:
            stopped += stop(db, Channel.TEXT, reply.number, by=BY_REPLY, said=reply.words, at=reply.at)
        elif word is Word.START:
            resumed += resume(db, Channel.TEXT, reply.number, at=reply.at)
        elif word is Word.HELP:
            asking += 1
        else:
            others += 1
    return RepliesRead(stopped, resumed, asking, others)
