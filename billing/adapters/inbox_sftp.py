"""An inbox that is a folder on an SFTP server, over one line for as long as it is being looked through."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, datetime
from stat import S_ISREG

import paramiko

from billing.adapters.sftp_line import BROKEN, SftpServer, connected, files_of, in_words
from billing.adapters.unfinished import is_whole
from billing.errors import NotDelivered
from billing.ports import FileThere

_AT_ONCE = 32
"""Pieces of a file that are asked for ahead."""


class SftpInbox:
    """A :class:`billing.ports.Inbox` on a server. Only one thread may use it at a time."""

    def __init__(self, server: SftpServer, folder: str) -> None:
        self.server = server
        self.folder = folder.rstrip("/") or "/"
        self._line: paramiko.SSHClient | None = None
        self._files: paramiko.SFTPClient | None = None

    @property
    def place(self) -> str:
        """The server and the folder, with our name there and without the password."""
        return f"{self.server.name}/{self.folder.lstrip('/')}"

    def files(self) -> list[FileThere]:
        """What lies there and is whole, by name."""
        self.close()
        try:
            listed = self._opened().listdir_attr(self.folder)
            found = {one.filename: _file(one) for one in listed if _is_asked_for(one)}
        except BROKEN as error:
            self.close()
            raise NotDelivered(f"The inbox {self.place} cannot be looked into: {in_words(error)}.") from None
        return [found[name] for name in sorted(found)]

    def read(self, name: str) -> bytes:
        """One file."""
        content = io.BytesIO()
        try:
            self._opened().getfo(f"{self.folder}/{name}", content, max_concurrent_prefetch_requests=_AT_ONCE)
        except (FileNotFoundError, PermissionError) as error:
            raise NotDelivered(f"It cannot be read: {in_words(error)}.") from None
        except BROKEN as error:
            self.close()
            raise NotDelivered(f"It cannot be read: {in_words(error)}.") from None
        return content.getvalue()

    def close(self) -> None:
        """Hang up; the next question opens another line."""
        if self._line is not None:
            with suppress(*BROKEN):
                self._line.close()
        self._line = self._files = None

    def _opened(self) -> paramiko.SFTPClient:
        if self._files is None:
            self.close()
            self._line = connected(self.server)
            self._files = files_of(self._line, self.server)
        return self._files


def _is_asked_for(listed: paramiko.SFTPAttributes) -> bool:
    """Whether it is a file to be read; not a folder, nor a name that no folder can hold."""
    is_file = listed.st_mode is None or S_ISREG(listed.st_mode)
    return is_file and is_whole(listed.filename) and "/" not in listed.filename and listed.filename.isprintable()


def _file(listed: paramiko.SFTPAttributes) -> FileThere:
    """Raises ``ValueError`` for a listing by which no file would be known again."""
    if listed.st_size is None or listed.st_mtime is None:
        raise ValueError("files are listed without size or time")
    return FileThere(listed.filename, listed.st_size, datetime.fromtimestamp(listed.st_mtime, UTC))
