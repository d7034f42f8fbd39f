"""What a 277CA or a 277 says, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """At which level of the tree a status stands (HL03)."""

    SOURCE = "20"
    """The one who answers."""
    RECEIVER = "21"
    """The whole file that was sent."""
    PROVIDER = "19"
    """All claims of one billing provider in it."""
    CLAIM = "22"
    """One claim (also at a dependent's level, ``23``)."""


@dataclass(frozen=True, slots=True)
class Status:
    """One status composite of an STC."""

    category: str
    """Such as ``A2``, ``A3``, ``F1``, ``P1``."""
    code: str
    """The claim status code, such as ``20`` or ``33``."""
    entity: str = ""
    """Whom it concerns, such as ``85`` for the billing provider."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One STC: up to three statuses said together."""

    statuses: tuple[Status, ...]
    said_on: date | None
    """STC02."""
    action: str = ""
    """STC03: ``WQ`` accept, ``U`` reject; only in a 277CA."""
    total_cents: int | None = None
    """STC04."""
    message: str = ""
    """STC12."""


@dataclass(frozen=True, slots=True)
class StatusReport:
    """What is said of one claim, one provider's claims, or a whole file."""

    level: Level
    trace_number: str
    """TRN02: the patient control number at a claim; BHT03 of the claim file at the receiver's level."""
    statements: tuple[Statement, ...]
    payer_claim_number: str = ""
    """REF*1K."""
    control_number: str = ""
    """REF*EJ: the patient control number, in a 277 whose trace is another."""
    clearinghouse_number: str = ""
    """REF*D9."""
    line_statements: tuple[tuple[str, tuple[Statement, ...]], ...] = ()
    """Per service line with a status of its own, its line control number (REF*FJ) and the statements."""


@dataclass(frozen=True, slots=True)
class StatusFile:
    """One ST to SE."""

    kind: str
    """``277CA`` or ``277``."""
    reports: tuple[StatusReport, ...]
    reference: str
    """BHT03, by which the same answer is known again, in whatever file it comes."""
    produced_on: date | None
    """BHT04."""


def status_kind(version: str, structure: str) -> str:
    """``277CA`` or ``277``, by ST03 or GS08 (X214, and the older X167) or else by BHT01 (``0085``)."""
    is_acknowledgement = structure == "0085" or "X214" in version or "X167" in version
    return "277CA" if is_acknowledgement else "277"
