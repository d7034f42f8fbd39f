"""Changing messages' states, which always leaves a row each behind; hundreds at a time."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, literal_column, select

from billing.database import Db, insert_many
from billing.errors import NotFound, Refused
from billing.many_rows import among, update_many
from billing.reminders.lifecycle import MESSAGE, MessageEvent, MessageState
from billing.reminders.models import Message, MessageMove


@dataclass(frozen=True, slots=True)
class Move:
    """An event that a message in a known state undergoes, why, and what else of it changes."""

    message_id: int
    state: MessageState
    event: MessageEvent
    why: str
    cells: Mapping[str, Any] = field(default_factory=dict)
    """New values of further columns."""


def move(db: Db, moves: Sequence[Move], *, by: str, at: datetime) -> None:
    """Put messages, whose rows this transaction holds, through their events and write it down.

    Raises :class:`Refused` when an event is not lawful in that state.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in moves:
        row = {"id": one.message_id, "state": MESSAGE.after(one.state, one.event), "moved_at": at, "why": one.why}
        alike.setdefault(tuple(one.cells), []).append({**row, **one.cells})
    for rows in alike.values():
        update_many(db, Message, rows)
    record_moves(db, moves, by=by, at=at)


def record_moves(db: Db, moves: Sequence[Move], *, by: str, at: datetime) -> None:
    """Append the history rows of moves; each must be lawful, or :class:`Refused` is raised."""
    insert_many(
        db,
        MessageMove,
        [
            {
                "message_id": one.message_id,
                "at": at,
                "event": one.event,
                "from_state": one.state,
                "to_state": MESSAGE.after(one.state, one.event),
                "by": by,
                "why": one.why,
            }
            for one in moves
        ],
    )


def record_planned(db: Db, message_ids: Sequence[int], *, by: str, at: datetime) -> None:
    """Append the first history row of messages that have just been planned."""
    event, state = MessageEvent.PLANNED, MessageState.PLANNED
    row = {"at": at, "event": event, "from_state": None, "to_state": state, "by": by, "why": ""}
    insert_many(db, MessageMove, [{"message_id": one, **row} for one in message_ids])


def in_state(state: MessageState) -> ColumnElement[bool]:
    """Whether a message is in that state; written out, so that the index of those alone serves."""
    return Message.state == literal_column(f"'{state}'")


def still(db: Db, message_ids: Collection[int], state: MessageState) -> dict[int, datetime | None]:
    """Those of the messages that are in that state, held until this transaction ends, and when each was taken."""
    held = select(Message.id, Message.taken_at).where(among(db, Message.id, message_ids), Message.state == state)
    return {row.id: row.taken_at for row in db.execute(held.order_by(Message.id).with_for_update())}


_MAY_BE_ASKED_FOR = (MessageState.UNKNOWN, MessageState.FAILED, MessageState.WITHHELD)


def send_again(db: Db, message_id: int, *, by: str, at: datetime) -> Message:
    """Have a message sent whose outcome is unknown, that failed or that was withheld; it is judged as any other then.

    Raises :class:`NotFound`, and :class:`Refused` in words when that is not to be.
    """
    message = db.get(Message, message_id, with_for_update=True, populate_existing=True)
    if message is None:
        raise NotFound("There is no such message.")
    if message.state not in _MAY_BE_ASKED_FOR:
        raise Refused("This message has been sent, or is about to be. Nothing needs to be done.")
    if at >= message.not_after:
        raise Refused("The time of this message has passed: saying it now would be of no use.")
    was, why = message.state, "Sent again because a person asked for it."
    cells = {"due_at": at, "tries": 0, "taken_at": None}
    move(db, [Move(message_id, was, MessageEvent.RELEASED, why, cells)], by=by, at=at)
    db.refresh(message)
    return message
