"""Histories, audit, filed claims, issued papers and documents are only ever added to, by whatever client."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from billing.database import Database
from billing.operations.schema import all_tables

FROZEN = [
    "adjudicated_line",
    "audit_entry",
    "audit_seal",
    "benefit_version",
    "claim_answer",
    "claim_move",
    "consent_given",
    "document",
    "eligibility_answer",
    "eligibility_move",
    "eligibility_override",
    "filed_line",
    "filed_version",
    "good_faith_estimate",
    "good_faith_event",
    "handed_out",
    "ledger_entry",
    "ledger_posting",
    "message_move",
    "paper",
    "provider_adjustment",
    "received_file",
    "refund",
    "rule_pack",
    "session_estimate",
    "session_move",
]
"""What must never change once it is written."""

_EXAMPLES: dict[type, object] = {
    int: 1,
    str: "x",
    date: date(2026, 3, 31),
    datetime: datetime(2026, 3, 31, 12, tzinfo=UTC),
    dict: {},
    list: [],
    bool: False,
}


def example(column: sa.Column[Any]) -> object:
    """Some value the column admits: none where it needs none."""
    if column.nullable:
        return None
    if isinstance(column.type, sa.Enum):
        return column.type.enums[0]
    if isinstance(column.type, sa.JSON):
        return {}
    plain = column.type.impl if isinstance(column.type, sa.types.TypeDecorator) else column.type
    return next(value for kind, value in _EXAMPLES.items() if plain.python_type is kind)


def write_one_row(table: sa.Table, database: Database) -> None:
    """A row of examples, written as by a client that minds no reference and no other trigger."""
    careless = {} if database.is_sqlite else {"options": "-c session_replication_role=replica"}
    engine = sa.create_engine(database.engine.url, connect_args=careless)
    with engine.begin() as connection:
        if database.is_sqlite:
            connection.exec_driver_sql("DROP TRIGGER ledger_entry_sums_to_zero")
        connection.execute(table.insert().values({column.name: example(column) for column in table.columns}))
    engine.dispose()


@pytest.mark.parametrize("change", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_row_refuses_to_be_changed(name: str, change: str, database: Database) -> None:
    table = all_tables().tables[name]
    column = next(iter(table.columns)).name
    write_one_row(table, database)

    with pytest.raises(sa.exc.IntegrityError, match="only ever added"), database.transaction() as db:
        db.execute(sa.text(change.format(table=name, column=column)))

    with database.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 1


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_table_refuses_to_be_emptied_on_postgresql(name: str, postgresql_database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="only ever added"), postgresql_database.transaction() as db:
        db.execute(sa.text(f"TRUNCATE {name} CASCADE"))


def test_the_same_tables_are_frozen_on_both(sqlite_database: Database, postgresql_database: Database) -> None:
    with sqlite_database.reading() as db:
        on_sqlite = db.scalars(
            sa.text("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name LIKE '%_no_update'")
        ).all()
    with postgresql_database.reading() as db:
        on_postgresql = db.scalars(
            sa.text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%_no_change'")
        ).all()

    assert sorted(on_sqlite) == sorted(on_postgresql) == FROZEN
