from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from billing.audit.models import AuditEntry, AuditSeal
from billing.audit.recording import Actor, ActorKind, Subject, record
from billing.audit.sealing import BEFORE_THE_FIRST, LOOK_BACK, link, seal
from billing.audit.verifying import broken_links
from billing.database import Database, Db

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)
ADA = Actor(ActorKind.USER, "1")


def write(db: Db, action: str = "patient viewed", at: datetime = NOON) -> None:
    record(db, ADA, action, Subject("patient", "17"), at, {"from": "192.0.2.7"})


def write_some(database: Database, count: int) -> None:
    with database.transaction() as db:
        for number in range(count):
            write(db, at=NOON + timedelta(seconds=number))


def sweep(database: Database, limit: int = 100) -> int:
    with database.transaction() as db:
        return seal(db, limit)


def findings(database: Database) -> list[tuple[str, str]]:
    with database.reading() as db:
        return [(problem.rule, problem.where) for problem in broken_links(db)]


def rows(database: Database) -> list[AuditSeal]:
    with database.reading() as db:
        return list(db.scalars(sa.select(AuditSeal).order_by(AuditSeal.position)))


def behind_our_back(database: Database, *statements: str) -> None:
    """What somebody with the database's own password could do: the triggers off, then anything."""
    with database.engine.begin() as connection:
        if database.is_sqlite:
            for table in ("audit_entry", "audit_seal"):
                for change in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{change}")
            connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")
        else:
            for table in ("audit_entry", "audit_seal"):
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            connection.exec_driver_sql(
                "ALTER TABLE audit_seal DROP CONSTRAINT IF EXISTS fk_audit_seal_entry_id CASCADE"
            )
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_row_says_who_did_what_to_whom_when_and_from_where(database: Database) -> None:
    write_some(database, 1)

    with database.reading() as db:
        row = db.scalars(sa.select(AuditEntry)).one()
    assert (row.actor_kind, row.actor_id, row.action, row.subject_kind, row.subject_id, row.at, row.detail) == (
        "user", "1", "patient viewed", "patient", "17", NOON, {"from": "192.0.2.7"},
    )  # fmt: skip


def test_an_actor_reads_as_kind_and_number() -> None:
    assert str(ADA) == "user:1"


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_or_delete_a_row(database: Database, statement: str) -> None:
    write_some(database, 1)

    with pytest.raises(DBAPIError, match="only ever added"), database.transaction() as db:
        db.execute(sa.text(statement))

    with database.reading() as db:
        assert db.scalars(sa.select(AuditEntry.action)).all() == ["patient viewed"]


def test_a_sweep_seals_every_row_once_in_order(database: Database) -> None:
    write_some(database, 3)

    counts = [sweep(database), sweep(database)]

    sealed = rows(database)
    assert counts == [3, 0]
    assert [seal.position for seal in sealed] == [1, 2, 3]
    assert [seal.entry_id for seal in sealed] == sorted(seal.entry_id for seal in sealed)
    assert len({seal.chain_sha256 for seal in sealed}) == 3


def test_a_sweep_seals_no_more_than_it_was_told_and_the_next_goes_on(database: Database) -> None:
    write_some(database, 5)

    counts = [sweep(database, 2), sweep(database, 2), sweep(database, 2)]

    assert counts == [2, 2, 1]
    assert [seal.position for seal in rows(database)] == [1, 2, 3, 4, 5]
    assert findings(database) == []


def test_a_row_that_was_committed_late_is_sealed_after_the_rows_that_overtook_it(database: Database) -> None:
    with database.transaction() as db:
        db.add_all([entry(id=7), entry(id=9)])
    sweep(database)
    with database.transaction() as db:
        db.add(entry(id=8))

    sweep(database)

    assert [(seal.position, seal.entry_id) for seal in rows(database)] == [(1, 7), (2, 9), (3, 8)]
    assert findings(database) == []


def test_on_postgresql_a_row_whose_transaction_is_still_open_is_sealed_later(postgresql_database: Database) -> None:
    database = postgresql_database
    with database.transaction() as slow:
        write(slow, "slow")
        slow.flush()
        with database.transaction() as quick:
            write(quick, "quick")
        first = sweep(database)

    second = sweep(database)

    assert (first, second) == (1, 1)
    entries = [seal.entry_id for seal in rows(database)]
    assert entries == sorted(entries, reverse=True)
    assert findings(database) == []


def test_an_honest_trail_has_no_findings_whatever_its_rows_hold(database: Database) -> None:
    tokyo = timezone(timedelta(hours=9))
    with database.transaction() as db:
        write(db, at=datetime(2026, 3, 2, 21, 0, tzinfo=tokyo))
        write(db, at=NOON.replace(microsecond=0))
        record(db, ADA, "exported", Subject("claims"), NOON, {"b": 1, "a": True, "ü": "Łukasz ✓", "none": None})
        record(db, ADA, 'quotes " and \n lines', Subject("patient", "Zoë"), NOON)
    sweep(database)

    assert findings(database) == []


def test_a_link_is_the_same_before_storing_and_after_reading() -> None:
    row = {"id": 1, "at": NOON, "detail": {"b": 1, "a": "ü"}}
    again = {"detail": {"a": "ü", "b": 1}, "at": NOON.astimezone(timezone(timedelta(hours=-7))), "id": 1}

    assert link(BEFORE_THE_FIRST, 1, row) == link(BEFORE_THE_FIRST, 1, again)
    assert link(BEFORE_THE_FIRST, 1, row) != link(BEFORE_THE_FIRST, 2, row)
    assert link(BEFORE_THE_FIRST, 1, row) != link("1" * 64, 1, row)


