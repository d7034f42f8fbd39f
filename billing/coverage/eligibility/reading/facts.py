"""What is read out of an answer, as values, and as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pydantic import TypeAdapter

from billing.edi.eligibility_271.answer import Benefit

UNLIMITED = "unlimited"
"""The value of a limit when the payer says that there is none."""

DISCLAIMER = (
    "What a payer says about cover is no guarantee of payment: it pays by the plan's terms and the patient's cover on "
    "the day of the visit."
)


class FactKind(StrEnum):
    """One thing the desk wants to know."""

    ACTIVE = "active"
    COVERED = "covered"
    """Whether acupuncture is."""
    COPAY = "copay"
    COINSURANCE = "coinsurance"
    """The patient's share in hundredths of a percent."""
    DEDUCTIBLE = "deductible"
    """The whole of it, for a year."""
    DEDUCTIBLE_LEFT = "deductible_left"
    FAMILY_DEDUCTIBLE = "family_deductible"
    FAMILY_DEDUCTIBLE_LEFT = "family_deductible_left"
    OUT_OF_POCKET = "out_of_pocket"
    OUT_OF_POCKET_LEFT = "out_of_pocket_left"
    FAMILY_OUT_OF_POCKET = "family_out_of_pocket"
    FAMILY_OUT_OF_POCKET_LEFT = "family_pocket_left"
    VISITS_ALLOWED = "visits_allowed"
    VISITS_LEFT = "visits_left"
    DOLLARS_ALLOWED = "dollars_allowed"
    DOLLARS_LEFT = "dollars_left"
    PERIOD = "period"
    """In which year limits count: ``calendar_year`` or ``plan_year``."""
    SHARED = "shared"
    """Other therapies that use up the same visits, as ``chiropractic and therapy``."""
    AUTHORISATION = "authorisation"
    """Whether one is needed."""
    PLAN = "plan"
    GROUP = "group"
    STARTS_ON = "starts_on"
    ENDS_ON = "ends_on"


YES_OR_NO = frozenset({FactKind.ACTIVE, FactKind.COVERED, FactKind.AUTHORISATION})
AMOUNTS = frozenset(
    {
        FactKind.COPAY,
        FactKind.DEDUCTIBLE,
        FactKind.DEDUCTIBLE_LEFT,
        FactKind.FAMILY_DEDUCTIBLE,
        FactKind.FAMILY_DEDUCTIBLE_LEFT,
        FactKind.OUT_OF_POCKET,
        FactKind.OUT_OF_POCKET_LEFT,
        FactKind.FAMILY_OUT_OF_POCKET,
        FactKind.FAMILY_OUT_OF_POCKET_LEFT,
        FactKind.DOLLARS_ALLOWED,
        FactKind.DOLLARS_LEFT,
    }
)
"""Facts in cents."""

Value = bool | int | str | None
"""A truth, cents, visits or hundredths of a percent, a text, a day as ``2026-03-01``; ``None`` is not known."""


@dataclass(frozen=True, slots=True)
class Other:
    """A row that says something about the same thing and was not chosen."""

    row: int
    why_not: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing, as far as the answer tells it."""

    kind: FactKind
    value: Value
    why: str
    """Which row it is and why that one; or why it is not known."""
    rows: tuple[int, ...] = ()
    """The rows it is taken from, by their number in the answer, from 1."""
    others: tuple[Other, ...] = ()
    conflict: str = ""
    """How rows of equal weight contradict each other; empty when they do not."""
    remarks: tuple[str, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether the answer tells it."""
        return self.value is not None


class NoteKind(StrEnum):
    """Why something is put before a person besides the facts."""

    TEXT = "text"
    """The payer's own words."""
    LIMIT_IN_TEXT = "limit in text"
    """Words that may hold a limit that stands nowhere else."""
    OTHER_PAYER = "other payer"
    ASK_ELSEWHERE = "ask elsewhere"
    EXCLUSION = "exclusion"
    SHARED = "shared"
    MISPLACED = "misplaced"
    """A row that stands where nobody can tell whom it is about."""
    FURTHER_LIMIT = "further limit"
    CONDITION = "condition"


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should read; about which row, from 1."""

    kind: NoteKind
    row: int
    text: str


@dataclass(frozen=True, slots=True)
class RejectionRead:
    """Why the payer did not answer, in words, and what to do."""

    reason: str
    follow_up: str
    words: str
    fix: str
    may_ask_again: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What an answer says about one patient on one day."""

    on: date
    in_network: bool | None
    """For which network it was read; ``None`` where that is not known."""
    facts: tuple[Fact, ...]
    notes: tuple[Note, ...] = ()
    rejections: tuple[RejectionRead, ...] = ()
    row_count: int = 0

    def fact(self, kind: FactKind) -> Fact:
        """The fact of that kind; every reading has each once."""
        return next(one for one in self.facts if one.kind is kind)

    def value(self, kind: FactKind) -> Value:
        """What is known of it."""
        return self.fact(kind).value

    @property
    def is_rejected(self) -> bool:
        """Whether the payer answered nothing but that it does not."""
        return bool(self.rejections) and not self.row_count

    @property
    def conflicts(self) -> list[Fact]:
        """Where rows contradict each other."""
        return [one for one in self.facts if one.conflict]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """For what an answer is read."""

    on: date
    """The day of treatment asked about."""
    in_network: bool | None
    """Whether who treats is in the payer's network; ``None`` when nobody knows."""
    place_of_service: str = "11"


READING: TypeAdapter[Reading] = TypeAdapter(Reading)
ROWS: TypeAdapter[tuple[Benefit, ...]] = TypeAdapter(tuple[Benefit, ...])
"""The rows of an answer as JSON, and back."""
