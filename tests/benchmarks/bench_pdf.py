"""How fast papers are printed, beside the same invoice laid out with ReportLab's Platypus.

Run ``python -m tests.benchmarks.bench_pdf``. Times are processor time of one core, best of three rounds. The baseline
prints the same words and amounts in the same typeface, with the same repeating table head and a page number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from io import BytesIO
from typing import Any, NamedTuple

from reportlab.lib import colors
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import HRFlowable, Paragraph, SimpleDocTemplate, Spacer, Table

from billing.pdf.cms1500.printing import render_cms1500
from billing.pdf.fonts import REGULAR
from billing.pdf.invoice import Invoice, InvoiceLine, render_invoice, render_invoices
from billing.pdf.superbill import render_superbill
from tests.pdf.claim_forms_on_stage import make_full_form
from tests.pdf.papers_on_stage import make_invoice, make_superbill, usd

ROUNDS = 3


class Row(NamedTuple):
    """One measurement. ``ratio`` is the baseline's time over ours; ``goal`` says what it should reach."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    goal: str = ""


def seconds(*works: Callable[[], object]) -> list[float]:
    """Processor seconds of each work's fastest round. The works take turns, so that a busy machine slows them alike."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(ROUNDS):
        for work, taken in zip(works, times, strict=True):
            start = time.process_time()
            work()
            taken.append(time.process_time() - start)
    return [min(taken) for taken in times]


def full_page_invoice(number: int = 0) -> Invoice:
    """One page with eighteen lines, as a monthly invoice has."""
    lines = tuple(
        InvoiceLine(
            date(2026, 11, 1 + place), f"Acupuncture with electrical stimulation, set {place}", usd(9500), "97813"
        )
        for place in range(18)
    )
    return make_invoice(number=f"INV-2026-{number:04d}", lines=lines, note="Keep this invoice for your HSA or FSA.")


class Baseline:
    """The invoice as one would write it with Platypus: paragraphs, a table with a repeated head."""

    def __init__(self, font: str) -> None:
        self.plain = ParagraphStyle("plain", fontName=font, fontSize=9, leading=12)
        self.right = ParagraphStyle("right", parent=self.plain, alignment=TA_RIGHT)
        self.small = ParagraphStyle("small", parent=self.plain, fontSize=7.5, leading=10)
        self.large = ParagraphStyle("large", parent=self.plain, fontSize=14, leading=18)
        self.font = font

    def render(self, invoice: Invoice) -> bytes:
        """The PDF's bytes."""
        written = BytesIO()
        document = SimpleDocTemplate(
            written, pagesize=LETTER, leftMargin=48, rightMargin=48, topMargin=48, bottomMargin=60, invariant=1
        )
        document.build(self.story(invoice), onFirstPage=self.number, onLaterPages=self.number)
        return written.getvalue()

    def story(self, invoice: Invoice) -> list[Any]:
        """The flowables."""
        return [
            self.head(invoice),
            HRFlowable(width="100%", color=colors.teal),
            Spacer(1, 8),
            self.facts(invoice),
            Spacer(1, 12),
            self.lines(invoice),
            Spacer(1, 8),
            self.totals(invoice),
            Spacer(1, 12),
            Paragraph(invoice.next_step, self.plain),
            Spacer(1, 8),
            Paragraph(invoice.note, self.small),
        ]

    def number(self, canvas: Canvas, document: SimpleDocTemplate) -> None:
        """The page's number; how many there are would take Platypus a second pass."""
        canvas.setFont(self.font, 7.5)
        canvas.drawRightString(564, 40, f"Page {canvas.getPageNumber()}")

    def head(self, invoice: Invoice) -> Table:
        """Letterhead and title."""
        clinic = invoice.letterhead
        left = [
            Paragraph(clinic.clinic_name, self.large),
            Paragraph(", ".join(clinic.address), self.small),
            Paragraph(f"{clinic.phone} · {clinic.email}", self.small),
        ]
        return Table([[left, [Paragraph("Invoice", self.right), Paragraph(invoice.number, self.right)]]], [366, 150])

    def facts(self, invoice: Invoice) -> Table:
        """Who is billed, who treated, when."""
        region = invoice.letterhead.region
        party = [Paragraph(line, self.plain) for line in ("Billed to", invoice.bill_to.name, *invoice.bill_to.address)]
        treated = invoice.practitioner.titled_name if invoice.practitioner else ""
        practitioner = [Paragraph("Treated by", self.small), Paragraph(treated, self.plain)]
        dates = [
            Paragraph("Issued on", self.small),
            Paragraph(region.date_text(invoice.issued_on), self.plain),
            Paragraph("Tax ID", self.small),
            Paragraph(invoice.letterhead.tax_id, self.plain),
        ]
        return Table([[party, practitioner, dates]], [172, 172, 172])

    def lines(self, invoice: Invoice) -> Table:
        """The table of services; descriptions are paragraphs so that they can wrap."""
        region = invoice.letterhead.region
        rows: list[list[Any]] = [["Date of service", "Service", "Code", "Qty", "Amount"]]
        rows += [
            [
                region.date_text(line.date_of_service),
                Paragraph(line.description, self.plain),
                line.code,
                str(line.quantity),
                str(line.amount),
            ]
            for line in invoice.lines
        ]
        style: list[Any] = [
            ("FONT", (0, 0), (-1, -1), self.font, 9),
            ("LINEBELOW", (0, 0), (-1, -1), 0.6, colors.lightgrey),
            ("ALIGN", (3, 0), (-1, -1), "RIGHT"),
        ]
        return Table(rows, [84, 248, 56, 44, 84], repeatRows=1, style=style)

    def totals(self, invoice: Invoice) -> Table:
        """Total, payments and balance."""
        region = invoice.letterhead.region
        rows = [["Total", str(invoice.total)]]
        rows += [[payment.text(region), str(-payment.amount)] for payment in invoice.payments]
        rows += [["Balance due", str(invoice.balance)]]
        style: list[Any] = [("FONT", (0, 0), (-1, -1), self.font, 9), ("ALIGN", (1, 0), (1, -1), "RIGHT")]
        return Table(rows, [176, 96], hAlign="RIGHT", style=style)


