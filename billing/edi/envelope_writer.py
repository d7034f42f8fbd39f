"""The envelopes of an interchange, written: one ISA..IEA with one GS..GE and any number of ST..SE."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from billing.edi.segment_writer import SEPARATORS, SegmentWriter, day


class Usage(StrEnum):
    """ISA15."""

    PRODUCTION = "P"
    TEST = "T"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Everything an interchange says about itself; the numbers are handed in, never made up here.

    ``interchange_number`` (ISA13) and ``group_number`` (GS06) are 1 to 999,999,999;
    ``transaction_number`` is the first ST02, further transactions count on from it.
    ``created_at`` is an instant with a zone, and its wall time *in that zone* goes into ISA09/10,
    GS04/05 and BHT04/05, because X12 has no place for a zone: hand it in as the clinic's local time, or
    a receiver west of Greenwich sees files from the future every evening. The application codes (GS02,
    GS03) are the interchange's identifiers unless given.
    """

    sender_id: str
    receiver_id: str
    interchange_number: int
    group_number: int
    created_at: datetime
    usage: Usage
    transaction_number: int = 1
    sender_qualifier: str = "ZZ"
    receiver_qualifier: str = "ZZ"
    application_sender: str = ""
    application_receiver: str = ""
    acknowledgement_requested: bool = False

    def __post_init__(self) -> None:
        """Refuse (``ValueError``) what would break the fixed form of the header."""
        if self.created_at.tzinfo is None:
            raise ValueError("created_at needs a zone")
        if not all(0 < number < 10**9 for number in (self.interchange_number, self.group_number)):
            raise ValueError("control numbers are 1 to 999999999")
        if not 0 < self.transaction_number < 10**9:
            raise ValueError("control numbers are 1 to 999999999")
        if any(not 2 <= len(identifier) <= 15 for identifier in (self.sender_id, self.receiver_id)):
            raise ValueError("interchange identifiers have 2 to 15 characters")
        if any(len(qualifier) != 2 for qualifier in (self.sender_qualifier, self.receiver_qualifier)):
            raise ValueError("interchange qualifiers have 2 characters")


def add_interchange_header(segments: SegmentWriter, envelope: Envelope) -> None:
    """Write the ISA: fixed places, 106 characters with its terminator; it alone may hold the separators."""
    at = envelope.created_at
    blank = " " * 10
    sender = (envelope.sender_qualifier, envelope.sender_id.ljust(15))
    receiver = (envelope.receiver_qualifier, envelope.receiver_id.ljust(15))
    segments.add("ISA", "00", blank, "00", blank, *sender, *receiver, f"{at:%y%m%d}", f"{at:%H%M}")
    acknowledge = "1" if envelope.acknowledgement_requested else "0"
    number = interchange_number(envelope)
    ends = (SEPARATORS.repetition, "00501", number, acknowledge, envelope.usage, SEPARATORS.component)
    segments.lines[-1] += "*" + "*".join(ends)


def interchange_number(envelope: Envelope) -> str:
    """ISA13 and IEA02: nine digits."""
    return f"{envelope.interchange_number:09d}"


class InterchangeWriter:
    """Writes one interchange with one functional group: ``begin``, ``add``..., ``end``, and ``finish`` once."""

    def __init__(self, envelope: Envelope, functional_id: str, version: str) -> None:
        """Open the interchange and its group."""
        self.envelope = envelope
        self.version = version
        self.transactions = 0
        self._segments = SegmentWriter()
        self._first_line = 0
        self.add = self._segments.add
        add_interchange_header(self._segments, envelope)
        at = envelope.created_at
        self.add(
            "GS",
            functional_id,
            envelope.application_sender or envelope.sender_id,
            envelope.application_receiver or envelope.receiver_id,
            day(at),
            f"{at:%H%M}",
            str(envelope.group_number),
            "X",
            version,
        )

    @property
    def _control_number(self) -> str:
        return f"{self.envelope.transaction_number + self.transactions - 1:04d}"

    def begin(self, set_id: str, names_version: bool = True) -> None:
        """Open the next transaction set; ``names_version`` is whether its guide wants the version in ST03."""
        self.transactions += 1
        self._first_line = len(self._segments.lines)
        self.add("ST", set_id, self._control_number, self.version if names_version else "")

    def end(self) -> None:
        """Close the transaction set with its count of segments, ST and SE included."""
        count = len(self._segments.lines) - self._first_line + 1
        self.add("SE", str(count), self._control_number)

    def finish(self) -> bytes:
        """Close group and interchange and hand over the whole file, ASCII, one segment a line."""
        self.add("GE", str(self.transactions), str(self.envelope.group_number))
        self.add("IEA", "1", interchange_number(self.envelope))
        return self._segments.text().encode("ascii")
