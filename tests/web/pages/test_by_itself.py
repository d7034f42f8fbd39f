"""What the clinic lets happen by itself is chosen on one page, and told in words."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from billing.operations.rounds import ROUNDS
from billing.operations.signs_of_life import WORKER, give_sign
from billing.reminders.automation import ByItself, by_itself
from billing.reminders.models import Rule
from tests.access.cast import NOON
from tests.factories import make_clinic
from tests.web.desk import Desk
from tests.web.pages.settings_stage import after, error_at, mark_on, send, words

PATH = "/settings/by-itself"
ALL_ON = {rule.value: "yes" for rule in Rule}
USUAL = {"quiet_until": "08:00", "quiet_from": "21:00", **ALL_ON}


@pytest.fixture
def clinic_desk(desk: Desk) -> Desk:
    with desk.database.transaction() as db:
        make_clinic(db)
    return desk


def chosen(desk: Desk) -> ByItself:
    with desk.database.reading() as db:
        return by_itself(db)


def test_a_clinic_that_has_chosen_nothing_sees_what_holds(clinic_desk: Desk) -> None:
    page = clinic_desk.browser(clinic_desk.cast.ada).get(PATH)

    said = words(page)
    assert page.text.count(" checked") == len(Rule)
    assert 'value="08:00"' in page.text
    assert 'value="21:00"' in page.text
    assert "Three days before a visit" in said
    assert "Anna, your visit: Still Water Acupuncture, Thu Mar 5 9:00 AM" in said
    assert "put into a folder of this installation and reach nobody" in said
    assert [one.why for one in ROUNDS if " ".join(one.why.split()) not in said] == []


def test_what_is_chosen_holds(clinic_desk: Desk) -> None:
    ada = clinic_desk.browser(clinic_desk.cast.ada)
    wanted = {**USUAL, "quiet_from": "20:00", "bills_at": "19:30", "superbills_on": "1", "statements_on": "28"}
    del wanted[Rule.RECALL.value]

    said = after(ada, send(ada, PATH, PATH, **wanted))

    assert "It holds from now on" in said
    assert chosen(clinic_desk) == ByItself(time(8), time(20), frozenset({Rule.RECALL}), time(19, 30), 1, 28)


def test_hours_that_let_messages_go_out_at_night_are_pointed_out(clinic_desk: Desk) -> None:
    ada = clinic_desk.browser(clinic_desk.cast.ada)
    usual = words(ada.get(PATH))

    said = after(ada, send(ada, PATH, PATH, **{**USUAL, "quiet_until": "00:00", "quiet_from": "23:59"}))

    assert "go out at night" in said
    assert "go out at night" not in usual


def test_what_is_emptied_happens_no_more_by_itself(clinic_desk: Desk) -> None:
    ada = clinic_desk.browser(clinic_desk.cast.ada)
    send(ada, PATH, PATH, **USUAL, bills_at="19:30", superbills_on="1")

    send(ada, PATH, PATH, **USUAL)

    assert chosen(clinic_desk) == ByItself()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quiet_until": "late"}, "quiet_until"),
        ({"quiet_from": ""}, "quiet_from"),
        ({"quiet_from": "09:00"}, "quiet_from"),
        ({"bills_at": "25:00"}, "bills_at"),
        ({"superbills_on": "32"}, "superbills_on"),
        ({"statements_on": "0"}, "statements_on"),
        ({"statements_on": "first"}, "statements_on"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_field_and_changes_nothing(
    clinic_desk: Desk, changes: dict[str, str], field: str
) -> None:
    ada = clinic_desk.browser(clinic_desk.cast.ada)

    answer = send(ada, PATH, PATH, **{**USUAL, **changes})

    assert answer.status_code == 422
    assert error_at(answer, field)
    assert chosen(clinic_desk) == ByItself()


def test_a_page_that_somebody_else_was_quicker_on_is_not_kept(clinic_desk: Desk) -> None:
    ada = clinic_desk.browser(clinic_desk.cast.ada)
    mark = mark_on(ada.get(PATH))
    send(ada, PATH, PATH, **USUAL, bills_at="19:30")

    answer = ada.post(PATH, seen=mark, **USUAL)

    assert answer.status_code == 422
    assert "Somebody changed this" in words(answer)
    assert chosen(clinic_desk).bills_at == time(19, 30)


def test_whoever_works_is_shown_with_their_last_sign(clinic_desk: Desk) -> None:
    with clinic_desk.database.transaction() as db:
        give_sign(db, "worker@desk-1:4711", WORKER, NOON - timedelta(minutes=1))

    page = words(clinic_desk.browser(clinic_desk.cast.ada).get(PATH))

    assert "Worker there, seen 03:59" in page
    assert "Nothing happens by itself right now" not in page


def test_a_desk_where_nothing_works_says_so(clinic_desk: Desk) -> None:
    program = clinic_desk.app.extensions["meridian"]
    program.up_since = NOON - timedelta(hours=1)
    with clinic_desk.database.transaction() as db:
        give_sign(db, "worker@desk-1:4711", WORKER, NOON - timedelta(minutes=20))

    page = words(clinic_desk.browser(clinic_desk.cast.ada).get(PATH))

    assert "Nothing happens by itself right now: no worker has given a sign of life since Mon 2 Mar 2026, 03:40" in page
    assert "No worker is there" in page
