"""A decision taken back, and decided again: pure functions from a claim's payment to another."""

from __future__ import annotations

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.deciding import patient_cents
from billing.edi.claim_codes import AdjustmentGroup
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, ServicePayment

REVERSAL = "22"
_FEE_SCHEDULE = "45"


def taken_back(payment: ClaimPayment) -> ClaimPayment:
    """The reversal of ``payment``: the same reasons with every amount turned (X12 005010X221A1, section 1.10.2.8)."""
    return payment._replace(
        status=REVERSAL,
        charge_cents=-payment.charge_cents,
        paid_cents=-payment.paid_cents,
        patient_cents=-payment.patient_cents,
        interest_cents=0,
        forwarded_to="",
        remarks=(),
        adjustments=tuple(map(_turned, payment.adjustments)),
        lines=tuple(map(_line_taken_back, payment.lines)),
    )


def decided_again(payment: ClaimPayment, chance: Chance) -> ClaimPayment:
    """The correction that follows a reversal: the allowed amount was a little too high or too low."""
    percent = chance.of(payment.control_number).pick("correction", (-10, -5, 5))
    lines = tuple(_line_decided_again(line, percent) for line in payment.lines)
    return payment._replace(
        paid_cents=payment.paid_cents + sum(line.paid_cents for line in lines) - _paid(payment),
        patient_cents=patient_cents(lines),
        interest_cents=0,
        lines=lines,
    )


def _paid(payment: ClaimPayment) -> int:
    return sum(line.paid_cents for line in payment.lines)


def _turned(adjustment: Adjustment) -> Adjustment:
    return adjustment._replace(cents=-adjustment.cents)


def _line_taken_back(line: ServicePayment) -> ServicePayment:
    return line._replace(
        charge_cents=-line.charge_cents,
        paid_cents=-line.paid_cents,
        adjustments=tuple(map(_turned, line.adjustments)),
        remarks=(),
        allowed_cents=None,
    )


def _line_decided_again(line: ServicePayment, percent: int) -> ServicePayment:
    """The payment changes by ``percent``, and the contractual reduction by as much the other way, as far as it goes."""
    reduction = next((one for one in line.adjustments if one.reason == _FEE_SCHEDULE), None)
    before = reduction.cents if reduction else 0
    more = min(line.paid_cents * percent // 100, before)
    after = Adjustment(AdjustmentGroup.CONTRACTUAL, _FEE_SCHEDULE, before - more)
    others = tuple(one for one in line.adjustments if one is not reduction)
    return line._replace(
        paid_cents=line.paid_cents + more,
        adjustments=(after, *others) if after.cents else others,
        allowed_cents=None if line.allowed_cents is None else line.allowed_cents + more,
    )
