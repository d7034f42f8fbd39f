"""A clearinghouse that is reached by SFTP: a file is uploaded under a passing name, and renamed when it is whole.

Whoever looks into the folder there sees a claim file whole or not at all. When the line breaks at the rename, a new
line is opened to look: the file lies there, or its passing name can still be taken away, after which no rename that
is under way can succeed. Only when neither can be seen is the outcome unknown.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import paramiko

from billing.adapters.sftp_line import BROKEN, SftpServer, in_words, signed_in
from billing.errors import NotDelivered, OutcomeUnknown

LONGEST_SECONDS = 240.0
"""For one file in all: far less than the time after which a file that is being sent is taken for lost."""
_CHUNK = 32 * 2**10


class SftpClearinghouse:
    """A :class:`billing.ports.Clearinghouse` that is a folder on an SFTP server."""

    def __init__(self, server: SftpServer, folder: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.server = server
        self.folder = folder.rstrip("/") or "/"
        self._monotonic = monotonic

    def check(self) -> None:
        """See that claim files could be handed over. Raises :class:`NotDelivered` when they could not."""
        with signed_in(self.server) as files:
            try:
                files.stat(self.folder)
            except BROKEN as error:
                place = f"{self.server.name}/{self.folder.lstrip('/')}"
                raise NotDelivered(f"The folder for claim files, {place}, cannot be used: {in_words(error)}.") from None

    def submit(self, name: str, content: bytes) -> None:
        """Put the file there, whole or not at all. One of that name with other content is never overwritten."""
        with signed_in(self.server) as files:
            if self._is_there(files, name, content):
                return
            passing = f".{name}.{secrets.token_hex(4)}.part"
            self._upload(files, passing, content)
            try:
                _rename(files, self._path(passing), self._path(name))
                return
            except BROKEN:
                pass
        self._settle(passing, name, content)

    def _is_there(self, files: paramiko.SFTPClient, name: str, content: bytes) -> bool:
        try:
            lies_there = _content(files, self._path(name), len(content))
        except BROKEN as error:
            raise NotDelivered(f"{self.server.name}: {in_words(error)}; nothing was sent.") from None
        if lies_there is not None and lies_there != content:
            raise NotDelivered(
                f"{name} is with the clearinghouse already with other content. Ask them to move it away, and repeat."
            )
        return lies_there is not None

    def _upload(self, files: paramiko.SFTPClient, passing: str, content: bytes) -> None:
        path, until = self._path(passing), self._monotonic() + LONGEST_SECONDS
        try:
            with files.open(path, "wx") as file:
                for part in _parts(content):
                    file.write(part)
                    if self._monotonic() > until:
                        raise TimeoutError
            # Closing passes over what goes wrong while it closes.
            if files.stat(path).st_size != len(content):
                raise OSError(0, "not all of it arrived")
        except BROKEN as error:
            with suppress(*BROKEN):
                files.remove(path)
            raise NotDelivered(
                f"{self.server.name} did not take the file: {in_words(error)}. It is tried again."
            ) from None

    def _settle(self, passing: str, name: str, content: bytes) -> None:
        """Find out what became of a rename that was not answered, or not well; returns when it was carried out."""
        try:
            with signed_in(self.server) as files:
                if self._has_arrived(files, name, content):
                    return
                files.remove(self._path(passing))
        except FileNotFoundError:
            raise OutcomeUnknown(
                f"The line to {self.server.name} was cut at the last step, and the file is nowhere to be seen: it may "
                "have been taken on already."
            ) from None
        except (NotDelivered, *BROKEN):
            raise OutcomeUnknown(
                f"The line to {self.server.name} was cut at the last step, and no other could be opened to see whether "
                "the file lies there."
            ) from None
        raise NotDelivered(f"{self.server.name} did not give the file its name. It is tried again.")

    def _has_arrived(self, files: paramiko.SFTPClient, name: str, content: bytes) -> bool:
        lies_there = _content(files, self._path(name), len(content))
        return lies_there is not None and lies_there == content

    def _path(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}"


def _parts(content: bytes) -> Iterator[bytes]:
    return (content[start : start + _CHUNK] for start in range(0, len(content), _CHUNK))


def _rename(files: paramiko.SFTPClient, old: str, new: str) -> None:
    """Rename at one stroke; a server without OpenSSH's way of it is asked by the standard's own."""
    try:
        files.posix_rename(old, new)
    except OSError as error:
        if "unsupported" not in str(error).lower():
            raise
        files.rename(old, new)


def _content(files: paramiko.SFTPClient, path: str, size: int) -> bytes | None:
    """What a file holds, as far as it could be the same; ``None`` when there is none."""
    try:
        if files.stat(path).st_size != size:
            return b""
        with files.open(path, "rb") as file:
            return bytes(file.read())
    except FileNotFoundError:
        return None
