"""Messages go out, each once: taken and judged, delivered, recorded.

A route of ``relay`` with mail and text messages as its world. A message is written down as being sent before the
world is called, so that whoever dies meanwhile leaves a trace: after the lease it is offered again where the other
side knows it by its key, and else is *unknown* until a person looks. While the other side is down, no more than a few
are tried, and what waits too long in a batch is given back before its lease ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, or_, select

from billing import clock
from billing.database import Db, hold_lock
from billing.errors import NotDelivered, OutsideWorld
from billing.many_rows import update_many
from billing.ports import Mailer, TextMessenger
from billing.relay import Delivery, Route
from billing.reminders.facts import Facts, gather
from billing.reminders.judging import Go, Later, Withheld, judge
from billing.reminders.lifecycle import MessageEvent, MessageState
from billing.reminders.links import Links
from billing.reminders.models import Channel, Message
from billing.reminders.moving import Move, in_state, move, still
from billing.reminders.planning import BY, MESSAGE_COLUMNS
from billing.reminders.saying import saying_of
from billing.reminders.wording import Saying, mail_content, mail_words, text_words

LEASE = timedelta(minutes=5)
"""After so long a message still being sent is taken for lost with the process that sent it."""
_PATIENCE = LEASE / 2
"""What of a batch could not be tried within this is given back."""
BATCH = 500
BATCH_OF_UNREPEATABLE = 1
"""What cannot be offered again is taken one by one: whatever was taken is unknown when the process dies."""
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""How long is waited after the first, second, third and each further try."""
MOST_TRIES = 50
"""Three days of them, as nights are quiet: a way out that is down over a weekend loses nothing that is still of use."""
_DOWN_AFTER = 3
"""After so many failures in a row a way out counts as down for the rest of the round."""
_MOST_BATCHES_OF_NOTHING = 10
_LOST = "The program stopped while it was being sent."


@dataclass(frozen=True, slots=True)
class Letter:
    """A message on its way out."""

    message_id: int
    channel: Channel
    address: str
    words: str
    """Of a text."""
    saying: Saying | None
    """Of an e-mail, which is composed when it is sent."""
    judged_at: datetime
    taken_at: datetime
    tries: int
    not_after: datetime
    may_repeat: bool
    """Whether it may be offered again though it may have been taken."""

    @property
    def key(self) -> str:
        """By which the other side knows it again."""
        return f"message:{self.message_id}"


@dataclass(frozen=True, slots=True)
class Taken:
    """That the other side has it."""

    receipt: str


class NotTried(NotDelivered):
    """It was not offered at all: the way out is down, or its batch took too long."""


class WaysOut:
    """Mail and texts during one round: which of them may be asked twice, and which is down."""

    def __init__(self, mailer: Mailer, texts: TextMessenger) -> None:
        self._mailer, self._texts = mailer, texts
        self.repeatable = {Channel.EMAIL: mailer.may_repeat, Channel.TEXT: texts.may_repeat}
        self._failed_in_a_row = dict.fromkeys(Channel, 0)

    @property
    def up(self) -> list[Channel]:
        """Ways that are not down."""
        return [channel for channel in Channel if self._failed_in_a_row[channel] < _DOWN_AFTER]

    def deliver(self, letter: Letter) -> Taken:
        """Hand a letter over. Raises :class:`NotTried` when it is not even tried, else what the port raises."""
        if letter.channel not in self.up:
            raise NotTried("The other side is down; it is tried again later.")
        if clock.now() - letter.taken_at > _PATIENCE:
            raise NotTried("Its batch took too long; it is tried again later.")
        try:
            receipt = self._hand_over(letter)
        except OutsideWorld as failure:
            # A final no is about this one address: whoever says it is there.
            final = isinstance(failure, NotDelivered) and failure.is_final
            self._failed_in_a_row[letter.channel] = 0 if final else self._failed_in_a_row[letter.channel] + 1
            raise
        self._failed_in_a_row[letter.channel] = 0
        return Taken(receipt)

    def _hand_over(self, letter: Letter) -> str:
        if letter.saying is not None:
            return self._mailer.send(letter.key, mail_content(letter.saying, letter.address))
        return self._texts.send(letter.key, letter.address, letter.words)


