"""A newcomer opens the demo and watches: by itself, and within two minutes, the loop closes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from billing.operations.demo import PASSWORD, PEOPLE

DEMO = [sys.executable, "-c", "from billing.cli.main import main; main()", "demo", "--port", "0", "--json", "--out"]
TWO_MINUTES = 120.0
"""From the address to the last statement, as the printed text promises."""
PATIENCE = 240
"""Seconds after which the demo is killed, whatever it does."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo, served by itself."""

    address: str
    folder: Path
    began: float

    def left(self) -> float:
        """Milliseconds that are left of the two minutes."""
        return max(1.0, (TWO_MINUTES - (monotonic() - self.began)) * 1000)


@contextmanager
def running(folder: Path) -> Iterator[Demo]:
    """``meridian demo`` as people start it, with the worker that it brings along; ended as by Ctrl-C."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MERIDIAN_")}
    errors = (folder.parent / "errors").open("w+")
    with (
        errors,
        subprocess.Popen(
            [*DEMO, str(folder)], env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as process,
    ):
        given_up = Timer(PATIENCE, process.kill)
        given_up.start()
        try:
            assert process.stdout is not None
            made, served = process.stdout.readline(), process.stdout.readline()
            assert made and served, (folder.parent / "errors").read_text()
            yield Demo(json.loads(served)["address"], folder, monotonic())
            process.send_signal(signal.SIGINT)
            process.wait(60)
        finally:
            given_up.cancel()
            process.kill()


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with running(tmp_path / "demo") as found:
        yield found


def happened(page: Page, demo: Demo, words: str) -> None:
    """Wait until a line of the page, which nobody touches, says it."""
    expect(page.locator("#lately .title", has_text=words).first).to_be_visible(timeout=demo.left())


def test_the_loop_closes_before_a_newcomers_eyes(demo: Demo, context: BrowserContext, page: Page) -> None:
    owner = PEOPLE[0].email
    page.goto(f"{demo.address}/sign-in")
    page.get_by_label("E-mail address").fill(owner)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="By itself").click()

    happened(page, demo, "texts sent")
    happened(page, demo, "e-mails sent")
    confirm_as_a_patient(context, demo)
    happened(page, demo, "A patient confirmed a visit")

    for words in (
        "5 claims filed",
        "1 invoice made",
        "5 claims accepted by the payer",
        "claims decided and posted",
        "1 claim on a further payer decided and posted",
        "5 statements made",
    ):
        happened(page, demo, words)

    look_at_a_statement(page, demo)
    look_at_a_claim(page)


def confirm_as_a_patient(context: BrowserContext, demo: Demo) -> None:
    """In another tab: a reminder as it was said, its words, and behind the link what the patient sees."""
    tab = context.new_page()
    tab.goto(f"{demo.address}/by-itself")
    tab.get_by_role("link", name="See them").first.click()
    three_days = tab.get_by_role("row").filter(has_text="Visit in three days").filter(has_text="E-mail")
    three_days.first.get_by_role("link", name="Its words").click()
    with tab.expect_popup() as opened:
        tab.get_by_role("link", name=f"{demo.address}/v/").first.click()
    opened.value.get_by_role("button", name="I will come").click()
    expect(opened.value.get_by_text("You have confirmed it")).to_be_visible()
    opened.value.close()
    tab.close()
    said = [path.read_text() for path in (demo.folder / "outbox" / "texts").iterdir()]
    assert any(f"{demo.address}/v/" in one for one in said)
    assert list((demo.folder / "outbox" / "mail").iterdir())


def look_at_a_statement(page: Page, demo: Demo) -> None:
    line = page.locator("#lately li", has_text="5 statements made")

    paper = page.request.get(f"{demo.address}{line.get_by_role('link').first.get_attribute('href')}")

    assert paper.body().startswith(b"%PDF")


def look_at_a_claim(page: Page) -> None:
    """The whole way of one, and that of the claim which followed on its second payer."""
    page.locator("#lately li", has_text="1 claim on a further payer filed").first.get_by_role("link").first.click()
    page.get_by_role("heading", name="Other claims of this session").wait_for()
    page.get_by_role("main").get_by_role("link", name="MER0").first.click()

    for step in ("Note signed", "Filed", "999: received", "277CA: accepted", "Statement to the patient"):
        expect(page.locator(".time-line .title", has_text=step).first).to_be_visible()
    expect(page.locator(".time-line .title", has_text="Aspen Terrace Health Plan paid")).to_be_visible()
