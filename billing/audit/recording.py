"""Adding a row to the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from billing.audit.models import AuditEntry
from billing.database import Db

Fact = str | int | bool | None
"""What may stand in an audit row's detail. No floats: databases write them back differently."""


class ActorKind(StrEnum):
    """What kind of hand it was."""

    USER = "user"
    COMMAND = "command"
    WORKER = "worker"
    STRANGER = "stranger"
    """A browser nobody has signed in at."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: a user by number, a command or worker by name, a stranger by network address."""

    kind: ActorKind
    id: str

    def __str__(self) -> str:
        """As histories write it: ``user:7``."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Subject:
    """What it was done to: ``patient`` 17. An empty ``id`` means the kind as a whole, such as a list."""

    kind: str
    id: str = ""


def record(
    db: Db, actor: Actor, action: str, subject: Subject, at: datetime, detail: Mapping[str, Fact] | None = None
) -> None:
    """Add one row: the actor did ``action`` (such as ``patient viewed``) to the subject at that instant.

    ``detail`` holds plain facts about the act, such as the network address; never clinical data.
    The row is left unsealed, so that no writer waits for another.
    """
    db.add(
        AuditEntry(
            at=at,
            actor_kind=actor.kind.value,
            actor_id=actor.id,
            action=action,
            subject_kind=subject.kind,
            subject_id=subject.id,
            detail=dict(detail or {}),
        )
    )
