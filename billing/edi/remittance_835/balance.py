"""Whether a payment adds up: every line, every claim, and the check itself.

The sums are those of the balancing section of X12 005010X221A1::

    line      charge (SVC02) - adjustments of the line            = paid (SVC03)
    claim     charge (CLP03) - adjustments of claim and lines     = paid (CLP04)
    claim     paid for its lines - adjustments of the claim       = paid (CLP04), when lines are sent
    payment   sum of CLP04 - provider-level adjustments           = check (BPR02)

Amounts that are information only (allowed, interest, patient responsibility) have no part in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from billing.edi.remittance_835.remittance import ClaimPayment, PaymentHeader, ProviderAdjustment
from billing.money import text_from_cents

MOST_KEPT = 50
"""So many imbalances of a payment are spelled out; the others are counted."""

Level = Literal["line", "claim", "payment"]


class Imbalance(NamedTuple):
    """A sum that does not come out."""

    level: Level
    where: str
    """Such as ``claim MER0000012 line 2 (97810)``: numbers and codes, never a name."""
    arithmetic: str
    """Such as ``150.00 - 94.00 = 56.00, but 57.00 was paid``."""

    def __str__(self) -> str:
        return f"{self.where}: {self.arithmetic}"


class Balance:
    """The sums of one payment, made while its claims go by. All amounts are cents."""

    __slots__ = ("check_cents", "claims", "claims_paid_cents", "further", "imbalances", "provider_cents")

    def __init__(self) -> None:
        """Nothing was paid so far."""
        self.claims = 0
        self.claims_paid_cents = 0
        self.provider_cents = 0
        self.check_cents: int | None = None
        """BPR02, below zero when the payer takes; ``None`` until :meth:`close`."""
        self.imbalances: list[Imbalance] = []
        self.further = 0
        """How many imbalances there are beyond the first fifty."""

    def take(self, claim: ClaimPayment) -> None:
        """Add a claim, and check its sums."""
        at_claim = 0
        for adjustment in claim.adjustments:
            at_claim += adjustment.cents
        adjusted, paid_for_lines, are_lines_right = at_claim, 0, True
        for line in claim.lines:
            at_line = 0
            for _, _, cents, _ in line.adjustments:
                at_line += cents
            paid = line.paid_cents
            if line.charge_cents - at_line != paid:
                are_lines_right = False
            adjusted += at_line
            paid_for_lines += paid
        paid = claim.paid_cents
        if not are_lines_right:
            self._note_lines(claim)
        if claim.charge_cents - adjusted != paid:
            self._note("claim", _name(claim), _difference(claim.charge_cents, adjusted, paid))
        if paid_for_lines - at_claim != paid and claim.lines:
            self._note("claim", f"the lines of {_name(claim)}", _difference(paid_for_lines, at_claim, paid))
        self.claims += 1
        self.claims_paid_cents += paid

    def close(self, header: PaymentHeader, provider_adjustments: Iterable[ProviderAdjustment]) -> None:
        """Check the payment itself, once all its claims were taken."""
        self.provider_cents = sum(adjustment.cents for adjustment in provider_adjustments)
        self.check_cents = -header.paid_cents if header.direction == "D" else header.paid_cents
        left = self.claims_paid_cents - self.provider_cents
        if left != self.check_cents:
            said = text_from_cents(self.check_cents)
            self._note("payment", "check", f"{self._sum} = {text_from_cents(left)}, but the check says {said}")

    @property
    def is_balanced(self) -> bool:
        """Whether every sum came out so far."""
        return not self.imbalances

    @property
    def arithmetic(self) -> str:
        """How the check is made up, and then each sum that does not come out, one a line."""
        lines = [str(imbalance) for imbalance in self.imbalances if imbalance.level != "payment"]
        if self.further:
            lines.append(f"and {self.further} more sums that do not come out")
        return "\n".join([self._check, *lines])

    @property
    def _check(self) -> str:
        left = text_from_cents(self.claims_paid_cents - self.provider_cents)
        if self.check_cents is None:
            return f"So far {left} = {self._sum}"
        check = text_from_cents(self.check_cents)
        return f"Check {check} = {self._sum}" if check == left else f"Check {check}, but {self._sum} = {left}"

    @property
    def _sum(self) -> str:
        claims, provider = text_from_cents(self.claims_paid_cents), text_from_cents(self.provider_cents)
        return f"claims {claims} - provider-level {provider}"

    def _note_lines(self, claim: ClaimPayment) -> None:
        for number, line in enumerate(claim.lines, start=1):
            adjusted = sum(adjustment.cents for adjustment in line.adjustments)
            if line.charge_cents - adjusted != line.paid_cents:
                code = f" ({line.procedure.code})" if line.procedure.code else ""
                where = f"{_name(claim)} line {number}{code}"
                self._note("line", where, _difference(line.charge_cents, adjusted, line.paid_cents))

    def _note(self, level: Level, where: str, arithmetic: str) -> None:
        if len(self.imbalances) < MOST_KEPT:
            self.imbalances.append(Imbalance(level, where, arithmetic))
        else:
            self.further += 1


def balance_of(
    header: PaymentHeader, claims: Iterable[ClaimPayment], provider_adjustments: Iterable[ProviderAdjustment]
) -> Balance:
    """The balance of a whole payment."""
    balance = Balance()
    for claim in claims:
        balance.take(claim)
    balance.close(header, provider_adjustments)
    return balance


def _name(claim: ClaimPayment) -> str:
    return f"claim {claim.control_number}"


def _difference(charge: int, adjusted: int, paid: int) -> str:
    left = text_from_cents(charge - adjusted)
    return f"{text_from_cents(charge)} - {text_from_cents(adjusted)} = {left}, but {text_from_cents(paid)} was paid"
