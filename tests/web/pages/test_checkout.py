"""Checking out on one screen: charges, who pays them and why, payment, next sessions, papers."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from billing.access.permissions import Role
from billing.charges.capturing import standing_charges
from billing.invoices.models import Paper, PaperKind
from billing.payments.models import Payment, PaymentMethod
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.treatment.plans import start_plan
from tests.factories import Scene, make_patient, make_session, set_scene
from tests.payments.desk import charge
from tests.web.desk import Browser, Desk, audit_rows, contents

TODAY = date(2026, 3, 2)
"""A Monday: the clinic's day at which the clock of these tests stands."""
WEEK = timedelta(weeks=1)
KEY = "the-key-of-this-form-01"


def on_stage(desk: Desk, *, plan: tuple[int, int, int] | None = None, **changes: Any) -> tuple[Scene, ClinicSession]:
    """A clinic with a session of today; its patient perhaps with a course of care."""
    with desk.database.transaction() as db:
        scene = set_scene(db)
        session = scene.visit(db, TODAY, **{"contact_minutes": 30, **changes})
        if plan:
            start_plan(db, scene.patient.id, scene.practitioner.id, TODAY, *plan)
        return scene, session


def arrived(desk: Desk, **changes: Any) -> tuple[Scene, ClinicSession]:
    return on_stage(desk, state=SessionState.ARRIVED, **changes)


def fay(desk: Desk) -> Browser:
    return desk.browser(desk.cast.fay)


