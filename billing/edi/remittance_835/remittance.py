"""What an 835 says, as values. Tuples rather than dataclasses: one file makes millions of them.

Codes are kept as they were sent, known or not; amounts are cents. An amount that cannot be cents is
read as zero and is a finding that blocks its payment.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Adjustment(NamedTuple):
    """One part of a charge that was not paid, and why (CAS)."""

    group: str
    """CAS01: ``CO``, ``PR``, ``OA``, ``PI``, or whatever was sent."""
    reason: str
    """The claim adjustment reason code (CARC)."""
    cents: int
    """Above zero it lowers the payment; a reversal turns the sign."""
    quantity: str = ""


class Procedure(NamedTuple):
    """A composite procedure: ``HC:97810:GP``."""

    qualifier: str
    code: str
    modifiers: tuple[str, ...] = ()


class ServicePayment(NamedTuple):
    """What was decided about one line (loop 2110)."""

    procedure: Procedure
    """SVC01: the procedure as the payer adjudicated it."""
    charge_cents: int
    paid_cents: int
    submitted: Procedure | None = None
    """SVC06: the procedure as it was billed, when the payer changed it."""
    units: str = ""
    """SVC05 as written; empty means one."""
    service_on: date | None = None
    service_through: date | None = None
    control_number: str = ""
    """REF*6R: our line control number."""
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()
    """Remark codes (LQ*HE)."""
    allowed_cents: int | None = None
    """AMT*B6; information only, never in a sum."""


class ClaimPayment(NamedTuple):
    """What was decided about one claim (loop 2100)."""

    ordinal: int
    """Place among the claims of its payment, from 1."""
    control_number: str
    """CLP01: our patient control number, if it is our claim."""
    status: str
    """CLP02: ``1`` processed as primary, ``4`` denied, ``22`` reversal …"""
    charge_cents: int
    paid_cents: int
    patient_cents: int
    """CLP05; information only."""
    payer_claim_number: str = ""
    """CLP07."""
    filing_indicator: str = ""
    service_from: date | None = None
    service_through: date | None = None
    patient_last_name: str = ""
    patient_first_name: str = ""
    patient_identifier: str = ""
    """NM109 of the patient, or else of the insured: the member number."""
    forwarded_to: str = ""
    """NM1*TT: the payer to which the claim was passed on."""
    interest_cents: int = 0
    """AMT*I; information only, its money is in a provider-level adjustment."""
    adjustments: tuple[Adjustment, ...] = ()
    """At the claim, not at a line."""
    remarks: tuple[str, ...] = ()
    """Remark codes of MIA and MOA."""
    lines: tuple[ServicePayment, ...] = ()
    position: int = 0
    """The CLP's place among the segments of the source, from 1."""


class ProviderAdjustment(NamedTuple):
    """What was withheld from, or added to, the payment for no claim in particular (PLB)."""

    provider: str
    reason: str
    """PLB03-1: ``WO``, ``FB``, ``L6`` …"""
    reference: str
    """PLB03-2."""
    cents: int
    """Above zero it lowers the payment."""


class PaymentHeader(NamedTuple):
    """The check or transfer (BPR, TRN, N1*PR, N1*PE)."""

    handling: str = ""
    """BPR01: ``I`` money and advice together, ``H`` advice only …"""
    paid_cents: int = 0
    """BPR02."""
    direction: str = "C"
    """BPR03: ``C`` the payer pays, ``D`` the payer takes."""
    method: str = ""
    """BPR04: ``ACH``, ``CHK``, ``FWT``, ``NON`` …"""
    paid_on: date | None = None
    """BPR16."""
    trace_number: str = ""
    """TRN02: the number of the check or transfer."""
    originator: str = ""
    """TRN03: who pays, usually ``1`` and the payer's tax number."""
    payer_name: str = ""
    payer_identifier: str = ""
    """N104 of the payer, or else its REF*2U."""
    payee_name: str = ""
    payee_identifier: str = ""
    """N104 of the payee: an NPI or a tax number."""
    produced_on: date | None = None
    """DTM*405."""
