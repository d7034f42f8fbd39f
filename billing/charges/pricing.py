"""What does a code cost on a day?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from billing.charges.models import Fee
from billing.codes.edits import ProcedureLine
from billing.errors import Problem, block


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A coded line with what it costs."""

    code: str
    modifiers: tuple[str, ...]
    units: int
    cents: int | None
    """For all units together; ``None`` when no fee was in effect."""


@dataclass(slots=True)
class FeeSchedule:
    """The fees of one kind, standard or of one payer's contract, each from the day it took effect."""

    by_code: dict[str, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))

    def price(self, code: str, on: date) -> int | None:
        """Cents for one unit on the day; ``None`` when no fee was in effect."""
        in_effect = [(first, cents) for first, cents in self.by_code.get(code, ()) if first <= on]
        return max(in_effect)[1] if in_effect else None


def standard_fees(fees: Iterable[Fee]) -> FeeSchedule:
    """The schedule of the clinic's own fees; what payers' contracts allow is left out."""
    return _schedule(fees, None)


def contract_fees(fees: Iterable[Fee], payer_id: int) -> FeeSchedule:
    """The schedule of what a payer's contract allows; the clinic's own fees are left out."""
    return _schedule(fees, payer_id)


def _schedule(fees: Iterable[Fee], payer_id: int | None) -> FeeSchedule:
    schedule = FeeSchedule()
    for fee in fees:
        if fee.payer_id == payer_id:
            schedule.by_code[fee.code].append((fee.effective_from, fee.cents))
    return schedule


def priced(lines: Iterable[ProcedureLine], schedule: FeeSchedule, on: date) -> list[PricedLine]:
    """The lines with their prices on the day, in order."""
    found = []
    for line in lines:
        unit = schedule.price(line.code, on)
        cents = None if unit is None else unit * line.units
        found.append(PricedLine(line.code, line.modifiers, line.units, cents))
    return found


def total(lines: Collection[PricedLine]) -> int | None:
    """What those of the lines that have a price come to, in cents; ``None`` when there is no line at all."""
    return sum(line.cents or 0 for line in lines) if lines else None


def fee_problems(lines: Iterable[ProcedureLine], schedule: FeeSchedule, on: date) -> list[Problem]:
    """A problem for each code that had no standard fee on the day."""
    missing = dict.fromkeys(line.code for line in lines if schedule.price(line.code, on) is None)
    return [
        block(
            "fee.missing",
            f"{code} has no standard fee in effect on {on}.",
            "Enter the fee with the day it took effect.",
            f"fee:{code}",
        )
        for code in missing
    ]
