"""The receipt: who paid whom how much, when and how, and for which services; or what was given back.

It has what an American health savings or flexible spending account asks for (who, provider, date, service,
amount: IRS Publications 969 and 502), and what a British cash plan does (name and qualification of who treated).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.money import Money
from billing.pdf.page import amount_text
from billing.pdf.paper import Column, Fact, Paper, column_width
from billing.pdf.parts import Letterhead, Party, Payment, Practitioner, Region, total_of

_DATE, _WHAT, _WHO, _AMOUNT = "Date of service", "For", "Treated by", "Amount"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """What a part of the money was put to."""

    description: str
    amount: Money
    on: date | None = None
    """The date of service."""
    treated_by: str = ""
    explanation: str = ""
    """Small print under the line."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """All that a receipt prints. Its total is the sum of its lines and cannot be given differently."""

    number: str
    issued_on: date
    letterhead: Letterhead
    patient: Party
    payment: Payment
    """When and how the money came, or below zero went back."""
    lines: tuple[ReceiptLine, ...]
    practitioners: tuple[Practitioner, ...] = ()
    """Who rendered the services."""
    currency: str = "USD"
    account: str = ""
    """Where the patient's account stands afterwards, in a sentence or two."""
    note: str = ""
    """Small print."""

    def __post_init__(self) -> None:
        """Refuse, with ``ValueError``, lines that do not add up to the money."""
        if total_of([line.amount for line in self.lines], self.currency) != self.total:
            raise ValueError("the lines of a receipt must add up to its amount")

    @property
    def is_refund(self) -> bool:
        """Whether the money went back to the patient."""
        return self.payment.amount.cents < 0

    @property
    def total(self) -> Money:
        """What changed hands, above zero whichever way it went."""
        return -self.payment.amount if self.is_refund else self.payment.amount


def render_receipt(receipt: Receipt) -> bytes:
    """The receipt as a PDF. Raises ``ValueError`` when an amount is not of its currency."""
    paper = Paper(receipt.letterhead, "Refund receipt" if receipt.is_refund else "Receipt", receipt.number)
    paper.facts([_patient_facts(receipt), _provider_facts(receipt), _payment_facts(receipt)])
    columns = _columns(receipt)
    rows = [tuple(_cells(receipt, line)[column.title] for column in columns) for line in receipt.lines]
    paper.table(columns, rows, below=[line.explanation for line in receipt.lines])
    paper.totals([], ("Refunded" if receipt.is_refund else "Paid", amount_text(receipt.total)))
    paper.callout(receipt.account)
    paper.note(receipt.note)
    return paper.finish()


def _patient_facts(receipt: Receipt) -> list[Fact]:
    return [
        Fact("Refunded to" if receipt.is_refund else "Received from", (receipt.patient.name, *receipt.patient.address))
    ]


def _provider_facts(receipt: Receipt) -> list[Fact]:
    return [Fact("Treated by", _about(one, receipt.letterhead.region)) for one in receipt.practitioners]


def _about(practitioner: Practitioner, region: Region) -> tuple[str, ...]:
    if region is Region.UK:
        return practitioner.titled_name, practitioner.membership
    licence = " ".join(filter(None, ("License", practitioner.licence_number, practitioner.licence_state)))
    return (
        practitioner.titled_name,
        f"NPI {practitioner.npi}" if practitioner.npi else "",
        licence if practitioner.licence_number else "",
    )


def _payment_facts(receipt: Receipt) -> list[Fact]:
    region, payment = receipt.letterhead.region, receipt.payment
    when = "Refunded on" if receipt.is_refund else "Received on"
    return [
        Fact(when, (region.date_text(payment.received_on),)),
        Fact("Method", (f"{payment.method} {payment.reference}".rstrip(),)),
        Fact("Issued on", (region.date_text(receipt.issued_on),)),
        Fact("Tax ID", (receipt.letterhead.tax_id,)),
        Fact("VAT number", (receipt.letterhead.vat_number,)),
    ]


def _columns(receipt: Receipt) -> list[Column]:
    """The columns that have anything to say; the widest name of who treated stands on one line if it can."""
    names = [line.treated_by for line in receipt.lines if line.treated_by]
    columns = [Column(_DATE, 84)] if any(line.on for line in receipt.lines) else []
    columns.append(Column(_WHAT))
    if names:
        columns.append(Column(_WHO, min(max(map(column_width, (*names, _WHO))), 150)))
    return [*columns, Column(_AMOUNT, 84, right=True)]


def _cells(receipt: Receipt, line: ReceiptLine) -> dict[str, str]:
    return {
        _DATE: receipt.letterhead.region.date_text(line.on) if line.on else "",
        _WHAT: line.description,
        _WHO: line.treated_by,
        _AMOUNT: amount_text(line.amount),
    }
