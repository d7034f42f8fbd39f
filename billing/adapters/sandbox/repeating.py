"""The same services billed once more: how the payer notices, and what it answers."""

from __future__ import annotations

from datetime import date

from billing.edi.claim_codes import AdjustmentGroup
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, Procedure, ServicePayment

DUPLICATE = "18"
"""The reason code of an exact duplicate; in group OA, but CO in workers' compensation."""

_DENIED = "4"
_WORKERS_COMPENSATION = "WC"

Billed = tuple[str, str, tuple[tuple[Procedure, int, date | None], ...]]
"""The member and the patient's first name, and each line's procedure, charge in cents and day, sorted."""


def what_was_billed(payment: ClaimPayment) -> Billed:
    """What tells one claim from another of the same clinic; a reversal and what it takes back have it in common."""
    lines = [(line.procedure, abs(line.charge_cents), line.service_on) for line in payment.lines]
    return payment.patient_identifier, payment.patient_first_name, tuple(sorted(lines, key=str))


def refused_as_repeated(payment: ClaimPayment) -> ClaimPayment:
    """The answer in place of ``payment`` when the same was decided before: nothing, and nobody owes it."""
    is_compensation = payment.filing_indicator == _WORKERS_COMPENSATION
    group = AdjustmentGroup.CONTRACTUAL if is_compensation else AdjustmentGroup.OTHER
    lines = tuple(_refused(line, group) for line in payment.lines)
    return payment._replace(status=_DENIED, paid_cents=0, patient_cents=0, remarks=(), lines=lines)


def is_refused_as_repeated(payment: ClaimPayment) -> bool:
    """Whether ``payment`` says no more than that there was another decision."""
    return {one.reason for line in payment.lines for one in line.adjustments} == {DUPLICATE}


def _refused(line: ServicePayment, group: AdjustmentGroup) -> ServicePayment:
    adjustment = Adjustment(group, DUPLICATE, line.charge_cents)
    return line._replace(paid_cents=0, adjustments=(adjustment,), remarks=(), allowed_cents=None)
