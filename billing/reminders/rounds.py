"""What the workers and the command line do with messages: plan them, send them, read what comes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from billing import clock
from billing.clinic.models import Clinic
from billing.database import Database, Db
from billing.ports import Mailer, TextMessenger
from billing.relay import Delivery, carry_out, climb, look_up, relay
from billing.reminders.links import Links
from billing.reminders.opting_out import RepliesRead, heed, replies_since
from billing.reminders.planning import AHEAD, Span, plan_courses, plan_licences, plan_sessions, release_withheld
from billing.reminders.sending import NOW, Letter, Taken, Turn, messages_route

_Batch = Callable[[Db, int], tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Planned:
    """What planning did."""

    new: int
    """Messages that were not planned before."""
    released: int
    """Withheld ones that may be said after all."""


def plan_messages(database: Database, span: Span | None = None) -> Planned:
    """Plan what is due in the days to come, or in ``span``, a batch and a commit at a time."""
    at = clock.now()
    chosen = span or Span(at + AHEAD, at)
    if look_up(database, lambda db: db.get(Clinic, 1)) is None:
        return Planned(0, 0)
    new = _all(database, lambda db, after: plan_sessions(db, after, chosen, at))
    new += _all(database, lambda db, after: plan_courses(db, after, chosen, at))
    new += carry_out(database, lambda db: plan_licences(db, chosen, at))
    judged_at = chosen.since or chosen.until
    return Planned(new, _all(database, lambda db, after: release_withheld(db, after, judged_at)))


def _all(database: Database, batch: _Batch) -> int:
    """Do a batch after the other to the end; gives how many each did in all."""
    done = 0

    def stage(db: Db, after: int) -> int | None:
        nonlocal done
        made, following = batch(db, after)
        done += made
        return following

    climb(database, stage)
    return done


def send_messages(
    database: Database,
    mailer: Mailer,
    texts: TextMessenger,
    links: Links,
    turn: Turn = NOW,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Delivery[Letter, Taken]]:
    """Send what is due. Gives what became of every message that was taken."""
    if look_up(database, lambda db: db.get(Clinic, 1)) is None:
        return []
    return relay(database, messages_route(mailer, texts, links, turn), progress)


def read_replies(database: Database, texts: TextMessenger) -> RepliesRead:
    """Heed what came in. Raises :class:`NotDelivered` when that cannot be asked."""
    since: datetime = look_up(database, lambda db: replies_since(db, clock.now()))
    replies = texts.replies(since)
    return carry_out(database, lambda db: heed(db, replies)) if replies else RepliesRead()
