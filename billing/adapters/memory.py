"""The outside world in memory: real enough to test against, and to fail on demand."""

from __future__ import annotations

import hashlib

from billing.errors import NotFound, OutsideWorld


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


class MemoryBell:
    """A :class:`billing.ports.Bell` that counts, and has nothing done."""

    def __init__(self) -> None:
        self.rings = 0

    def ring(self) -> None:
        """Count one more."""
        self.rings += 1
