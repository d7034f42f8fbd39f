"""What Meridian asks of the outside world, as protocols. ``adapters`` answers them, one file per technology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class DocumentStore(Protocol):
    """Keeps bytes under their SHA-256. Writing the same bytes again is harmless, so an orphan is too."""

    def put(self, content: bytes) -> str:
        """Keep ``content`` durably and return its SHA-256 in hex. Raises :class:`NotDelivered` when it cannot."""

    def get(self, sha256: str) -> bytes:
        """The bytes kept under that hash. Raises :class:`NotFound` when there are none."""


class Clearinghouse(Protocol):
    """Takes claim files to the payers."""

    def submit(self, name: str, content: bytes) -> None:
        """Hand over one interchange under a name that is unique for all time.

        Raises :class:`NotDelivered` when it certainly did not arrive, :class:`OutcomeUnknown` when it may have.
        """


class EligibilityLine(Protocol):
    """Asks payers about cover and waits for the answer; not every clearinghouse offers it."""

    def ask(self, content: bytes) -> bytes:
        """The interchange that answers one with a single question.

        Raises :class:`NotDelivered` when it certainly was not asked, :class:`OutcomeUnknown` when it may have been.
        """


@dataclass(frozen=True, slots=True)
class FileThere:
    """A file that lies ready at a place outside."""

    name: str
    size: int
    """Bytes."""
    changed_at: datetime
    """As that place says it, in UTC."""


class Inbox(Protocol):
    """A place outside where answers and payments arrive. Nothing is ever changed there."""

    @property
    def place(self) -> str:
        """Which place it is, for people and for remembering what came from it; holds no password."""

    def files(self) -> Sequence[FileThere]:
        """What lies there and is whole, by name. Raises :class:`NotDelivered` when it cannot be looked into."""

    def read(self, name: str) -> bytes:
        """One file. Raises :class:`NotDelivered`, whose words leave its name out, when it cannot be read."""

    def close(self) -> None:
        """Let go of whatever was opened to look; being asked again opens it anew."""


@dataclass(frozen=True, slots=True)
class MailContent:
    """An e-mail in all its parts."""

    to: str
    subject: str
    text: str
    html: str
    calendar: bytes = b""
    """An iCalendar file (RFC 5545), where it is about a time."""
    stop_address: str = ""
    """Where one click ends such messages (RFC 8058)."""
    sender_name: str = ""
    """In whose name it is sent; empty for whom the installation names."""


class Mailer(Protocol):
    """Takes e-mail to people."""

    @property
    def may_repeat(self) -> bool:
        """Whether the same key a second time is known to do nothing more."""

    def send(self, key: str, mail: MailContent) -> str:
        """Hand it over; gives the other side's receipt.

        Raises :class:`NotDelivered` when it certainly was not taken and may be offered again later, with
        ``is_final`` when it never will be; :class:`OutcomeUnknown` when it may have been.
        """


@dataclass(frozen=True, slots=True)
class Reply:
    """A text message that came in."""

    number: str
    """Who sent it, as it is dialled (E.164)."""
    words: str
    at: datetime


class TextMessenger(Protocol):
    """Takes text messages to telephones."""

    @property
    def may_repeat(self) -> bool:
        """Whether the same key a second time is known to do nothing more."""

    def send(self, key: str, number: str, words: str) -> str:
        """Hand it over to a number in E.164; gives the other side's receipt. Raises what :meth:`Mailer.send` does."""

    def replies(self, since: datetime) -> Sequence[Reply]:
        """What came in from then on, oldest first. Raises :class:`NotDelivered` when that cannot be asked."""


class Bell(Protocol):
    """Says that something has become due. What is due stands in the database: a ring nobody hears loses nothing."""

    def ring(self, what: str = "") -> None:
        """Have what is due done soon, in whatever process; returns at once and never raises.

        ``what`` names one round of ``operations.rounds``; without it, what is asked for at the desk is done.
        """


class CodeFolder(Protocol):
    """Keeps the code sets that were loaded, where every process of the installation finds them."""

    def stamp(self, name: str) -> str:
        """Changes whenever that file does; empty while there is none."""

    def read(self, name: str) -> bytes:
        """One file. Raises :class:`NotFound` when there is none."""

    def write(self, name: str, content: bytes) -> None:
        """Put a file there, whole or not at all, in the place of an earlier one.

        Raises :class:`NotDelivered` when it cannot.
        """
