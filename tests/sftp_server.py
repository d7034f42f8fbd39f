"""A real SFTP server for the tests, on a port of this machine, with faults that can be switched on.

What lies in its folders is what the far end has: tests count there. It runs in a thread of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

from billing.adapters.sftp_line import SftpServer

USER, PASSWORD = "clinic", "correct horse"


@dataclass
class Faults:
    """What goes wrong at the far end; everything works while nothing is set."""

    refuses_login: bool = False
    cuts_upload_after: int | None = None
    """Bytes of a file after which the line is cut."""
    full_after: int | None = None
    """Bytes of a file after which its disk is full."""
    seconds_for_a_write: float = 0.0
    seconds_after_a_rename: float = 0.0
    """It is carried out, and so long nothing is answered."""
    cuts_before_rename: bool = False
    """The line is cut when the rename is asked for; it is not carried out."""
    cuts_after_rename: bool = False
    """The rename is carried out, and the line is cut instead of an answer."""
    refuses_rename: bool = False
    answers_no_more: bool = False
    """After a line was cut nobody is let in any more."""
    takes_on: bool = False
    """Whatever gets its final name is taken out of the folder at once, as a clearinghouse does."""
    knows_no_posix_rename: bool = False
    lists_nonsense: bool = False
    """Names that no folder can hold stand among the files."""
    lists_undecodable: bool = False
    """A name that is no UTF-8 stands among them."""
    lists_without_sizes: bool = False
    talks_nonsense: bool = False
    """A listing is answered by bytes that are no packet."""
    unreadable: set[str] = field(default_factory=set)
    """Files that are listed and cannot be opened."""


@dataclass
class SftpOnStage:
    """The running server."""

    folder: Path
    """What its user sees as the root."""
    port: int
    known_hosts: str
    faults: Faults = field(default_factory=Faults)
    logins: int = 0
    """How often somebody was let in."""
    taken_on: dict[str, list[bytes]] = field(default_factory=dict)
    """What was taken out of the folder, by name."""
    uploads: int = 0
    """How many files were begun."""

    def server(self, **changes: Any) -> SftpServer:
        """How a client reaches it."""
        given: dict[str, Any] = {"password": PASSWORD, "known_hosts": self.known_hosts, "seconds": 5.0, **changes}
        return SftpServer("127.0.0.1", self.port, USER, **given)

    def there(self, folder: str = "claims") -> dict[str, bytes]:
        """Files of that folder under their final names."""
        return {one.name: one.read_bytes() for one in sorted((self.folder / folder).iterdir()) if one.name[0] != "."}

    def passing(self) -> list[str]:
        """Names under which files are still on their way."""
        return [one.name for one in (self.folder / "claims").iterdir() if one.name[0] == "."]


@contextmanager
def running_sftp(folder: Path, public_key: str = "") -> Iterator[SftpOnStage]:
    """A server until the block ends; ``public_key``, as an authorized_keys line, lets its owner in too."""
    for name in ("claims", "answers"):
        (folder / name).mkdir(parents=True)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait_for(what: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result(timeout=30)

    host_key = asyncssh.generate_private_key("ssh-ed25519")
    stage = SftpOnStage(folder, 0, "")
    acceptor = wait_for(_listen(stage, host_key, public_key))
    stage.port = acceptor.get_port()
    stage.known_hosts = known_hosts_line(stage.port, host_key)
    try:
        yield stage
    finally:
        wait_for(_end(acceptor))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


def known_hosts_line(port: int, key: asyncssh.SSHKey) -> str:
    """As ssh-keyscan writes it for a server of this machine."""
    return f"[127.0.0.1]:{port} {key.export_public_key().decode().strip()}"


async def _listen(stage: SftpOnStage, host_key: asyncssh.SSHKey, public_key: str) -> asyncssh.SSHAcceptor:
    return await asyncssh.listen(
        "127.0.0.1",
        0,
        server_factory=lambda: _Door(stage),
        server_host_keys=[host_key],
        authorized_client_keys=asyncssh.import_authorized_keys(public_key) if public_key else None,
        sftp_factory=lambda channel: _Folder(channel, stage),
    )


async def _end(acceptor: asyncssh.SSHAcceptor) -> None:
    acceptor.close()
    await acceptor.wait_closed()
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


class _Door(asyncssh.SSHServer):
    def __init__(self, stage: SftpOnStage) -> None:
        self._stage = stage

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return not self._stage.faults.refuses_login and (username, password) == (USER, PASSWORD)

    def auth_completed(self) -> None:
        self._stage.logins += 1


class _Folder(asyncssh.SFTPServer):
    def __init__(self, channel: Any, stage: SftpOnStage) -> None:
        super().__init__(channel, chroot=str(stage.folder).encode())
        self._stage = stage
        self._faults = stage.faults
        self._written = 0

    def open(self, path: bytes, pflags: int, attrs: Any) -> Any:
        if pflags & asyncssh.FXF_WRITE:
            self._written = 0
            self._stage.uploads += 1
        elif path.rpartition(b"/")[2].decode() in self._faults.unreadable:
            raise asyncssh.SFTPPermissionDenied("not for you")
        return super().open(path, pflags, attrs)

    async def write(self, file_obj: Any, offset: int, data: bytes) -> int:
        await asyncio.sleep(self._faults.seconds_for_a_write)
        self._written += len(data)
        if self._faults.cuts_upload_after is not None and self._written > self._faults.cuts_upload_after:
            self._cut()
        if self._faults.full_after is not None and self._written > self._faults.full_after:
            raise asyncssh.SFTPFailure("No space left on device")
        written: int = super().write(file_obj, offset, data)
        return written

    async def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self._faults.knows_no_posix_rename:
            raise asyncssh.SFTPOpUnsupported("Unsupported request")
        await self._rename(oldpath, newpath)

    async def rename(self, oldpath: bytes, newpath: bytes) -> None:
        await self._rename(oldpath, newpath)

    async def _rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self._faults.refuses_rename:
            raise asyncssh.SFTPFailure("Failure")
        if self._faults.cuts_before_rename:
            self._cut()
        super().rename(oldpath, newpath)
        if self._faults.takes_on:
            local = Path(self.map_path(newpath).decode())
            self._stage.taken_on.setdefault(local.name, []).append(local.read_bytes())
            local.unlink()
        if self._faults.cuts_after_rename:
            self._cut()
        await asyncio.sleep(self._faults.seconds_after_a_rename)

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        if self._faults.talks_nonsense:
            self.channel.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        async for one in super().scandir(path):
            if self._faults.lists_without_sizes:
                one.attrs.size = None
            yield one
        if self._faults.lists_nonsense:
            for name in (b"../../secret.835", b"a\nb.835", b""):
                yield asyncssh.SFTPName(name, attrs=asyncssh.SFTPAttrs(size=7, atime=1, mtime=1, permissions=0o100644))

        if self._faults.lists_undecodable:
            yield asyncssh.SFTPName(b"\xff\xfe.835", attrs=asyncssh.SFTPAttrs(size=7, atime=1, mtime=1))

    def _cut(self) -> None:
        """Cut the line, once; whoever comes anew finds it mended, unless nobody is let in any more."""
        self._faults.refuses_login = self._faults.answers_no_more
        self._faults.cuts_before_rename = self._faults.cuts_after_rename = False
        self.channel.get_connection().abort()
        raise asyncssh.SFTPConnectionLost("cut")
