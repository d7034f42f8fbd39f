"""What does a code cost on a day?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from billing.charges.models import Fee
from billing.codes.edits import ProcedureLine
from billing.errors import Problem, block


@dataclass(slots=True)
class FeeSchedule:
    """The standard fees, each from the day it took effect."""

    by_code: dict[str, list[tuple[date, int]]] = field(default_factory=lambda: defaultdict(list))

    def price(self, code: str, on: date) -> int | None:
        """Cents for one unit on the day; ``None`` when no fee was in effect."""
        in_effect = [(first, cents) for first, cents in self.by_code.get(code, ()) if first <= on]
        return max(in_effect)[1] if in_effect else None


def standard_fees(fees: Iterable[Fee]) -> FeeSchedule:
    """The schedule of the clinic's own fees; what payers' contracts allow is left out."""
    schedule = FeeSchedule()
    for fee in fees:
        if fee.payer_id is None:
            schedule.by_code[fee.code].append((fee.effective_from, fee.cents))
    return schedule


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
