"""A clinic's whole day in the browser, from the first telephone call to the statement."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import SLOW
from tests.browser.desk import LiveDesk
from tests.browser.stage import PAYER, open_a_clinic
from tests.factories import make_patient

LONG_WORK = 60_000
"""Milliseconds that filing, posting and statements may take on a busy machine."""


@pytest.fixture
def today(live: LiveDesk) -> date:
    with live.program.database.transaction() as db:
        return open_a_clinic(db, live.cast)


def at_the_desk(chromium: Browser, live: LiveDesk, email: str) -> Page:
    """A browser of its own, at which that person has signed in."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(SLOW)
    page = context.new_page()
    live.sign_in(page, email)
    return page


def test_from_the_first_call_to_the_statement(live: LiveDesk, today: date, chromium: Browser) -> None:
    fay, ben, cleo = (at_the_desk(chromium, live, f"{name}@example.org") for name in ("fay", "ben", "cleo"))

    register(fay)
    book(fay)
    arrive(fay)
    treat(ben)
    check_out(fay)
    file_claims(fay)
    take_in_the_answers(cleo)
    state(cleo)


def register(page: Page) -> None:
    """Fay puts Miri Okoro on file, with her insurance and what its representative said on the telephone."""
    page.get_by_role("link", name="Patients", exact=True).click()
    page.get_by_role("link", name="Register a patient").first.click()
    page.get_by_label("First name", exact=True).fill("Miri")
    page.get_by_label("Last name", exact=True).fill("Okoro")
    page.get_by_label("Birth date", exact=True).fill("1979-05-11")
    page.get_by_label("Sex", exact=True).select_option("F")
    page.get_by_label("Phone").fill("503-555-0101")
    page.get_by_label("Street").first.fill("2 SE Example St")
    page.get_by_label("City").first.fill("Portland")
    page.get_by_label("State").first.fill("OR")
    page.get_by_label("ZIP code").first.fill("97214")
    page.get_by_label("Signature on file").check()
    page.get_by_label("Insurer").select_option(label=PAYER)
    page.get_by_label("Member number").fill("MEM00077")
    page.get_by_role("button", name="Register", exact=True).click()
    expect(page.get_by_role("heading", name="Miri Okoro")).to_be_visible()

    page.get_by_role("link", name="Verify benefits").click()
    page.get_by_label("Yes, acupuncture is covered").check()
    page.get_by_label("Copay each visit").fill("25.00")
    page.get_by_label(re.compile("^Deductible left")).fill("0.00")
    page.get_by_label("Coinsurance").fill("0")
    page.get_by_label("Of them used elsewhere").fill("0")
    page.get_by_label("Representative").fill("Dana")
    page.get_by_label("Reference number").fill("R-4711")
    page.get_by_role("button", name="Keep what was said").click()
    expect(page.get_by_role("heading", name="Miri Okoro")).to_be_visible()


def book(page: Page) -> None:
    """Fay books her for today; nothing speaks against it."""
    page.get_by_role("link", name="Book a session").first.click()
    page.get_by_label("Practitioner", exact=True).select_option(label="Ben Strand")
    page.get_by_label("Start", exact=True).fill("09:00")
    page.get_by_label("Room optional").select_option(label="Alder")
    page.get_by_role("button", name="Book the session").click()
    expect(page.get_by_text("Booked for")).to_be_visible()


def arrive(page: Page) -> None:
    """Fay checks her in with one click."""
    page.get_by_role("link", name="Today").click()
    page.get_by_role("button", name="Arrive").click()
    page.get_by_role("link", name="In the clinic").click()
    expect(page.get_by_role("link", name="Miri Okoro", exact=True)).to_be_visible()


def treat(page: Page) -> None:
    """Ben writes the note, sees the codes appear, and signs."""
    page.get_by_role("link", name="In the clinic").click()
    page.get_by_role("link", name="Session of Miri Okoro").click()
    for part, words in (
        ("Subjective", "Low back pain for six months, worse when sitting."),
        ("Objective", "Tender at L4 and L5."),
        ("Assessment", "Chronic low back pain."),
        ("Plan", "Weekly for six weeks."),
    ):
        page.get_by_label(part, exact=True).fill(words)
    for place, points in ((0, "BL23, BL25"), (1, "BL40")):
        one = page.get_by_role("group", name=f"Set {place + 1}", exact=True)
        one.get_by_label("Minutes").fill("15")
        one.get_by_label("In", exact=True).fill("4")
        one.get_by_label("Out", exact=True).fill("4")
        one.get_by_label("Points").fill(points)
    page.get_by_label("Principal").fill("M54.50")
    page.get_by_label("7", exact=True).check(force=True)
    expect(page.get_by_text("97810").first).to_be_visible()
    expect(page.get_by_text("97811").first).to_be_visible()

    page.get_by_role("button", name="Sign", exact=True).first.click()
    expect(page.get_by_text("Signed").first).to_be_visible()


