"""What a payer says of a claim file it has received, as values: the 277CA before it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.edi.claim_status.status import Statement, Status
from billing.edi.parties import Party, Person

REJECTS = "U"
"""STC03: the claim, or the line, was refused and is not going to be decided."""
ACCEPTS = "WQ"
"""STC03: the claim was taken."""
RECEIVED = (Status("A1", "19", "PR"),)
"""The payer has received it; more is said of each claim."""


@dataclass(frozen=True, slots=True)
class AcknowledgedLine:
    """A service line with a status of its own; only lines that are the reason for a rejection have one."""

    procedure: str
    charge_cents: int
    statement: Statement
    modifiers: tuple[str, ...] = ()
    control_number: str = ""
    """Our line control number (REF*6R of the claim)."""
    service_on: date | None = None


@dataclass(frozen=True, slots=True)
class AcknowledgedClaim:
    """One claim and what became of it. Its statements carry its total charge (STC04) and the action (STC03)."""

    patient: Person
    member_id: str
    control_number: str
    """CLM01 of the claim."""
    statements: tuple[Statement, ...]
    service_from: date
    service_through: date | None = None
    payer_claim_number: str = ""
    clearinghouse_number: str = ""
    lines: tuple[AcknowledgedLine, ...] = ()

    @property
    def is_rejected(self) -> bool:
        """Whether any statement refuses it."""
        return any(statement.action == REJECTS for statement in self.statements)

    @property
    def total_cents(self) -> int:
        """Its charge, as its first statement has it."""
        return next((statement.total_cents or 0 for statement in self.statements), 0)


@dataclass(frozen=True, slots=True)
class AcknowledgedProvider:
    """A billing provider with its claims."""

    name: Party
    npi: str
    claims: tuple[AcknowledgedClaim, ...]
    statuses: tuple[Status, ...] = RECEIVED
    """What is said of all its claims together."""


@dataclass(frozen=True, slots=True)
class AcknowledgedFile:
    """One claim file (one ST of an 837) as a payer answers it.

    The totals at the levels of receiver and provider are reckoned from the claims when it is written.
    """

    payer_name: str
    payer_identifier: str
    receiver: Party
    """Who sent the claims."""
    receiver_identifier: str
    reference: str
    """BHT03 of the answer, by which it is known again."""
    claim_file: str
    """BHT03 of the claim file."""
    received_on: date
    processed_on: date
    providers: tuple[AcknowledgedProvider, ...]
    statuses: tuple[Status, ...] = RECEIVED
    """What is said of the file as a whole."""

    @property
    def claims(self) -> tuple[AcknowledgedClaim, ...]:
        """The claims of all providers."""
        return tuple(claim for provider in self.providers for claim in provider.claims)
