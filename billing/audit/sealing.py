"""Binding audit rows into a hash chain, so that a later change of one is seen.

Rows are sealed in the order in which they are found, not strictly by number: on PostgreSQL a row
may be committed after rows with higher numbers were sealed, and it then gets a later position.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from sqlalchemy import exists, func, insert, select

from billing.audit.models import AuditEntry, AuditSeal
from billing.database import Db, hold_lock

BEFORE_THE_FIRST = "0" * 64
"""What the first link is bound to."""
LOOK_BACK = 100_000
"""How many row numbers behind the last sealed one are searched for rows committed late. It keeps the
sweep short however long the trail is; a row left behind even so is reported by ``broken_links``."""

COLUMNS = tuple(AuditEntry.__table__.columns)
"""The columns a seal covers: all."""


def link(previous: str, position: int, row: dict[str, Any]) -> str:
    """The SHA-256, in hex, that binds an audit row (column name to value) at a position to the link before it.

    The row is written as canonical JSON and its instant in UTC with microseconds, so that it has
    the same digest before it is stored and after it is read from either database.
    """
    content = json.dumps(
        {**row, "at": row["at"].astimezone(UTC).isoformat(timespec="microseconds")},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=True,
        allow_nan=False,
    )
    return hashlib.sha256(f"{previous}\n{position}\n{content}".encode()).hexdigest()


def seal(db: Db, limit: int) -> int:
    """Seal up to ``limit`` rows that have no seal yet, lowest number first; gives how many it sealed.

    Only one sweep runs at a time. Fewer than ``limit`` means that nothing is left.
    """
    hold_lock(db, "audit seal")
    last = db.execute(
        select(AuditSeal.position, AuditSeal.chain_sha256).order_by(AuditSeal.position.desc()).limit(1)
    ).one_or_none()
    position, previous = (last.position, last.chain_sha256) if last else (0, BEFORE_THE_FIRST)
    seals = []
    for row in db.execute(_unsealed(limit)).mappings():
        position += 1
        previous = link(previous, position, dict(row))
        seals.append({"position": position, "entry_id": row["id"], "chain_sha256": previous})
    if seals:
        db.execute(insert(AuditSeal), seals)
    return len(seals)


def _unsealed(limit: int) -> Any:
    newest_sealed = select(func.coalesce(func.max(AuditSeal.entry_id), 0)).scalar_subquery()
    return (
        select(*COLUMNS)
        .where(AuditEntry.id > newest_sealed - LOOK_BACK, ~exists().where(AuditSeal.entry_id == AuditEntry.id))
        .order_by(AuditEntry.id)
        .limit(limit)
    )
