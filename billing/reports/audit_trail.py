"""The audit trail for people: who did or saw what, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Integer, case, cast, select

from billing.access.models import User
from billing.audit.models import AuditEntry
from billing.audit.recording import ActorKind
from billing.clock import instant
from billing.database import Db

_LATEST = 5_000
"""Among so many rows the kinds of records that the filter offers are looked for."""


@dataclass(frozen=True, slots=True)
class Act:
    """One row of the trail."""

    number: int
    at: datetime
    who: str
    """A person's name, or ``command import``."""
    action: str
    about: str
    """As ``kind:id``; without an id where it is about no single record."""
    detail: str


def acts(
    db: Db, *, user_id: int | None, kind: str, until: date | None, before: int | None, zone: str, limit: int
) -> Sequence[Act]:
    """The latest ``limit`` acts: of that person, about that kind of record, up to the end of that day.

    ``before`` is a row's number: only what was written earlier is told.
    """
    # What is no person's number must not be read as one.
    number = case((AuditEntry.actor_kind == ActorKind.USER.value, cast(AuditEntry.actor_id, Integer)))
    rows = select(AuditEntry, User.name).outerjoin(User, User.id == number).order_by(AuditEntry.id.desc()).limit(limit)
    if user_id is not None:
        rows = rows.where(AuditEntry.actor_kind == ActorKind.USER.value, AuditEntry.actor_id == str(user_id))
    if kind:
        rows = rows.where(AuditEntry.subject_kind == kind)
    if until is not None:
        rows = rows.where(AuditEntry.at < instant(until + timedelta(days=1), time(), zone))
    if before is not None:
        rows = rows.where(AuditEntry.id < before)
    return [_act(entry, name) for entry, name in db.execute(rows)]


def kinds_of_subject(db: Db) -> list[str]:
    """The kinds of records that the latest rows are about."""
    latest = select(AuditEntry.subject_kind).order_by(AuditEntry.id.desc()).limit(_LATEST).subquery()
    return sorted(db.scalars(select(latest.c.subject_kind).distinct()))


def _act(entry: AuditEntry, name: str | None) -> Act:
    who = name or f"{entry.actor_kind} {entry.actor_id}".strip()
    about = f"{entry.subject_kind}:{entry.subject_id}" if entry.subject_id else entry.subject_kind
    told = [f"{key} {value}" for key, value in entry.detail.items() if key != "from" and value not in (None, "")]
    return Act(entry.id, entry.at, who, entry.action, about, ", ".join(told))