@dataclass(frozen=True, slots=True)
class Turn:
    """Which messages a round takes, and when it is for them."""

    until: Callable[[], datetime] = clock.now
    """What is due by then is taken."""
    since: Callable[[], datetime] | None = clock.now
    """Each is judged at its own time, but not before this instant; ``None`` judges past days as they were."""
    untried_since: datetime | None = None
    """With it, what was tried after that instant is left alone."""

    def judged_at(self, due_at: datetime) -> datetime:
        """At which instant a message that is due then is judged."""
        return due_at if self.since is None else max(due_at, self.since())


NOW = Turn()


def messages_route(
    mailer: Mailer, texts: TextMessenger, links: Links, turn: Turn = NOW, limit: int = BATCH
) -> Route[Letter, Taken]:
    """The route from planned messages to the people they are for; made anew for each round."""
    ways = WaysOut(mailer, texts)

    def take_messages(db: Db, most: int) -> list[Letter]:
        give_back_lost(db, ways.repeatable, clock.now())
        return take(db, {way: ways.repeatable[way] for way in ways.up}, most, links, turn)

    def record_messages(db: Db, deliveries: Sequence[Delivery[Letter, Taken]]) -> None:
        record(db, deliveries, clock.now())

    # A message that fails holds up no other: what is wrong with the way out as a whole is WaysOut's to know.
    return Route(
        "messages", take_messages, ways.deliver, record_messages, limit,
        lighten=lambda letter: replace(letter, words="", saying=None), halts=lambda failure: False,
    )  # fmt: skip


def take(db: Db, ways: Mapping[Channel, bool], most: int, links: Links, turn: Turn = NOW) -> list[Letter]:
    """Messages that are due and may be said, now being sent: at most so many of each channel.

    ``ways`` are the channels that are up, and whether each may be offered a thing twice. One process judges at a time,
    or two could each send the one text that a number may get that day.
    """
    hold_lock(db, "judging messages")
    for _ in range(_MOST_BATCHES_OF_NOTHING):
        rows: list[Row[Any]] = []
        for channel, may_repeat in ways.items():
            rows += _due(db, channel, most if may_repeat else min(most, BATCH_OF_UNREPEATABLE), turn)
        if not rows:
            return []
        rows.sort(key=lambda row: (row.due_at, row.id))
        if letters := _judged(db, rows, ways, links, turn):
            return letters
    return []


def _due(db: Db, channel: Channel, limit: int, turn: Turn) -> Sequence[Row[Any]]:
    own = [in_state(MessageState.PLANNED), Message.due_at <= turn.until(), Message.channel == channel]
    if turn.untried_since is not None:
        own.append(or_(Message.tries == 0, Message.moved_at < turn.untried_since))
    due = select(*MESSAGE_COLUMNS).where(*own).order_by(Message.due_at, Message.id).limit(limit)
    return db.execute(due.with_for_update(skip_locked=True)).all()


def _judged(db: Db, rows: Sequence[Row[Any]], ways: Mapping[Channel, bool], links: Links, turn: Turn) -> list[Letter]:
    """Judge each, and write down what is sent, withheld and put off. Gives what is sent."""
    times = [turn.judged_at(row.due_at) for row in rows]
    facts, taken_at = gather(db, rows, min(times), max(times)), clock.now()
    letters, moves, later = [], [], []
    for row, at in zip(rows, times, strict=True):
        verdict = judge(row, facts, at)
        if isinstance(verdict, Withheld):
            moves.append(Move(row.id, MessageState.PLANNED, MessageEvent.WITHHELD, verdict.why))
        elif isinstance(verdict, Later):
            later.append({"id": row.id, "due_at": verdict.due_at, "why": verdict.why})
        else:
            letter, said = _letter(row, verdict, facts, links, at, taken_at, ways[row.channel])
            letters.append(letter)
            cells = {"taken_at": taken_at, "tries": row.tries + 1, "address": letter.address, "said": said}
            moves.append(Move(row.id, MessageState.PLANNED, MessageEvent.TAKEN, "", cells))
            if row.channel is Channel.TEXT:
                facts.said[letter.address].append(at)
    move(db, moves, by=BY, at=taken_at)
    update_many(db, Message, later)
    return letters


