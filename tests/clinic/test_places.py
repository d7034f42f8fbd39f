"""Places of work besides the clinic's own address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from billing.clinic.places import (
    PlaceDetails,
    Workplace,
    add_place,
    edit_place,
    move_room,
    place_details_of,
    place_with_id,
    places,
    workplace,
)
from billing.clinic.rooms import add_room, rooms
from billing.database import Database
from billing.errors import NotFound, Refused
from tests.factories import a_clinic, make_clinic

ANNEX = PlaceDetails("Vancouver Annex", "9 Main St", "", "Vancouver", "WA", "98660-1234", "US")


def test_a_place_is_added_corrected_and_given_rooms(database: Database) -> None:
    with database.transaction() as db:
        make_clinic(db)
        place = add_place(db, replace(ANNEX, name="  Vancouver  Annex ", state="wa", country=""))
        first = place_details_of(place)
        edit_place(db, place.id, replace(ANNEX, address2="Suite 3"))
        room = add_room(db, "Alder")
        move_room(db, room.id, place.id)

    with database.transaction() as db:
        assert first == ANNEX
        assert [one.address2 for one in places(db)] == ["Suite 3"]
        assert [one.place_id for one in rooms(db)] == [place.id]
        move_room(db, room.id, None)
        assert [one.place_id for one in rooms(db)] == [None]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"address1": ""}, "address1"),
        ({"city": ""}, "city"),
        ({"state": ""}, "state"),
        ({"state": "XX"}, "state"),
        ({"zip": ""}, "zip"),
        ({"zip": "1"}, "zip"),
        ({"country": "Wales"}, "country"),
        ({"npi": "1234567890"}, "npi"),
    ],
)
def test_what_no_place_can_be_is_refused_at_its_field(
    sqlite_database: Database, changes: dict[str, Any], field: str
) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)

        with pytest.raises(Refused) as refused:
            add_place(db, replace(ANNEX, **changes))

        assert [one.where for one in refused.value.problems] == [f"field:{field}"]
        assert places(db) == []


def test_two_places_never_have_one_name(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db)
        first = add_place(db, ANNEX)

        with pytest.raises(Refused):
            add_place(db, replace(ANNEX, name="VANCOUVER annex"))

        assert edit_place(db, first.id, ANNEX).id == first.id


def test_abroad_a_place_needs_neither_state_letters_nor_a_zip_code(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        make_clinic(db, time_zone="Europe/London", currency="GBP")
        made = add_place(db, PlaceDetails("Pier", "1 Sea Rd", "", "Llandudno", "Wales", "LL30 1AA", ""))

        assert made.country == "GB"
        assert not workplace(a_clinic(), made).licenses_acupuncturists


def test_what_is_not_there_is_not_found(sqlite_database: Database) -> None:
    with sqlite_database.transaction() as db:
        room = add_room(db, "Alder")
        for act in (lambda: place_with_id(db, 9), lambda: move_room(db, room.id, 9), lambda: move_room(db, 9, None)):
            with pytest.raises(NotFound):
                act()


def test_without_a_place_it_is_the_clinics_own_address() -> None:
    assert workplace(a_clinic()) == Workplace("OR", "US")
    assert workplace(a_clinic()).words == "the clinic's own address"
