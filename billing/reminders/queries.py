"""What one asks about messages: what will be said, what was, why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select, tuple_

from billing.access.models import User
from billing.database import Db
from billing.errors import NotFound
from billing.patients.models import Patient
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Channel, Message, MessageMove, Rule

PAGE = 50
SHOWN_FOR = timedelta(days=60)
"""So far back messages are counted."""


class View(StrEnum):
    """Which messages are looked at."""

    TO_COME = "to_come"
    SAID = "said"
    NOT_SAID = "not_said"
    """Withheld, or not taken by the other side."""
    UNKNOWN = "unknown"


STATES: Mapping[View, tuple[MessageState, ...]] = {
    View.TO_COME: (MessageState.PLANNED, MessageState.SENDING),
    View.SAID: (MessageState.SENT,),
    View.NOT_SAID: (MessageState.WITHHELD, MessageState.FAILED),
    View.UNKNOWN: (MessageState.UNKNOWN,),
}


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message as a list shows it; without its words."""

    id: int
    rule: Rule
    subject_kind: str
    subject_id: int
    slot: str
    channel: Channel
    state: MessageState
    due_at: datetime
    not_after: datetime
    sent_at: datetime | None
    moved_at: datetime
    tries: int
    address: str
    receipt: str
    why: str
    patient_id: int | None
    user_id: int | None
    name: str
    """Of the patient, or of whoever of the staff it is for."""

    def may_be_sent_again(self, at: datetime) -> bool:
        """Whether a person may have it sent: it did not go out for sure, and its time has not passed."""
        return self.state in (MessageState.UNKNOWN, MessageState.FAILED) and at < self.not_after


@dataclass(frozen=True, slots=True)
class MessagePage:
    """So many messages, and where the list goes on."""

    rows: list[MessageRow]
    following: str
    """What to ask the next page with; empty at the end."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which messages a page shows."""

    view: View = View.TO_COME
    rule: Rule | None = None
    channel: Channel | None = None
    patient_id: int | None = None


def messages_page(db: Db, chosen: Chosen, after: str = "", limit: int = PAGE) -> MessagePage:
    """What will be said, the next first; of what was or was not, the latest first.

    ``after`` is a page's ``following``; what is none begins anew.
    """
    one, forward = Message, chosen.view is View.TO_COME
    asked = _rows().where(*_conditions(chosen))
    if place := _place(after):
        cells, given = tuple_(one.due_at, one.id), tuple_(*place)
        asked = asked.where(cells > given if forward else cells < given)
    order = (one.due_at, one.id) if forward else (one.due_at.desc(), one.id.desc())
    found = db.execute(asked.order_by(*order).limit(limit + 1)).all()
    rows = [_row(each) for each in found[:limit]]
    return MessagePage(rows, f"{rows[-1].due_at.isoformat()}~{rows[-1].id}" if len(found) > limit else "")


def messages_of_patient(db: Db, patient_id: int, after: str = "", limit: int = PAGE) -> MessagePage:
    """Everything that will be, was and was not said to a patient, the latest first."""
    one = Message
    asked = _rows().where(one.patient_id == patient_id)
    if place := _place(after):
        asked = asked.where(tuple_(one.due_at, one.id) < tuple_(*place))
    found = db.execute(asked.order_by(one.due_at.desc(), one.id.desc()).limit(limit + 1)).all()
    rows = [_row(each) for each in found[:limit]]
    return MessagePage(rows, f"{rows[-1].due_at.isoformat()}~{rows[-1].id}" if len(found) > limit else "")


def message_counts(db: Db, at: datetime) -> dict[View, int]:
    """How many messages there are to look at in each view; of those said and not said, the last weeks'.

    What is unknown counts however old it is: a person has yet to look.
    """
    lately = or_(Message.due_at > at - SHOWN_FOR, Message.state == MessageState.UNKNOWN)
    rows = db.execute(select(Message.state, func.count()).where(lately).group_by(Message.state))
    by_state = dict(rows.all())
    return {view: sum(by_state.get(state, 0) for state in states) for view, states in STATES.items()}


@dataclass(frozen=True, slots=True)
class WayInTrouble:
    """A way out whose other side would not take messages that are tried again."""

    channel: Channel
    count: int
    """How many wait."""
    why: str
    """What was said of the oldest: those behind it may not even have been offered."""


def ways_in_trouble(db: Db) -> list[WayInTrouble]:
    """Each way by which something was tried and is to be tried again."""
    one = Message
    rows = db.execute(
        select(one.channel, one.why, func.count())
        .where(one.state == MessageState.PLANNED, one.tries > 0)
        .group_by(one.channel, one.why)
        .order_by(func.min(one.id))
    )
    whys: dict[Channel, str] = {}
    waiting = Counter[Channel]()
    for channel, why, count in rows:
        whys.setdefault(channel, why)
        waiting[channel] += count
    return [WayInTrouble(channel, waiting[channel], why) for channel, why in whys.items()]


@dataclass(frozen=True, slots=True)
class MessageTold:
    """One message with its words and its whole way."""

    row: MessageRow
    said: str
    moves: Sequence[MessageMove]


def message_told(db: Db, message_id: int) -> MessageTold:
    """One message. Raises :class:`NotFound`."""
    found = db.execute(_rows().where(Message.id == message_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such message.")
    said = db.scalars(select(Message.said).where(Message.id == message_id)).one()
    way = select(MessageMove).where(MessageMove.message_id == message_id).order_by(MessageMove.id)
    return MessageTold(_row(found), said, db.scalars(way).all())


def messages_moved(db: Db, since: datetime) -> list[MessageRow]:
    """The messages that were moved from an instant on, by when they were due."""
    asked = _rows().where(Message.moved_at >= since)
    return [_row(each) for each in db.execute(asked.order_by(Message.due_at, Message.id))]


def _conditions(chosen: Chosen) -> list[Any]:
    conditions: list[Any] = [Message.state.in_(STATES[chosen.view])]
    if chosen.rule is not None:
        conditions.append(Message.rule == chosen.rule)
    if chosen.channel is not None:
        conditions.append(Message.channel == chosen.channel)
    if chosen.patient_id is not None:
        conditions.append(Message.patient_id == chosen.patient_id)
    return [and_(*conditions)]


_OWN = (
    Message.id, Message.rule, Message.subject_kind, Message.subject_id, Message.slot, Message.channel, Message.state,
    Message.due_at, Message.not_after, Message.sent_at, Message.moved_at, Message.tries, Message.address,
    Message.receipt, Message.why, Message.patient_id, Message.user_id,
)  # fmt: skip


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(*_OWN, Patient.first_name, Patient.last_name, User.name.label("staff_name"))
        .outerjoin(Patient, Patient.id == Message.patient_id)
        .outerjoin(User, User.id == Message.user_id)
    )


def _row(found: Row[Any]) -> MessageRow:
    cells = {column.key: getattr(found, column.key) for column in _OWN}
    name = found.staff_name if found.first_name is None else f"{found.first_name} {found.last_name}"
    return MessageRow(**cells, name=name)


def _place(after: str) -> tuple[datetime, int] | None:
    due_at, _, own = after.partition("~")
    try:
        moment = datetime.fromisoformat(due_at)
    except ValueError:
        return None
    is_whole = moment.tzinfo is not None and own.isascii() and own.isdecimal() and len(own) < 19
    return (moment, int(own)) if is_whole else None
