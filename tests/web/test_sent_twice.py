"""A form does a thing once, however often it is sent."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from flask import Blueprint, redirect
from sqlalchemy import func, select

from billing import clock
from billing.access.models import SentForm
from billing.clinic.models import Room
from billing.database import Database
from billing.errors import Refused
from billing.web.endpoint import SIGNED_IN, Call, endpoint
from tests.access.cast import NOON
from tests.web.desk import Desk

KEY = "a-key-of-a-form-0001"


@pytest.fixture
def desk_with_a_form(desk: Desk) -> Desk:
    test = Blueprint("test", __name__)

    @endpoint(test, "/rooms", method="POST", may=SIGNED_IN, audit="room added")
    def add(call: Call) -> object:
        count = call.db.scalar(select(func.count()).select_from(Room)) or 0
        call.db.add(Room(name=f"Room {count + 1}"))
        return redirect(f"/rooms/{count + 1}", 303)

    @endpoint(test, "/halls/<int:id>", method="POST", may=SIGNED_IN, audit="hall added")
    def add_hall(call: Call, id: int) -> object:
        call.db.add(Room(name=f"Hall {id}"))
        return redirect(f"/halls/{id}", 303)

    @endpoint(test, "/refused", method="POST", may=SIGNED_IN, audit="room added")
    def refuse(call: Call) -> object:
        raise Refused("Not like this.")

    desk.app.register_blueprint(test)
    return desk


def rooms(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Room)) or 0


def test_a_form_sent_again_leads_where_it_led_and_does_nothing_more(desk_with_a_form: Desk) -> None:
    browser = desk_with_a_form.browser(desk_with_a_form.cast.fay)

    first = browser.post("/rooms", form_key=KEY)
    second = browser.post("/rooms", form_key=KEY)

    assert (first.location, second.location) == ("/rooms/1", "/rooms/1")
    assert rooms(desk_with_a_form.database) == 1


def test_another_showing_of_the_form_is_another_form(desk_with_a_form: Desk) -> None:
    browser = desk_with_a_form.browser(desk_with_a_form.cast.fay)

    browser.post("/rooms", form_key=KEY)
    browser.post("/rooms", form_key="a-key-of-a-form-0002")

    assert rooms(desk_with_a_form.database) == 2


def test_a_key_that_comes_with_another_form_does_not_swallow_it(desk_with_a_form: Desk) -> None:
    browser = desk_with_a_form.browser(desk_with_a_form.cast.fay)

    sent = [browser.post(path, form_key=KEY).location for path in ("/rooms", "/halls/1", "/halls/2", "/halls/1")]

    assert sent == ["/rooms/1", "/halls/1", "/halls/2", "/halls/1"]
    assert rooms(desk_with_a_form.database) == 3


def test_a_form_that_was_refused_can_be_sent_again(desk_with_a_form: Desk) -> None:
    browser = desk_with_a_form.browser(desk_with_a_form.cast.fay)

    refused = browser.post("/refused", form_key=KEY)
    sent = browser.post("/rooms", form_key=KEY)

    assert (refused.status_code, sent.location) == (422, "/rooms/1")


def test_the_same_key_in_the_hands_of_two_people_is_two_forms(desk_with_a_form: Desk) -> None:
    first = desk_with_a_form.browser(desk_with_a_form.cast.fay).post("/rooms", form_key=KEY)
    second = desk_with_a_form.browser(desk_with_a_form.cast.ben).post("/rooms", form_key=KEY)

    assert (first.location, second.location) == ("/rooms/1", "/rooms/2")


def test_what_is_no_key_is_passed_over(desk_with_a_form: Desk) -> None:
    browser = desk_with_a_form.browser(desk_with_a_form.cast.fay)

    for text in ("", "short", "x" * 65, "'; drop table room; --"):
        browser.post("/rooms", form_key=text)

    assert rooms(desk_with_a_form.database) == 4


def test_the_same_form_sent_twice_at_the_same_moment_is_carried_out_once(desk_with_a_form: Desk) -> None:
    browsers = [desk_with_a_form.browser(desk_with_a_form.cast.fay) for _ in range(2)]
    tokens = [browser.form_token() for browser in browsers]
    together, led_to = Barrier(2), []

    def send(place: int) -> None:
        with clock.stopped_at(NOON):
            together.wait()
            sent = browsers[place].client.post("/rooms", data={"csrf_token": tokens[place], "form_key": KEY})
            led_to.append(sent.location)

    threads = [Thread(target=send, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert led_to == ["/rooms/1", "/rooms/1"]
    assert rooms(desk_with_a_form.database) == 1


def test_forms_of_long_ago_are_forgotten(desk_with_a_form: Desk) -> None:
    desk_with_a_form.browser(desk_with_a_form.cast.fay).post("/rooms", form_key=KEY)

    with clock.stopped_at(NOON + timedelta(days=3)):
        desk_with_a_form.browser(desk_with_a_form.cast.fay).post("/rooms", form_key="a-key-of-a-form-0002")

    with desk_with_a_form.database.reading() as db:
        assert db.scalars(select(SentForm.key)).all() == ["a-key-of-a-form-0002 /rooms"]
