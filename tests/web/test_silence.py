"""When nothing works by itself, the owner and the biller are told on every page; the others have other work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing.operations.signs_of_life import WORKER, give_sign
from billing.wiring import Program
from tests.access.cast import NOON
from tests.factories import make_clinic
from tests.web.desk import Desk

SILENCE = 'id="silence"'


@pytest.fixture
def open_for_hours(desk: Desk) -> Desk:
    program: Program = desk.app.extensions["meridian"]
    program.up_since = NOON - timedelta(hours=3)
    with desk.database.transaction() as db:
        make_clinic(db)
    return desk


def signed(desk: Desk, minutes_ago: int) -> None:
    with desk.database.transaction() as db:
        give_sign(db, "worker@a:1", WORKER, NOON - timedelta(minutes=minutes_ago))


@pytest.mark.parametrize(("who", "is_told"), [("ada", True), ("cleo", True), ("ben", False), ("fay", False)])
def test_who_is_told(open_for_hours: Desk, who: str, is_told: bool) -> None:
    signed(open_for_hours, minutes_ago=20)

    page = open_for_hours.browser(getattr(open_for_hours.cast, who)).get("/").text

    assert (SILENCE in page) is is_told
    assert ("meridian doctor" in page) is is_told


def test_a_desk_without_any_worker_is_told_so(open_for_hours: Desk) -> None:
    page = open_for_hours.browser(open_for_hours.cast.ada).get("/").text

    assert "No worker has been there yet" in page


def test_nothing_is_said_while_a_worker_gives_signs(open_for_hours: Desk) -> None:
    signed(open_for_hours, minutes_ago=2)

    assert SILENCE not in open_for_hours.browser(open_for_hours.cast.ada).get("/").text


def test_a_desk_that_was_only_just_opened_waits_before_it_says_so(open_for_hours: Desk) -> None:
    open_for_hours.app.extensions["meridian"].up_since = NOON - timedelta(minutes=1)

    assert SILENCE not in open_for_hours.browser(open_for_hours.cast.ada).get("/").text
