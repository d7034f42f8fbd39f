"""Whoever sees to claims and payments can watch what happens by itself, and is led to every record of it."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from billing import clock
from billing.operations.signs_of_life import WORKER, give_sign
from billing.reminders.automation import ByItself, choose
from billing.web.pages.happened import LOOKS
from billing.wiring import Program
from tests.access.cast import NOON
from tests.claims.office import Office, open_office
from tests.remittances.books import filed, post
from tests.remittances.payer import answer, pays
from tests.web.desk import Browser, Desk, audit_rows
from tests.web.pages.uploads import words

PATH = "/by-itself"
COPAY = ({"CO-45": 15_00, "PR-3": 25_00}, {"CO-45": 10_00})
AFTER = timedelta(minutes=1)


@pytest.fixture
def office(program: Program) -> Office:
    return open_office(program.database)


def part(browser: Browser, looks: int) -> str:
    """What a page that is open asks for."""
    return browser.client.get(f"{PATH}?looks={looks}", headers={"HX-Request": "true"}).text


def test_a_clinic_in_which_nothing_happened_says_so(desk: Desk, office: Office) -> None:
    page = words(desk.browser(desk.cast.cleo).get(PATH).text)

    assert "Nothing has happened in the last day" in page
    assert "Billing when somebody asks" in page
    assert "No worker is there" in page


def test_what_was_filed_and_paid_is_told_with_a_link_to_each_and_without_names(desk: Desk, office: Office) -> None:
    with clock.stopped_at(NOON):
        claim = filed(office)
        post(office, pays(answer(claim, *COPAY), trace="EFT1"), at=NOON)
        page = desk.browser(desk.cast.cleo).get(PATH).text

    (kept,) = office.claims()
    assert f'href="/claims/{kept.id}">{kept.control_number}</a>' in page
    assert 'href="/remittances/1">EFT1</a>' in page
    assert "paid $115.00 for 1 claim" in words(page)
    assert "Okoro" not in page


def test_the_page_asks_for_its_part_again_and_stops_after_a_while(desk: Desk, office: Office) -> None:
    cleo = desk.browser(desk.cast.cleo)

    first = cleo.get(PATH).text
    second, last = part(cleo, 1), part(cleo, LOOKS)

    assert f'hx-get="{PATH}?looks=1"' in first
    assert f'hx-get="{PATH}?looks=2"' in second
    assert "<html" not in second
    assert "hx-get" not in last
    assert "Look again" in last


def test_what_is_next_and_who_is_there_are_told(desk: Desk, office: Office) -> None:
    with desk.database.transaction() as db:
        choose(db, ByItself(bills_at=time(19, 30)))
        give_sign(db, "worker@desk-1:1", WORKER, NOON)

    with clock.stopped_at(NOON + AFTER):
        page = words(desk.browser(desk.cast.ada).get(PATH).text)

    assert "Billing Mon 2 Mar 2026, 19:30" in page
    assert "A worker is there" in page
    assert "A worker began" in page


def test_watching_leaves_no_trail_since_nobody_is_named(desk: Desk, office: Office) -> None:
    cleo = desk.browser(desk.cast.cleo)
    before = len(audit_rows(desk.database))

    for _ in range(3):
        part(cleo, 1)

    assert len(audit_rows(desk.database)) == before
