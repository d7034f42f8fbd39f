"""Places of work, and which room is where."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from billing.clinic.models import PlaceOfWork, Room
from tests.factories import make_clinic, make_payer, make_place, make_practitioner, make_room
from tests.web.desk import Browser, Desk, audit_rows
from tests.web.pages.settings_stage import after, error_at, mark_on, send, words

ANNEX = {
    "name": "Vancouver Annex", "address1": "9 Main St", "address2": "", "city": "Vancouver", "state": "WA",
    "zip": "98660-1234", "country": "US", "npi": "",
}  # fmt: skip


@pytest.fixture
def ada(desk: Desk) -> Browser:
    with desk.database.transaction() as db:
        make_clinic(db)
        make_room(db, "Alder")
    return desk.browser(desk.cast.ada)


def test_a_place_is_added_corrected_and_given_a_room(desk: Desk, ada: Browser) -> None:
    assert "Everybody is treated at the clinic's own address" in words(ada.get("/settings/rooms"))

    page = after(ada, send(ada, "/settings/places/new", "/settings/places", **ANNEX))
    edited = after(ada, send(ada, "/settings/places/1", "/settings/places/1", **{**ANNEX, "city": "Camas"}))
    moved = after(ada, ada.post("/settings/rooms/1/place", place="1"))
    back = after(ada, ada.post("/settings/rooms/1/place", place=""))
    added = after(ada, ada.post("/settings/rooms", name="Birch", place="1"))

    assert "Vancouver Annex 9 Main St, Vancouver, WA 98660-1234 none yet" in page
    assert "9 Main St, Camas, WA" in edited
    assert "Camas, WA 98660-1234 Alder" in moved
    assert "Alder At the clinic's own address" in back
    assert "Birch Vancouver Annex" in added
    actions = [row.action for row in audit_rows(desk.database) if "place" in row.action]
    assert actions == ["place of work added", "place of work changed", "room's place changed", "room's place changed"]


@pytest.mark.parametrize(
    ("field", "typed"), [("name", ""), ("state", "XX"), ("zip", "12"), ("npi", "1234567890"), ("country", "U")]
)
def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_is_kept(
    desk: Desk, ada: Browser, field: str, typed: str
) -> None:
    answer = send(ada, "/settings/places/new", "/settings/places", **{**ANNEX, field: typed})

    assert answer.status_code == 422
    assert error_at(answer, field)
    assert 'value="9 Main St"' in answer.text
    with desk.database.reading() as db:
        assert db.scalars(select(PlaceOfWork)).all() == []


def test_a_place_changed_meanwhile_is_not_overwritten(desk: Desk, ada: Browser) -> None:
    send(ada, "/settings/places/new", "/settings/places", **ANNEX)
    mark = mark_on(ada.get("/settings/places/1"))
    send(ada, "/settings/places/1", "/settings/places/1", **{**ANNEX, "city": "Camas"})

    answer = ada.post("/settings/places/1", **{**ANNEX, "city": "Ridgefield"}, seen=mark)

    assert answer.status_code == 422
    with desk.database.reading() as db:
        assert db.scalars(select(PlaceOfWork.city)).all() == ["Camas"]


def test_a_room_cannot_be_in_a_place_that_is_not_there(desk: Desk, ada: Browser) -> None:
    answer = ada.post("/settings/rooms/1/place", place="999")

    assert answer.status_code in (400, 422)
    with desk.database.reading() as db:
        assert db.scalars(select(Room.place_id)).all() == [None]


def test_what_is_not_there_is_not_found(desk: Desk, ada: Browser) -> None:
    assert ada.get("/settings/places/999").status_code == 404
    assert ada.post("/settings/places/999", **ANNEX).status_code == 404
    assert ada.post("/settings/rooms/999/place", place="").status_code == 404


def test_an_enrolment_can_be_for_one_place_and_names_when_it_is_looked_into_again(desk: Desk, ada: Browser) -> None:
    with desk.database.transaction() as db:
        ben, payer, place = make_practitioner(db), make_payer(db), make_place(db)

    page = after(ada, send(
        ada, f"/settings/people/{ben.id}/enrolments/new", f"/settings/people/{ben.id}/enrolments",
        payer=str(payer.id), network="in", effective_from="2026-01-01", place=str(place.id), identifier="PRV-1",
        recredential_by=date(2029, 1, 1).isoformat(),
    ))  # fmt: skip

    assert f"{payer.name} Vancouver Annex In network" in page
