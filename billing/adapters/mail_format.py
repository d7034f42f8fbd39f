"""An e-mail as bytes (RFC 5322): one that arrives anywhere, and is the same message each time it is made."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from billing import clock
from billing.errors import NotDelivered
from billing.ports import MailContent

_POLICY = SMTP.clone(cte_type="7bit")
"""Plain ASCII on the way, whatever the words are: not every server takes more."""
_METHOD = re.compile(rb"^METHOD:([A-Z-]+)\r?$", re.MULTILINE)


def sender_from(text: str) -> Address:
    """``Juniper Lane <desk@juniperlane.example>``, or the bare address. Raises ``ValueError``, without the text."""
    name, spec = parseaddr(text)
    try:
        made = Address(display_name=name, addr_spec=spec)
    except (MessageError, ValueError, IndexError):
        raise ValueError("not an e-mail address") from None
    if not made.username or not made.domain or not text.isprintable():
        raise ValueError("not an e-mail address")
    return made


def message_id(key: str, to: str, sender: Address) -> str:
    """The Message-ID (RFC 5322, 3.6.4) of the message with that key.

    The recipient belongs to it: a clinic that begins with a new database begins its keys anew, too.
    """
    digest = hashlib.sha256(f"{sender.addr_spec}\n{key}\n{to.lower()}".encode()).hexdigest()
    return f"<{digest[:32]}@{sender.domain}>"


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail ready to travel."""

    recipient: str
    content: bytes
    """All of it, in ASCII, its lines ending in CRLF."""


def formatted(key: str, mail: MailContent, sender: Address) -> Mail:
    """The e-mail in all its parts: plain text first, then HTML, then the calendar file, the richest last.

    Raises :class:`NotDelivered`, as final, when the recipient is no address that can be written to, or when its
    words cannot travel.
    """
    recipient = _recipient(mail.to)
    try:
        return Mail(recipient.addr_spec, _made(key, mail, sender, recipient).as_bytes())
    except (MessageError, ValueError):
        raise NotDelivered("What it says cannot be written as an e-mail.", is_final=True) from None


def _made(key: str, mail: MailContent, sender: Address, recipient: Address) -> EmailMessage:
    made = EmailMessage(_POLICY)
    made["From"] = _in_the_name_of(mail.sender_name, sender)
    made["To"] = recipient
    made["Subject"] = " ".join(mail.subject.split())
    made["Date"] = format_datetime(clock.now())
    made["Message-ID"] = message_id(key, mail.to, sender)
    made["Auto-Submitted"] = "auto-generated"
    if mail.stop_address:
        made["List-Unsubscribe"] = f"<{mail.stop_address}>"
        made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    made.set_content(mail.text)
    if mail.html:
        made.add_alternative(mail.html, subtype="html")
    if mail.calendar:
        method = _METHOD.search(mail.calendar)
        params = {"method": method[1].decode("ascii") if method else "PUBLISH"}
        made.add_alternative(mail.calendar.decode("utf-8"), subtype="calendar", params=params)
    return made


def _in_the_name_of(name: str, sender: Address) -> Address:
    """The installation's address under that name."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    return Address(display_name=plain, addr_spec=sender.addr_spec) if plain else sender


def _recipient(text: str) -> Address:
    """An address to send to; a domain of other letters is written as IDNA has it."""
    name, _, domain = text.strip().rpartition("@")
    try:
        made = Address(username=name, domain=domain.encode("idna").decode("ascii"))
        is_fit = made.addr_spec.isascii() and made.addr_spec.isprintable() and " " not in made.addr_spec
    except (MessageError, ValueError, IndexError):
        is_fit = False
    if not name or not domain or not is_fit:
        raise NotDelivered("The e-mail address cannot be written to.", is_final=True)
    return made
