"""The invoice: what was done, what it costs, what was paid, what is left, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from billing.money import Money
from billing.pdf.page import amount_text
from billing.pdf.paper import Column, Fact, Paper
from billing.pdf.parts import Adjustment, Letterhead, Party, Payment, Practitioner, total_of


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One thing done or sold. ``amount`` is of the whole line, not of one unit."""

    date_of_service: date
    description: str
    amount: Money
    code: str = ""
    """CPT or HCPCS code, or an item number; empty when there is none."""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Invoice:
    """All that an invoice prints. Its totals are sums of its parts and cannot be given differently."""

    number: str
    issued_on: date
    letterhead: Letterhead
    bill_to: Party
    lines: tuple[InvoiceLine, ...]
    currency: str = "USD"
    """ISO 4217; every amount must be of it."""
    practitioner: Practitioner | None = None
    patient_name: str = ""
    """Printed when it differs from the name in ``bill_to``."""
    due_on: date | None = None
    discounts: tuple[Adjustment, ...] = ()
    taxes: tuple[Adjustment, ...] = ()
    """Sales tax or VAT; the label names rate and base, ``VAT 20% on £60.00``."""
    payments: tuple[Payment, ...] = ()
    next_step: str = ""
    """What the reader should do, in one sentence."""
    note: str = ""
    """Small print, such as what a health savings account asks for."""

    @property
    def subtotal(self) -> Money:
        """Sum of the lines. Raises ``ValueError`` for a line of another currency."""
        return total_of([line.amount for line in self.lines], self.currency)

    @property
    def total(self) -> Money:
        """Lines less discounts plus taxes."""
        discounts = total_of([discount.amount for discount in self.discounts], self.currency)
        return self.subtotal - discounts + total_of([tax.amount for tax in self.taxes], self.currency)

    @property
    def paid(self) -> Money:
        """Sum of the payments."""
        return total_of([payment.amount for payment in self.payments], self.currency)

    @property
    def balance(self) -> Money:
        """What is still to pay; below zero the clinic owes the patient."""
        return self.total - self.paid


_CODE = Column("Code", 56)
_COLUMNS = (
    Column("Date of service", 84),
    Column("Service"),
    _CODE,
    Column("Qty", 44, right=True),
    Column("Amount", 84, right=True),
)


def render_invoice(invoice: Invoice) -> bytes:
    """The invoice as a PDF. Raises ``ValueError`` when an amount is not of the invoice's currency."""
    paper = Paper(invoice.letterhead, "Invoice", invoice.number)
    paper.facts(_facts(invoice))
    coded = any(line.code for line in invoice.lines)
    columns = [column for column in _COLUMNS if coded or column is not _CODE]
    paper.table(columns, [_row(invoice, line, coded) for line in invoice.lines])
    paper.totals(_sums(invoice), _result(invoice))
    paper.callout(invoice.next_step)
    paper.note(invoice.note)
    return paper.finish()


def render_invoices(invoices: Iterable[Invoice]) -> Iterator[bytes]:
    """Each invoice as its own PDF, one at a time, so that a month's run never holds more than one in memory."""
    return map(render_invoice, invoices)


def _facts(invoice: Invoice) -> list[list[Fact]]:
    region, letterhead, practitioner = invoice.letterhead.region, invoice.letterhead, invoice.practitioner
    treated = (practitioner.titled_name, practitioner.membership) if practitioner else ()
    other_patient = invoice.patient_name if invoice.patient_name != invoice.bill_to.name else ""
    due = region.date_text(invoice.due_on) if invoice.due_on else ""
    return [
        [Fact("Billed to", (invoice.bill_to.name, *invoice.bill_to.address))],
        [Fact("Patient", (other_patient,)), Fact("Treated by", treated)],
        [
            Fact("Issued on", (region.date_text(invoice.issued_on),)),
            Fact("Due on", (due,)),
            Fact("Tax ID", (letterhead.tax_id,)),
            Fact("VAT number", (letterhead.vat_number,)),
        ],
    ]


def _row(invoice: Invoice, line: InvoiceLine, coded: bool) -> tuple[str, ...]:
    day = invoice.letterhead.region.date_text(line.date_of_service)
    code = (line.code,) if coded else ()
    return day, line.description, *code, str(line.quantity), amount_text(line.amount)


def _sums(invoice: Invoice) -> list[tuple[str, str]]:
    """Every step from the lines to the balance, so that a reader can add it up."""
    steps = [(discount.label, amount_text(-discount.amount)) for discount in invoice.discounts]
    steps += [(tax.label, amount_text(tax.amount)) for tax in invoice.taxes]
    if steps:
        steps.insert(0, ("Subtotal", amount_text(invoice.subtotal)))
    steps.append(("Total", amount_text(invoice.total)))
    region = invoice.letterhead.region
    return steps + [(payment.text(region), amount_text(-payment.amount)) for payment in invoice.payments]


def _result(invoice: Invoice) -> tuple[str, str]:
    balance = invoice.balance
    if balance.cents < 0:
        return "Credit", amount_text(-balance)
    return ("Balance due" if balance.cents else "Paid in full"), amount_text(balance)
