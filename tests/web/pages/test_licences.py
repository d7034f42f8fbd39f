"""The licences page, and entering, renewing, correcting and suspending from it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from billing import clock
from billing.claims.lifecycle import ClaimState
from billing.database import Database
from billing.practitioners.models import Credential, CredentialKind, CredentialStatus
from billing.reports.standing import standing
from billing.sessions.lifecycle import SessionState
from billing.wiring import Program
from tests.claims.office import Office
from tests.factories import make_clinic, make_practitioner, set_scene
from tests.web.desk import Browser, Desk, audit_rows, contents
from tests.web.pages.claims_stage import NOW, office_behind
from tests.web.pages.settings_stage import KEY, after, error_at, mark_on, send, words
from tests.web.statements import counted

TODAY = date(2026, 4, 12)


@pytest.fixture(autouse=True)
def april(noon: None) -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


@pytest.fixture
def office(desk: Desk, program: Program) -> Office:
    return office_behind(desk, program)


@pytest.fixture
def ada(desk: Desk) -> Browser:
    return desk.browser(desk.cast.ada)


def entries(database: Database) -> list[tuple[date, date, CredentialStatus]]:
    with database.reading() as db:
        rows = db.scalars(
            select(Credential).where(Credential.kind == CredentialKind.LICENCE).order_by(Credential.valid_from)
        )
        return [(row.valid_from, row.valid_to, row.status) for row in rows]


def test_a_clinic_without_people_says_what_to_do_first(desk: Desk, ada: Browser) -> None:
    with desk.database.transaction() as db:
        make_clinic(db)

    assert "Add a practitioner" in words(ada.get("/licences"))
    assert "An owner of the clinic enters" in words(desk.browser(desk.cast.fay).get("/licences"))


def test_everything_in_force_says_so(desk: Desk, ada: Browser, office: Office) -> None:
    page = words(ada.get("/licences"))

    assert "Nothing lapses in the next 120 days" in page
    assert "No claim waits for a licence." in page


def test_what_lapses_is_listed_with_the_days_left_and_what_is_booked_after(
    desk: Desk, ada: Browser, office: Office
) -> None:
    office.edit(office.scene.licence, valid_to=TODAY + timedelta(days=1))
    office.visit(TODAY + timedelta(days=2), state=SessionState.BOOKED)

    page = words(ada.get("/licences"))

    assert "Ben Quill Licence OR" in page
    assert "Lapses in 1 day" in page
    assert "1 session is booked without a licence" in page


def test_held_claims_are_told_with_dollars_and_lead_to_their_queue(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 3, 1))
    office.visit()
    office.bill()

    owner, treating = ada.get("/licences"), desk.browser(desk.cast.ben).get("/licences")

    assert "1 claim , together $165.00" in words(owner).replace("1 claim,", "1 claim ,")
    assert 'href="/claims?queue=held&amp;rule=licence.lapsed"' in owner.text
    assert "1 claim" in words(treating)
    assert "$165.00" not in words(treating)
    assert "/claims" not in treating.text.partition("<main")[2]


def test_every_credential_has_a_strip_that_is_told_in_words(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.malpractice, valid_to=TODAY + timedelta(days=20))

    page = ada.get("/licences").text

    labels = re.findall(r'role="img" aria-label="([^"]+)"', page)
    assert [label.partition(":")[2].strip() for label in labels[:2]] == [
        "In force, last day 31 Dec 2027",
        "Lapses in 20 days, last day 2 May 2026",
    ]
    assert office.scene.payer.name in labels[2]
    assert "style=" not in page


def test_only_an_owner_is_shown_the_forms(desk: Desk, office: Office) -> None:
    for who in (desk.cast.ben, desk.cast.cleo, desk.cast.fay):
        page = desk.browser(who).get("/licences")

        assert page.status_code == 200
        assert "/renew" not in page.text
        assert "/licences/new" not in page.text


def test_the_page_asks_no_more_than_twelve_questions(desk: Desk, ada: Browser, office: Office) -> None:
    browser = ada
    browser.get("/licences")

    with counted(desk.database) as statements:
        browser.get("/licences")

    assert len(statements) <= 12


def test_a_licence_is_added_for_the_practitioner_the_link_named(desk: Desk, ada: Browser, office: Office) -> None:
    ben = office.scene.practitioner
    form = f"/licences/new?practitioner={ben.id}&kind=cpr"
    assert f'value="{ben.id}" selected' in ada.get(form).text

    answer = send(
        ada, form, "/licences", practitioner=str(ben.id), kind="cpr", issuer="Heart School", number="HP-1",
        valid_from="2026-01-01", valid_to="2027-12-31",
    )  # fmt: skip

    assert "It is on file." in after(ada, answer)
    with desk.database.reading() as db:
        assert db.scalars(select(Credential.number).where(Credential.kind == CredentialKind.CPR)).all() == ["HP-1"]
    row = audit_rows(desk.database)[-1]
    assert (row.action, row.subject_kind, row.subject_id) == ("licence added", "practitioner", str(ben.id))


def test_what_is_wrong_is_told_at_its_field_and_what_was_typed_is_kept(
    desk: Desk, ada: Browser, office: Office
) -> None:
    before = contents(desk.database, without="audit_entry")

    answer = send(
        ada, "/licences/new", "/licences", practitioner=str(office.scene.practitioner.id), kind="licence",
        issuer="XX", number="AC-77", valid_from="2027-01-01", valid_to="2026-01-01",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "no such state" in error_at(answer, "issuer")
    assert "before it begins" in error_at(answer, "valid_to")
    assert 'value="AC-77"' in answer.text
    assert {**contents(desk.database, without="audit_entry"), "login": []} == {**before, "login": []}


def test_a_practitioner_who_does_not_exist_cannot_be_chosen(desk: Desk, ada: Browser, office: Office) -> None:
    answer = send(
        ada, "/licences/new", "/licences", practitioner="999", kind="licence", issuer="OR", number="AC-77",
        valid_from="2026-01-01", valid_to="2027-01-01",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "cannot be chosen" in error_at(answer, "practitioner")


def test_a_renewal_keeps_the_old_entry_and_lets_the_held_claim_go(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    office.edit(licence, valid_to=date(2026, 3, 1))
    session = office.visit()
    office.bill()
    assert office.claim(session).state is ClaimState.HELD
    form = f"/licences/{licence.id}/renew"
    assert 'value="2026-03-02"' in ada.get(form).text

    answer = send(ada, form, form, number=licence.number, valid_from="2026-03-02", valid_to="2028-03-01", form_key=KEY)
    page = after(ada, answer)
    office.bill()

    assert "let go by the next billing run" in page
    assert "Open the held claims" in page
    assert [(first, last) for first, last, _ in entries(desk.database)] == [
        (licence.valid_from, date(2026, 3, 1)),
        (date(2026, 3, 2), date(2028, 3, 1)),
    ]
    assert office.claim(session).state is ClaimState.SENT


@pytest.mark.parametrize("number", ["the same", "AC-9"])
def test_a_renewal_after_a_gap_is_taken_with_a_warning_and_goes_on_being_counted(
    desk: Desk, ada: Browser, office: Office, number: str
) -> None:
    licence = office.scene.licence
    office.edit(licence, valid_to=TODAY + timedelta(days=20))
    form = f"/licences/{licence.id}/renew"
    number = licence.number if number == "the same" else number

    answer = send(ada, form, form, number=number, valid_from="2030-01-01", valid_to="2031-12-31", form_key=KEY)
    page = after(ada, answer)

    assert "From 3 May 2026 to 31 Dec 2029 there is no licence in force." in page
    assert "Lapses in 20 days" in page.partition("To renew or to mend")[2].partition("Time line")[0]
    for on, waiting in ((TODAY, 1), (date(2028, 1, 1), 1), (date(2030, 1, 1), 0)):
        with desk.database.reading() as db:
            assert standing(db, on).licences_ending == waiting


def test_a_renewal_that_follows_at_once_warns_of_nothing(desk: Desk, ada: Browser, office: Office) -> None:
    form = f"/licences/{office.scene.licence.id}/renew"
    begins = office.scene.licence.valid_to + timedelta(days=1)

    page = after(ada, send(ada, form, form, number="AC-9", valid_from=begins.isoformat(),
                           valid_to="2031-12-31", form_key=KEY))  # fmt: skip

    assert "there is no licence in force" not in page


def test_a_renewal_sent_twice_is_entered_once(desk: Desk, ada: Browser, office: Office) -> None:
    browser, form = ada, f"/licences/{office.scene.licence.id}/renew"
    fields = {
        "seen": mark_on(browser.get(form)), "number": "AC-9", "valid_from": "2028-01-01", "valid_to": "2029-12-31",
        "form_key": KEY,
    }  # fmt: skip

    first, second = browser.post(form, **fields), browser.post(form, **fields)

    assert (first.status_code, second.status_code, first.location) == (303, 303, second.location)
    assert len(entries(desk.database)) == 2


def test_overlapping_days_are_refused_in_words(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    form = f"/licences/{licence.id}/renew"

    answer = send(ada, form, form, number=licence.number, valid_from="2027-12-31", valid_to="2029-12-31")

    assert answer.status_code == 422
    assert "Begin on Sat 1 Jan 2028" in error_at(answer, "valid_from")
    assert len(entries(desk.database)) == 1


def test_an_entry_changed_meanwhile_is_not_overwritten(desk: Desk, ada: Browser, office: Office) -> None:
    licence, browser = office.scene.licence, ada
    mark = mark_on(browser.get(f"/licences/{licence.id}/correct"))
    office.edit(licence, valid_to=date(2027, 6, 30))

    answer = browser.post(
        f"/licences/{licence.id}/correct", seen=mark, practitioner=str(licence.practitioner_id), kind="licence",
        issuer="OR", number="AC-5", valid_from="2022-01-01", valid_to="2028-12-31",
    )  # fmt: skip

    assert answer.status_code == 422
    assert "Somebody changed this" in words(answer)
    assert 'value="AC-5"' in answer.text
    assert entries(desk.database)[0][1] == date(2027, 6, 30)


def test_a_correction_is_saved(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    form = f"/licences/{licence.id}/correct"

    answer = send(
        ada, form, form, practitioner=str(licence.practitioner_id), kind="licence", issuer="OR", number="AC-5",
        valid_from="2022-01-01", valid_to="2028-12-31",
    )  # fmt: skip

    assert "AC-5" in after(ada, answer)
    assert "licence corrected" in [row.action for row in audit_rows(desk.database)]


def test_a_licence_is_suspended_for_some_days_and_lifted_again(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    form = f"/licences/{licence.id}/suspend"

    answer = send(ada, form, form, status="suspended", first_day="2026-04-01", last_day="")
    page = after(ada, answer)
    with desk.database.reading() as db:
        barred = db.scalars(select(Credential).where(Credential.status == CredentialStatus.SUSPENDED)).one()
    lift = f"/licences/{barred.id}/lift"
    lifted = send(ada, lift, lift, on="2026-05-01")

    assert "Suspended" in page
    assert lifted.status_code == 303
    assert [(first, status.value) for first, _, status in entries(desk.database)] == [
        (licence.valid_from, "active"),
        (date(2026, 4, 1), "suspended"),
        (date(2026, 5, 1), "active"),
    ]


def test_a_day_outside_the_licence_is_refused_at_its_field(desk: Desk, ada: Browser, office: Office) -> None:
    form = f"/licences/{office.scene.licence.id}/suspend"

    answer = send(ada, form, form, status="revoked", first_day="2030-01-01", last_day="")

    assert answer.status_code == 422
    assert "outside the days" in error_at(answer, "first_day")
    assert entries(desk.database)[0][2] is CredentialStatus.ACTIVE


@pytest.mark.parametrize("form", ["/correct", "/renew", "/suspend", "/lift"])
def test_an_entry_that_is_not_there_is_not_found(desk: Desk, ada: Browser, form: str) -> None:
    with desk.database.transaction() as db:
        set_scene(db)

    assert ada.get(f"/licences/999{form}").status_code == 404
    assert ada.post(f"/licences/999{form}", number="1").status_code == 404


def test_who_has_nothing_on_file_is_named_with_a_link(desk: Desk, ada: Browser, office: Office) -> None:
    office.write(lambda db: make_practitioner(db, first_name="Wim", last_name="Novak"))

    page = words(ada.get("/licences"))

    assert "Wim Novak Licence of OR Not on file" in page
    assert "Wim Novak Nothing on file." in page