def _letter(
    row: Row[Any], go: Go, facts: Facts, links: Links, at: datetime, taken_at: datetime, may_repeat: bool
) -> tuple[Letter, str]:
    """The letter, and its words as they are kept."""
    saying, words = saying_of(row, facts, links, at), ""
    if row.channel is Channel.TEXT:
        said = words = text_words(saying)
    else:
        said = "\n\n".join(mail_words(saying))
    letter = Letter(
        row.id, row.channel, go.address, words, None if words else saying, at, taken_at, row.tries + 1, row.not_after,
        may_repeat,
    )  # fmt: skip
    return letter, said


def record(db: Db, deliveries: Sequence[Delivery[Letter, Taken]], at: datetime) -> None:
    """Write down what became of messages that were being sent; what another has taken over meanwhile is left to it."""
    ours = still(db, [one.letter.message_id for one in deliveries], MessageState.SENDING)
    kept = [one for one in deliveries if ours.get(one.letter.message_id) == one.letter.taken_at]
    move(db, [_move_of(one, at) for one in kept], by=BY, at=at)


def _move_of(one: Delivery[Letter, Taken], at: datetime) -> Move:
    letter, failure, was = one.letter, one.failure, MessageState.SENDING
    if failure is None:
        receipt = one.outcome.receipt if one.outcome else ""
        cells: dict[str, Any] = {"sent_at": letter.judged_at, "receipt": receipt}
        return Move(letter.message_id, was, MessageEvent.DELIVERED, "", cells)
    why = str(failure)
    if isinstance(failure, NotDelivered) and failure.is_final:
        return Move(letter.message_id, was, MessageEvent.REFUSED, why)
    is_unknown = not isinstance(failure, NotDelivered)
    if is_unknown and not letter.may_repeat:
        return Move(letter.message_id, was, MessageEvent.LOST, why)
    not_tried = isinstance(failure, NotTried)
    due_at = max(at, letter.judged_at) + (BACK_OFF[0] if not_tried else _back_off(letter.tries, failure))
    if not not_tried and (letter.tries >= MOST_TRIES or due_at >= letter.not_after):
        tried = "once" if letter.tries == 1 else f"{letter.tries} times"
        event = MessageEvent.LOST if is_unknown else MessageEvent.REFUSED
        return Move(letter.message_id, was, event, f"Given up after it was tried {tried}: {why}")
    cells = {"due_at": due_at, "tries": letter.tries - not_tried, "taken_at": None}
    return Move(letter.message_id, was, MessageEvent.RETURNED, why, cells)


def _back_off(tries: int, failure: OutsideWorld) -> timedelta:
    asked = failure.wait_seconds if isinstance(failure, NotDelivered) else None
    return max(BACK_OFF[min(tries, len(BACK_OFF)) - 1], timedelta(seconds=asked or 0))


def give_back_lost(db: Db, repeatable: Mapping[Channel, bool], at: datetime) -> int:
    """Take what has been on its way for longer than its lease for lost: due again where it may be offered twice."""
    lost = db.execute(
        select(Message.id, Message.channel)
        .where(in_state(MessageState.SENDING), Message.taken_at < at - LEASE)
        .with_for_update(skip_locked=True)
    ).all()
    event = {True: MessageEvent.RETURNED, False: MessageEvent.LOST}
    moves = [Move(row.id, MessageState.SENDING, event[repeatable[row.channel]], _LOST) for row in lost]
    move(db, moves, by=BY, at=at)
    return len(moves)
