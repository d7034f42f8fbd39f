"""What Meridian asks of the outside world, as protocols. ``adapters`` answers them, one file per technology."""

from __future__ import annotations

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


class Bell(Protocol):
    """Says that something has become due. What is due stands in the database: a ring nobody hears loses nothing."""

    def ring(self) -> None:
        """Have what is due done soon, in whatever process; returns at once and never raises."""
