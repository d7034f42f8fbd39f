"""A biller ticks claims, has their forms drawn, and opens them: with a worker that does the drawing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.desk import LiveDesk
from tests.browser.test_every_page import LOOKS, looked_at
from tests.claims.office import open_office
from tests.factories import DAY


def test_forms_are_ticked_drawn_and_opened(live: LiveDesk, page: Page, tmp_path: Path) -> None:
    office = open_office(live.program.database)
    office.store = live.program.documents
    sessions = [office.visit(DAY + timedelta(days=day)) for day in range(3)]
    office.bill()
    numbers = [office.claim(one).control_number for one in sessions]
    # Colours that are still on their way would be judged.
    page.emulate_media(reduced_motion="reduce")
    live.sign_in(page, "cleo@example.org")

    page.goto(f"{live.url}/claims?queue=sent")
    tick = page.get_by_role("checkbox", name=f"Print the form of {numbers[2]}")
    expect(tick).to_be_hidden()
    page.get_by_text("Print forms").click()
    tick.check()
    page.get_by_role("checkbox", name=f"Print the form of {numbers[0]}").check()
    found = [fault for width, scheme in LOOKS for fault in looked_at(page, width, scheme)]
    page.get_by_label("Red preprinted sheets").check()
    page.get_by_role("button", name="Draw the forms").click()

    expect(page.get_by_role("status")).to_contain_text("2 forms on 2 sheets, by payer")
    found += [fault for width, scheme in LOOKS for fault in looked_at(page, width, scheme)]
    address = page.get_by_role("link", name="Open the forms").get_attribute("href")
    content = page.request.get(f"{live.url}{address}").body()
    assert found == []
    assert content.startswith(b"%PDF-")
    assert content.count(b"/Type /Page\n") == 2
