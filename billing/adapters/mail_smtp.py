"""E-mail by a mail server (SMTP, RFC 5321), and exactly what is known when that fails.

A server has taken a message when it says so after the final dot (RFC 5321, 4.2.5). Whatever breaks before that dot is
sent has delivered nothing; what breaks between the dot and the answer may have. No error quotes the server, since
servers like to repeat the address.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.headerregistry import Address
from pathlib import Path

from billing.adapters.mail_format import Mail, formatted
from billing.adapters.resting import Rest
from billing.errors import NotDelivered, OutcomeUnknown
from billing.ports import MailContent
from billing.settings import is_loopback

REST_SECONDS = 30.0
"""A server that cannot be reached is left alone for so long, so that a thousand messages do not each wait for it."""
LONGEST_RECEIPT = 200
_ABOUT_US = (530, 534, 535, 538)
"""Answers that say that *we* may not send: mended in the settings, and no fault of the address (RFC 4954, RFC 3207)."""
_ENHANCED = re.compile(r"[245][.][0-9]{1,3}[.][0-9]{1,3}")
_LINE_WITH_DOT = re.compile(rb"^[.]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, and how."""

    host: str
    port: int
    security: str = "starttls"
    """``starttls``, ``tls`` from the first byte, or ``plain``, which is for this very machine alone."""
    user: str = ""
    """Empty: without signing in."""
    password: str = ""
    ca: Path | None = None
    """Certificates to trust, where the server's was not issued by a public authority."""
    timeout: float = 20.0
    """Seconds for each step."""


class SmtpMailer:
    """A :class:`billing.ports.Mailer` that hands each message to a mail server."""

    may_repeat = False

    def __init__(self, server: MailServer, sender: Address, rest: Rest | None = None) -> None:
        if server.security == "plain" and not is_loopback(server.host):
            raise ValueError("a mail server elsewhere is spoken to by TLS only")
        self.server = server
        self.sender = sender
        self._rest = rest or Rest()

    def send(self, key: str, mail: MailContent) -> str:
        """Hand it over; gives what the server calls it."""
        made = formatted(key, mail, self.sender)
        with self._line() as line:
            receipt = _hand_over(line, made, self.sender.addr_spec)
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
        return receipt

    def check(self) -> None:
        """Go as far as signing in. Raises :class:`NotDelivered` when that fails."""
        self._rest.end()
        with self._line() as line, suppress(smtplib.SMTPException, OSError):
            line.quit()

    @contextmanager
    def _line(self) -> Iterator[smtplib.SMTP]:
        """A line to the server on which mail can be handed over. Raises :class:`NotDelivered` when there is none."""
        if self._rest.seconds:
            raise NotDelivered("The mail server was not to be reached a moment ago.")
        try:
            line = self._connected()
        except NotDelivered:
            self._rest.begin(REST_SECONDS)
            raise
        try:
            yield line
        finally:
            line.close()

    def _connected(self) -> smtplib.SMTP:
        line: smtplib.SMTP | None = None
        try:
            line = self._greeted()
            self._sign_in(line)
        except (OSError, UnicodeError) as error:
            if line is not None:
                line.close()
            raise NotDelivered(_in_words(error)) from None
        return line

    def _greeted(self) -> smtplib.SMTP:
        server = self.server
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=self._trust())
        return smtplib.SMTP(server.host, server.port, timeout=server.timeout)

    def _sign_in(self, line: smtplib.SMTP) -> None:
        if self.server.security == "starttls":
            code, _ = line.starttls(context=self._trust())
            if code != 220:
                raise smtplib.SMTPResponseException(code, b"")
        line.ehlo_or_helo_if_needed()
        if self.server.user:
            line.login(self.server.user, self.server.password)

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.server.ca) if self.server.ca else None)


def _in_words(error: OSError | UnicodeError) -> str:
    """Why there is no line on which mail can be handed over."""
    match error:
        case ssl.SSLCertVerificationError():
            return f"The mail server's certificate is not to be trusted: {error.verify_message}."
        case ssl.SSLError():
            return f"There is no safe line to the mail server: {error.reason}."
        case smtplib.SMTPAuthenticationError():
            return f"The mail server refuses our name and password ({error.smtp_code})."
        case smtplib.SMTPResponseException():
            return f"The mail server turns us away ({error.smtp_code})."
        case smtplib.SMTPNotSupportedError():
            return "The mail server does not offer what the settings ask of it: STARTTLS, or signing in."
        case smtplib.SMTPException() | UnicodeError():
            return "The mail server broke off before anything was sent."
        case _:
            return f"The mail server cannot be reached: {error.strerror or type(error).__name__}."


def _hand_over(line: smtplib.SMTP, made: Mail, sender: str) -> str:
    try:
        _expect(line.mail(sender), "our own address as the sender", never_final=True)
        _expect(line.rcpt(made.recipient), "the address")
        _expect(line.docmd("DATA"), "the message", wanted=354)
        line.send(_stuffed(made.content))
    except (smtplib.SMTPException, OSError):
        raise NotDelivered("The mail server broke off before it had the message.") from None
    try:
        line.send(b".\r\n")
        code, said = line.getreply()
    except (smtplib.SMTPException, OSError):
        raise OutcomeUnknown("The mail server had the whole message, and then gave no answer.") from None
    if not 200 <= code < 600 or 300 <= code < 400:
        raise OutcomeUnknown("The mail server had the whole message, and answered what nobody can read.")
    _expect((code, said), "the message")
    return said.decode("utf-8", "replace")[:LONGEST_RECEIPT]


def _expect(answer: tuple[int, bytes], what: str, wanted: int = 250, never_final: bool = False) -> None:
    """Raises :class:`NotDelivered` unless the server agreed."""
    code, said = answer
    if code == wanted or (wanted == 250 and 200 <= code < 300):
        return
    enhanced = _ENHANCED.match(said.decode("ascii", "replace"))
    told = f"{code} {enhanced[0]}" if enhanced else str(code)
    if 500 <= code < 600:
        is_final = not never_final and code not in _ABOUT_US
        raise NotDelivered(f"The mail server refuses {what} ({told}).", is_final=is_final)
    raise NotDelivered(f"The mail server does not take {what} now ({told}).")


def _stuffed(content: bytes) -> bytes:
    """The message as it travels: it ends in CRLF, and a dot that begins a line is doubled (RFC 5321, 4.5.2)."""
    return _LINE_WITH_DOT.sub(b"..", content if content.endswith(b"\r\n") else content + b"\r\n")
