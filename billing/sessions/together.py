"""Rows of several tables in one question, where asking each table by itself would be a round trip each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Executable, cast, null, select, union_all

from billing.database import Base, Db

Wanted = Mapping[type[Base], Sequence[ColumnElement[bool]]]
"""Tables whose key is named ``id``, each with the conditions on its rows."""


def rows_together(db: Db, wanted: Wanted) -> dict[type[Base], list[Any]]:
    """The rows of each table that fulfil its conditions, by key."""
    return rows_of(db, asked_together(wanted), wanted)


def asked_together(wanted: Wanted) -> Executable:
    """The question for the rows of all these tables; worth keeping where it is always the same.

    The keys that are wanted stand below each other, each in its own table's column; every row of the
    answer is one row of one table. So no row is multiplied by those of another table.
    """
    keys = [table.__table__.c.id for table in wanted]
    arms = [
        select(*(key if key is own else _absent(key) for key in keys)).where(*conditions)
        for own, conditions in zip(keys, wanted.values(), strict=True)
    ]
    listed = union_all(*arms).subquery("wanted")
    statement = select(*wanted).select_from(listed)
    for key, column in zip(keys, listed.c, strict=True):
        statement = statement.outerjoin(key.table, key == column)
    return statement


def rows_of(db: Db, statement: Executable, tables: Iterable[type[Base]]) -> dict[type[Base], list[Any]]:
    """What such a question finds in each of the tables, by key."""
    found: dict[type[Base], list[Any]] = {table: [] for table in tables}
    for row in db.execute(statement):
        for one in row:
            if one is not None:
                found[type(one)].append(one)
    return {table: sorted(rows, key=lambda one: one.id) for table, rows in found.items()}


@cache
def _absent(key: ColumnElement[Any]) -> ColumnElement[Any]:
    """What stands in the column of a key on the rows of other tables; made once, since that takes long."""
    return cast(null(), key.type).label(None)
