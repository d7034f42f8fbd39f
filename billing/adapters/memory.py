"""The outside world in memory: real enough to test against, and to fail on demand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from billing.errors import NotDelivered, NotFound, OutsideWorld
from billing.ports import FileThere, MailContent, Reply


class MemoryStore:
    """A :class:`billing.ports.DocumentStore` that forgets when the process ends."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.failure: OutsideWorld | None = None
        """Raised by the next and every further ``put`` while it is set."""

    def put(self, content: bytes) -> str:
        """Keep ``content``."""
        if self.failure:
            raise self.failure
        sha256 = hashlib.sha256(content).hexdigest()
        self.contents[sha256] = content
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of that hash."""
        try:
            return self.contents[sha256]
        except KeyError:
            raise NotFound(f"The document store has lost {sha256}.") from None


class MemoryClearinghouse:
    """A :class:`billing.ports.Clearinghouse` that remembers submissions, and can fail before or after taking one."""

    def __init__(self) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.failure: OutsideWorld | None = None
        self.receives_before_failing = False

    def submit(self, name: str, content: bytes) -> None:
        """Take the file, or fail as told."""
        if self.failure is None or self.receives_before_failing:
            self.received.append((name, content))
        if self.failure:
            raise self.failure


class MemoryInbox:
    """A :class:`billing.ports.Inbox` whose files a test lays in."""

    place = "memory"

    def __init__(self) -> None:
        self.lying: dict[str, tuple[FileThere, bytes]] = {}
        self.failure: OutsideWorld | None = None
        """Raised by every look while it is set."""
        self.unreadable: set[str] = set()
        """Names of files that are listed and cannot be read."""
        self.looks = 0
        self.reads: list[str] = []
        """The names of files that were read, in order."""

    def put(self, name: str, content: bytes, changed_at: datetime, size: int | None = None) -> None:
        """Lay a file in; with a ``size`` that is not its own it is one that is still growing."""
        there = FileThere(name, len(content) if size is None else size, changed_at)
        self.lying[name] = (there, content)

    def files(self) -> list[FileThere]:
        """What lies there, by name."""
        self.looks += 1
        if self.failure:
            raise self.failure
        return [self.lying[name][0] for name in sorted(self.lying)]

    def read(self, name: str) -> bytes:
        """One file."""
        if name in self.unreadable or name not in self.lying:
            raise NotDelivered("It cannot be read: it does not allow that.")
        self.reads.append(name)
        return self.lying[name][1]

    def close(self) -> None:
        """Nothing is held open."""


class MemoryBell:
    """A :class:`billing.ports.Bell` that counts, and has nothing done."""

    def __init__(self) -> None:
        self.rings = 0
        self.heard: list[str] = []
        """What was rung for, each in turn; empty words mean what is asked for at the desk."""

    def ring(self, what: str = "") -> None:
        """Count one more."""
        self.rings += 1
        self.heard.append(what)


class _FarEnd:
    """Whoever takes messages: what arrived there by key, and in what ways it fails."""

    def __init__(self, *, may_repeat: bool = True) -> None:
        self.may_repeat = may_repeat
        """A far end that knows a key again takes the thing once; one that does not takes it as often as it comes."""
        self.failure: OutsideWorld | None = None
        """What every call fails with while it is set."""
        self.failures: dict[str, OutsideWorld] = {}
        """What calls for one address fail with."""
        self.takes_before_failing = False
        self.asked: list[str] = []
        """The key of every call, whether or not anything came of it."""
        self._lock = Lock()

    def _take(self, key: str, address: str, keep: Callable[[], None], known: bool) -> str:
        with self._lock:
            self.asked.append(key)
            failure = self.failure or self.failures.get(address)
            if (failure is None or self.takes_before_failing) and not (known and self.may_repeat):
                keep()
        if failure:
            raise failure
        return f"receipt of {key}"


class MemoryMailer(_FarEnd):
    """A :class:`billing.ports.Mailer` that remembers, by key, every mail that reached somebody."""

    def __init__(self, *, may_repeat: bool = True) -> None:
        super().__init__(may_repeat=may_repeat)
        self.received: dict[str, list[MailContent]] = {}

    def send(self, key: str, mail: MailContent) -> str:
        """Take the mail, or fail as told."""
        known = self.received.get(key)
        return self._take(key, mail.to, lambda: self.received.setdefault(key, []).append(mail), bool(known))


class MemoryTexts(_FarEnd):
    """A :class:`billing.ports.TextMessenger` that remembers, by key, every text that reached a telephone."""

    def __init__(self, *, may_repeat: bool = True) -> None:
        super().__init__(may_repeat=may_repeat)
        self.received: dict[str, list[tuple[str, str]]] = {}
        """Number and words."""
        self.came_in: list[Reply] = []

    def send(self, key: str, number: str, words: str) -> str:
        """Take the text, or fail as told."""
        known = self.received.get(key)
        return self._take(key, number, lambda: self.received.setdefault(key, []).append((number, words)), bool(known))

    def replies(self, since: datetime) -> list[Reply]:
        """What came in from then on."""
        if self.failure:
            raise self.failure
        return sorted((one for one in self.came_in if one.at >= since), key=lambda one: one.at)