def embedded_baseline() -> Baseline:
    """The baseline in the papers' own typeface, embedded the way ReportLab does it."""
    font = TTFont("Baseline", REGULAR.face.filename)
    font.face.name = b"Baseline"
    pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily("Baseline", "Baseline", "Baseline", "Baseline", "Baseline")
    return Baseline("Baseline")


def invoice_rows() -> list[Row]:
    """Invoices one at a time and a thousand in a row, against both baselines."""
    one, many = full_page_invoice(), [full_page_invoice(number) for number in range(1000)]
    embedded, builtin = embedded_baseline(), Baseline("Helvetica")
    render_invoice(one)
    single, same_font, plain_font = seconds(
        lambda: [render_invoice(one) for _ in range(100)],
        lambda: [embedded.render(one) for _ in range(100)],
        lambda: [builtin.render(one) for _ in range(100)],
    )
    batch, batch_same_font = seconds(
        lambda: sum(map(len, render_invoices(many))),
        lambda: sum(len(embedded.render(invoice)) for invoice in many),
    )
    return [
        Row("invoice, one page, single", single * 10, "ms", same_font / single, "2x Platypus"),
        Row("  against Platypus in Helvetica, nothing embedded", plain_font * 10, "ms", plain_font / single),
        Row("invoice, one page, batch of 1,000", batch, "ms", batch_same_font / batch, "3x Platypus"),
        Row("invoice, one page, file size", len(render_invoice(one)) / 1000, "kB"),
    ]


def other_rows() -> list[Row]:
    """Superbills, and CMS-1500 sheets with every box filled in."""
    superbill, form = make_superbill(visits=8), make_full_form()
    rows = [
        Row(
            "superbill, one page, single",
            seconds(lambda: [render_superbill(superbill) for _ in range(100)])[0] * 10,
            "ms",
        )
    ]
    for background, kind in ((False, "data only"), (True, "form drawn")):
        render_cms1500(form, background=background)
        single, batch = seconds(
            partial(cms1500_singles, 200, background), partial(render_cms1500, [form] * 600, background=background)
        )
        rows.append(Row(f"CMS-1500, {kind}, single documents", 200 / single, "documents/s", goal="300/s"))
        rows.append(Row(f"CMS-1500, {kind}, one batch of 600", 600 / batch, "pages/s", goal="300/s"))
    return rows


def cms1500_singles(count: int, background: bool) -> None:
    """So many documents of one sheet."""
    form = make_full_form()
    for _ in range(count):
        render_cms1500(form, background=background)


def rows() -> list[Row]:
    """All measurements."""
    return [*invoice_rows(), *other_rows()]


def table(measured: Sequence[Row]) -> str:
    """The measurements as aligned text."""
    lines = [f"{'paper':<52}{'value':>10} {'unit':<13}{'faster by':>10}  goal"]
    for row in measured:
        ratio = f"{row.ratio:.1f}x" if row.ratio else ""
        lines.append(f"{row.name:<52}{row.value:>10.2f} {row.unit:<13}{ratio:>10}  {row.goal}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    print(table(rows()))
