"""Putting received files into a folder, and looking at what the database made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from tests.claims.office import Office


def put(inbox: Path, name: str, content: bytes) -> Path:
    """Leave a file in the inbox; returns its path."""
    path = inbox / name
    path.write_bytes(content)
    return path


def rows(office: Office, table: Any) -> list[Any]:
    """Every row of a table, oldest first."""
    with office.database.reading() as db:
        return list(db.scalars(sa.select(table).order_by(table.id)))
