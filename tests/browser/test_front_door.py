"""The way in and out, in a browser."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.desk import LiveDesk


def test_whoever_signs_in_comes_to_the_page_they_wanted_and_leaves_nothing_when_signing_out(
    live: LiveDesk, page: Page
) -> None:
    page.goto(f"{live.url}/account")
    expect(page).to_have_url(f"{live.url}/sign-in?next=%2Faccount")
    page.get_by_label("E-mail address").fill("fay@example.org")
    page.get_by_label("Password").fill("seven quiet needles")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{live.url}/account")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{live.url}/sign-in")
    page.go_back()

    expect(page).to_have_url(f"{live.url}/sign-in?next=%2Faccount")
