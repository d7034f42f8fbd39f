"""What a search finds, and for whom it looks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing.access.permissions import Permission, Role, may


class HitKind(StrEnum):
    """What was found, as a list's heading says it."""

    PATIENT = "patient"
    DAY = "day"
    """All sessions of a day."""
    SESSION = "session"
    CLAIM = "claim"
    PAYMENT = "payment"
    """A patient's; it is opened where the patient's money stands."""
    REMITTANCE = "remittance"
    PAPER = "paper"
    """An invoice, a superbill, a receipt or a statement."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that fits."""

    kind: HitKind
    id: int
    """Of the record to open; of a payment, the patient's."""
    title: str
    line: str
    """What tells it from others like it."""
    why: str
    """What fits."""
    on: date | None = None
    """The day to open, of a day."""
    is_exact: bool = False
    """Whether it is surely what was meant: a whole number or name."""


@dataclass(frozen=True, slots=True)
class Seeker:
    """Who looks, and where and when it is."""

    role: Role
    today: date
    zone: str
    currency: str
    day_first: bool
    """Whether ``5/11`` is the fifth of November there."""
    country: str = ""
    """Where telephone numbers without a country code belong (ISO 3166)."""

    def sees(self, permission: Permission) -> bool:
        """Whether they may see what needs that permission."""
        return may(self.role, permission)
