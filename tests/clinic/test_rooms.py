"""The treatment rooms."""

from __future__ import annotations

import pytest

from billing.clinic.rooms import add_room, close_room, open_room, rename_room, rooms
from billing.database import Database
from billing.errors import NotFound, Refused
from tests.factories import DAY


def test_rooms_are_added_renamed_closed_and_opened_again(database: Database) -> None:
    with database.transaction() as db:
        alder, birch = add_room(db, " Alder "), add_room(db, "Birch")
        rename_room(db, birch.id, "Big  Birch")
        close_room(db, alder.id, DAY)
        states = [(room.name, room.closed_on) for room in rooms(db)]
        open_room(db, alder.id)

    with database.reading() as db:
        assert states == [("Alder", DAY), ("Big Birch", None)]
        assert [room.closed_on for room in rooms(db)] == [None, None]


@pytest.mark.parametrize("name", ["", "  ", "alder", "x" * 41])
def test_a_room_without_a_name_of_its_own_is_refused(sqlite_database: Database, name: str) -> None:
    with sqlite_database.transaction() as db:
        add_room(db, "Alder")
        with pytest.raises(Refused) as refused:
            add_room(db, name)

        assert [problem.where for problem in refused.value.problems] == ["field:name"]
        assert len(rooms(db)) == 1


def test_a_room_may_keep_its_own_name(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        room = add_room(db, "Alder")
        rename_room(db, room.id, "ALDER")

        assert room.name == "ALDER"


def test_a_room_that_is_not_there_cannot_be_changed(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db, pytest.raises(NotFound):
        rename_room(db, 7, "Alder")
