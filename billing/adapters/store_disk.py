"""Documents on a disk: one file per content, named by its SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path

from billing.adapters.durable_files import write_durably
from billing.errors import NotDelivered, NotFound


class DiskStore:
    """A :class:`billing.ports.DocumentStore` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, content: bytes) -> str:
        """Keep ``content``; harmless when it is kept already."""
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        if not path.exists():
            try:
                write_durably(path, content)
            except OSError as error:
                raise NotDelivered(
                    f"The document store cannot be written: {error.strerror}. Make room and repeat."
                ) from None
        return sha256

    def get(self, sha256: str) -> bytes:
        """The bytes of that hash."""
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError:
            raise NotFound(f"The document store has lost {sha256}.") from None

    def _path(self, sha256: str) -> Path:
        return self.folder / sha256[:2] / sha256
