"""Transactions on both kinds of database."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from billing.clinic.models import Counter, Room
from billing.database import Database, Db, UtcInstant, batches, hold_lock, insert_ignoring
from billing.errors import Conflict

ROUNDS = 40


def count_up(database: Database, before: Callable[[Db], None]) -> int:
    """What the counter says after two threads have read it and written one more, ``ROUNDS`` times each."""
    with database.transaction() as db:
        db.add(Counter(series="visits", last=0))

    def one_more(_round: int) -> None:
        with database.transaction() as db:
            before(db)
            counter = db.get_one(Counter, "visits")
            counter.last += 1

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(one_more, range(2 * ROUNDS)))
    with database.reading() as db:
        return db.get_one(Counter, "visits").last


def test_a_block_that_ends_is_committed(database: Database) -> None:
    with database.transaction() as db:
        db.add(Room(name="North"))

    elsewhere = Database(database.url.render_as_string(hide_password=False))
    with elsewhere.reading() as db:
        found = db.scalars(sa.select(Room.name)).all()
    elsewhere.close()

    assert found == ["North"]


def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(LookupError), database.transaction() as db:
        db.add(Room(name="North"))
        db.flush()
        raise LookupError

    with database.reading() as db:
        assert db.scalars(sa.select(Room)).all() == []


def test_a_reading_transaction_cannot_write(database: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError, match=r"read-?only"), database.reading() as db:
        db.add(Room(name="North"))
        db.flush()

    with database.reading() as db:
        assert db.scalars(sa.select(Room)).all() == []


def test_one_can_write_again_after_reading(database: Database) -> None:
    with database.reading() as db:
        db.scalars(sa.select(Room)).all()

    with database.transaction() as db:
        db.add(Room(name="North"))

    with database.reading() as db:
        assert db.scalars(sa.select(Room.name)).all() == ["North"]


def test_a_reading_transaction_sees_one_state_throughout(database: Database) -> None:
    with database.reading() as reader:
        before = reader.scalars(sa.select(Room.name)).all()
        with database.transaction() as db:
            db.add(Room(name="North"))

        after = reader.scalars(sa.select(Room.name)).all()

    assert before == after == []


def test_reading_does_not_wait_for_a_write_that_goes_on(database: Database) -> None:
    with database.transaction() as writer:
        writer.add(Room(name="North"))
        writer.flush()

        with database.reading() as db:
            seen = db.scalars(sa.select(Room)).all()

    assert seen == []


def test_two_writers_that_hold_a_lock_lose_no_update(database: Database) -> None:
    last = count_up(database, before=lambda db: hold_lock(db, "visits"))

    assert last == 2 * ROUNDS


def test_two_writers_on_sqlite_lose_no_update_without_any_lock(sqlite_database: Database) -> None:
    last = count_up(sqlite_database, before=lambda db: None)

    assert last == 2 * ROUNDS


def test_a_lock_is_free_again_when_its_transaction_ends(database: Database) -> None:
    with database.transaction() as db:
        hold_lock(db, "billing run")

    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(_hold_for_a_moment, database).result(10)


def _hold_for_a_moment(database: Database) -> None:
    with database.transaction() as db:
        hold_lock(db, "billing run")


def test_locks_of_different_names_do_not_meet(postgresql_database: Database) -> None:
    with postgresql_database.transaction() as one, postgresql_database.transaction() as other:
        hold_lock(one, "billing run")
        hold_lock(other, "sealing")


def test_a_writer_that_waited_too_long_is_told_of_a_conflict(sqlite_database: Database) -> None:
    sa.event.listen(sqlite_database.engine, "connect", _wait_only_briefly)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with sqlite_database.transaction() as db:
            db.add(Room(name="North"))
            db.flush()
            held.set()
            done.wait(10)

    with ThreadPoolExecutor(1) as elsewhere:
        holding = elsewhere.submit(hold)
        held.wait(10)
        with pytest.raises(Conflict, match="Try again"), sqlite_database.transaction() as db:
            db.get(Room, 1)
        done.set()
        holding.result(10)


def _wait_only_briefly(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA busy_timeout=20")


def test_a_row_that_points_nowhere_is_refused(database: Database) -> None:
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        db.execute(
            sa.text("INSERT INTO audit_seal (position, entry_id, chain_sha256) VALUES (1, 99, 'none')"),
        )


def test_a_word_outside_the_closed_set_is_refused_by_the_database(database: Database) -> None:
    insert = sa.text(
        "INSERT INTO claim_file (control_number, name, sha256, state, prepared_at)"
        " VALUES (1, 'a.837', 'none', 'mislaid', '2026-03-31 12:00:00')"
    )

    with pytest.raises(sa.exc.IntegrityError), database.transaction() as db:
        db.execute(insert)


def test_an_instant_comes_back_as_the_same_instant_in_utc(database: Database) -> None:
    table = sa.Table("moment", sa.MetaData(), sa.Column("at", UtcInstant()))
    there = timezone(timedelta(hours=13, minutes=45))
    moment = datetime(2026, 3, 31, 23, 59, 59, 123456, there)

    with database.transaction() as db:
        table.create(db.connection())
        db.execute(table.insert().values(at=moment))
        back = db.execute(sa.select(table.c.at)).scalar_one()

    assert back == moment
    assert back.utcoffset() == timedelta(0)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        UtcInstant().process_bind_param(datetime(2026, 3, 31, 12), sqlite.dialect())


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2090, 1, 1), timezones=st.timezones()),
    st.sampled_from([sqlite.base.SQLiteDialect, postgresql.base.PGDialect]),
)
def test_every_instant_survives_being_stored(moment: datetime, kind: type[sa.engine.Dialect]) -> None:
    dialect = kind()
    stored = UtcInstant().process_bind_param(moment, dialect)

    back = UtcInstant().process_result_value(stored, dialect)

    assert back == moment.astimezone(UTC)


def test_no_instant_stays_none() -> None:
    assert UtcInstant().process_bind_param(None, sqlite.dialect()) is None
    assert UtcInstant().process_result_value(None, sqlite.dialect()) is None


def test_rows_that_are_there_already_are_passed_over(database: Database) -> None:
    with database.transaction() as db:
        insert_ignoring(db, Room, [{"name": "North"}])

        insert_ignoring(db, Room, [{"name": "North"}, {"name": "South"}])
        insert_ignoring(db, Room, [])

    with database.reading() as db:
        assert db.scalars(sa.select(Room.name).order_by(Room.name)).all() == ["North", "South"]


@given(st.lists(st.integers(), max_size=50), st.integers(1, 12))
def test_batches_are_the_items_in_order_and_never_too_long(items: list[int], size: int) -> None:
    parts = list(batches(items, size))

    assert [item for part in parts for item in part] == items
    assert all(1 <= len(part) <= size for part in parts)
