"""What a TA1 and a 999 say, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Decision(StrEnum):
    """TA104, IK501 and AK901, brought to one list."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    PARTLY_ACCEPTED = "P"
    REJECTED = "R"
    """Also the codes ``M``, ``W`` and ``X``, which reject for reasons of security."""


@dataclass(frozen=True, slots=True)
class InterchangeAnswer:
    """A TA1: whether an interchange's envelope could be read."""

    control_number: str
    """TA101: ISA13 of the interchange that is answered, as written."""
    decision: Decision
    note: str
    """TA105, such as ``000`` or ``025``."""
    answered_on: date | None
    """Date of the interchange that carries the answer."""
    reference: str
    """ISA13 of the interchange that carries the answer."""
    sent_date: str = ""
    """TA102: ISA09 of the interchange that is answered, as written."""
    sent_time: str = ""
    """TA103: its ISA10, as written."""


@dataclass(frozen=True, slots=True)
class SegmentError:
    """IK3 with its IK4: something that was wrong in a transaction set."""

    segment: str
    position: int
    """Of the segment in its transaction set, ST being 1."""
    loop: str
    code: str
    """IK304, such as ``8``: the segment has element errors."""
    elements: tuple[tuple[str, str], ...] = ()
    """Per IK4 the element's place (``2`` or ``2:1``) and the code (IK403). Never the bad data itself."""


@dataclass(frozen=True, slots=True)
class SetAnswer:
    """AK2 to IK5: what became of one transaction set."""

    set_id: str
    """AK201, such as ``837``."""
    control_number: str
    """AK202: ST02 of the set that is answered."""
    decision: Decision
    codes: tuple[str, ...] = ()
    """IK502 to IK506."""
    errors: tuple[SegmentError, ...] = ()
    version: str = ""
    """AK203: ST03 of the set that is answered, such as ``005010X221A1``."""


@dataclass(frozen=True, slots=True)
class GroupAnswer:
    """One 999: what became of a functional group and of the sets in it that are mentioned."""

    functional_id: str
    """AK101, such as ``HC``."""
    control_number: str
    """AK102: GS06 of the group that is answered, as written."""
    version: str
    decision: Decision
    """AK901."""
    sets: tuple[SetAnswer, ...]
    included: int
    received: int
    accepted: int
    answered_on: date | None
    """Date of the group that carries the answer."""
    reference: str
    """ISA13, GS06 and ST02 of the answer, joined by hyphens."""
    codes: tuple[str, ...] = ()
    """AK905 to AK909."""
