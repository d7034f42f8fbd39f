from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pdfplumber
import pytest
from PIL import Image

from billing.money import Money
from billing.pdf.invoice import InvoiceLine, render_invoice, render_invoices
from billing.pdf.parts import Adjustment, Letterhead, Party, Payment, Practitioner, Region
from tests.pdf.papers_on_stage import CLINIC, make_invoice, page_texts, text_of, usd


def test_an_invoice_says_who_for_whom_what_and_when():
    text = text_of(render_invoice(make_invoice()))

    for fact in (
        "Jade River Acupuncture",
        "1420 Pearl Street, Suite 3, Boulder, CO 80302",
        "(303) 555-0142",
        "84-1234567",
        "INV-2026-0142",
        "11/21/2026",
        "Zoë Nuñez-Łukasz",
        "88 Canyon Blvd",
        "Ben Alvarez, L.Ac.",
        "11/03/2026 Acupuncture, each further 15 minutes 97811 2 $135.00",
        "Paid 11/03/2026, Check 1042 -$100.00",
        "Please pay the balance by December 5.",
        "Page 1 of 1",
    ):
        assert fact in text


def test_the_printed_sums_are_the_sums_of_the_parts():
    invoice = make_invoice(
        discounts=(Adjustment("Prompt payment discount", usd(2000)),),
        taxes=(Adjustment("Sales tax 8.845% on $22.00", usd(195)),),
    )

    text = text_of(render_invoice(invoice))

    assert "Subtotal $220.00 Prompt payment discount -$20.00 Sales tax 8.845% on $22.00 $1.95 Total $201.95" in text
    assert "Balance due $101.95" in text
    assert (invoice.subtotal, invoice.total, invoice.paid, invoice.balance) == (
        usd(22000),
        usd(20195),
        usd(10000),
        usd(10195),
    )


def test_a_settled_invoice_says_paid_in_full():
    invoice = make_invoice(payments=(Payment(date(2026, 11, 3), "Visa ending 4242", usd(22000)),))

    assert "Paid in full $0.00" in text_of(render_invoice(invoice))


def test_an_overpaid_invoice_shows_the_credit_as_a_positive_amount():
    invoice = make_invoice(payments=(Payment(date(2026, 11, 3), "Cash", usd(25000)),))

    assert "Credit $30.00" in text_of(render_invoice(invoice))


def test_a_refund_is_told_apart_from_a_payment():
    invoice = make_invoice(payments=(Payment(date(2026, 11, 9), "Cash", usd(-500)),))

    assert "Refunded 11/09/2026, Cash $5.00" in text_of(render_invoice(invoice))


def test_a_long_invoice_repeats_its_column_titles_and_counts_its_pages():
    lines = tuple(InvoiceLine(date(2026, 1, 5), f"Session number {number}", usd(100)) for number in range(70))

    pages = page_texts(render_invoice(make_invoice(lines=lines)))

    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of 3" in page
        assert "Date of service Service Qty Amount" in page
    assert "Invoice INV-2026-0142, continued" in pages[1]
    assert sum(page.count("Session number") for page in pages) == 70


def test_nothing_is_drawn_over_the_footer_or_outside_the_margins():
    lines = tuple(InvoiceLine(date(2026, 1, 5), "Acupuncture " * (number % 9 + 1), usd(1)) for number in range(60))

    with pdfplumber.open(io.BytesIO(render_invoice(make_invoice(lines=lines)))) as document:
        words = [word for page in document.pages for word in page.extract_words()]

    footer_tops = {round(word["top"]) for word in words if word["text"] == "Page"}
    assert len(footer_tops) == 1
    body = [word for word in words if round(word["top"]) not in footer_tops]
    assert max(word["bottom"] for word in body) < min(footer_tops) - 6
    assert min(word["x0"] for word in words) >= 47.9
    assert max(word["x1"] for word in words) <= 612 - 47.9


def test_a_word_wider_than_its_column_is_divided_not_lost():
    code = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 3
    invoice = make_invoice(lines=(InvoiceLine(date(2026, 1, 5), code, usd(100)),))

    text = text_of(render_invoice(invoice)).replace(" ", "")

    assert code in text


def test_a_british_invoice_is_on_a4_in_pounds_without_an_american_tax_id():
    clinic = Letterhead("Rose Lane Acupuncture", ("12 Rose Lane", "Leeds LS1 4AP"), region=Region.UK)
    invoice = make_invoice(
        letterhead=clinic,
        currency="GBP",
        lines=(InvoiceLine(date(2026, 11, 3), "Acupuncture, follow-up", Money(6000, "GBP")),),
        taxes=(Adjustment("VAT 20% on £60.00", Money(1200, "GBP")),),
        payments=(),
        practitioner=Practitioner("Ada Marsh", "MBAcC", membership="British Acupuncture Council 20417"),
    )

    pdf = render_invoice(invoice)

    text = text_of(pdf)
    assert "VAT 20% on £60.00 £12.00 Total £72.00 Balance due £72.00" in text
    assert "British Acupuncture Council 20417" in text
    assert "21 Nov 2026" in text
    assert "Tax ID" not in text
    assert "VAT number" not in text
    assert "Code" not in text
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        assert (round(document.pages[0].width), round(document.pages[0].height)) == (595, 842)


def test_a_registered_clinic_prints_its_vat_number():
    clinic = replace(CLINIC, vat_number="GB 123 4567 89")

    assert "VAT number GB 123 4567 89" in text_of(render_invoice(make_invoice(letterhead=clinic)))


def test_the_patient_is_named_when_somebody_else_pays():
    invoice = make_invoice(bill_to=Party("Adam Łukasz"), patient_name="Zoë Nuñez")

    text = text_of(render_invoice(invoice))

    assert "Adam Łukasz" in text
    assert "Patient" in text
    assert "Zoë Nuñez" in text


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_logo_is_drawn_inside_its_box(kind: str):
    picture = io.BytesIO()
    Image.new("RGB", (400, 100), (5, 107, 89)).save(picture, kind)

    pdf = render_invoice(make_invoice(letterhead=replace(CLINIC, logo=picture.getvalue())))

    with pdfplumber.open(io.BytesIO(pdf)) as document:
        (logo,) = document.pages[0].images
    assert (round(logo["x0"]), round(logo["width"]), round(logo["height"])) == (48, 120, 30)


def test_an_amount_of_another_currency_is_refused():
    invoice = make_invoice(lines=(InvoiceLine(date(2026, 1, 5), "Session", Money(100, "GBP")),))

    with pytest.raises(ValueError, match="cannot combine"):
        render_invoice(invoice)


def test_the_same_invoice_gives_the_same_bytes_even_from_many_threads():
    invoice = make_invoice()

    with ThreadPoolExecutor(4) as threads:
        copies = set(threads.map(render_invoice, [invoice] * 12))

    assert len(copies) == 1


def test_a_batch_gives_what_single_rendering_gives():
    invoices = [make_invoice(number=f"INV-{number}") for number in range(3)]

    assert list(render_invoices(invoices)) == [render_invoice(invoice) for invoice in invoices]
