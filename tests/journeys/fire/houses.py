"""The two ways to run a clinic, as processes that can be killed one by one and started again.

What is killed gets SIGKILL, which nothing can catch. What systemd or Docker would start again is started again here;
gunicorn, Celery's pool and ``meridian serve`` look after their own children.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import redis

from tests.servers import (
    SURVIVING_A_KILL,
    PostgresqlServer,
    RedisServer,
    running_again,
    running_postgresql,
    running_redis,
)
from tests.waiting import is_running, until
from tests.workers.house import BEAT, WORKER

CHECKOUT = Path(__file__).resolve().parents[3]
HURRY = Path(__file__).resolve().parent / "hurry"
FORKING_WORKER = [
    "-m", "celery", "--app", "workers.app", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle",
    "--loglevel", "warning", "--hostname", "one@%h",
]  # fmt: skip
THREADED_WORKER = [*WORKER, "--hostname", "two@%h"]
SERVE = ["-c", "from billing.cli.main import main; main()", "serve", "--json"]

Restart = Callable[[], None]
Killer = Callable[[], Restart]
"""Kills something, and gives what is to be done to have it again."""


@dataclass
class House:
    """Everything that runs."""

    folder: Path
    url: str
    """Of the database."""
    environment: dict[str, str]
    words: dict[str, Sequence[str]]
    """By which each part is started."""
    browser: httpx.Client
    killers: dict[str, Sequence[Killer]] = field(default_factory=dict)
    """Ways to kill each kind of thing, by the name of its row in the table."""
    parts: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ended: list[str] = field(default_factory=list)
    """Parts that ended by themselves."""

    def kill(self, kind: str, chance: random.Random) -> Restart:
        """Kill one of that kind."""
        return chance.choice(self.killers[kind])()

    def start(self, name: str) -> None:
        """Start a part."""
        with (self.folder / "log").open("ab") as output:
            self.parts[name] = subprocess.Popen(
                [sys.executable, *self.words[name]],
                env={**os.environ, **self.environment},
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def kill_part(self, name: str) -> Restart:
        """Kill a part; its children have to notice by themselves."""
        part = self.parts[name]
        part.kill()
        part.wait()
        return partial(self.start, name)

    def kill_child(self, name: str) -> Restart:
        """Kill a child of a part, which looks after it."""
        os.kill(until(lambda: self.tend() or children(self.parts[name].pid))[-1], signal.SIGKILL)
        return lambda: None

    def tend(self) -> None:
        """Start again what has ended though nobody killed it."""
        for name in [name for name, part in self.parts.items() if part.poll() not in (None, -signal.SIGKILL)]:
            self.ended.append(name)
            self.start(name)

    def orphans(self) -> list[int]:
        """Processes whose parent was killed, and that live on."""
        ours = [part.pid for part in self.parts.values()]
        for one in ours:
            ours += children(one)
        return [one for one in self.running() if one not in ours]

    def running(self) -> list[int]:
        """The numbers of all processes of this house, orphans among them."""
        mark = f"MERIDIAN_DATA={self.environment['MERIDIAN_DATA']}\0".encode()
        found = []
        for one in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                if mark in one.read_bytes():
                    found.append(int(one.parent.name))
        return found

    def end(self) -> None:
        """Kill whatever runs."""
        while found := self.running():
            for one in found:
                with suppress(ProcessLookupError):
                    os.kill(one, signal.SIGKILL)
            for part in self.parts.values():
                part.wait()


def children(process: int) -> list[int]:
    """Processes that it has started."""
    told = subprocess.run(["ps", "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True)
    return [int(one) for one in told.stdout.split()]


@contextmanager
def real_house(folder: Path, far: dict[str, str]) -> Iterator[House]:
    """Web, two workers and beat on PostgreSQL and Redis; nothing of ours is started yet."""
    desk = folder / "web.sock"
    words: dict[str, Sequence[str]] = {
        "web": ["-m", "gunicorn", "--bind", f"unix:{desk}", "--workers", "2", "--threads", "4",
                "--no-control-socket", "billing.web.app:create_app()"],
        "one": FORKING_WORKER,
        "two": THREADED_WORKER,
        "beat": BEAT,
    }  # fmt: skip
    with ExitStack() as until_end:
        server = until_end.enter_context(running_postgresql(**SURVIVING_A_KILL))
        with server.connect() as admin:
            admin.execute("CREATE DATABASE fire")
        broker = until_end.enter_context(running_redis())
        browser = httpx.Client(transport=httpx.HTTPTransport(uds=str(desk)), base_url="http://desk", timeout=10)
        until_end.enter_context(browser)
        where = {"MERIDIAN_DATABASE_URL": server.url("fire"), "MERIDIAN_BROKER_URL": broker.url}
        house = House(folder, server.url("fire"), _environment(folder, {**far, **where}), words, browser)
        until_end.callback(house.end)
        house.killers = {
            "worker": [
                partial(house.kill_part, "one"), partial(house.kill_child, "one"), partial(house.kill_part, "two")
            ],
            "beat": [partial(house.kill_part, "beat")],
            "web": [partial(house.kill_part, "web"), partial(house.kill_child, "web")],
            "Redis": [partial(_kill_redis, broker, until_end)],
            "PostgreSQL": [partial(_kill_postgresql, server, until_end)],
        }  # fmt: skip
        yield house


@contextmanager
def embedded_house(folder: Path, far: dict[str, str]) -> Iterator[House]:
    """``meridian serve`` on SQLite, which brings its worker along; it is not started yet."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"sqlite:///{folder / 'data' / 'meridian.sqlite3'}"
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as browser, ExitStack() as until_end:
        words = {"web": [*SERVE, "--port", str(port)]}
        house = House(folder, url, _environment(folder, far), words, browser)
        until_end.callback(house.end)
        house.killers = {
            "worker": [partial(house.kill_child, "web")],
            "web and worker": [partial(house.kill_part, "web")],
        }
        yield house


def _environment(folder: Path, settings: dict[str, str]) -> dict[str, str]:
    path = os.pathsep.join([str(HURRY), str(CHECKOUT)])
    return {"MERIDIAN_DATA": str(folder / "data"), "PYTHONPATH": path, **settings}


def _kill_redis(server: RedisServer, until_end: ExitStack) -> Restart:
    """It comes back empty."""
    with redis.Redis.from_url(server.url) as client:
        process = int(client.info("server")["process_id"])
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return lambda: until_end.enter_context(running_redis(server)) and None


def _kill_postgresql(server: PostgresqlServer, until_end: ExitStack) -> Restart:
    """The first process and all its children at one stroke; it comes back by crash recovery."""
    first = server.process
    os.kill(first, signal.SIGSTOP)
    rest = children(first)
    for one in (first, *rest):
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    os.waitpid(first, 0)
    until(lambda: not any(map(is_running, rest)))
    return lambda: until_end.enter_context(running_again(server))