def words(response: TestResponse) -> str:
    """What the page's content says, without its tags."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.text, flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).replace(" .", ".")


def mark_on(response: TestResponse) -> str:
    found = re.search(r'name="seen" value="([0-9a-f]+)"', response.text)
    assert found is not None
    return found[1]


def pay(browser: Browser, session: ClinicSession, **fields: str) -> TestResponse:
    """Send the payment form as the page has it now, with these fields typed into it."""
    page = browser.get(f"/sessions/{session.id}/checkout")
    sent = {"seen": mark_on(page), "method": "card", "form_key": KEY, **fields}
    return browser.post(f"/sessions/{session.id}/payment", **sent)


def after(browser: Browser, response: TestResponse) -> str:
    """What the page says that a form led to."""
    assert response.status_code == 303, response.text
    return words(browser.get(response.location))


def payments(desk: Desk) -> list[Payment]:
    with desk.database.reading() as db:
        return list(db.scalars(select(Payment).order_by(Payment.id)))


def papers(desk: Desk) -> list[PaperKind]:
    with desk.database.reading() as db:
        return list(db.scalars(select(Paper.kind).order_by(Paper.id)))


def bookings(desk: Desk) -> list[ClinicSession]:
    with desk.database.reading() as db:
        booked = ClinicSession.state == SessionState.BOOKED
        return list(db.scalars(select(ClinicSession).where(booked).order_by(ClinicSession.starts_at)))


def test_the_page_shows_charges_and_the_patients_part_with_its_arithmetic(desk: Desk) -> None:
    _, session = on_stage(desk)

    told = words(fay(desk).get(f"/sessions/{session.id}/checkout"))

    assert "97810 Acupuncture, first 15 min 1 $95.00" in told
    assert "Together $165.00" in told
    assert "Copay: $25.00. The patient owes $25.00; the plan pays $70.00." in told
    assert "should pay $140.00 The patient owes $25.00" in told
    assert 'name="amount" type="text"' in fay(desk).get(f"/sessions/{session.id}/checkout").text
    assert 'value="25.00"' in fay(desk).get(f"/sessions/{session.id}/checkout").text


def test_looking_at_it_writes_nothing_but_that_it_was_looked_at(desk: Desk) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)
    before = contents(desk.database, without="audit_entry")

    browser.get(f"/sessions/{session.id}/checkout")

    assert contents(desk.database, without="audit_entry") == before
    row = audit_rows(desk.database)[-1]
    assert (row.action, row.subject_kind, row.subject_id) == ("checkout viewed", "session", str(session.id))


def test_an_unsigned_session_shows_what_is_charted_so_far_and_says_so(desk: Desk) -> None:
    _, session = arrived(desk)

    told = words(fay(desk).get(f"/sessions/{session.id}/checkout"))

    assert "The note is not signed yet" in told
    assert "Together $165.00" in told


def test_an_unknown_share_is_never_shown_as_nothing(desk: Desk) -> None:
    scene, session = on_stage(desk)
    with desk.database.transaction() as db:
        db.delete(scene.benefit)

    page = fay(desk).get(f"/sessions/{session.id}/checkout")

    assert "Unknown: collect at most $165.00" in words(page)
    assert "Open for this session unknown" in words(page)
    assert "should pay" not in words(page)


def test_before_anything_is_charted_no_price_is_told_but_the_copay_is(desk: Desk) -> None:
    _, session = arrived(desk, sets=())

    told = words(fay(desk).get(f"/sessions/{session.id}/checkout"))

    assert "Nothing is charted yet" in told
    assert "Open for this session nothing charted" in told
    assert "the plan's copay is $25.00 a visit" in told


def test_a_self_pay_session_has_no_part_about_a_plan(desk: Desk) -> None:
    _, session = on_stage(desk, bill_to=BillTo.SELF)

    told = words(fay(desk).get(f"/sessions/{session.id}/checkout"))

    assert "Who pays" not in told
    assert "To pay now $165.00" in told


def test_a_british_clinic_takes_pounds_and_cheques(desk: Desk) -> None:
    scene, session = on_stage(desk, bill_to=BillTo.SELF)
    with desk.database.transaction() as db:
        db.merge(scene.clinic).currency = "GBP"

    told = words(fay(desk).get(f"/sessions/{session.id}/checkout"))

    assert "To pay now £165.00" in told
    assert "Cheque" in told


def test_what_was_owed_before_is_asked_for_as_well(desk: Desk) -> None:
    scene, session = on_stage(desk)
    with desk.database.transaction() as db:
        charge(db, scene.visit(db, TODAY - WEEK, bill_to=BillTo.SELF), 40_00)

    told = words(fay(desk).get(f"/sessions/{session.id}/checkout"))

    assert "Owed from before $40.00 To pay now $65.00" in told


def test_a_payment_is_taken_and_its_receipt_lies_ready(desk: Desk) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)

    told = after(browser, pay(browser, session, amount="25.00", reference="Visa 4242"))

    (payment,) = payments(desk)
    assert (payment.cents, payment.method, payment.session_id, payment.reference) == (
        25_00,
        PaymentMethod.CARD,
        session.id,
        "Visa 4242",
    )
    assert "Taken $25.00: $25.00 kept for this session until it is settled. Receipt RC-000001 is ready." in told
    assert "To pay now $0.00" in told
    with desk.database.reading() as db:
        assert len(standing_charges(db, [session.id])[session.id]) == 2


def test_a_self_pay_session_that_is_paid_gets_receipt_and_invoice(desk: Desk) -> None:
    _, session = on_stage(desk, bill_to=BillTo.SELF)
    browser = fay(desk)

    told = after(browser, pay(browser, session, amount="165.00", method="cash"))

    assert sorted(papers(desk)) == [PaperKind.INVOICE, PaperKind.RECEIPT]
    assert "Invoice INV-000001 are ready." in told


def test_too_much_becomes_credit_and_is_told_in_words(desk: Desk) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)

    told = after(browser, pay(browser, session, amount="40.00"))

    assert "$15.00 more than is owed, and stays as credit for later visits" in told
    assert re.search(r"Less the patient's credit .\$15\.00 To pay now \$0\.00", told)


def test_far_more_than_is_asked_for_is_taken_only_once_somebody_says_that_it_is_meant(desk: Desk) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)

    refused = pay(browser, session, amount="250.00")
    pay(browser, session, amount="250.00", more_is_meant="yes")

    assert refused.status_code == 422
    assert "$25.00 is asked for; $225.00 of $250.00 would be kept as credit." in words(refused)
    assert 'id="amount-error"' in refused.text
    assert 'name="more_is_meant"' in refused.text
    assert 'name="more_is_meant"' not in browser.get(f"/sessions/{session.id}/checkout").text
    assert [one.cents for one in payments(desk)] == [250_00]


def test_the_whole_charge_may_be_taken_unasked_while_the_patients_part_is_unknown(desk: Desk) -> None:
    scene, session = on_stage(desk)
    with desk.database.transaction() as db:
        db.delete(scene.benefit)

    assert pay(fay(desk), session, amount="165.00").status_code == 303


def test_the_same_form_sent_twice_takes_the_money_once(desk: Desk) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)
    page = browser.get(f"/sessions/{session.id}/checkout")
    sent = {"seen": mark_on(page), "method": "card", "form_key": KEY, "amount": "25.00"}

    first, again = (browser.post(f"/sessions/{session.id}/payment", **sent) for _ in range(2))

    assert first.location == again.location
    assert len(payments(desk)) == 1


def test_a_page_that_is_out_of_date_takes_no_money(desk: Desk) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)
    seen = mark_on(browser.get(f"/sessions/{session.id}/checkout"))
    pay(browser, session, amount="25.00")

    late = browser.post(
        f"/sessions/{session.id}/payment", seen=seen, method="card", amount="25.00", form_key="another-key-of-a-form-1"
    )

    assert late.status_code == 422
    assert "Somebody changed this after you had opened it" in words(late)
    assert len(payments(desk)) == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"amount": "-5.00"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "a lot"}, "amount"),
        ({"amount": "25.00", "method": "barter"}, "method"),
        ({"amount": "25.00", "reference": "4242 4242 4242 4242"}, "reference"),
    ],
)
def test_a_payment_that_cannot_be_booked_is_told_at_its_field_and_changes_nothing(
    desk: Desk, fields: dict[str, str], field: str
) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)
    before = contents(desk.database, without="audit_entry")

    response = pay(browser, session, **fields)

    assert response.status_code == 422
    assert f'id="{field}-error"' in response.text
    assert f'value="{fields["amount"]}"' in response.text
    assert contents(desk.database, without="audit_entry") == before


def test_the_next_sessions_follow_the_plan_and_are_booked_with_one_click(desk: Desk) -> None:
    _, session = arrived(desk, plan=(3, 1, 0))
    browser = fay(desk)
    page = browser.get(f"/sessions/{session.id}/checkout")

    rows = dict(re.findall(r'name="(next-\d+-(?:day|at))".*?value="([^"]+)"', page.text))
    ticks = {f"{name.rpartition('-')[0]}-take": "yes" for name in rows}
    told = after(browser, browser.post(f"/sessions/{session.id}/next", form_key=KEY, **rows, **ticks))

    assert "3 sessions are booked." in told
    assert [one.service_on for one in bookings(desk)] == [TODAY + WEEK, TODAY + 2 * WEEK, TODAY + 4 * WEEK]
    assert {(one.practitioner_id, one.minutes, one.bill_to) for one in bookings(desk)} == {
        (session.practitioner_id, 60, BillTo.INSURANCE)
    }
    assert "All sessions of the course are given or booked." in told


def test_a_proposal_at_a_taken_time_tells_the_nearest_free_one(desk: Desk) -> None:
    scene, session = arrived(desk, plan=(2, 0, 0))
    with desk.database.transaction() as db:
        make_session(
            db, make_patient(db), scene.practitioner, TODAY + WEEK, state=SessionState.BOOKED, contact_minutes=30,
            sets=(), diagnoses=(),
        )  # fmt: skip

    page = fay(desk).get(f"/sessions/{session.id}/checkout")

    assert "At 09:00 Ben Quill is taken; 08:30 is the nearest free time." in words(page)
    assert 'value="08:30"' in page.text


def test_of_several_sessions_none_is_booked_when_one_cannot_be(desk: Desk) -> None:
    scene, session = arrived(desk, plan=(3, 0, 0))
    with desk.database.transaction() as db:
        make_session(
            db, make_patient(db), scene.practitioner, TODAY + 2 * WEEK, state=SessionState.BOOKED,
            contact_minutes=30, sets=(), diagnoses=(),
        )  # fmt: skip
    rows = {
        f"next-{place}-{name}": value
        for place, weeks in enumerate((1, 2))
        for name, value in (("take", "yes"), ("day", (TODAY + weeks * WEEK).isoformat()), ("at", "09:00"))
    }

    response = fay(desk).post(f"/sessions/{session.id}/next", **rows)

    assert response.status_code == 422
    assert "Ben Quill is with" in words(response)
    assert 'id="next-1-error"' in response.text
    assert len(bookings(desk)) == 1


@pytest.mark.parametrize(
    ("day", "at"), [("2026-02-23", "09:00"), ("2026-03-09", "soon"), ("", "09:00"), ("2031-03-03", "09:00")]
)
def test_a_session_is_not_booked_on_a_day_that_has_passed_or_at_no_time(desk: Desk, day: str, at: str) -> None:
    _, session = arrived(desk, plan=(3, 0, 0))
    fields = {"next-0-take": "yes", "next-0-day": day, "next-0-at": at}

    response = fay(desk).post(f"/sessions/{session.id}/next", **fields)

    assert response.status_code == 422
    assert bookings(desk) == []


def test_booking_again_from_an_old_tab_says_that_they_are_booked_already(desk: Desk) -> None:
    _, session = arrived(desk, plan=(3, 0, 0))
    browser = fay(desk)
    rows = {
        f"next-{place}-{name}": value
        for place, weeks in enumerate((1, 2))
        for name, value in (("take", "yes"), ("day", (TODAY + weeks * WEEK).isoformat()), ("at", "09:00"))
    }
    browser.post(f"/sessions/{session.id}/next", form_key=KEY, **rows)

    told = after(browser, browser.post(f"/sessions/{session.id}/next", form_key="the-key-of-an-old-tab-1", **rows))

    assert "These sessions are booked already." in told
    assert "Ben Quill is with" not in told
    assert len(bookings(desk)) == 2


def test_of_a_known_session_and_a_new_one_neither_is_booked(desk: Desk) -> None:
    _, session = arrived(desk, plan=(3, 0, 0))
    browser = fay(desk)
    known = {"next-0-take": "yes", "next-0-day": (TODAY + WEEK).isoformat(), "next-0-at": "09:00"}
    new = {"next-1-take": "yes", "next-1-day": (TODAY + 2 * WEEK).isoformat(), "next-1-at": "09:00"}
    browser.post(f"/sessions/{session.id}/next", form_key=KEY, **known)

    response = browser.post(f"/sessions/{session.id}/next", form_key="the-key-of-an-old-tab-1", **known, **new)

    assert response.status_code == 422
    assert "This session is booked already." in words(response)
    assert len(bookings(desk)) == 1


def test_sending_no_tick_books_nothing_and_says_so(desk: Desk) -> None:
    _, session = arrived(desk, plan=(3, 0, 0))

    response = fay(desk).post(f"/sessions/{session.id}/next", **{"next-0-day": "2026-03-09", "next-0-at": "09:00"})

    assert response.status_code == 422
    assert "No session is ticked." in words(response)


def test_without_a_plan_the_page_says_how_to_make_one(desk: Desk) -> None:
    _, session = arrived(desk)

    assert "No course of care is planned" in words(fay(desk).get(f"/sessions/{session.id}/checkout"))


def test_visits_beyond_what_the_plan_allows_are_pointed_out(desk: Desk) -> None:
    scene, session = arrived(desk, plan=(4, 0, 0))
    with desk.database.transaction() as db:
        db.merge(scene.benefit).visits_allowed = 2

    told = words(fay(desk).get(f"/sessions/{session.id}/checkout"))

    assert "The plan allows 2 visits; from coming session 2 on they are used" in told


def test_checking_out_charges_a_signed_session_and_leads_back_to_the_day(desk: Desk) -> None:
    _, session = on_stage(desk, bill_to=BillTo.SELF)

    response = fay(desk).post(f"/sessions/{session.id}/leave")

    assert (response.status_code, response.location) == (303, "/")
    with desk.database.reading() as db:
        assert db.get_one(ClinicSession, session.id).left_at is not None
        assert len(standing_charges(db, [session.id])[session.id]) == 2
    assert papers(desk) == [PaperKind.INVOICE]


def test_an_unsigned_session_is_checked_out_and_not_charged(desk: Desk) -> None:
    _, session = arrived(desk)

    fay(desk).post(f"/sessions/{session.id}/leave")

    with desk.database.reading() as db:
        assert db.get_one(ClinicSession, session.id).left_at is not None
        assert standing_charges(db, [session.id])[session.id] == []


def test_checking_out_says_what_is_still_to_be_done(desk: Desk) -> None:
    _, session = arrived(desk)
    browser = fay(desk)

    told = after(browser, browser.post(f"/sessions/{session.id}/leave"))

    assert "Checked out. The note is not signed yet. $25.00 was asked for and not taken." in told


def test_checking_out_somebody_with_nothing_left_to_do_says_no_more(desk: Desk) -> None:
    _, session = on_stage(desk)
    browser = fay(desk)
    pay(browser, session, amount="25.00")

    told = after(browser, browser.post(f"/sessions/{session.id}/leave"))

    assert "Checked out." in told
    assert "not signed" not in told
    assert "not taken" not in told


def test_who_is_checked_out_is_not_checked_out_again(desk: Desk) -> None:
    _, session = arrived(desk)
    browser = fay(desk)
    browser.post(f"/sessions/{session.id}/leave")

    response = browser.post(f"/sessions/{session.id}/leave")

    assert response.status_code == 422
    assert "checked out already" in words(response)
    assert "Check out</button>" not in browser.get(f"/sessions/{session.id}/checkout").text


def test_the_invoice_can_be_issued_before_it_is_paid(desk: Desk) -> None:
    _, session = on_stage(desk, bill_to=BillTo.SELF)
    browser = fay(desk)

    told = after(browser, browser.post(f"/sessions/{session.id}/papers", form_key=KEY))

    assert papers(desk) == [PaperKind.INVOICE]
    assert "Invoice INV-000001 $165.00" in told


def test_only_payments_of_this_session_get_a_receipt_here(desk: Desk) -> None:
    scene, session = on_stage(desk)
    browser = fay(desk)
    with desk.database.transaction() as db:
        other = scene.visit(db, TODAY - WEEK)
    pay(browser, session, amount="25.00")
    (payment,) = payments(desk)

    response = browser.post(f"/sessions/{other.id}/papers", payment=str(payment.id))

    assert response.status_code == 422
    assert papers(desk) == [PaperKind.RECEIPT]


def test_an_insured_session_gets_no_invoice(desk: Desk) -> None:
    _, session = on_stage(desk)

    response = fay(desk).post(f"/sessions/{session.id}/papers")

    assert response.status_code == 422
    assert papers(desk) == []


@pytest.mark.parametrize("state", [SessionState.CANCELLED, SessionState.NO_SHOW])
def test_a_session_that_did_not_take_place_asks_for_no_money(desk: Desk, state: SessionState) -> None:
    _, session = on_stage(desk, state=state)

    page = fay(desk).get(f"/sessions/{session.id}/checkout")

    assert "no money is taken with it" in words(page)
    assert 'name="amount"' not in page.text


@pytest.mark.parametrize("path", ["checkout", "payment", "next", "papers", "leave"])
def test_a_session_that_does_not_exist_is_not_found(desk: Desk, path: str) -> None:
    on_stage(desk)
    browser = fay(desk)
    fields = {
        "amount": "1.00",
        "method": "card",
        "next-0-take": "yes",
        "next-0-day": "2026-03-09",
        "next-0-at": "09:00",
    }

    response = (
        browser.get("/sessions/999/checkout") if path == "checkout" else browser.post(f"/sessions/999/{path}", **fields)
    )

    assert response.status_code == 404


@pytest.mark.parametrize(
    ("role", "path", "may"),
    [
        (Role.PRACTITIONER, "checkout", False),
        (Role.PRACTITIONER, "payment", False),
        (Role.PRACTITIONER, "leave", False),
        (Role.PRACTITIONER, "papers", False),
        (Role.BILLER, "checkout", True),
        (Role.BILLER, "next", False),
        (Role.OWNER, "checkout", True),
    ],
)
def test_each_part_is_for_its_roles(desk: Desk, role: Role, path: str, may: bool) -> None:
    _, session = arrived(desk)
    browser = desk.browser(desk.cast.of(role))
    address = f"/sessions/{session.id}/{path}"

    response = browser.get(address) if path == "checkout" else browser.post(address)

    assert (response.status_code == 403) is not may


def test_a_practitioner_who_books_is_told_reasons_and_no_money(desk: Desk) -> None:
    _, session = arrived(desk, plan=(3, 0, 0))
    browser = desk.browser(desk.cast.ben)

    refused = browser.post(f"/sessions/{session.id}/next", **{"next-0-day": "2026-03-09"})
    done = browser.post(
        f"/sessions/{session.id}/next",
        **{"next-0-take": "yes", "next-0-day": "2026-03-09", "next-0-at": "09:00"},
    )

    assert (refused.status_code, done.status_code, done.location) == (422, 303, "/")
    assert "Take payment" not in refused.text


def test_the_page_asks_as_many_questions_for_many_lines_and_proposals_as_for_few(desk: Desk) -> None:
    scene, few = arrived(desk, plan=(2, 0, 0), sets=())
    browser = fay(desk)
    asked_for_few = _statements(desk, browser.client, f"/sessions/{few.id}/checkout")
    with desk.database.transaction() as db:
        for week in range(1, 9):
            charge(db, scene.visit(db, TODAY - week * WEEK), 50_00)
        patient = make_patient(db)
        many = make_session(db, patient, scene.practitioner, TODAY, start="11:00", state=SessionState.ARRIVED)
        start_plan(db, patient.id, scene.practitioner.id, TODAY, 9, 4, 4)
        for week in range(1, 6):
            make_session(
                db, make_patient(db), scene.practitioner, TODAY + week * WEEK, start="11:00",
                state=SessionState.BOOKED, sets=(), diagnoses=(),
            )  # fmt: skip

    asked_for_many = _statements(desk, browser.client, f"/sessions/{many.id}/checkout")

    assert asked_for_many <= asked_for_few + 3


def _statements(desk: Desk, client: FlaskClient, path: str) -> int:
    """How many statements a request sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            sent.append(statement)

    event.listen(desk.database.engine, "before_cursor_execute", note)
    try:
        assert client.get(path).status_code == 200
    finally:
        event.remove(desk.database.engine, "before_cursor_execute", note)
    return len(sent)
