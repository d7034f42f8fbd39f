"""The far ends of a clinic under fire: they are slow at random, and they count.

A clearinghouse takes each file out of its folder for good as soon as it lies there, answers it at once and pays its
claims soon after; a mail server and a text gateway remember every message. What they hold is what is true of the
outside world.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic

from aiosmtpd.smtp import SMTP, Envelope, Session
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.edi.claim_837p.reader import read_837p
from billing.edi.kinds import kind_of
from tests.adapters.smtp_server import MailRoom, running_mail_server
from tests.adapters.text_gateway import TOKEN, TextGateway
from tests.claims.answers.answer_texts import a999
from tests.journeys.killing import decision
from tests.remittances.payer import Answer, file_of, pays
from tests.sftp_server import PASSWORD, USER, SftpOnStage, running_sftp

SECONDS_BETWEEN_LOOKS = 0.1
SLOW = 0.2
"""Seconds that a far end takes at most for a message, twice: before it has it, and until it says so."""
SLOW_WITH_FILES = 1.2
"""The same of a claim file."""
ANSWERS_WITHIN, PAYS_WITHIN = (0.1, 1.5), (0.5, 4.0)
"""Seconds from a file to what acknowledges it, and to what pays its claims."""


@dataclass
class Payer:
    """Clearinghouse and payer in one, behind an SFTP server."""

    stage: SftpOnStage
    chance: random.Random
    today: date
    received: Counter[str] = field(default_factory=Counter)
    """How often each claim came, by its control number, over all files that ever lay there."""
    claims: dict[str, ProfessionalClaim] = field(default_factory=dict)
    paid: dict[str, Answer] = field(default_factory=dict)
    """What was decided about each claim, by its control number."""
    other_files: int = 0
    """Acknowledgements of our own files."""
    _coming: list[tuple[float, str, bytes]] = field(default_factory=list)
    """What lies in the answers' folder from an instant on."""
    _files: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def is_idle(self) -> bool:
        """Whether nothing of what it has is still to be answered."""
        return not self._coming and not self.stage.there()

    def work(self) -> None:
        """Take files, answer and pay, until the end."""
        while not self.ended.wait(SECONDS_BETWEEN_LOOKS):
            self.stage.faults.seconds_for_a_write = self.chance.uniform(0, SLOW_WITH_FILES)
            self.stage.faults.seconds_after_a_rename = self.chance.uniform(0, SLOW_WITH_FILES)
            for name, content in self.stage.there().items():
                self._take(content)
                (self.stage.folder / "claims" / name).unlink()
            for due in [one for one in self._coming if one[0] <= monotonic()]:
                self._put(*due[1:])
                self._coming.remove(due)

    def _take(self, content: bytes) -> None:
        if kind_of(content) != "837":
            self.other_files += 1
            return
        self._files += 1
        for batch in read_837p(content)[0]:
            new = [one for one in batch.claims if not self.received[one.control_number]]
            self.received.update(one.control_number for one in batch.claims)
            self.claims.update((one.control_number, one) for one in new)
            self._answer(int(batch.reference), new)

    def _answer(self, file_number: int, claims: list[ProfessionalClaim]) -> None:
        acknowledgement = a999(file_number, number=self._files, on=self.today)
        self._later(ANSWERS_WITHIN, f"{self._files:05d}.999", acknowledgement)
        if claims:
            decided = {one.control_number: decision(one) for one in claims}
            self.paid.update(decided)
            payment = pays(*decided.values(), trace=f"FIRE{self._files:05d}", paid_on=self.today)
            self._later(PAYS_WITHIN, f"{self._files:05d}.835", file_of(payment, interchange=self._files))

    def _later(self, within: tuple[float, float], name: str, content: bytes) -> None:
        self._coming.append((monotonic() + self.chance.uniform(*within), name, content))

    def _put(self, name: str, content: bytes) -> None:
        folder = self.stage.folder / "answers"
        passing = folder / f".{name}.part"
        passing.write_bytes(content)
        passing.rename(folder / name)

    @property
    def paid_cents(self) -> int:
        """What it has paid in all."""
        return sum(one.paid_cents for one in self.paid.values())

    @property
    def put(self) -> list[Path]:
        """What it has answered so far."""
        return [one for one in (self.stage.folder / "answers").iterdir() if not one.name.startswith(".")]


class SlowMailRoom(MailRoom):
    """It takes its time before it has a message, and after."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await asyncio.sleep(self._chance.uniform(0, SLOW))
        said = await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(self._chance.uniform(0, SLOW))
        return said

    @property
    def by_person(self) -> Counter[str]:
        """How many messages each person got."""
        return Counter(str(one.rcpt_tos[0]) for one in self.taken)


class SlowGateway(TextGateway):
    """It takes its time, as the mail room does."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def messages(self, request: Request) -> Response:
        """POST /messages"""
        pause = threading.Event()
        pause.wait(self._chance.uniform(0, SLOW))
        said = super().messages(request)
        pause.wait(self._chance.uniform(0, SLOW))
        return said

    @property
    def by_person(self) -> Counter[str]:
        """How many texts went to each telephone; one key is one text."""
        told: defaultdict[str, int] = defaultdict(int)
        for text in list(self.texts.values()):
            told[text["to"]] += 1
        return Counter(told)


@dataclass
class FarEnds:
    """All of them, and how the clinic reaches them."""

    payer: Payer
    mail: SlowMailRoom
    texts: SlowGateway
    environment: dict[str, str]


@contextmanager
def at_work(work: Callable[[], None], ended: threading.Event) -> Iterator[None]:
    """Somebody works beside us until the block ends; what they stumbled over is raised then."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(work)
        try:
            yield
        finally:
            ended.set()
        done.result()


@contextmanager
def far_ends(folder: Path, chance: random.Random, today: date) -> Iterator[FarEnds]:
    """Running until the block ends."""
    mail, texts = SlowMailRoom(chance), SlowGateway(chance)
    with (
        running_sftp(folder / "clearinghouse") as stage,
        running_mail_server(mail) as mail_port,
        HTTPServer(threaded=True) as server,
    ):
        payer = Payer(stage, chance, today)
        with at_work(payer.work, payer.ended):
            yield FarEnds(payer, mail, texts, _environment(folder, stage, mail_port, texts.serve_at(server)))


def _environment(folder: Path, stage: SftpOnStage, mail_port: int, gateway: str) -> dict[str, str]:
    known_hosts = folder / "known_hosts"
    known_hosts.write_text(stage.known_hosts)
    return {
        "MERIDIAN_CLEARINGHOUSE": "sftp",
        "MERIDIAN_SFTP_HOST": "127.0.0.1",
        "MERIDIAN_SFTP_PORT": str(stage.port),
        "MERIDIAN_SFTP_USER": USER,
        "MERIDIAN_SFTP_PASSWORD": PASSWORD,
        "MERIDIAN_SFTP_KNOWN_HOSTS_FILE": str(known_hosts),
        "MERIDIAN_MAIL": "smtp",
        "MERIDIAN_MAIL_FROM": "Still Water <desk@stillwater.example>",
        "MERIDIAN_MAIL_HOST": "127.0.0.1",
        "MERIDIAN_MAIL_PORT": str(mail_port),
        "MERIDIAN_MAIL_SECURITY": "plain",
        "MERIDIAN_TEXTS": "http",
        "MERIDIAN_TEXTS_URL": gateway,
        "MERIDIAN_TEXTS_TOKEN": TOKEN,
        "MERIDIAN_TEXTS_FROM": "+15035550100",
    }
