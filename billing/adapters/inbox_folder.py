"""An inbox that is a folder: others put files into it, and nothing in it is ever changed here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISREG

from billing.adapters.unfinished import is_whole
from billing.errors import NotDelivered
from billing.ports import FileThere


class FolderInbox:
    """A :class:`billing.ports.Inbox` that is a folder of this machine. One that does not exist is empty."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def place(self) -> str:
        """The folder."""
        return str(self.folder)

    def files(self) -> list[FileThere]:
        """What lies there and is whole, by name."""
        try:
            return sorted(self._found(), key=lambda one: one.name)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise NotDelivered(f"The inbox {self.folder} cannot be looked into: {error.strerror}.") from None

    def read(self, name: str) -> bytes:
        """One file."""
        try:
            return (self.folder / name).read_bytes()
        except OSError as error:
            raise NotDelivered(f"It cannot be read: {error.strerror}.") from None

    def close(self) -> None:
        """Nothing is held open."""

    def _found(self) -> Iterator[FileThere]:
        for path in self.folder.iterdir():
            if not is_whole(path.name):
                continue
            try:
                seen = path.stat()
            except FileNotFoundError:
                continue
            if S_ISREG(seen.st_mode):
                yield FileThere(path.name, seen.st_size, datetime.fromtimestamp(seen.st_mtime, UTC))
