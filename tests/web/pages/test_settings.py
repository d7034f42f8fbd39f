"""The clinic's own settings: its record, rooms and users, the audit trail, and the way through setting it all up."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from billing.access.models import Login, User
from billing.access.queries import user_with_email
from billing.clinic.models import Clinic, Room
from billing.clinic.queries import the_clinic
from tests.access.cast import PASSWORD
from tests.factories import an_npi, make_clinic, make_room
from tests.web.desk import Browser, Desk, audit_rows

FIELDS = {
    "name": "Still Water", "npi": an_npi(1), "tax_id": "93-1234567", "tax_id_kind": "EIN", "taxonomy": "171100000X",
    "address1": "1 SE Example St", "address2": "", "city": "Portland", "state": "OR", "zip": "97214",
    "phone": "503-555-0100", "email": "", "time_zone": "America/Los_Angeles", "currency": "USD", "submitter_id": "",
}  # fmt: skip


def seen_of(browser: Browser, path: str) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', browser.get(path).text)
    assert found is not None
    return found[1]


def set_up(desk: Desk) -> None:
    with desk.database.transaction() as db:
        make_clinic(db)
        make_room(db, "Alder")


def test_whoever_comes_to_an_empty_house_is_led_to_setting_it_up(desk: Desk) -> None:
    answer = desk.browser(desk.cast.ada).get("/")

    assert (answer.status_code, answer.location) == (303, "/settings/start")
    assert "What a clinic needs before its first patient" in desk.browser(desk.cast.ada).get("/settings/start").text
    assert "An owner of the clinic sets it up" in desk.browser(desk.cast.fay).get("/settings/start").text


def test_an_owner_sets_the_clinic_up_and_goes_on_with_the_next_step(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ada)

    answer = browser.post("/settings/clinic", seen=seen_of(browser, "/settings/clinic"), **FIELDS)

    assert answer.location == "/settings/start"
    with desk.database.reading() as db:
        assert (the_clinic(db).name, the_clinic(db).submitter_id) == ("Still Water", None)
    assert audit_rows(desk.database)[-1].action == "clinic changed"


def test_what_is_wrong_is_told_at_the_field_and_what_was_typed_stays(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ada)
    typed = {**FIELDS, "npi": "1234567890", "city": "Port <b>land</b>"}

    answer = browser.post("/settings/clinic", seen=seen_of(browser, "/settings/clinic"), **typed)

    assert answer.status_code == 422
    assert "This is not a National Provider Identifier." in answer.text
    assert 'value="1234567890"' in answer.text
    assert "Port &lt;b&gt;land&lt;/b&gt;" in answer.text
    with desk.database.reading() as db:
        assert db.get(Clinic, 1) is None


def test_a_page_that_somebody_overtook_is_refused_and_then_saves_with_the_fresh_mark(desk: Desk) -> None:
    set_up(desk)
    browser = desk.browser(desk.cast.ada)
    old = seen_of(browser, "/settings/clinic")
    browser.post("/settings/clinic", seen=old, **{**FIELDS, "name": "First"})

    refused = browser.post("/settings/clinic", seen=old, **{**FIELDS, "name": "Second"})
    fresh = re.search(r'name="seen" value="([0-9a-f]+)"', refused.text)
    assert fresh is not None
    with desk.database.reading() as db:
        unchanged = the_clinic(db).name
    browser.post("/settings/clinic", seen=fresh[1], **{**FIELDS, "name": "Second"})

    assert refused.status_code == 422
    assert "Somebody changed this after you had opened it" in refused.text
    assert 'value="Second"' in refused.text
    assert unchanged == "First"
    with desk.database.reading() as db:
        assert the_clinic(db).name == "Second"


def test_rooms_are_kept_on_their_page(desk: Desk) -> None:
    set_up(desk)
    browser = desk.browser(desk.cast.ada)

    browser.post("/settings/rooms", name="Birch")
    browser.post("/settings/rooms/2", name="Big Birch")
    browser.post("/settings/rooms/1/close")
    refused = browser.post("/settings/rooms", name="alder")

    assert refused.status_code == 422
    assert "There is a room alder already." in refused.text
    with desk.database.reading() as db:
        rooms = {room.name: room.closed_on is None for room in db.query(Room)}
    assert rooms == {"Alder": False, "Big Birch": True}
    assert browser.post("/settings/rooms/9", name="X").status_code == 404


def test_a_user_is_added_and_signs_in_with_the_first_password(desk: Desk) -> None:
    set_up(desk)

    answer = desk.browser(desk.cast.ada).post(
        "/settings/users", name="Gil Ray", email="Gil@Example.org", role="biller", password="a long first password"
    )
    signed_in = desk.stranger().post("/sign-in", email="gil@example.org", password="a long first password")

    assert answer.location == "/settings/users"
    assert signed_in.status_code == 303


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"email": "fay@example.org"}, "has an account already"),
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"password": "short"}, "fewer than 12 characters"),
        ({"role": "emperor"}, "this choice does not exist"),
        ({"name": ""}, "Name is empty"),
    ],
)
def test_an_unfit_user_is_refused_and_the_password_is_not_shown_again(
    desk: Desk, change: dict[str, str], words: str
) -> None:
    set_up(desk)
    fields = {"name": "Gil", "email": "gil@example.org", "role": "biller", "password": "a long first password"}

    answer = desk.browser(desk.cast.ada).post("/settings/users", **{**fields, **change})

    assert answer.status_code == 422
    assert words in answer.text
    assert "a long first password" not in answer.text
    with desk.database.reading() as db:
        assert len(db.scalars(select(User)).all()) == 4


def test_an_owner_changes_a_role_closes_opens_and_signs_out(desk: Desk) -> None:
    set_up(desk)
    fay = desk.browser(desk.cast.fay)
    ada = desk.browser(desk.cast.ada)
    path = f"/settings/users/{desk.cast.fay.id}"

    ada.post(f"{path}/role", role="biller")
    out = fay.get("/account").status_code
    ada.post(f"{path}/disable")
    closed = desk.stranger().post("/sign-in", email="fay@example.org", password=PASSWORD).status_code
    ada.post(f"{path}/enable")
    ada.post(f"{path}/password", password="another long password")
    again = desk.stranger().post("/sign-in", email="fay@example.org", password="another long password").status_code
    ada.post(f"{path}/sign-out")

    assert (out, closed, again) == (303, 422, 303)
    with desk.database.reading() as db:
        fays = user_with_email(db, "fay@example.org")
        assert fays is not None
        assert fays.role == "biller"
        open_logins = select(Login).where(Login.user_id == fays.id, Login.ended_at.is_(None))
        assert db.scalars(open_logins).all() == []


@pytest.mark.parametrize("act", ["role", "disable", "password"])
def test_nobody_locks_themselves_out(desk: Desk, act: str) -> None:
    set_up(desk)
    browser = desk.browser(desk.cast.ada)

    answer = browser.post(f"/settings/users/{desk.cast.ada.id}/{act}", role="biller", password="another long password")

    assert answer.status_code == 422
    assert browser.get("/account").status_code == 200


def test_the_audit_trail_tells_who_did_what_and_can_be_narrowed(desk: Desk) -> None:
    set_up(desk)
    ada = desk.browser(desk.cast.ada)
    ada.post("/settings/rooms", name="Birch")
    desk.browser(desk.cast.fay).get("/settings/rooms")

    everything = ada.get("/settings/audit").text
    of_ada = ada.get(f"/settings/audit?who={desk.cast.ada.id}&kind=room").text
    of_nobody = ada.get("/settings/audit?who=99&until=nonsense").text

    assert "room added" in everything and "refused" in everything
    assert "room added" in of_ada and "refused" not in of_ada
    assert "Nothing fits" in of_nobody