@pytest.mark.parametrize(
    "change",
    [
        "action = 'nothing'",
        "subject_id = '18'",
        "actor_id = '2'",
        "actor_kind = 'worker'",
        "at = '2026-03-02 12:00:01.123457'",
        """detail = '{"from": "192.0.2.8"}'""",
    ],
)
def test_a_changed_row_is_found_and_only_that_row(database: Database, change: str) -> None:
    write_some(database, 5)
    sweep(database)
    third = rows(database)[2].entry_id

    behind_our_back(database, f"UPDATE audit_entry SET {change} WHERE id = {third}")

    assert [finding for finding in findings(database) if finding[0] != "audit.backdated"] == [
        ("audit.changed", f"audit_entry:{third}")
    ]


def test_a_deleted_row_is_found(database: Database) -> None:
    write_some(database, 3)
    sweep(database)
    second = rows(database)[1].entry_id

    if database.is_sqlite:
        _delete_ignoring_keys(database, second)
    else:
        behind_our_back(database, f"DELETE FROM audit_entry WHERE id = {second}")

    assert findings(database) == [("audit.missing", f"audit_entry:{second}")]


def _delete_ignoring_keys(database: Database, entry_id: int) -> None:
    behind_our_back(database)
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA foreign_keys=OFF")
        connection.cursor().execute("DELETE FROM audit_entry WHERE id = ?", (entry_id,))
    finally:
        connection.close()


def test_a_row_deleted_with_its_seal_is_found(database: Database) -> None:
    write_some(database, 3)
    sweep(database)
    second = rows(database)[1].entry_id

    behind_our_back(
        database,
        f"DELETE FROM audit_seal WHERE entry_id = {second}",
        f"DELETE FROM audit_entry WHERE id = {second}",
    )

    assert ("audit.missing", "audit_seal:2") in findings(database)


def test_closing_the_gap_after_a_deleted_row_is_found(database: Database) -> None:
    write_some(database, 3)
    sweep(database)
    _, second, third = (seal.entry_id for seal in rows(database))

    behind_our_back(
        database,
        f"DELETE FROM audit_seal WHERE entry_id = {second}",
        f"DELETE FROM audit_entry WHERE id = {second}",
        "UPDATE audit_seal SET position = 2 WHERE position = 3",
    )

    assert findings(database) == [("audit.changed", f"audit_entry:{third}")]


def test_two_rows_that_changed_places_are_found(database: Database) -> None:
    write_some(database, 4)
    sweep(database)
    second, third = rows(database)[1].entry_id, rows(database)[2].entry_id

    behind_our_back(
        database,
        "UPDATE audit_seal SET entry_id = entry_id + 1000000 WHERE position IN (2, 3)"
        if not database.is_sqlite
        else "UPDATE audit_seal SET entry_id = -entry_id WHERE position IN (2, 3)",
        f"UPDATE audit_seal SET entry_id = {third} WHERE position = 2",
        f"UPDATE audit_seal SET entry_id = {second} WHERE position = 3",
    )

    assert findings(database) == [("audit.changed", f"audit_entry:{third}"), ("audit.changed", f"audit_entry:{second}")]


def test_a_row_inserted_with_a_made_up_seal_is_found(database: Database) -> None:
    write_some(database, 2)
    sweep(database)

    with database.transaction() as db:
        db.add(entry(id=500))
        db.flush()
        db.add(AuditSeal(position=3, entry_id=500, chain_sha256="f" * 64))

    assert findings(database) == [("audit.changed", "audit_entry:500")]


def test_a_row_slipped_in_with_an_old_instant_is_found_before_and_after_it_is_sealed(database: Database) -> None:
    write_some(database, 2)
    sweep(database)
    with database.transaction() as db:
        db.add(entry(id=501, at=NOON - timedelta(days=30)))

    before = findings(database)
    sweep(database)
    after = findings(database)

    assert before == after == [("audit.backdated", "audit_entry:501")]


def test_a_row_slipped_in_far_behind_is_found_although_no_sweep_reaches_it(database: Database) -> None:
    with database.transaction() as db:
        db.add(entry(id=LOOK_BACK + 10))
    sweep(database)
    with database.transaction() as db:
        db.add(entry(id=3))

    assert sweep(database) == 0
    assert findings(database) == [("audit.unsealed", "audit_entry:3")]


def test_a_trail_longer_than_one_batch_is_verified_to_its_end(database: Database) -> None:
    write_some(database, 2500)
    sweep(database, 5000)
    last = rows(database)[-1].entry_id

    honest = findings(database)
    behind_our_back(database, f"UPDATE audit_entry SET action = 'nothing' WHERE id = {last}")

    assert honest == []
    assert findings(database) == [("audit.changed", f"audit_entry:{last}")]


def test_two_sweeps_at_once_seal_nothing_twice(postgresql_database: Database) -> None:
    database = postgresql_database
    write_some(database, 4)

    with database.transaction() as db:
        first = seal(db, 2)
        with database.engine.connect() as other:
            taken = other.execute(sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar()
    second = sweep(database)

    assert (first, taken, second) == (2, 1, 2)
    assert [seal.position for seal in rows(database)] == [1, 2, 3, 4]


def entry(id: int, at: datetime = NOON) -> AuditEntry:
    return AuditEntry(
        id=id, at=at, actor_kind="user", actor_id="1", action="patient viewed", subject_kind="patient",
        subject_id="17", detail={},
    )  # fmt: skip
