"""A desk that is really served, and a clinic whose day is today."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from playwright.sync_api import Page
from waitress.server import create_server
from waitress.wasyncore import close_all

from billing.cli.minding import Minder
from billing.settings import settings_from
from billing.web.app import create_app
from billing.wiring import Program, ready
from tests.access.cast import PASSWORD, Cast, make_cast


@dataclass(frozen=True, slots=True)
class LiveDesk:
    """Where the desk is, and what is behind it."""

    url: str
    program: Program
    cast: Cast

    def sign_in(self, page: Page, email: str = "ada@example.org") -> None:
        """Sign in as one of the cast, as a person does."""
        page.goto(f"{self.url}/sign-in")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()


@contextmanager
def live_desk(folder: Path) -> Iterator[LiveDesk]:
    """Serve a desk over an empty database in that folder, with the sandbox payer and a worker, until the block ends."""
    program = ready(settings_from({"MERIDIAN_DATA": str(folder), "MERIDIAN_CLEARINGHOUSE": "sandbox"}))
    cast = make_cast(program.database)
    minder = Minder(program.settings)
    minder.begin()
    try:
        with served(program) as url:
            yield LiveDesk(url, program, cast)
    finally:
        minder.end()


@contextmanager
def served(program: Program) -> Iterator[str]:
    """Serve a program's desk at the address given, until the block ends."""
    server = create_server(create_app(program), host="127.0.0.1", port=0, threads=4)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # A browser keeps its connections; the server would wait for them.
        server.trigger.pull_trigger(lambda: close_all(server._map))
        thread.join(timeout=10)
        server.task_dispatcher.shutdown()
        program.database.close()
