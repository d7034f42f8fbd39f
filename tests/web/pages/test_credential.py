"""One licence or certificate: its renewal by rule, education, evidence, and what happens if it lapses."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from billing import clock
from billing.documents.models import Document
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand
from billing.practitioners.courses import CourseDetails, add_course
from billing.practitioners.models import CoverForm, Credential, CredentialKind
from billing.sessions.lifecycle import SessionState
from billing.wiring import Program
from tests.claims.office import Office
from tests.factories import make_credential, make_place, make_room
from tests.web.desk import Browser, Desk, audit_rows, contents
from tests.web.pages.claims_stage import NOW, office_behind
from tests.web.pages.settings_stage import after, error_at, mark_on, send, words

TODAY = date(2026, 4, 12)
PDF = b"%PDF-1.7 a scan"


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


def upload(browser: Browser, credential: Credential, content: bytes, name: str = "scan.pdf") -> TestResponse:
    data = {"csrf_token": browser.form_token(), "file": (io.BytesIO(content), name)}
    return browser.client.post(f"/licences/{credential.id}/evidence", data=data, content_type="multipart/form-data")


def test_the_next_last_day_is_proposed_with_its_source(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.licence, valid_to=date(2026, 6, 30))

    page = words(ada.get(f"/licences/{office.scene.licence.id}"))

    assert "To Fri 30 Jun 2028" in page
    assert "Oregon Medical Board; read 20 Nov 2026" in page
    assert "To be checked" not in page
    renewal = ada.get(f"/licences/{office.scene.licence.id}/renew").text
    assert 'value="2026-07-01"' in renewal
    assert 'value="2028-06-30"' in renewal


def test_a_rule_that_was_not_read_at_the_authority_is_marked(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.licence, issuer="TX", number="AC 1904")

    page = words(ada.get(f"/licences/{office.scene.licence.id}"))

    assert "To be checked" in page
    assert "22 TAC 183" in page


def test_a_rule_by_birth_asks_for_the_date_of_birth(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.licence, issuer="CA", valid_to=date(2026, 5, 31))
    address = f"/licences/{office.scene.licence.id}"
    lacking = ada.get(address)
    assert "Needs the date of birth of who holds it. Enter it" in words(lacking)
    assert f'href="/settings/people/{office.scene.practitioner.id}">Enter it' in lacking.text

    office.edit(office.scene.practitioner, birth_date=date(1984, 5, 14))

    assert "To Wed 31 May 2028" in words(ada.get(address))


def test_what_is_booked_after_the_last_day_is_told_with_what_it_should_bring(
    desk: Desk, ada: Browser, office: Office
) -> None:
    office.edit(office.scene.licence, valid_to=TODAY + timedelta(days=5))
    office.visit(date(2026, 3, 3))
    office.bill()
    office.visit(TODAY + timedelta(days=9), state=SessionState.BOOKED)
    office.visit(TODAY + timedelta(days=16), state=SessionState.BOOKED)
    office.visit(TODAY + timedelta(days=2), state=SessionState.BOOKED)
    address = f"/licences/{office.scene.licence.id}"

    owner, treating = words(ada.get(address)), words(desk.browser(desk.cast.ben).get(address))

    assert "2 sessions, 2 to insurance; the first on Tue 21 Apr 2026" in owner
    assert "$330.00 by the average charge of the last 1 session" in owner
    assert "2 sessions" in treating
    assert "$330.00" not in treating


def test_sessions_in_another_state_do_not_need_this_licence(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.licence, valid_to=TODAY + timedelta(days=5))
    room = office.write(lambda db: make_room(db, "Far", make_place(db)))
    office.visit(TODAY + timedelta(days=9), state=SessionState.BOOKED, room_id=room.id)

    page = words(ada.get(f"/licences/{office.scene.licence.id}"))
    assert "Nothing can be signed or billed for later days in OR, and booking says so." in page
    assert "Booked after 17 Apr 2026 nothing" in page


def test_how_far_education_goes_is_shown_by_category(desk: Desk, ada: Browser, office: Office) -> None:
    office.edit(office.scene.licence, issuer="FL", valid_from=date(2024, 3, 1), valid_to=date(2026, 2, 28))
    course = CourseDetails(date(2025, 6, 1), 90, "laws", "Florida law", "Pine School")
    office.write(lambda db: add_course(db, office.scene.practitioner.id, course, TODAY))

    page = words(ada.get(f"/licences/{office.scene.licence.id}"))

    assert "29 hours missing" in page.replace("28.5", "29")
    assert "Laws and rules 1.5 of 2 hours" in page
    assert "Prevention of medical errors 0 of 2 hours" in page


def test_evidence_is_kept_shown_and_looked_at_with_an_audit_row(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    assert "Nothing on file" in words(ada.get(f"/licences/{licence.id}"))

    page = after(ada, upload(ada, licence, PDF))
    with desk.database.reading() as db:
        kept = db.scalars(select(Document).where(Document.owner_kind == "credential")).one()
    shown = ada.get(f"/documents/{kept.id}")

    assert "The document is on file." in page
    assert f"licence-{licence.id}-1.pdf" in page
    assert (shown.data, shown.mimetype) == (PDF, "application/pdf")
    rows = audit_rows(desk.database)
    assert [(row.action, row.subject_kind, row.subject_id) for row in rows if "e" in row.action][-1] == (
        "document viewed", "credential", str(licence.id),
    )  # fmt: skip
    assert "evidence added" in [row.action for row in rows]
    upload(ada, licence, b"\x89PNG\r\n\x1a\nmore", "photo.png")
    assert f"licence-{licence.id}-2.png" in words(ada.get(f"/licences/{licence.id}"))


@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", b"MZ a program", b""])
def test_what_is_neither_a_document_nor_a_picture_is_refused(
    desk: Desk, ada: Browser, office: Office, content: bytes
) -> None:
    before = contents(desk.database, without="audit_entry")

    answer = upload(ada, office.scene.licence, content)

    assert answer.status_code == 422
    assert error_at(answer, "file")
    assert {**contents(desk.database, without="audit_entry"), "login": []} == {**before, "login": []}


def test_what_is_too_large_is_refused(desk: Desk, ada: Browser, office: Office) -> None:
    answer = upload(ada, office.scene.licence, PDF + b"x" * (10 * 1024 * 1024))

    assert answer.status_code in (413, 422)


def test_evidence_of_an_earlier_term_is_told_after_a_renewal(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    upload(ada, licence, PDF)
    office.edit(licence, valid_to=date(2026, 3, 31))
    renewed = office.write(
        lambda db: make_credential(
            db, office.scene.practitioner, number=licence.number, valid_from=date(2026, 4, 1),
            valid_to=date(2028, 3, 31),
        )
    )  # fmt: skip

    page = words(ada.get(f"/licences/{renewed.id}"))

    assert "Of an earlier term" in page
    assert "Of a term that is over" in page


def test_a_claims_made_policy_that_is_over_asks_for_a_tail_and_low_limits_are_told(
    desk: Desk, ada: Browser, office: Office
) -> None:
    office.edit(
        office.scene.malpractice, form=CoverForm.CLAIMS_MADE, retro_date=date(2022, 1, 1), valid_to=date(2026, 3, 31),
        per_claim_cents=500_000_00,
    )  # fmt: skip

    page = words(ada.get(f"/licences/{office.scene.malpractice.id}"))

    assert "No tail" in page
    assert "Low limits" in page
    assert "Claims-made, since 1 Jan 2022" in page


def test_a_licence_without_its_last_day_is_entered_and_stands_as_unknown(
    desk: Desk, ada: Browser, office: Office
) -> None:
    ben = office.scene.practitioner

    page = after(ada, send(
        ada, "/licences/new", "/licences", practitioner=str(ben.id), kind="licence", issuer="WA", number="AC-77",
        valid_from="2026-01-01", valid_to="",
    ))  # fmt: skip

    assert "Licence WA AC-77 Last day unknown not known" in page


def test_another_number_for_the_same_days_is_taken_with_a_warning(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence

    page = after(ada, send(
        ada, "/licences/new", "/licences", practitioner=str(licence.practitioner_id), kind="licence", issuer="OR",
        number="AC-TWIN", valid_from="2026-01-01", valid_to="2027-01-01",
    ))  # fmt: skip

    assert f"Licence {licence.number} of OR is on file for some of the same days." in page


def test_a_policy_is_entered_with_its_terms(desk: Desk, ada: Browser, office: Office) -> None:
    ben = office.scene.practitioner

    send(
        ada, "/licences/new", "/licences", practitioner=str(ben.id), kind="malpractice", issuer="Needle Mutual",
        number="CM-9", valid_from="2026-01-01", valid_to="2026-12-31", cover_form="claims_made",
        retro_date="2022-01-01", per_claim="1,000,000", aggregate="3000000.00",
    )  # fmt: skip

    with desk.database.reading() as db:
        kept = db.scalars(select(Credential).where(Credential.number == "CM-9")).one()
        assert (kept.form, kept.retro_date, kept.per_claim_cents, kept.aggregate_cents) == (
            CoverForm.CLAIMS_MADE, date(2022, 1, 1), 1_000_000_00, 3_000_000_00,
        )  # fmt: skip


def test_a_certificate_of_premises_needs_no_practitioner_and_stands_on_the_time_line(
    desk: Desk, ada: Browser, office: Office
) -> None:
    place = office.write(lambda db: make_place(db))

    page = after(ada, send(
        ada, "/licences/new", "/licences", practitioner="", kind="premises", issuer="Clark County", number="P-1",
        valid_from="2026-01-01", valid_to="2026-05-01", place=str(place.id),
    ))  # fmt: skip

    assert "Vancouver Annex Premises Clark County P-1 Lapses in 19 days" in page
    with desk.database.reading() as db:
        made = db.scalars(select(Credential).where(Credential.kind == CredentialKind.PREMISES)).one()
    assert "Premises of Vancouver Annex" in words(ada.get(f"/licences/{made.id}"))
    assert "the first" not in words(ada.get(f"/licences/{made.id}/renew"))


def test_a_renewal_has_held_claims_judged_again_at_once(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    office.edit(licence, valid_to=date(2026, 3, 1))
    office.visit()
    office.bill()
    form = f"/licences/{licence.id}/renew"

    page = after(ada, send(ada, form, form, number=licence.number, valid_from="2026-03-02", valid_to="2028-06-30"))

    assert "Held claims are judged again now." in page
    with desk.database.reading() as db:
        asked = db.scalars(select(Errand)).one()
        assert (asked.kind, asked.facts) == (ErrandKind.RECHECK.value, {"on": "2026-04-12"})


def test_where_no_claim_is_held_nothing_is_judged_again(desk: Desk, ada: Browser, office: Office) -> None:
    form = f"/licences/{office.scene.licence.id}/renew"

    page = after(ada, send(ada, form, form, number="AC-9", valid_from="2028-01-01", valid_to="2030-06-30"))

    assert "judged again" not in page


def test_which_services_it_allows_is_entered_shown_and_judged(desk: Desk, ada: Browser, office: Office) -> None:
    licence = office.scene.licence
    address = f"/licences/{licence.id}"
    assert "has not been entered; nothing is held because of it" in words(ada.get(address))
    session = office.visit()

    form = f"{address}/scope"
    page = after(ada, send(ada, form, form, needling="not_allowed", herbs="allowed"))
    office.bill()

    assert "Acupuncture 97810, 97811 Not allowed" in page
    assert "Herbs and supplements Allowed" in page
    assert office.holding(session) == ["licence.service_not_allowed"]
    claim = office.claim(session)
    assert f'href="{form}"' in ada.get(f"/claims/{claim.id}").text
    page = after(ada, send(ada, form, form, needling="allowed"))
    assert "Held claims are judged again now." in page
    assert "scope of licence entered" in [row.action for row in audit_rows(desk.database)]


def test_what_the_law_of_a_state_says_is_shown_as_to_be_checked_and_holds_nothing(
    desk: Desk, ada: Browser, office: Office
) -> None:
    office.edit(office.scene.licence, issuer="CA")

    page = words(ada.get(f"/licences/{office.scene.licence.id}"))

    assert "Dry needling 20560, 20561 not entered not known" in page
    assert "sections 4927 and 4937; read 21 Nov 2026 To be checked" in page
    assert "By law allowed, to be checked." in words(ada.get(f"/licences/{office.scene.licence.id}/scope"))


def test_scope_is_refused_when_it_is_no_word_of_the_list_or_somebody_else_entered_it_meanwhile(
    desk: Desk, ada: Browser, office: Office
) -> None:
    form = f"/licences/{office.scene.licence.id}/scope"
    bad = send(ada, form, form, needling="perhaps")
    assert "this choice does not exist" in error_at(bad, "needling")
    seen = mark_on(ada.get(form))
    office.edit(office.scene.licence, scope={"herbs": False})
    before = contents(desk.database, without="audit_event")["credential"]

    stale = ada.post(form, seen=seen, needling="allowed")

    assert stale.status_code == 422
    assert contents(desk.database, without="audit_event")["credential"] == before


def test_evidence_of_a_licence_that_is_over_is_kept_and_told_to_prove_nothing_of_today(
    desk: Desk, ada: Browser, office: Office
) -> None:
    office.edit(office.scene.licence, valid_to=TODAY - timedelta(days=1))

    page = after(ada, upload(ada, office.scene.licence, PDF))

    assert "It is of the term that ended on 11 Apr 2026, and proves nothing of later days." in page
    assert "Evidence Of an earlier term" in page.replace("▲ ", "")
    assert "What happens now that it has lapsed" in page


def test_a_card_that_the_renewal_asks_for_is_told_as_missing_with_its_source(
    desk: Desk, ada: Browser, office: Office
) -> None:
    ben = office.scene.practitioner
    office.edit(office.scene.licence, issuer="NJ", number="25MZ1", valid_to=TODAY + timedelta(days=79))
    address = f"/licences/{office.scene.licence.id}"

    lacking, listed = words(ada.get(address)), words(ada.get("/licences"))
    office.write(
        lambda db: make_credential(
            db, ben, kind=CredentialKind.CPR, issuer="Red Cross", valid_to=TODAY + timedelta(days=200)
        )
    )

    assert "Missing for the renewal" in lacking
    assert "CPR, first aid and AED : nothing in force is on file" in lacking.replace("AED:", "AED :")
    assert "Ben Quill CPR, first aid and AED for licence NJ Not on file To be checked" in listed
    assert "in force to 29 Oct 2026" in words(ada.get(address))
    assert "CPR, first aid and AED for licence" not in words(ada.get("/licences"))


def test_rules_about_acupuncturists_are_not_told_of_a_physicians_licence(
    desk: Desk, ada: Browser, office: Office
) -> None:
    office.edit(office.scene.licence, issuer="FL", valid_to=TODAY + timedelta(days=20))
    office.edit(office.scene.practitioner, credentials="MD", taxonomy="207Q00000X")

    page, listed = words(ada.get(f"/licences/{office.scene.licence.id}")), words(ada.get("/licences"))

    assert "No rule is known for it" in page
    assert "By the law of FL" not in page
    assert "Education" not in page
    assert "hours missing" not in listed


def test_only_a_licence_has_a_scope(desk: Desk, ada: Browser, office: Office) -> None:
    card = office.write(
        lambda db: make_credential(db, office.scene.practitioner, kind=CredentialKind.CPR, issuer="Red Cross")
    )

    assert "Services it allows" not in words(ada.get(f"/licences/{card.id}"))
    assert ada.get(f"/licences/{card.id}/scope").status_code == 404


def test_what_is_not_there_is_not_found(desk: Desk, ada: Browser, office: Office) -> None:
    assert ada.get("/licences/999").status_code == 404
    assert upload(ada, Credential(id=999), PDF).status_code == 404


@pytest.mark.parametrize("who", ["ben", "cleo", "fay"])
def test_whoever_sees_licences_sees_one_and_only_an_owner_changes_it(desk: Desk, office: Office, who: str) -> None:
    browser = desk.browser(getattr(desk.cast, who))

    page = browser.get(f"/licences/{office.scene.licence.id}")

    assert page.status_code == 200
    assert "/renew" not in page.text
    assert "/evidence" not in page.text
    assert upload(browser, office.scene.licence, PDF).status_code == 403
