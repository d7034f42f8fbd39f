"""What a payer decided about claims, as the page of its payment shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

CLAIMS_AT_ONCE = 50
"""Shown on one page."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a charge that was not paid, and why, in our words."""

    words: str
    cents: int


@dataclass(frozen=True, slots=True)
class DecidedLine:
    """A charge, and what was decided about it."""

    service_on: date | None
    code: str
    modifiers: Sequence[str]
    charge_cents: int
    paid_cents: int
    parts: Sequence[Part]
    remarks: Sequence[str] = ()
    """Our words for the remark codes."""
    is_denied: bool = False
    patient_cents: int = 0
    """What of it is left to the patient."""


@dataclass(frozen=True, slots=True)
class DecidedClaim:
    """A claim, and what a payment said of it."""

    number: str
    claim_id: int | None
    """``None`` when it is no claim of ours."""
    patient_id: int | None
    patient: str
    charge_cents: int
    paid_cents: int
    patient_cents: int
    """What is left to the patient."""
    lines: Sequence[DecidedLine]
    parts: Sequence[Part] = ()
    """What was said of the claim as a whole."""
    is_denial: bool = False
    taken_back_at: datetime | None = None
    is_reversal: bool = False
    """Whether this payment takes back what an earlier decision paid; its amounts are those, below zero."""

    @property
    def reasons(self) -> list[Part]:
        """Why how much was not paid, over all lines and the claim as a whole."""
        sums: dict[str, int] = {}
        for part in (*self.parts, *(part for line in self.lines for part in line.parts)):
            sums[part.words] = sums.get(part.words, 0) + part.cents
        return [Part(words, cents) for words, cents in sums.items()]


@dataclass(frozen=True, slots=True)
class ClaimsPage:
    """Some of a payment's claims."""

    claims: Sequence[DecidedClaim]
    total: int
    first: int
    """The place of the first one shown, from 1."""

    @property
    def next(self) -> int | None:
        """The first place of the next page; ``None`` on the last one."""
        following = self.first + CLAIMS_AT_ONCE
        return following if following <= self.total else None

    @property
    def before(self) -> int | None:
        """The first place of the page before; ``None`` on the first one."""
        return max(1, self.first - CLAIMS_AT_ONCE) if self.first > 1 else None
