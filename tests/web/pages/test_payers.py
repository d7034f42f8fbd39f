"""Insurers, in the settings."""

from __future__ import annotations

import pytest

from billing.payers.models import Payer, PayerKind
from tests.factories import Scene, make_clinic, make_payer, set_scene
from tests.web.desk import Browser, Desk, audit_rows
from tests.web.pages.settings_stage import KEY, after, error_at, mark_on, send, words
from tests.web.statements import counted

PAYERS = "/settings/payers"


@pytest.fixture
def scene(desk: Desk) -> Scene:
    with desk.database.transaction() as db:
        return set_scene(db)


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


def now(desk: Desk, scene: Scene) -> Payer:
    with desk.database.reading() as db:
        return db.get_one(Payer, scene.payer.id)


def typed(scene: Scene, **changes: str) -> dict[str, str]:
    """The payer's form as it is filled."""
    payer = scene.payer
    known = {"name": payer.name, "kind": payer.kind.value, "payer_number": payer.payer_number or "",
             "address1": "PO Box 100", "city": "Salem", "state": "OR", "zip": "97301",
             "filing_limit_days": ""}  # fmt: skip
    return {**known, **changes}


def test_an_empty_clinic_may_enter_its_first_payer(desk: Desk, ada: Browser) -> None:
    with desk.database.transaction() as db:
        make_clinic(db)
    assert "No payers yet" in words(ada.get(PAYERS))

    answer = send(
        ada, f"{PAYERS}/new", PAYERS, name="Example Health", kind="commercial", payer_number="ex100",
        filing_limit_days="90", form_key=KEY,
    )  # fmt: skip
    page = after(ada, answer)

    assert "Example Health" in page
    assert "Enrol your practitioners" in page
    assert "Nobody. Enrol practitioners" in page


def test_the_list_shows_use_and_what_is_missing_and_asks_few_questions(desk: Desk, ada: Browser, scene: Scene) -> None:
    with desk.database.transaction() as db:
        for number in range(6):
            make_payer(db, name=f"Zenith {number}", payer_number=None)
    browser = ada
    browser.get(PAYERS)

    with counted(desk.database) as statements:
        page = words(browser.get(PAYERS))

    assert "its claims are held" in page
    assert f"{scene.payer.name} Commercial health plan {scene.payer.payer_number} 365 0 1 1" in page
    assert len(statements) <= 12


def test_what_is_corrected_is_saved(desk: Desk, ada: Browser, scene: Scene) -> None:
    address = f"{PAYERS}/{scene.payer.id}"

    answer = send(ada, address, address, **typed(scene, filing_limit_days="180", zip="97301-1234"))

    assert "Claims that were sent stay as they are" in after(ada, answer)
    assert (now(desk, scene).filing_limit_days, now(desk, scene).zip) == (180, "97301-1234")
    assert "payer changed" in [row.action for row in audit_rows(desk.database)]


def test_the_kind_of_a_payer_in_use_is_asked_about_a_second_time(desk: Desk, ada: Browser, scene: Scene) -> None:
    address = f"{PAYERS}/{scene.payer.id}"

    asked = send(ada, address, address, **typed(scene, kind="medicare"))
    before = now(desk, scene).kind
    mark = mark_on(asked)
    done = ada.post(address, seen=mark, kind_is_meant="yes", **typed(scene, kind="medicare"))

    assert asked.status_code == 422
    assert "Tick the box" in error_at(asked, "kind_is_meant")
    assert '<option value="medicare" selected>' in asked.text
    assert (before, now(desk, scene).kind) == (PayerKind.COMMERCIAL, PayerKind.MEDICARE)
    assert done.status_code == 303


def test_what_cannot_be_is_told_at_its_field_and_kept(desk: Desk, ada: Browser, scene: Scene) -> None:
    address = f"{PAYERS}/{scene.payer.id}"

    answer = send(ada, address, address, **typed(scene, state="XX", zip="1", filing_limit_days="many"))

    assert answer.status_code == 422
    assert "whole number" in error_at(answer, "filing_limit_days")
    assert 'value="XX"' in answer.text
    again = send(ada, address, address, **typed(scene, state="XX", zip="1"))
    assert "no such state" in error_at(again, "state")
    assert "not a ZIP code" in error_at(again, "zip")
    assert now(desk, scene).state == "OR"


def test_a_page_that_has_been_overtaken_changes_nothing(desk: Desk, ada: Browser, scene: Scene) -> None:
    browser, address = ada, f"{PAYERS}/{scene.payer.id}"
    mark = mark_on(browser.get(address))
    browser.post(address, seen=mark, **typed(scene, city="Bend"))

    answer = browser.post(address, seen=mark, **typed(scene, city="Eugene"))

    assert "Somebody changed this" in words(answer)
    assert now(desk, scene).city == "Bend"


def test_a_form_sent_twice_makes_one_payer(desk: Desk, ada: Browser, scene: Scene) -> None:
    browser = ada

    first, second = (browser.post(PAYERS, name="Twice", kind="auto", form_key=KEY) for _ in range(2))

    assert first.location == second.location
    assert words(browser.get(PAYERS)).count("Twice") == 1


def test_a_payer_that_is_not_there_is_not_found(desk: Desk, ada: Browser, scene: Scene) -> None:
    assert ada.get(f"{PAYERS}/999").status_code == 404
    assert ada.post(f"{PAYERS}/999", name="X").status_code == 404


def test_only_an_owner_may(desk: Desk, scene: Scene) -> None:
    for who in (desk.cast.ben, desk.cast.cleo, desk.cast.fay):
        assert desk.browser(who).get(PAYERS).status_code == 403
        assert desk.browser(who).post(PAYERS, name="X", kind="auto").status_code == 403
