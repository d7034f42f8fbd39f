"""The people who treat, in the settings: their record, their payers, and their account."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from billing.practitioners.accounts import account_of, link_account
from billing.practitioners.models import Enrolment, Network, Practitioner
from billing.sessions.lifecycle import SessionState
from tests.factories import Scene, an_npi, make_clinic, make_payer, make_practitioner, set_scene
from tests.web.desk import Browser, Desk, audit_rows
from tests.web.pages.settings_stage import KEY, after, error_at, mark_on, send, words
from tests.web.statements import counted

PEOPLE = "/settings/people"


@pytest.fixture
def scene(desk: Desk) -> Scene:
    with desk.database.transaction() as db:
        return set_scene(db)


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


def ben_now(desk: Desk, scene: Scene) -> Practitioner:
    with desk.database.reading() as db:
        return db.get_one(Practitioner, scene.practitioner.id)


def typed(scene: Scene, **changes: str) -> dict[str, str]:
    """The form of Ben's page as it is filled."""
    ben = scene.practitioner
    known = {"first_name": ben.first_name, "last_name": ben.last_name, "credentials": "L.Ac.", "npi": ben.npi or "",
             "taxonomy": ben.taxonomy or "", "email": ben.email or "", "left_on": ""}  # fmt: skip
    return {**known, **changes}


def test_an_empty_clinic_is_asked_for_its_people(desk: Desk, ada: Browser) -> None:
    with desk.database.transaction() as db:
        make_clinic(db)

    assert "Nobody treats here yet" in words(ada.get(PEOPLE))


def test_the_list_shows_what_each_lacks_and_asks_few_questions(desk: Desk, ada: Browser, scene: Scene) -> None:
    with desk.database.transaction() as db:
        for _ in range(5):
            make_practitioner(db, npi=None)
    browser = ada
    browser.get(PEOPLE)

    with counted(desk.database) as statements:
        page = words(browser.get(PEOPLE))

    assert "Ben Quill L.Ac." in page
    assert page.count("Missing") >= 5
    assert "Choose an account" in page
    assert len(statements) <= 12


def test_somebody_is_added_and_led_to_their_licence(desk: Desk, ada: Browser, scene: Scene) -> None:
    answer = send(ada, f"{PEOPLE}/new", PEOPLE, first_name="Ida", last_name="Moreau", npi=an_npi(77), form_key=KEY)
    page = after(ada, answer)

    assert "Ida Moreau" in page
    assert "Add the licence next" in page
    assert audit_rows(desk.database)[-1].action == "practitioner added"


def test_a_number_that_fails_its_check_is_refused_and_kept_to_be_corrected(
    desk: Desk, ada: Browser, scene: Scene
) -> None:
    answer = send(ada, f"{PEOPLE}/new", PEOPLE, first_name="Ida", last_name="Moreau", npi="1234567890")

    assert answer.status_code == 422
    assert "fails its check digit" in error_at(answer, "npi")
    assert 'value="1234567890"' in answer.text
    with desk.database.reading() as db:
        assert len(db.scalars(select(Practitioner)).all()) == 1


def test_a_clinic_elsewhere_types_what_it_has(desk: Desk, ada: Browser) -> None:
    with desk.database.transaction() as db:
        make_clinic(db, time_zone="Europe/London", currency="GBP")

    answer = send(ada, f"{PEOPLE}/new", PEOPLE, first_name="Ida", last_name="Moreau", npi="BAcC 12")

    assert answer.status_code == 303


def test_what_is_corrected_is_saved_once(desk: Desk, ada: Browser, scene: Scene) -> None:
    browser, address = ada, f"{PEOPLE}/{scene.practitioner.id}"
    fields = typed(scene, email="new@clinic.example.org", form_key=KEY, seen=mark_on(browser.get(address)))

    first, second = browser.post(address, **fields), browser.post(address, **fields)

    assert (first.status_code, second.status_code) == (303, 303)
    assert ben_now(desk, scene).email == "new@clinic.example.org"
    actions = [row.action for row in audit_rows(desk.database)]
    assert actions.count("practitioner changed") == 1


def test_a_page_that_has_been_overtaken_changes_nothing(desk: Desk, ada: Browser, scene: Scene) -> None:
    browser, address = ada, f"{PEOPLE}/{scene.practitioner.id}"
    mark = mark_on(browser.get(address))
    browser.post(address, seen=mark, **typed(scene, email="new@clinic.example.org"))

    answer = browser.post(address, seen=mark, **typed(scene, last_name="Quince"))

    assert answer.status_code == 422
    assert "Somebody changed this" in words(answer)
    assert 'value="Quince"' in answer.text
    assert ben_now(desk, scene).last_name == "Quill"


