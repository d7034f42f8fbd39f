"""Long work shows how far it is, and tells in the end what came of it or why it could not be done."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from billing import clock
from billing.access.models import User
from billing.adapters.memory import MemoryBell
from billing.operations.errands.asking import ask, ask_by_clock
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand, ErrandState
from billing.patients.models import Patient
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo
from billing.wiring import Program
from tests.claims.office import BILLED_AT, Office, open_office
from tests.web.desk import Desk, audit_rows, do_what_is_due
from tests.web.pages.uploads import key_in, words

THROUGH = "2026-03-31"


@pytest.fixture
def office(program: Program) -> Office:
    return open_office(program.database)


def asked(desk: Desk, by: User, kind: ErrandKind, /, **facts: Any) -> Errand:
    with desk.database.transaction() as db:
        return ask(db, kind, facts, by.id, clock.now())


def change(desk: Desk, errand: Errand, **cells: Any) -> None:
    with desk.database.transaction() as db:
        kept = db.get_one(Errand, errand.id)
        for name, value in cells.items():
            setattr(kept, name, value)


def test_an_errand_that_waits_says_so_and_asks_for_itself_again(desk: Desk) -> None:
    errand = asked(desk, desk.cast.cleo, ErrandKind.BILL, through=THROUGH)

    page = desk.browser(desk.cast.ada).get(f"/errands/{errand.id}").text

    assert "Billing run, through Tue 31 Mar 2026" in words(page)
    assert "Asked for by Cleo Marsh" in words(page)
    assert "Waiting for its turn" in page
    assert f'hx-get="/errands/{errand.id}"' in page
    assert 'hx-trigger="every 1s"' in page
    assert "<noscript>" in page


def test_an_errand_under_way_shows_words_and_counts(desk: Desk) -> None:
    errand = asked(desk, desk.cast.ada, ErrandKind.FETCH)
    change(desk, errand, state=ErrandState.RUNNING, doing="Looking through the inbox", done=1250, total=5000)

    page = desk.browser(desk.cast.ada).get(f"/errands/{errand.id}").text

    assert "Looking through the inbox 1,250 of 5,000" in words(page)
    assert '<progress value="1250" max="5000"' in page


def test_a_browser_that_asks_for_the_part_gets_no_more(desk: Desk) -> None:
    errand = asked(desk, desk.cast.ada, ErrandKind.FETCH)

    answer = desk.browser(desk.cast.ada).client.get(f"/errands/{errand.id}", headers={"HX-Request": "true"})

    assert answer.text.lstrip().startswith('<div id="errand"')
    assert "<html" not in answer.text


def test_looking_at_an_errand_again_and_again_fills_no_audit_trail(desk: Desk) -> None:
    errand = asked(desk, desk.cast.ada, ErrandKind.FETCH)
    browser = desk.browser(desk.cast.ada)
    before = len(audit_rows(desk.database))

    for _ in range(3):
        browser.get(f"/errands/{errand.id}")

    assert len(audit_rows(desk.database)) == before


def test_a_billing_run_tells_what_it_filed(desk: Desk, program: Program, office: Office) -> None:
    session = office.visit()
    errand = asked(desk, desk.cast.ada, ErrandKind.BILL, through=THROUGH)

    with clock.stopped_at(BILLED_AT):
        do_what_is_due(program)

    page = desk.browser(desk.cast.ada).get(f"/errands/{errand.id}").text
    assert office.claim(session).control_number in page
    assert "every 1s" not in page


def test_results_name_patients_when_they_are_shown_and_never_where_they_are_kept(
    desk: Desk, program: Program, office: Office
) -> None:
    office.visit(state=SessionState.ARRIVED)
    bill = asked(desk, desk.cast.ada, ErrandKind.BILL, through=THROUGH)
    with clock.stopped_at(BILLED_AT):
        do_what_is_due(program)
    stated = asked(desk, desk.cast.ada, ErrandKind.STATEMENTS, on=THROUGH)
    listed = {"number": "S-1", "patient": office.scene.patient.id, "total_cents": -14_00, "document": None}
    result = {"issued": 1, "count": 1, "total_cents": 0, "statements": [listed], "warnings": [], "failures": []}
    change(desk, stated, state=ErrandState.DONE, ended_at=clock.now(), result=result)
    browser = desk.browser(desk.cast.ada)

    billed, statements = (words(browser.get(f"/errands/{one.id}").text) for one in (bill, stated))

    assert "Okoro, Miri, Tue 3 Mar 2026 Note not signed" in billed
    assert "Okoro, Miri credit $14.00" in statements
    with desk.database.reading() as db:
        assert "Okoro" not in str([one.result for one in db.scalars(sa.select(Errand))])
    assert [row.action for row in audit_rows(desk.database)].count("errand viewed") == 2


def test_what_failed_says_why_and_can_be_asked_for_again_once(desk: Desk, program: Program) -> None:
    failed = asked(desk, desk.cast.ada, ErrandKind.BILL, through=THROUGH)
    do_what_is_due(program)
    browser = desk.browser(desk.cast.ada)

    page = browser.get(f"/errands/{failed.id}").text
    key = key_in(page.partition('id="errand"')[2])
    first = browser.post(f"/errands/{failed.id}/again", form_key=key)
    twice = browser.post(f"/errands/{failed.id}/again", form_key=key)

    assert "This could not be done" in page
    assert "There is no clinic here yet" in page
    assert first.status_code == 303
    assert first.location != f"/errands/{failed.id}"
    assert twice.location == first.location
    assert isinstance(program.bell, MemoryBell)
    assert program.bell.rings == 1


def test_what_is_still_to_be_done_cannot_be_asked_for_again(desk: Desk) -> None:
    errand = asked(desk, desk.cast.ada, ErrandKind.BILL, through=THROUGH)

    answer = desk.browser(desk.cast.ada).post(f"/errands/{errand.id}/again")

    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("kind", "may"),
    [
        (ErrandKind.BILL, {"ada", "cleo", "fay"}),
        (ErrandKind.REMIT, {"ada", "cleo"}),
        (ErrandKind.ANSWERS, {"ada", "cleo"}),
        (ErrandKind.FETCH, {"ada", "cleo"}),
        (ErrandKind.STATEMENTS, {"ada", "cleo", "fay"}),
        (ErrandKind.IMPORT, {"ada"}),
    ],
)
def test_an_errand_is_seen_and_repeated_only_by_those_who_may_ask_for_its_kind(
    desk: Desk, kind: ErrandKind, may: set[str]
) -> None:
    errand = asked(desk, desk.cast.ada, kind)
    change(desk, errand, state=ErrandState.FAILED, failure="It could not be.", ended_at=clock.now())

    seen = {name for name in ("ada", "ben", "cleo", "fay") if _status(desk, name, errand) == 200}
    listed = {name for name in ("ada", "ben", "cleo", "fay") if f"/errands/{errand.id}" in _list(desk, name)}
    repeated = desk.browser(desk.cast.ben).post(f"/errands/{errand.id}/again")

    assert seen == listed == may
    assert repeated.status_code == 403


def _status(desk: Desk, name: str, errand: Errand) -> int:
    return desk.browser(getattr(desk.cast, name)).get(f"/errands/{errand.id}").status_code


def _list(desk: Desk, name: str) -> str:
    return desk.browser(getattr(desk.cast, name)).get("/errands").text


def test_there_is_no_errand_nobody_asked_for(desk: Desk) -> None:
    assert desk.browser(desk.cast.ada).get("/errands/4711").status_code == 404


def test_the_list_goes_on_behind_its_last_errand(desk: Desk) -> None:
    errands = [asked(desk, desk.cast.ada, ErrandKind.STATEMENTS, on=f"2026-01-{day:02}") for day in range(1, 32)]
    errands += [asked(desk, desk.cast.ada, ErrandKind.STATEMENTS, on=f"2026-03-{day:02}") for day in range(1, 32)]
    browser = desk.browser(desk.cast.ada)

    first = browser.get("/errands").text
    second = browser.get(f"/errands?before={errands[12].id}").text

    assert f"/errands?before={errands[12].id}" in first
    assert f'href="/errands/{errands[12].id}"' in first
    assert f'href="/errands/{errands[11].id}"' not in first
    assert f'href="/errands/{errands[11].id}"' in second
    assert f'href="/errands/{errands[0].id}"' in second


def test_without_errands_the_list_says_what_will_be_there(desk: Desk) -> None:
    assert "Nothing was asked for yet" in desk.browser(desk.cast.ada).get("/errands").text


def test_what_the_clock_asked_for_is_shown_as_such_and_listed(desk: Desk) -> None:
    with desk.database.transaction() as db:
        errand = ask_by_clock(db, ErrandKind.BILL, {"through": THROUGH}, "bill:2026-03-31", clock.now())
    assert errand is not None
    browser = desk.browser(desk.cast.cleo)

    page, listed = browser.get(f"/errands/{errand.id}").text, browser.get("/errands").text

    assert "Asked for by the clock" in words(page)
    assert "the clock" in words(listed)


def test_a_person_may_ask_again_for_what_the_clock_asked_for_in_vain(desk: Desk) -> None:
    with desk.database.transaction() as db:
        errand = ask_by_clock(db, ErrandKind.BILL, {"through": THROUGH}, "bill:2026-03-31", clock.now())
    assert errand is not None
    change(desk, errand, state=ErrandState.FAILED, failure="The disk is full.")

    answer = desk.browser(desk.cast.cleo).post(f"/errands/{errand.id}/again")

    with desk.database.reading() as db:
        again = db.get_one(Errand, int(answer.headers["Location"].rpartition("/")[2]))
    assert (again.asked_by_id, again.period, again.facts) == (desk.cast.cleo.id, None, errand.facts)


def test_a_superbill_run_lists_its_superbills_with_their_patients(desk: Desk, program: Program, office: Office) -> None:
    session = office.visit(bill_to=BillTo.SUPERBILL)
    errand = asked(desk, desk.cast.ada, ErrandKind.SUPERBILLS, through=THROUGH)
    with clock.stopped_at(BILLED_AT):
        do_what_is_due(program)

    page = words(desk.browser(desk.cast.cleo).get(f"/errands/{errand.id}").text)

    assert "Superbills, through Tue 31 Mar 2026" in page
    assert "1 superbill for sessions up to that day" in page
    assert "SB-000001" in page
    with desk.database.reading() as db:
        kept = str(db.get_one(Errand, errand.id).result)
        name = db.get_one(Patient, session.patient_id).last_name
    assert name in page
    assert name not in kept
    assert audit_rows(desk.database)[-1].action == "errand viewed"
