"""A real mail server on this machine, with faults that can be switched on, and a count of what it took."""

from __future__ import annotations

import asyncio
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class MailRoom:
    """What a mail server does with each message, and what it has taken."""

    taken: list[Envelope] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    """Every recipient that was offered."""
    at_ehlo: str = ""
    at_sender: str = ""
    at_recipient: dict[str, str] = field(default_factory=dict)
    after_data: str = ""
    """Answered in place of taking the message."""
    breaks_off: str = ""
    """``before`` it takes the message, or ``after``: either way once it has the final dot."""
    hangs: bool = False
    """It takes the message and never answers."""
    users: list[str] = field(default_factory=list)
    was_safe: list[bool] = field(default_factory=list)
    """For each message whether it came by TLS."""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def messages(self) -> list[EmailMessage]:
        """What was taken, read."""
        contents = [one.original_content for one in self.taken if one.original_content is not None]
        read = [message_from_bytes(content, policy=default) for content in contents]
        return [one for one in read if isinstance(one, EmailMessage)]

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [self.at_ehlo] if self.at_ehlo else responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.at_sender or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.seen.append(address)
        if address in self.at_recipient:
            return self.at_recipient[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.breaks_off != "before" and not self.after_data:
            self.taken.append(envelope)
            self.was_safe.append(session.ssl is not None)
        if self.breaks_off and server.transport is not None:
            server.transport.abort()
        if self.hangs:
            await self.released.wait()
        return self.after_data or f"250 2.0.0 Ok: queued as {len(self.taken)}"


class AnyPort(Controller):
    """A server at whatever port is free."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def certificate(folder: Path) -> Path:
    """A certificate with its key for this machine, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


def trust_in(pem: Path) -> ssl.SSLContext:
    """How a server shows that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@contextmanager
def running_mail_server(room: MailRoom, pem: Path | None = None, password: str = "") -> Iterator[int]:
    """The server, until the block ends; gives its port. With a certificate it offers STARTTLS."""

    def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        room.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == password, handled=False)

    options: dict[str, Any] = {"auth_required": True, "authenticator": authenticate} if password else {}
    if pem is not None:
        options |= {"tls_context": trust_in(pem), "require_starttls": True}
    with _controlled(AnyPort(room, hostname="127.0.0.1", port=0, **options), room) as port:
        yield port


@contextmanager
def running_tls_server(room: MailRoom, pem: Path) -> Iterator[int]:
    """A server that speaks TLS from the first byte."""
    with _controlled(AnyPort(room, hostname="127.0.0.1", port=0, ssl_context=trust_in(pem)), room) as port:
        yield port


@contextmanager
def _controlled(controller: Controller, room: MailRoom) -> Iterator[int]:
    controller.start()
    try:
        yield controller.port
    finally:
        controller.loop.call_soon_threadsafe(room.released.set)
        controller.stop()


@contextmanager
def scripted_server(act: Callable[[socketserver.StreamRequestHandler], None]) -> Iterator[int]:
    """A server that is no mail server: it does with each connection whatever it is told to."""

    class Connection(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            act(self)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