def test_who_leaves_with_sessions_booked_and_an_account_open_is_told_of_both(
    desk: Desk, ada: Browser, scene: Scene
) -> None:
    with desk.database.transaction() as db:
        scene.visit(db, date(2026, 4, 2), state=SessionState.BOOKED)
        link_account(db, scene.practitioner.id, desk.cast.ben.id)
    address = f"{PEOPLE}/{scene.practitioner.id}"

    page = after(ada, send(ada, address, address, **typed(scene, left_on="2026-04-01")))

    assert "1 session is booked with them after they have left" in page
    assert "account can still sign in" in page


def test_an_account_that_signs_is_linked_and_taken_away(desk: Desk, ada: Browser, scene: Scene) -> None:
    address = f"{PEOPLE}/{scene.practitioner.id}/account"
    page = ada.get(address).text
    assert "ben@example.org" in page
    assert "fay@example.org" not in page

    linked = after(ada, send(ada, address, address, user=str(desk.cast.ben.id)))
    with desk.database.reading() as db:
        account = account_of(db, scene.practitioner.id)
    gone = after(ada, send(ada, address, address, user=""))

    assert "ben@example.org" in linked
    assert account is not None
    assert account.id == desk.cast.ben.id
    assert "nobody can sign their notes" in gone


@pytest.mark.parametrize("taken", [True, False])
def test_an_account_of_somebody_else_or_one_that_does_not_sign_is_refused(
    desk: Desk, ada: Browser, scene: Scene, taken: bool
) -> None:
    with desk.database.transaction() as db:
        other = make_practitioner(db)
        link_account(db, other.id, desk.cast.ben.id)
    address = f"{PEOPLE}/{scene.practitioner.id}/account"

    answer = send(ada, address, address, user=str(desk.cast.ben.id if taken else desk.cast.fay.id))

    assert answer.status_code in (200, 422)
    assert "cannot be chosen" in words(answer)
    with desk.database.reading() as db:
        assert account_of(db, scene.practitioner.id) is None


def test_an_enrolment_is_added_and_ended(desk: Desk, ada: Browser, scene: Scene) -> None:
    with desk.database.transaction() as db:
        payer = make_payer(db)
    base = f"{PEOPLE}/{scene.practitioner.id}"

    added = send(
        ada, f"{base}/enrolments/new", f"{base}/enrolments", payer=str(payer.id), network="out",
        effective_from="2026-01-01", effective_to="",
    )  # fmt: skip
    page = after(ada, added)
    with desk.database.reading() as db:
        made = db.scalars(select(Enrolment).where(Enrolment.payer_id == payer.id)).one()
    address = f"/settings/enrolments/{made.id}"
    ended = send(ada, address, address, network="out", effective_from="2026-01-01", effective_to="2026-06-30")

    assert "The enrolment is on file" in page
    assert ended.location == base
    with desk.database.reading() as db:
        kept = db.get_one(Enrolment, made.id)
        assert (kept.network, kept.effective_to) == (Network.OUT, date(2026, 6, 30))


def test_two_standings_on_one_day_are_refused_at_the_field(desk: Desk, ada: Browser, scene: Scene) -> None:
    base = f"{PEOPLE}/{scene.practitioner.id}"

    answer = send(
        ada, f"{base}/enrolments/new", f"{base}/enrolments", payer=str(scene.payer.id), network="out",
        effective_from="2026-01-01", effective_to="",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "on file from Sun 1 Jan 2023 on already" in error_at(answer, "effective_from")


def test_a_payer_that_does_not_exist_cannot_be_chosen(desk: Desk, ada: Browser, scene: Scene) -> None:
    base = f"{PEOPLE}/{scene.practitioner.id}"

    answer = send(
        ada, f"{base}/enrolments/new", f"{base}/enrolments", payer="999", network="in",
        effective_from="2026-01-01", effective_to="",
    )  # fmt: skip

    assert "cannot be chosen" in error_at(answer, "payer")


@pytest.mark.parametrize("address", [f"{PEOPLE}/999", f"{PEOPLE}/999/account", f"{PEOPLE}/999/enrolments/new",
                                     "/settings/enrolments/999"])  # fmt: skip
def test_what_is_not_there_is_not_found(desk: Desk, ada: Browser, scene: Scene, address: str) -> None:
    assert ada.get(address).status_code == 404


def test_only_an_owner_may(desk: Desk, scene: Scene) -> None:
    for who in (desk.cast.ben, desk.cast.cleo, desk.cast.fay):
        browser = desk.browser(who)

        assert browser.get(PEOPLE).status_code == 403
        assert browser.post(f"{PEOPLE}/{scene.practitioner.id}", last_name="X").status_code == 403
    assert ben_now(desk, scene).last_name == "Quill"
