"""What was typed is not lost when the login or the form's token has run out before it was sent, or the database was
away."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Blueprint, redirect, request

from billing import clock
from billing.clinic.models import Room
from billing.web.endpoint import SIGNED_IN, Call, endpoint
from tests.access.cast import NOON, PASSWORD
from tests.web.desk import Desk, contents

FROM_HERE = {"Sec-Fetch-Site": "same-origin"}
TYPED = {"text": "Slept through the night <for once>", "list": "b"}


@pytest.fixture
def form_desk(desk: Desk) -> Desk:
    test = Blueprint("test", __name__)

    @endpoint(test, "/notes", method="POST", may=SIGNED_IN, audit="noted")
    def note(call: Call) -> object:
        call.db.add(Room(name=request.form["text"]))
        return redirect("/account", 303)

    desk.app.register_blueprint(test)
    return desk


def fields_of(page: str) -> dict[str, str]:
    hidden = re.findall(r'<textarea name="([^"]+)" hidden aria-hidden="true">([^<]*)</textarea>', page)
    return {name: value.replace("&lt;", "<").replace("&gt;", ">") for name, value in hidden}


def test_a_form_sent_after_the_login_idled_out_is_kept_and_can_be_sent_after_signing_in(form_desk: Desk) -> None:
    browser = form_desk.browser(form_desk.cast.ben)
    token = browser.form_token()
    before = contents(form_desk.database)

    with clock.stopped_at(NOON + timedelta(hours=1)):
        answer = browser.client.post("/notes", data={"csrf_token": token, **TYPED}, headers=FROM_HERE)
        unchanged = contents(form_desk.database) == before
        browser.post("/sign-in", email="ben@example.org", password=PASSWORD)
        stale = browser.client.post("/notes", data={"csrf_token": token, **fields_of(answer.text)}, headers=FROM_HERE)
        fresh = re.findall(r'name="csrf_token" value="([^"]+)"', stale.text)[-1]
        sent = browser.client.post("/notes", data={"csrf_token": fresh, **fields_of(stale.text)}, headers=FROM_HERE)

    assert (answer.status_code, fields_of(answer.text), unchanged) == (401, TYPED, True)
    assert 'action="/notes"' in answer.text
    assert (stale.status_code, fields_of(stale.text)) == (400, TYPED)
    assert sent.location == "/account"
    with form_desk.database.reading() as db:
        assert [room.name for room in db.query(Room)] == [TYPED["text"]]


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example.org"}, {"Origin": "null"}]
)
def test_what_another_site_may_have_sent_is_thrown_away(form_desk: Desk, headers: dict[str, str]) -> None:
    browser = form_desk.browser(form_desk.cast.ben)

    answer = browser.client.post("/notes", data=TYPED, headers=headers)

    assert answer.status_code == 400
    assert "Slept" not in answer.text


def test_a_password_is_never_sent_back(form_desk: Desk) -> None:
    browser = form_desk.browser(form_desk.cast.ben)

    answer = browser.client.post(
        "/account/password", data={"current": "a", "password": "a new and long one", "note": "typed"}, headers=FROM_HERE
    )

    assert answer.status_code == 400
    assert "a new and long one" not in answer.text
    assert fields_of(answer.text) == {}


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_form_that_the_database_was_away_for_is_kept_and_done_once(form_desk: Desk) -> None:
    cuts = iter([True])
    test = Blueprint("cut", __name__)

    @endpoint(test, "/cut", method="POST", may=SIGNED_IN, audit="noted")
    def note(call: Call) -> object:
        call.db.add(Room(name=request.form["text"]))
        if next(cuts, False):
            call.db.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return redirect("/account", 303)

    form_desk.app.register_blueprint(test)
    browser = form_desk.browser(form_desk.cast.ben)
    typed = {**TYPED, "form_key": "k" * 20}

    token = browser.form_token()
    answer = browser.client.post("/cut", data={"csrf_token": token, **typed}, headers=FROM_HERE)
    kept = fields_of(answer.text)
    first, second = (
        browser.client.post("/cut", data={"csrf_token": token, **kept}, headers=FROM_HERE) for _ in range(2)
    )

    assert (answer.status_code, kept) == (503, typed)
    assert "The database does not answer" in answer.text
    assert (first.location, second.location) == ("/account", "/account")
    with form_desk.database.reading() as db:
        assert [room.name for room in db.query(Room)] == [TYPED["text"]]
