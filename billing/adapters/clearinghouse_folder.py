"""A clearinghouse that is a folder: someone, or some program, takes the files on from there."""

from __future__ import annotations

from pathlib import Path

from billing.adapters.durable_files import write_durably
from billing.errors import NotDelivered


class FolderClearinghouse:
    """A :class:`billing.ports.Clearinghouse` that puts each interchange into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def submit(self, name: str, content: bytes) -> None:
        """Put the file there, whole or not at all. A file of that name with other content is never overwritten."""
        path = self.folder / name
        try:
            if path.exists() and path.read_bytes() != content:
                raise NotDelivered(
                    f"{name} is in the claims folder already with other content. Move it away and repeat."
                )
            write_durably(path, content)
        except OSError as error:
            raise NotDelivered(
                f"The claims folder cannot be written: {error.strerror}. Make room and repeat."
            ) from None
