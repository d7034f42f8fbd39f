"""The line to an SFTP server: opened by whoever knows the server's own key, and quiet about what goes over it."""

from __future__ import annotations

import io
import logging
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import paramiko
from paramiko.hostkeys import HostKeyEntry, HostKeys

from billing.errors import NotDelivered, Refused

SECONDS = 30.0
"""How long the other side may take for each single thing that is asked of it."""
BROKEN = (paramiko.SSHException, paramiko.SFTPError, OSError, EOFError, ValueError, IndexError, struct.error)
"""What is raised when a server refuses, falls silent, hangs up, or answers what nobody can read."""
_WIRE = "meridian.sftp.wire"
_KEYS: tuple[type[paramiko.PKey], ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)

# The library tells of each fault with a trace of its own; whoever asked says it in words, once.
logging.getLogger(_WIRE).setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class SftpServer:
    """Which server it is, how it is known again, and as whom we come."""

    host: str
    port: int
    user: str
    password: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    """A private key as its file reads; empty where a password is used."""
    known_hosts: str = field(default="", repr=False)
    """Lines of a ``known_hosts`` file; a server with a key that stands in none is refused."""
    seconds: float = SECONDS

    @property
    def name(self) -> str:
        """Where it is, without a password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"sftp://{self.user}@{host}" + (f":{self.port}" if self.port != paramiko.config.SSH_PORT else "")


def connected(server: SftpServer) -> paramiko.SSHClient:
    """A line on which we are signed in; close it in the end.

    Raises :class:`NotDelivered` when there is none to be had, :class:`Refused` when our own key or the host keys
    cannot be read.
    """
    client = paramiko.SSHClient()
    client.set_log_channel(_WIRE)
    client.set_missing_host_key_policy(paramiko.RejectPolicy())
    _know(client.get_host_keys(), server.known_hosts)
    key = _private_key(server.key) if server.key else None
    try:
        client.connect(
            server.host,
            server.port,
            server.user,
            password=server.password or None,
            pkey=key,
            timeout=server.seconds,
            banner_timeout=server.seconds,
            auth_timeout=server.seconds,
            channel_timeout=server.seconds,
            allow_agent=False,
            look_for_keys=False,
        )
    except BROKEN as error:
        client.close()
        raise NotDelivered(f"{server.name} {_why_not(error)}") from None
    return client


def files_of(client: paramiko.SSHClient, server: SftpServer) -> paramiko.SFTPClient:
    """The files at the other end of a line. Raises :class:`NotDelivered` when it gives none."""
    try:
        files = client.open_sftp()
        channel = files.get_channel()
        if channel is not None:
            channel.settimeout(server.seconds)
    except BROKEN as error:
        raise NotDelivered(f"{server.name} gives no access to files: {in_words(error)}.") from None
    return files


@contextmanager
def signed_in(server: SftpServer) -> Iterator[paramiko.SFTPClient]:
    """The server's files, until the block ends. Raises what :func:`connected` does."""
    client = connected(server)
    try:
        yield files_of(client, server)
    finally:
        with suppress(*BROKEN):
            client.close()


def in_words(error: BaseException) -> str:
    """What a failure was; never what was being sent or read."""
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder"
    if isinstance(error, PermissionError):
        return "it does not allow that"
    if isinstance(error, EOFError | ConnectionError):
        return "the line was cut"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, OSError):
        # A refusal of the server's comes without a number, and its words are the server's own.
        return "it refused"
    return "the line broke, or it answered what makes no sense"


def _why_not(error: BaseException) -> str:
    if isinstance(error, paramiko.BadHostKeyException):
        return (
            "shows another host key than the one that is known of it. It may be somebody else's server: ask the "
            "clearinghouse before changing MERIDIAN_SFTP_KNOWN_HOSTS."
        )
    if isinstance(error, paramiko.AuthenticationException):
        return "refuses our user, or our password or key. Check MERIDIAN_SFTP_USER with the clearinghouse."
    if isinstance(error, paramiko.SSHException) and "known_hosts" in str(error):
        return "is not among the known hosts. Put its host key, as the clearinghouse gives it, into the file."
    return f"cannot be reached: {in_words(error)}."


def _know(keys: HostKeys, known_hosts: str) -> None:
    """Raises :class:`Refused` when there is not one key to know a server by."""
    for number, line in enumerate(known_hosts.splitlines(), start=1):
        words = line.strip()
        if not words or words.startswith(("#", "@")):
            continue
        try:
            entry = HostKeyEntry.from_line(words, number)
        except paramiko.SSHException:
            continue
        if entry is not None and entry.key is not None:
            for host in entry.hostnames:
                keys.add(host, entry.key.get_name(), entry.key)
    if not keys.keys():
        raise Refused(
            "MERIDIAN_SFTP_KNOWN_HOSTS holds no host key that can be read. ssh-keyscan HOST writes such lines."
        )


def _private_key(text: str) -> paramiko.PKey:
    for kind in _KEYS:
        try:
            return kind.from_private_key(io.StringIO(text.strip() + "\n"))
        except paramiko.PasswordRequiredException:
            raise Refused(
                "MERIDIAN_SFTP_KEY is protected by a passphrase. Give a key without one, in a file."
            ) from None
        except (paramiko.SSHException, ValueError, IndexError, struct.error):
            continue
    raise Refused("MERIDIAN_SFTP_KEY is no private key that can be read (Ed25519, ECDSA or RSA).")
