"""A clinic run for real: web, workers and beat as processes of their own, on PostgreSQL and Redis."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from billing import clock
from billing.access.signing_in import begin_login
from billing.database import Database
from billing.operations.errands.asking import ask
from billing.operations.errands.kinds import ErrandKind
from billing.operations.models import Errand, ErrandState
from billing.web.login import COOKIE
from tests.access.cast import Cast, make_cast
from tests.waiting import until

CHECKOUT = Path(__file__).resolve().parents[2]
WORKER = [
    "-m", "celery", "--app", "workers.app", "worker", "--pool", "threads", "--concurrency", "2",
    "--without-gossip", "--without-mingle", "--loglevel", "warning",
]  # fmt: skip
BEAT = ["-m", "celery", "--app", "workers.app", "beat", "--pidfile", ""]
QUICK_BEAT = [
    "-c",
    "from workers.app import app\n"
    "for entry in app.conf.beat_schedule.values():\n"
    "    entry['schedule'] = 0.5\n"
    "app.start(['beat', '--pidfile', ''])",
]
"""The same beat in a hurry: a test cannot wait for minutes."""


@dataclass
class House:
    """Who runs where; every process is killed at the end."""

    database: Database
    environment: dict[str, str]
    folder: Path
    cast: Cast
    until_end: ExitStack
    log: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, words: Sequence[str], name: str = "") -> subprocess.Popen[bytes]:
        """A process of the program."""
        named = ["--hostname", f"{name}@%h"] if name else []
        output = self.until_end.enter_context(self.log.open("ab"))
        process = subprocess.Popen(
            [sys.executable, *words, *named],
            env={**os.environ, **self.environment},
            cwd=CHECKOUT,
            stdout=output,
            stderr=output,
        )
        self.until_end.callback(process.wait)
        self.until_end.callback(process.kill)
        self.processes.append(process)
        return process

    def workers(self, *names: str) -> None:
        """Workers, each a process of its own."""
        for name in names:
            self.start(WORKER, name)

    def serve(self) -> Callable[[], httpx.Client]:
        """The desk, once it answers; what it gives opens a browser."""
        socket = self.folder / "web.sock"
        self.start(
            ["-m", "gunicorn", "--bind", f"unix:{socket}", "--no-control-socket", "billing.web.app:create_app()"]
        )

        def browser() -> httpx.Client:
            return httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://desk", timeout=30)

        with browser() as first:
            until(lambda: _answers(first))
        return browser

    def web(self) -> httpx.Client:
        """The desk, and the owner's browser in front of it."""
        browser = self.until_end.enter_context(self.serve()())
        with self.database.transaction() as db:
            browser.cookies.set(COOKIE, begin_login(db, self.cast.ada.id, clock.now()))
        return browser

    def look_into_inbox(self, browser: httpx.Client) -> int:
        """Ask for an errand at the desk; its number."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/account").text)
        assert token is not None
        answer = browser.post("/remittances/inbox", data={"csrf_token": token[1]})
        assert answer.status_code == 303, answer.text
        return int(answer.headers["location"].rpartition("/")[2])

    def left_behind(self) -> int:
        """An errand that nobody was rung for; its number."""
        with self.database.transaction() as db:
            return ask(db, ErrandKind.STATEMENTS, {"on": "2026-03-31"}, self.cast.ada.id, clock.now()).id

    def has_ended(self, errand_id: int) -> bool:
        """Whether an errand is done with, well or badly."""
        with self.database.reading() as db:
            return db.get_one(Errand, errand_id).state in (ErrandState.DONE, ErrandState.FAILED)


def _answers(browser: httpx.Client) -> bool:
    try:
        return browser.get("/healthz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@contextmanager
def house(database: Database, redis_url: str, folder: Path) -> Iterator[House]:
    """An empty one."""
    environment = {
        "MERIDIAN_DATA": str(folder),
        "MERIDIAN_DATABASE_URL": database.url.render_as_string(hide_password=False),
        "MERIDIAN_BROKER_URL": redis_url,
    }
    with ExitStack() as until_end:
        yield House(database, environment, folder, make_cast(database), until_end, folder / "log")
