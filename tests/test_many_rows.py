"""A great many rows are written and changed at once, alike on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from billing.clinic.models import Room
from billing.database import Database
from billing.many_rows import among, insert_new, update_many
from billing.practitioners.models import Practitioner
from billing.reminders.models import Channel, OptOut

SAID = 'STOP\'s "é"'
NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)


def opt_out(number: int, **changes: object) -> dict[str, object]:
    row = {
        "channel": Channel.TEXT,
        "address": f"+1503555{number:04d}",
        "at": NOON,
        "by": "reply",
        "said": 'STOP\'s "é"',
    }
    return {**row, "resumed_at": None, **changes}


def test_only_what_is_new_is_inserted_and_its_numbers_are_told(database: Database) -> None:
    with database.transaction() as db:
        first = insert_new(db, OptOut, [opt_out(number) for number in range(3)])
    with database.transaction() as db:
        second = insert_new(db, OptOut, [opt_out(number) for number in range(1500)])

    with database.reading() as db:
        rows = {one.id: one for one in db.scalars(sa.select(OptOut))}
    assert (len(first), len(second), len(rows)) == (3, 1497, 1500)
    assert set(first) | set(second) == rows.keys()
    assert {(one.at, one.said, one.channel) for one in rows.values()} == {(NOON, 'STOP\'s "é"', Channel.TEXT)}


def test_each_row_gets_its_own_values_and_others_keep_theirs(database: Database) -> None:
    with database.transaction() as db:
        ids = insert_new(db, OptOut, [opt_out(number) for number in range(4)])

    with database.transaction() as db:
        update_many(
            db,
            OptOut,
            [{"id": ids[0], "said": "a", "resumed_at": NOON}, {"id": ids[1], "said": "b", "resumed_at": None}],
        )

    with database.reading() as db:
        kept = {one.id: (one.said, one.resumed_at) for one in db.scalars(sa.select(OptOut))}
    assert kept == {
        ids[0]: ("a", NOON), ids[1]: ("b", None), ids[2]: (SAID, None), ids[3]: (SAID, None),
    }  # fmt: skip


def test_nothing_to_write_writes_nothing(database: Database) -> None:
    with database.transaction() as db:
        made = insert_new(db, Room, [])
        update_many(db, Room, [])

    assert made == []


def test_an_instant_without_a_zone_is_refused(database: Database) -> None:
    naive = NOON.replace(tzinfo=None)

    with pytest.raises((ValueError, sa.exc.StatementError)), database.transaction() as db:
        insert_new(db, OptOut, [opt_out(1, at=naive)])

    with database.reading() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(OptOut)) == 0


@pytest.mark.parametrize("wanted", [[], ["Alder"], ["Alder", "Birch", "no such"]])
def test_rows_are_found_among_many_values(database: Database, wanted: list[str]) -> None:
    with database.transaction() as db:
        db.add_all([Room(name="Alder"), Room(name="Birch"), Room(name="Cedar")])

    with database.reading() as db:
        names = set(db.scalars(sa.select(Room.name).where(among(db, Room.name, wanted))))
        none = db.scalars(sa.select(Practitioner).where(among(db, Practitioner.left_on, [date(2026, 1, 1)]))).all()

    assert names == set(wanted) & {"Alder", "Birch"}
    assert none == []
