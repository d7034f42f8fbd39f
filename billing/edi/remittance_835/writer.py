"""Payments to an 835 interchange (X12 005010X221A1), as a payer writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from typing import TypeVar

from billing.edi.envelope_writer import Envelope, InterchangeWriter
from billing.edi.party_segments import add_address, contact
from billing.edi.remittance_835.guide_835 import GUIDE_835, VERSION_835
from billing.edi.remittance_835.payment_to_write import PaymentToWrite
from billing.edi.remittance_835.places import MOST_TRIPLES
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment, Procedure, ServicePayment
from billing.edi.segment_writer import AddSegment, amount, day
from billing.edi.self_check import refuse_faults

_NPI_DIGITS = 10
_Value = TypeVar("_Value")


def encode_835(payments: Sequence[PaymentToWrite], envelope: Envelope) -> bytes:
    """One interchange with a transaction set for each of ``payments``, ASCII, one segment a line.

    Raises ``ValueError`` when there are no payments, when a sum of one does not come out or its values
    contradict each other, or when a text holds a separator or a character outside printable ASCII; and
    :class:`~billing.errors.Refused` with all problems when the table of the guide refuses a value.
    """
    if not payments:
        raise ValueError("an interchange without a transaction set is none")
    if faults := [fault for payment in payments for fault in payment.faults()]:
        raise ValueError("\n".join(faults))
    writer = InterchangeWriter(envelope, "HP", VERSION_835)
    for payment in payments:
        writer.begin("835", names_version=False)
        _add_header(writer.add, payment)
        if payment.claims:
            writer.add("LX", "1")
        for claim in payment.claims:
            _add_claim(writer.add, claim)
        _add_provider_adjustments(writer.add, payment)
        writer.end()
    return refuse_faults(writer.finish(), GUIDE_835, "an 835")


def _add_header(add: AddSegment, payment: PaymentToWrite) -> None:
    """Everything before the claims, with the loops 1000A and 1000B."""
    header, banks = payment.header, [""] * 11
    if transfer := payment.transfer:
        ours = ("01", transfer.from_bank, "DA", transfer.from_account, header.originator)
        banks = ["CCP", *ours, "", "01", transfer.to_bank, "DA", transfer.to_account]
    paid_on = _day(header.paid_on)
    add("BPR", header.handling, amount(header.paid_cents), header.direction, header.method, *banks, paid_on)
    add("TRN", "1", header.trace_number, header.originator)
    if payment.receiver:
        add("REF", "EV", payment.receiver)
    _add_day(add, "405", header.produced_on)
    add("N1", "PR", header.payer_name)
    add_address(add, payment.payer_address)
    if header.payer_identifier:
        add("REF", "2U", header.payer_identifier)
    add("PER", "BL", *contact(payment.payer_contact)[1:])
    is_npi = len(header.payee_identifier) == _NPI_DIGITS and header.payee_identifier.isdecimal()
    add("N1", "PE", header.payee_name, "XX" if is_npi else "FI", header.payee_identifier)
    add_address(add, payment.payee_address)


def _add_claim(add: AddSegment, claim: ClaimPayment) -> None:
    """2100 with the lines below it."""
    amounts = (amount(claim.charge_cents), amount(claim.paid_cents), amount(claim.patient_cents))
    payer = (claim.filing_indicator, claim.payer_claim_number)
    add("CLP", claim.control_number, claim.status, *amounts, *payer)
    _add_adjustments(add, claim.adjustments)
    identified = ("", "", "", "MI", claim.patient_identifier) if claim.patient_identifier else ()
    add("NM1", "QC", "1", claim.patient_last_name, claim.patient_first_name, *identified)
    if claim.remarks:
        add("MOA", "", "", *claim.remarks)
    _add_day(add, "232", claim.service_from)
    _add_day(add, "233", claim.service_through)
    if claim.interest_cents:
        add("AMT", "I", amount(claim.interest_cents))
    for line in claim.lines:
        _add_line(add, line)


def _add_line(add: AddSegment, line: ServicePayment) -> None:
    """2110."""
    submitted = _procedure(line.submitted) if line.submitted else ""
    amounts = (amount(line.charge_cents), amount(line.paid_cents))
    add("SVC", _procedure(line.procedure), *amounts, "", line.units, submitted)
    if line.service_through:
        _add_day(add, "150", line.service_on)
        _add_day(add, "151", line.service_through)
    else:
        _add_day(add, "472", line.service_on)
    _add_adjustments(add, line.adjustments)
    if line.control_number:
        add("REF", "6R", line.control_number)
    if line.allowed_cents is not None:
        add("AMT", "B6", amount(line.allowed_cents))
    for remark in line.remarks:
        add("LQ", "HE", remark)


def _add_adjustments(add: AddSegment, adjustments: Iterable[Adjustment]) -> None:
    """CAS: those of one group that follow each other go together, six to a segment."""
    for group, same in groupby(adjustments, key=lambda adjustment: adjustment.group):
        for some in _in_sixes(list(same)):
            triples = [(one.reason, amount(one.cents), one.quantity) for one in some]
            add("CAS", group, *[element for triple in triples for element in triple])


def _add_provider_adjustments(add: AddSegment, payment: PaymentToWrite) -> None:
    """PLB: those of one provider that follow each other go together, six to a segment."""
    for provider, same in groupby(payment.provider_adjustments, key=lambda adjustment: adjustment.provider):
        for some in _in_sixes(list(same)):
            pairs = [((one.reason, one.reference), amount(one.cents)) for one in some]
            add("PLB", provider, day(payment.fiscal_year_end), *[element for pair in pairs for element in pair])


def _in_sixes(values: list[_Value]) -> Iterable[list[_Value]]:
    return (values[start : start + MOST_TRIPLES] for start in range(0, len(values), MOST_TRIPLES))


def _procedure(procedure: Procedure) -> tuple[str, ...]:
    return (procedure.qualifier, procedure.code, *procedure.modifiers)


def _day(value: date | None) -> str:
    return day(value) if value else ""


def _add_day(add: AddSegment, qualifier: str, value: date | None) -> None:
    if value:
        add("DTM", qualifier, day(value))
