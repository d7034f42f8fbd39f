"""Making a row for everything that will be due to be said. Run again it makes none twice.

Sessions, courses of care and licences are looked through some thousand at a time. What was withheld and may be said
after all is let go again, as long as its time has not passed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from billing import clock
from billing.database import Db
from billing.many_rows import among, insert_new
from billing.patients.models import Patient
from billing.reminders.facts import (
    PATIENT_COLUMNS,
    Facts,
    Here,
    Person,
    booked_at_of,
    gather,
    here,
    licence_alerts,
    person,
    plan_facts,
)
from billing.reminders.judging import Later, Withheld, is_mail_address, judge
from billing.reminders.lifecycle import MessageEvent, MessageState
from billing.reminders.models import Channel, Message
from billing.reminders.moving import Move, move, record_planned
from billing.reminders.rules import PLAN, SESSION
from billing.reminders.timing import Due, next_morning, session_dues
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession
from billing.treatment.models import TreatmentPlan

BY = "worker:messages"
AHEAD = timedelta(days=8)
"""So long before its time a message is planned: a week of them can be looked at beforehand."""
BATCH = 4_000
"""Sessions, or people, looked through in one transaction."""
_LONGEST_OF_USE = timedelta(days=60)
"""No message is of use for longer after its time."""
MESSAGE_COLUMNS: tuple[Any, ...] = (
    Message.id, Message.rule, Message.subject_kind, Message.subject_id, Message.slot, Message.channel,
    Message.patient_id, Message.user_id, Message.due_at, Message.not_after, Message.tries,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Span:
    """What is planned: whatever is due up to an instant."""

    until: datetime
    since: datetime | None
    """What would be of no use any more by then is left out; ``None`` leaves out nothing, to replay past days."""

    def takes(self, one: Due) -> bool:
        """Whether it is planned."""
        return one.due_at <= self.until and (self.since is None or one.not_after > self.since)


def plan_sessions(db: Db, after: int, span: Span, at: datetime) -> tuple[int, int | None]:
    """Plan messages about the booked sessions that follow the number ``after``.

    Gives how many were made, and the number to go on from, ``None`` at the end.
    """
    where, one = here(db), ClinicSession
    first = [] if span.since is None else [one.service_on >= clock.local(span.since, where.zone).date()]
    # The earliest that is said of a session is said some days before it.
    last = clock.local(span.until + timedelta(days=5), where.zone).date()
    rows = db.execute(
        select(one.id, one.patient_id, one.starts_at, *PATIENT_COLUMNS)
        .join(Patient, Patient.id == one.patient_id)
        .where(one.id > after, one.state == SessionState.BOOKED, one.service_on <= last, *first)
        .order_by(one.id)
        .limit(BATCH)
    ).all()
    booked = booked_at_of(db, [row.id for row in rows])
    made: list[dict[str, Any]] = []
    for row in rows:
        who = person(row, where)
        if not (channels := _channels(who)):
            continue
        booked_at, _ = booked.get(row.id, (None, 0))
        for due in session_dues(row.starts_at, booked_at, who.zone, where.hours, where.chosen.rules_off):
            if span.takes(due):
                made += _rows(SESSION, row.id, due, channels, at, patient_id=row.patient_id)
    return _write(db, SESSION, made, at), rows[-1].id if len(rows) == BATCH else None


def plan_courses(db: Db, after: int, span: Span, at: datetime) -> tuple[int, int | None]:
    """The same of courses of care, by the number of the patient."""
    facts = Facts(here(db))
    one = TreatmentPlan
    in_care = select(one.patient_id).where(one.patient_id > after, one.ended_on.is_(None)).distinct()
    patient_ids = db.scalars(in_care.order_by(one.patient_id).limit(BATCH)).all()
    rows = db.execute(select(Patient.id, *PATIENT_COLUMNS).where(among(db, Patient.id, patient_ids)))
    facts.patients = {row.id: person(row, facts.here) for row in rows}
    patient_of = dict(db.execute(select(one.id, one.patient_id).where(among(db, one.patient_id, patient_ids))).all())
    made: list[dict[str, Any]] = []
    on = clock.local(span.since or span.until, facts.here.zone).date()
    for plan_id, dues in plan_facts(db, patient_ids, on, facts).items():
        who = facts.patients[patient_of[plan_id]]
        for due in (_not_at_once(each, who, facts.here, span) for each in dues):
            if span.takes(due):
                made += _rows(PLAN, plan_id, due, _channels(who), at, patient_id=patient_of[plan_id])
    return _write(db, PLAN, made, at), patient_ids[-1] if len(patient_ids) == BATCH else None


def _not_at_once(one: Due, who: Person, where: Here, span: Span) -> Due:
    """What was due before it is planned waits for the next morning: its patient may be at the desk to book."""
    if span.since is None or one.due_at >= span.since or one.not_after <= span.since:
        return one
    later = next_morning(span.since, who.zone, where.hours)
    return replace(one, due_at=later) if later < one.not_after else one


def plan_licences(db: Db, span: Span, at: datetime) -> int:
    """Plan alerts to staff about licences, education and enrolments. Gives how many were made."""
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in licence_alerts(db, here(db)):
        if span.takes(one.due):
            made[one.subject_kind] += _rows(
                one.subject_kind, one.subject_id, one.due, [Channel.EMAIL], at, user_id=one.user_id
            )
    return sum(_write(db, kind, rows, at) for kind, rows in made.items())


def release_withheld(db: Db, after: int, at: datetime) -> tuple[int, int | None]:
    """Let go what was withheld for a reason that is gone, of messages that follow the number ``after``.

    Gives how many were, and the number to go on from.
    """
    useful = (Message.state == MessageState.WITHHELD, Message.not_after > at, Message.due_at > at - _LONGEST_OF_USE)
    rows = db.execute(
        select(*MESSAGE_COLUMNS)
        .where(*useful, Message.id > after)
        .order_by(Message.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    facts = gather(db, rows, at, at)
    moves = []
    for row in rows:
        session = facts.sessions.get(row.subject_id) if row.subject_kind == SESSION else None
        if session and session.booked_at and session.booked_at > row.due_at:
            continue
        verdict = judge(row, facts, at)
        if not isinstance(verdict, Withheld):
            due_at = verdict.due_at if isinstance(verdict, Later) else max(row.due_at, at)
            why = "What spoke against it is gone."
            moves.append(Move(row.id, MessageState.WITHHELD, MessageEvent.RELEASED, why, {"due_at": due_at}))
    move(db, moves, by=BY, at=clock.now())
    return len(moves), rows[-1].id if len(rows) == BATCH else None


def _channels(who: Person) -> list[Channel]:
    """By which ways somebody agreed to be written to, and can be."""
    ways = [Channel.TEXT] if who.texts and who.number else []
    return [*ways, Channel.EMAIL] if who.mails and is_mail_address(who.email) else ways


def _rows(
    kind: str, subject_id: int, due: Due, channels: Sequence[Channel], at: datetime, **to_whom: int
) -> Iterator[dict[str, Any]]:
    for channel in channels:
        yield {
            "rule": due.rule, "subject_kind": kind, "subject_id": subject_id, "slot": due.slot, "channel": channel,
            "patient_id": None, "user_id": None, **to_whom, "state": MessageState.PLANNED, "due_at": due.due_at,
            "not_after": due.not_after, "taken_at": None, "tries": 0, "moved_at": at, "sent_at": None, "address": "",
            "said": "", "receipt": "", "why": "",
        }  # fmt: skip


def _write(db: Db, kind: str, rows: Sequence[dict[str, Any]], at: datetime) -> int:
    """Insert those that are not there; another process may be at the same, so the database has the last word."""
    one = Message
    subjects = {row["subject_id"] for row in rows}
    known = {
        tuple(row)
        for row in db.execute(
            select(one.subject_id, one.rule, one.slot, one.channel).where(
                one.subject_kind == kind, among(db, one.subject_id, subjects)
            )
        )
    }
    fresh = [row for row in rows if (row["subject_id"], row["rule"], row["slot"], row["channel"]) not in known]
    new = insert_new(db, Message, fresh)
    record_planned(db, new, by=BY, at=at)
    return len(new)
