"""A whole import, from a folder to the report."""

from __future__ import annotations

from pathlib import Path

from billing import clock
from billing.database import Database
from billing.operations.importing.planning import Plan, plan
from billing.operations.importing.reading.folder import Progress, read_folder
from billing.operations.importing.writing import bring_in
from billing.relay import carry_out, look_up


def import_folder(database: Database, folder: Path, *, check: bool = False, progress: Progress | None = None) -> Plan:
    """Read a folder and bring it in, or with ``check`` only see what would happen.

    Raises :class:`Refused` when there is nothing in the folder to import, or no clinic there or here.
    """
    parsed = read_folder(folder, progress)
    if check:
        return look_up(database, lambda db: plan(db, parsed))
    return carry_out(database, lambda db: bring_in(db, parsed, clock.now()))
