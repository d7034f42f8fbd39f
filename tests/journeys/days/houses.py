"""The two ways to run a clinic, with clocks in a test's hand and far ends that can be looked at."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import httpx
from pytest_httpserver import HTTPServer

from billing.database import Database
from tests.access.cast import Cast, make_cast
from tests.adapters.smtp_server import MailRoom, running_mail_server
from tests.adapters.text_gateway import TOKEN, TextGateway
from tests.cli.test_serve import served
from tests.journeys.days.hands.sitecustomize import HANDS
from tests.journeys.days.people import Person
from tests.workers.house import BEAT, CHECKOUT, house

PUBLIC = "https://desk.example.org"
"""Where patients would reach the desk."""


@dataclass(frozen=True)
class Hands:
    """The clocks of a house, over all its processes."""

    file: Path

    def set_to(self, at: datetime) -> None:
        """Have them show that instant now, and go on from there."""
        ahead = (at - datetime.now(UTC)).total_seconds()
        half = self.file.with_suffix(".half")
        half.write_text(str(ahead), encoding="ascii")
        half.replace(self.file)

    def now(self) -> datetime:
        """What they show."""
        return datetime.now(UTC) + timedelta(seconds=float(self.file.read_text(encoding="ascii")))


@dataclass(frozen=True)
class Clinic:
    """A clinic that runs, seen from outside."""

    database: Database
    data: Path
    cast: Cast
    hands: Hands
    somebody: Callable[[], Person]
    """A person who has just opened a browser."""
    mails: Callable[[], Sequence[EmailMessage]]
    """What its mail server, or its folder, has got."""
    texts: Callable[[], Sequence[tuple[str, str]]]
    """Number and words of each text that has gone out."""

    def claim_files(self) -> list[bytes]:
        """What has been filed, oldest first."""
        return [one.read_bytes() for one in sorted((self.data / "outbox" / "claims").glob("*.837"))]


@contextmanager
def embedded(database: Database, data: Path, hands: Hands, settings: dict[str, str]) -> Iterator[Clinic]:
    """``meridian serve`` on SQLite; messages go into folders. It must have had nothing to complain of."""
    with ExitStack() as until_end:
        desk = until_end.enter_context(served(data, **_environment(hands), **settings))
        yield Clinic(
            database, data, make_cast(database), hands,
            lambda: Person(until_end.enter_context(httpx.Client(base_url=desk.address, timeout=30))),
            lambda: [_read(one.read_bytes()) for one in _files(data / "outbox" / "mail", "*.eml")],
            lambda: [_text(one.read_text()) for one in _files(data / "outbox" / "texts", "*.txt")],
        )  # fmt: skip
        code = desk.end(signal.SIGTERM)
        assert (code, desk.process.stderr.read() if desk.process.stderr else "") == (0, "")


@contextmanager
def for_real(
    database: Database,
    redis_url: str,
    server: HTTPServer,
    data: Path,
    hands: Hands,
    settings: dict[str, str],
    beats: int = 1,
) -> Iterator[Clinic]:
    """Web, two workers and beat as processes, on PostgreSQL and Redis, a mail server and a gateway for texts.

    No round may have broken down.
    """
    room, gateway = MailRoom(), TextGateway()
    with running_mail_server(room) as port, house(database, redis_url, data) as home, ExitStack() as until_end:
        home.environment.update(_environment(hands), **settings)
        home.environment.update(
            MERIDIAN_MAIL="smtp", MERIDIAN_MAIL_HOST="127.0.0.1", MERIDIAN_MAIL_PORT=str(port),
            MERIDIAN_MAIL_SECURITY="plain", MERIDIAN_MAIL_FROM="Still Water <desk@example.org>",
            MERIDIAN_TEXTS="http", MERIDIAN_TEXTS_URL=gateway.serve_at(server), MERIDIAN_TEXTS_TOKEN=TOKEN,
            MERIDIAN_TEXTS_FROM="+15035550100",
        )  # fmt: skip
        home.workers("one", "two")
        for _ in range(beats):
            home.start(BEAT)
        desk = home.serve()
        yield Clinic(
            database, data, home.cast, hands,
            lambda: Person(until_end.enter_context(desk())),
            lambda: room.messages,
            lambda: [(one["to"], one["text"]) for one in gateway.texts.values()],
        )  # fmt: skip
        broken_down = re.findall("RoundFailed.*", home.log.read_text())
        assert not broken_down, broken_down


def _environment(hands: Hands) -> dict[str, str]:
    folder = Path(__file__).resolve().parent / "hands"
    return {HANDS: str(hands.file), "PYTHONPATH": os.pathsep.join([str(folder), str(CHECKOUT)])}


def _files(folder: Path, pattern: str) -> list[Path]:
    return sorted(folder.glob(pattern))


def _read(content: bytes) -> EmailMessage:
    read = message_from_bytes(content, policy=default)
    assert isinstance(read, EmailMessage)
    return read


def _text(content: str) -> tuple[str, str]:
    to, _, words = content.partition("\n\n")
    return to.removeprefix("To: "), words.strip()
