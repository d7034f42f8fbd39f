"""Which earlier decisions a payer takes back or replaces, and the mirror of what they put into the books. Pure.

Of several decisions about one charge on one claim the last stands. A reversal takes back whole decisions,
and only when it names the same amounts with the sign turned.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from billing.edi.remittance_835.remittance import ClaimPayment
from billing.ledger.accounts import kind_of
from billing.ledger.posting import Line, NewEntry
from billing.remittances.adjudicating import LineDecision

REVERSAL_OF = "reversal:"
"""What the source of an entry's mirror begins with."""
_DEPOSIT = "deposit"


@dataclass(slots=True)
class StandingLine:
    """A line of a decision that stands."""

    position: int
    decision: LineDecision
    posted: Sequence[Line]
    """What of it is in the books: nothing when nothing was posted, or when it has been mirrored."""


@dataclass(slots=True)
class Standing:
    """A decision on a claim that has not been taken back."""

    source: str
    charge_cents: int
    lines: list[StandingLine]

    @property
    def paid_cents(self) -> int:
        """What it paid."""
        return sum(line.decision.paid_cents for line in self.lines)

    @property
    def decisions(self) -> list[LineDecision]:
        """What it decided about each of its charges."""
        return [line.decision for line in self.lines]


def current(standings: Iterable[Standing]) -> dict[int, StandingLine]:
    """For each charge the line that stands, of decisions in the order in which they were made."""
    return {line.decision.charge_id: line for one in standings for line in one.lines}


def taken_back(
    payment: ClaimPayment, reversed_lines: Sequence[LineDecision], standings: list[Standing]
) -> list[Standing]:
    """The decisions that a reversal means; none when there are none, or they say other amounts.

    ``reversed_lines`` are the reversal's own lines, its amounts below zero; empty when it names none.
    """
    if not reversed_lines:
        return _taken_back_whole(payment, standings)
    charges = {line.charge_id for line in reversed_lines}
    meant = [one for one in standings if charges & {line.charge_id for line in one.decisions}]
    stand = {charge_id: _amounts(line.decision) for charge_id, line in current(meant).items()}
    turned = {line.charge_id: _amounts(line, -1) for line in reversed_lines}
    return meant if stand == turned else []


def _amounts(decision: LineDecision, sign: int = 1) -> tuple[int, dict[str, int]]:
    return sign * decision.paid_cents, {group: sign * cents for group, cents in decision.groups.items()}


def _taken_back_whole(payment: ClaimPayment, standings: list[Standing]) -> list[Standing]:
    turned = (-payment.charge_cents, -payment.paid_cents)
    for meant in (*([one] for one in reversed(standings)), standings):
        if turned == (sum(one.charge_cents for one in meant), sum(one.paid_cents for one in meant)):
            return meant
    return []


def mirror(standing: Standing, line: StandingLine, deposit: str, booked_on: date) -> NewEntry:
    """The entry that undoes what a line posted; its money comes out of ``deposit``, the payment that took it back."""
    source = f"{standing.source}:line:{line.position}"
    undone = [
        Line(deposit if kind_of(one.account) == _DEPOSIT else one.account, -one.cents, one.about) for one in line.posted
    ]
    return NewEntry(f"{REVERSAL_OF}{source}", booked_on, f"Reversal of {source}", undone)
