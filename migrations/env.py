"""How Alembic reaches the database: the caller hands a connection over."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from billing.database import Base, UtcInstant
from billing.operations.schema import all_tables

all_tables()


def _render(kind: str, item: Any, _autogenerate: Any) -> str | bool:
    if kind == "type" and isinstance(item, UtcInstant):
        return "sa.DateTime(timezone=True)"
    return False


def _same_type(_context: Any, _inspected: Any, _column: Any, inspected: Any, wanted: Any) -> bool | None:
    # SQLite knows no zoned instants and no native JSON variants; the difference is one of spelling.
    return False if isinstance(wanted, (UtcInstant, sa.JSON)) else None


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=_render,
    compare_type=_same_type,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
