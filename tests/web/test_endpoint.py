"""The decorator itself, tried on routes made for the purpose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, request
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from billing.access.models import Login
from billing.access.permissions import GRANTED, Permission, Role
from billing.access.signing_in import IDLE
from billing.clinic.models import Room
from billing.clock import now, stopped_at
from billing.database import Database
from billing.errors import Forbidden, NotFound, Refused, block
from billing.web.endpoint import ANYONE, SIGNED_IN, Call, endpoint
from tests.web.desk import Desk, audit_rows, contents


def rooms(database: Database) -> int:
    with database.reading() as db:
        return db.scalar(select(func.count()).select_from(Room)) or 0


def add_room(call: Call) -> None:
    call.db.add(Room(name=f"Room {call.at:%H%M%S%f}"))
    call.db.flush()


def test_a_route_that_does_not_say_who_may_use_it_cannot_be_declared() -> None:
    declare: Any = endpoint

    with pytest.raises(TypeError, match="may"):
        declare(Blueprint("test", __name__), "/open", audit=None)


def test_a_route_that_does_not_say_what_its_audit_row_says_cannot_be_declared() -> None:
    declare: Any = endpoint

    with pytest.raises(TypeError, match="audit"):
        declare(Blueprint("test", __name__), "/open", may=ANYONE)


@pytest.mark.parametrize("role", Role)
def test_each_permission_opens_its_routes_to_exactly_the_roles_that_have_it(desk: Desk, role: Role) -> None:
    test = Blueprint("test", __name__)

    def look(call: Call) -> str:
        return "seen"

    def work(call: Call) -> str:
        add_room(call)
        return "done"

    for number, permission in enumerate(Permission):
        look.__name__, work.__name__ = f"look_{number}", f"work_{number}"
        endpoint(test, f"/look/{number}", may=permission, audit=None)(look)
        endpoint(test, f"/work/{number}", method="POST", may=permission, audit="worked")(work)
    desk.app.register_blueprint(test)
    browser = desk.browser(desk.cast.of(role))
    token = browser.form_token()

    for number, permission in enumerate(Permission):
        before = contents(desk.database, without="audit_entry")
        seen = browser.get(f"/look/{number}")
        done = browser.client.post(f"/work/{number}", data={"csrf_token": token})

        allowed = permission in GRANTED[role]
        assert (seen.status_code, done.status_code) == ((200, 200) if allowed else (403, 403))
        if not allowed:
            assert contents(desk.database, without="audit_entry") == before
            desk_stranger = desk.stranger().get(f"/look/{number}")
            assert desk_stranger.status_code == 303
        else:
            with desk.database.transaction() as db:
                for room in db.scalars(select(Room)):
                    db.delete(room)


def test_looking_leaves_an_audit_row_that_says_who_saw_what_from_where(desk: Desk) -> None:
    test = Blueprint("test", __name__)

    @endpoint(test, "/people/<int:id>", may=Permission.SEE_PATIENTS, audit="patient viewed", subject="patient")
    def patient(call: Call, id: int) -> str:
        call.detail["tab"] = "coverage"
        return "a patient"

    desk.app.register_blueprint(test)

    desk.browser(desk.cast.fay).get("/people/17")

    (row,) = audit_rows(desk.database)
    assert (row.actor_kind, row.actor_id) == ("user", str(desk.cast.fay.id))
    assert (row.action, row.subject_kind, row.subject_id, row.at) == ("patient viewed", "patient", "17", now())
    assert row.detail == {"from": "127.0.0.1", "tab": "coverage"}


def test_what_was_not_found_was_not_seen(desk: Desk) -> None:
    test = Blueprint("test", __name__)

    @endpoint(test, "/people/<int:id>", may=Permission.SEE_PATIENTS, audit="patient viewed", subject="patient")
    def patient(call: Call, id: int) -> str:
        raise NotFound("There is no patient 17.")

    desk.app.register_blueprint(test)

    answer = desk.browser(desk.cast.fay).get("/people/17")

    assert answer.status_code == 404
    assert audit_rows(desk.database) == []


def test_a_page_that_is_looked_at_cannot_write(desk: Desk) -> None:
    test = Blueprint("test", __name__)

    @endpoint(test, "/look", may=SIGNED_IN, audit=None)
    def look(call: Call) -> str:
        with pytest.raises(DBAPIError):
            add_room(call)
        call.db.rollback()
        return "tried"

    desk.app.register_blueprint(test)

    assert desk.browser(desk.cast.ada).get("/look").text == "tried"
    assert rooms(desk.database) == 0


@pytest.mark.parametrize("error", [Refused("no"), NotFound("no"), Forbidden("no"), ZeroDivisionError()])
def test_a_request_that_fails_half_way_changes_nothing(desk: Desk, error: Exception) -> None:
    test = Blueprint("test", __name__)

    @endpoint(test, "/work", method="POST", may=SIGNED_IN, audit="worked")
    def work(call: Call) -> str:
        add_room(call)
        raise error

    desk.app.register_blueprint(test)

    answer = desk.browser(desk.cast.ada).post("/work")

    assert answer.status_code >= 400
    assert rooms(desk.database) == 0
    assert [row.action for row in audit_rows(desk.database) if row.action == "worked"] == []


def test_who_tried_what_their_role_does_not_include_is_on_record(desk: Desk) -> None:
    test = Blueprint("test", __name__)

    @endpoint(test, "/users/<int:id>", may=Permission.MANAGE_USERS, audit="account viewed", subject="user")
    def account(call: Call, id: int) -> str:
        return "an account"

    desk.app.register_blueprint(test)

    desk.browser(desk.cast.ben).get("/users/3")
    desk.stranger().get("/users/3")

    (row,) = audit_rows(desk.database)
    assert (row.actor_id, row.action, row.subject_kind, row.subject_id) == (
        str(desk.cast.ben.id),
        "refused",
        "user",
        "3",
    )
    assert row.detail["wanted"] == "account viewed"


def test_slow_work_is_done_before_the_writing_transaction_and_handed_over(desk: Desk) -> None:
    test = Blueprint("test", __name__)
    order = []

    def slow(call: Call) -> str:
        order.append("slow")
        with desk.database.transaction() as db:
            db.add(Room(name="while the slow work goes on"))
        return "result"

    @endpoint(test, "/work", method="POST", may=SIGNED_IN, audit="worked", first=slow)
    def work(call: Call, made_ready: str) -> str:
        order.append(made_ready)
        return "done"

    desk.app.register_blueprint(test)

    answer = desk.browser(desk.cast.ada).post("/work")

    assert (answer.text, order, rooms(desk.database)) == ("done", ["slow", "result"], 1)


def test_strangers_do_not_get_slow_work_done_for_them(desk: Desk) -> None:
    test = Blueprint("test", __name__)
    done: list[Call] = []

    @endpoint(test, "/work", method="POST", may=SIGNED_IN, audit="worked", first=done.append)
    def work(call: Call, made_ready: None) -> str:
        return "done"

    desk.app.register_blueprint(test)

    answer = desk.stranger().post("/work")

    assert (answer.status_code, done) == (401, [])


def test_a_refused_form_is_shown_again_with_the_reasons(desk: Desk) -> None:
    test = Blueprint("test", __name__)

    def form(call: Call) -> str:
        assert call.refused is not None
        return f"form: {call.refused.problems[0].why}"

    @endpoint(test, "/work", method="POST", may=SIGNED_IN, audit="worked", again=form)
    def work(call: Call) -> str:
        add_room(call)
        raise Refused("no", [block("name.missing", "The name is empty.", "Give one.", "field:name")])

    desk.app.register_blueprint(test)

    answer = desk.browser(desk.cast.ada).post("/work")

    assert (answer.status_code, answer.text) == (422, "form: The name is empty.")
    assert rooms(desk.database) == 0


def test_using_the_desk_keeps_the_login_alive_and_leaving_it_ends_it(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ben)
    step = IDLE * 2 / 3

    with stopped_at(now() + step):
        first = browser.get("/account").status_code
    with stopped_at(now() + 2 * step):
        second = browser.get("/account").status_code
    with stopped_at(now() + 2 * step + IDLE):
        third = browser.get("/account").status_code

    assert (first, second, third) == (200, 200, 303)


def test_a_second_look_within_seconds_does_not_write(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ben)
    browser.get("/account")

    with desk.database.reading() as db:
        assert db.scalars(select(Login.last_seen_at)).all() == [now()]
    assert audit_rows(desk.database) == []


def test_a_page_clears_itself_from_the_screen_when_its_login_has_idled(desk: Desk) -> None:
    inside, outside = desk.browser(desk.cast.ben).get("/account").text, desk.stranger().get("/sign-in").text

    without_scripts = '<noscript><meta http-equiv="refresh" content="905; url=/sign-in?next=%2Faccount"></noscript>'
    assert without_scripts in inside
    assert 'data-idle="905" data-idle-to="/sign-in?next=%2Faccount" data-still-here="/still-here"' in inside
    assert "data-idle" not in outside and 'http-equiv="refresh"' not in outside


def test_a_browser_at_which_somebody_types_keeps_its_login_alive(desk: Desk) -> None:
    browser = desk.browser(desk.cast.ben)

    with stopped_at(now() + IDLE * 2 / 3):
        told = browser.get("/still-here").status_code
    with stopped_at(now() + IDLE * 4 / 3):
        after = browser.get("/account").status_code

    assert (told, after) == (204, 200)


def test_a_large_form_is_refused_but_where_the_route_takes_uploads_and_only_from_those_signed_in(desk: Desk) -> None:
    test = Blueprint("test", __name__)

    @endpoint(test, "/work", method="POST", may=SIGNED_IN, audit="worked", largest=3 * 1024 * 1024)
    def work(call: Call) -> str:
        return f"{len(request.form['text'])} characters"

    @endpoint(test, "/small", method="POST", may=SIGNED_IN, audit="worked")
    def small(call: Call) -> str:
        return "done"

    desk.app.register_blueprint(test)
    text = "x" * (400 * 1024)
    many = {f"text{number}": text for number in range(4)}
    browser, stranger = desk.browser(desk.cast.ada), desk.stranger()

    assert browser.post("/work", text=text, **many).text == "409600 characters"
    assert browser.post("/small", text=text, **many).status_code == 413
    assert stranger.post("/work", text=text, **many).status_code == 413


def test_work_that_was_asked_for_is_rung_for_only_after_its_commit(desk: Desk) -> None:
    test = Blueprint("test", __name__)
    heard: list[int] = []
    program = desk.app.extensions["meridian"]
    program.bell = Bell(lambda: heard.append(rooms(desk.database)))

    @endpoint(test, "/work", method="POST", may=SIGNED_IN, audit="worked")
    def work(call: Call) -> str:
        add_room(call)
        call.ring()
        return "done"

    desk.app.register_blueprint(test)

    desk.browser(desk.cast.ada).post("/work")

    assert heard == [1]


class Bell:
    """A bell that does at once what it is rung for."""

    def __init__(self, hear: Callable[[], None]) -> None:
        self.hear = hear

    def ring(self, what: str = "") -> None:
        self.hear()
