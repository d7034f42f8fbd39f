"""Loaded code sets in a folder on a disk."""

from __future__ import annotations

from pathlib import Path

from billing.adapters.durable_files import write_durably
from billing.errors import NotDelivered, NotFound


class DiskCodeFolder:
    """A :class:`billing.ports.CodeFolder` in a folder, which is made when something is first written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def stamp(self, name: str) -> str:
        """Time, size and place on the disk: a file that was replaced has another of them."""
        try:
            told = (self.folder / name).stat()
        except OSError:
            return ""
        return f"{told.st_mtime_ns} {told.st_size} {told.st_ino}"

    def read(self, name: str) -> bytes:
        """One file."""
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            raise NotFound(f"The code set {name} cannot be read.") from None

    def write(self, name: str, content: bytes) -> None:
        """Put a file there."""
        try:
            write_durably(self.folder / name, content)
        except OSError as error:
            raise NotDelivered(f"Code sets cannot be kept: {error.strerror}. Make room and repeat.") from None
