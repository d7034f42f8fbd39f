"""Does the audit trail still say what was sealed?

Each link is recomputed from its row and the stored link before it, so one changed row is one
finding and not a finding for every row after it. What no chain can show by itself is that its end
was cut off together with the rows; only a copy kept elsewhere tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select

from billing.audit.models import AuditEntry, AuditSeal
from billing.audit.sealing import BEFORE_THE_FIRST, COLUMNS, LOOK_BACK, link
from billing.database import Db
from billing.errors import Problem, block, warn

LATE = timedelta(hours=1)
"""A row may be committed so long after its instant; more looks like a row added afterwards."""
_BATCH = 1000


def broken_links(db: Db) -> Iterator[Problem]:
    """Everything wrong with the trail, read in batches so that its length does not matter.

    ``audit.changed``: a row or its seal differs from what was sealed, or seals changed places.
    ``audit.missing``: a sealed row, or a seal, is gone. ``audit.unsealed``: a row the sweep can no
    longer reach. ``audit.backdated`` (a warning): a row was added long after the instant it claims.
    """
    position, previous = 0, BEFORE_THE_FIRST
    latest: datetime | None = None
    for sealed in _sealed_rows(db):
        yield from _gap(position, sealed["position"])
        position = sealed["position"]
        row = {column.name: sealed[column.name] for column in COLUMNS}
        if row["id"] is None:
            yield _missing_row(sealed["entry_id"], position)
        else:
            if link(previous, position, row) != sealed["chain_sha256"]:
                yield _changed(row["id"], position)
            yield from _backdated(row, latest)
            latest = row["at"] if latest is None else max(latest, row["at"])
        previous = sealed["chain_sha256"]
    yield from _unsealed_rows(db, latest)


def _sealed_rows(db: Db) -> Iterator[Any]:
    rows = (
        select(AuditSeal.position, AuditSeal.entry_id, AuditSeal.chain_sha256, *COLUMNS)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.position)
    )
    return iter(db.execute(rows, execution_options={"yield_per": _BATCH}).mappings())


def _unsealed_rows(db: Db, latest: datetime | None) -> Iterator[Problem]:
    newest = db.scalar(select(func.coalesce(func.max(AuditSeal.entry_id), 0))) or 0
    rows = select(*COLUMNS).where(~exists().where(AuditSeal.entry_id == AuditEntry.id)).order_by(AuditEntry.id)
    for row in db.execute(rows, execution_options={"yield_per": _BATCH}).mappings():
        if row["id"] <= newest - LOOK_BACK:
            yield block(
                "audit.unsealed",
                f"Audit row {row['id']} has no seal, and rows long after it have.",
                "Find out how it got there; it was not written in the usual way.",
                f"audit_entry:{row['id']}",
            )
        yield from _backdated(row, latest)


def _gap(before: int, position: int) -> Iterator[Problem]:
    if position != before + 1:
        yield block(
            "audit.missing",
            f"The seals from position {before + 1} to {position - 1} are missing.",
            "Compare with the last backup that verifies.",
            f"audit_seal:{before + 1}",
        )


def _missing_row(entry_id: int, position: int) -> Problem:
    return block(
        "audit.missing",
        f"Audit row {entry_id}, sealed at position {position}, is missing.",
        "Compare with the last backup that verifies.",
        f"audit_entry:{entry_id}",
    )


def _changed(entry_id: int, position: int) -> Problem:
    return block(
        "audit.changed",
        f"Audit row {entry_id}, at position {position}, is not what was sealed there.",
        "Compare with the last backup that verifies.",
        f"audit_entry:{entry_id}",
    )


def _backdated(row: Any, latest: datetime | None) -> Iterator[Problem]:
    if latest is not None and row["at"] < latest - LATE:
        yield warn(
            "audit.backdated",
            f"Audit row {row['id']} claims an instant more than an hour before rows that were there already.",
            "Find out who added it, unless the server's clock was set back.",
            f"audit_entry:{row['id']}",
        )