def check_out(page: Page) -> None:
    """Fay sees what the plan should pay, takes the copay, and lets the patient go with a receipt."""
    page.get_by_role("link", name="Today").click()
    page.get_by_role("link", name="In the clinic").click()
    page.get_by_role("link", name="Checkout").click()
    expect(page.get_by_text("$165.00").first).to_be_visible()
    expect(page.get_by_label("Amount")).to_have_value("25.00")
    page.get_by_role("button", name="Take payment").click()
    expect(page.get_by_role("link", name="Receipt").first).to_be_visible()
    page.get_by_role("button", name="Check out").click()
    page.get_by_role("link", name="Finished").click()
    expect(page.get_by_role("link", name="Miri Okoro", exact=True)).to_be_visible()


def file_claims(page: Page) -> None:
    """Fay files the day's claims: two clicks."""
    page.get_by_role("link", name="Claims").click()
    page.get_by_role("button", name="File all ready").click()
    expect(page.get_by_role("link", name="MER0000001")).to_be_visible(timeout=LONG_WORK)


def take_in_the_answers(page: Page) -> None:
    """Cleo looks into the inbox, into which the worker may have looked by itself: the payer has answered and paid."""
    page.get_by_role("link", name="Remittances").click()
    page.get_by_role("button", name="Look into the inbox").click()
    page.get_by_role("link", name="Back to the remittances").click(timeout=LONG_WORK)
    expect(page.get_by_text("posted").first).to_be_visible()
    page.get_by_role("link", name="Claims").click()
    page.get_by_role("link", name="Paid").click()
    page.get_by_role("link", name="MER0000001").click()
    expect(page.get_by_text("Paid").first).to_be_visible()


def state(page: Page) -> None:
    """Cleo makes statements, and the patient's paper opens."""
    page.get_by_role("link", name="Accounts").click()
    page.get_by_role("button", name="Make statements").click()
    expect(page.get_by_text("1 new statement")).to_be_visible(timeout=LONG_WORK)
    paper = page.request.get(page.get_by_role("link", name="ST-000001").evaluate("link => link.href"))
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF-")


def test_a_patient_is_found_booked_and_checked_in_by_keyboard_alone(
    live: LiveDesk, today: date, chromium: Browser
) -> None:
    with live.program.database.transaction() as db:
        make_patient(db, first_name="Miri", last_name="Okoro")
    page = at_the_desk(chromium, live, "fay@example.org")
    keys = page.keyboard

    press(page, "/")
    keys.type("okoro")
    expect(page.get_by_role("dialog").get_by_role("option", name="Miri Okoro", selected=True)).to_be_visible()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Miri Okoro")).to_be_visible()
    tab_to(page, "Book a session")
    keys.press("Enter")
    expect(page.get_by_role("button", name="Book the session")).to_be_visible()
    tab_to(page, "Book the session")
    keys.press("Enter")
    expect(page.get_by_text("Booked for")).to_be_visible()
    press(page, "Control+k")
    keys.type("today")
    expect(page.get_by_role("dialog").get_by_role("option", name="Today", selected=True)).to_be_visible()
    keys.press("Enter")
    expect(page.get_by_role("button", name="Arrive")).to_be_visible()
    tab_to(page, "Arrive")
    keys.press("Enter")

    expect(page.get_by_role("link", name="In the clinic 1")).to_be_visible()


def test_what_is_pressed_before_an_arrival_is_answered_waits_for_it(
    live: LiveDesk, today: date, chromium: Browser
) -> None:
    with live.program.database.transaction() as db:
        miri = make_patient(db, first_name="Miri", last_name="Okoro")
    page = at_the_desk(chromium, live, "fay@example.org")
    page.goto(f"{live.url}/patients/{miri.id}")
    book(page)
    page.get_by_role("link", name="Today").click()
    on_the_way: list[Route] = []
    page.route("**/arrive", lambda route: on_the_way.append(route))

    page.get_by_role("button", name="Arrive").click()
    page.get_by_role("link", name="In the clinic").click()
    on_the_way[0].continue_()

    expect(page.get_by_role("link", name="In the clinic 1", exact=True)).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("link", name="Miri Okoro", exact=True)).to_be_visible()


def press(page: Page, key: str) -> None:
    """Press a key that a script answers, once the page has it."""
    page.wait_for_load_state("load")
    page.keyboard.press(key)


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the link or button with these words has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.innerText?.trim() || ''").startswith(words):
            return
    raise AssertionError(f"{words} cannot be reached by Tab")
