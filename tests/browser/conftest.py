"""A real browser at a real server. Where no Chromium is found, every test here says so and is skipped."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.desk import LiveDesk, live_desk

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SLOW = 15_000
"""Milliseconds after which something that should appear is given up, on a busy machine."""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One Chromium for all tests of a process."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium is installed (looked for {', '.join(NAMES)}); on Debian: apt-get install chromium")
    expect.set_options(timeout=SLOW)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser without any memory, as wide as a desk's screen."""
    made = chromium.new_context(viewport={"width": 1440, "height": 900})
    made.set_default_timeout(SLOW)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A tab in it. Whatever the page complains of in its console fails the test."""
    tab = context.new_page()
    complaints: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    yield tab
    assert complaints == []


@pytest.fixture
def live(tmp_path: Path) -> Iterator[LiveDesk]:
    """A served desk over an empty SQLite database, with the sandbox payer."""
    with live_desk(tmp_path) as desk:
        yield desk
