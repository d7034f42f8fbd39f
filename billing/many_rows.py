"""Writing a great many rows at once, and learning which of them are new.

One statement for hundreds of rows instead of one for each: to plan and send messages is little else. Like
:mod:`billing.database`, to which this belongs, it knows both databases.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from billing.database import Base, Db, as_table


def insert_new(db: Db, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> list[int]:
    """Insert a great many rows, all with the same columns, passing over those that a unique constraint says are there.

    Gives the numbers of those that are new. An instant without a zone raises ``ValueError``.
    """
    if not rows:
        return []
    made = Base.metadata.tables[table.__tablename__]
    if db.get_bind().dialect.name != "postgresql":
        passing_over = sqlite.insert(made).on_conflict_do_nothing().returning(made.c.id)
        return list(db.scalars(passing_over, list(rows)))
    chosen = sa.select(as_table(made, rows))
    inserted = postgresql.insert(made).from_select(list(rows[0]), chosen, include_defaults=False)
    return list(db.scalars(inserted.on_conflict_do_nothing().returning(made.c.id)))


def update_many(db: Db, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Give a great many rows, named by their ``id``, new values of the other columns; all have the same columns.

    Rows that a session holds as objects are behind afterwards. An instant without a zone raises ``ValueError``.
    """
    if not rows:
        return
    made = Base.metadata.tables[table.__tablename__]
    names = [name for name in rows[0] if name != "id"]
    if db.get_bind().dialect.name != "postgresql":
        by_id = sa.update(made).where(made.c.id == sa.bindparam("its_id"))
        given = by_id.values({name: sa.bindparam(f"new_{name}", type_=made.c[name].type) for name in names})
        renamed = [{"its_id": row["id"], **{f"new_{name}": row[name] for name in names}} for row in rows]
        db.connection().execute(given, renamed)
        return
    fresh = as_table(made, rows)
    changed = sa.update(made).where(made.c.id == fresh.c.id).values({name: fresh.c[name] for name in names})
    db.connection().execute(changed)


def among(db: Db, column: Any, values: Collection[Any]) -> sa.ColumnElement[bool]:
    """Whether a column has one of a great many values, which go to PostgreSQL as one array."""
    if db.get_bind().dialect.name != "postgresql":
        return sa.and_(column.in_(values))
    every = sa.bindparam(None, list(values), type_=postgresql.ARRAY(column.type))
    return sa.and_(column == sa.any_(every))
