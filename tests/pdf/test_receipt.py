from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from typing import Any

import pdfplumber
import pytest

from billing.money import Money
from billing.pdf.parts import Letterhead, Party, Payment, Practitioner, Region
from billing.pdf.receipt import Receipt, ReceiptLine, render_receipt
from tests.pdf.papers_on_stage import BEN, CLINIC, ZOE, page_texts, text_of, usd


def make_receipt(**changes: Any) -> Receipt:
    receipt = Receipt(
        number="RC-000042",
        issued_on=date(2026, 11, 21),
        letterhead=CLINIC,
        patient=ZOE,
        payment=Payment(date(2026, 11, 20), "Visa ending 4242", usd(10000)),
        lines=(
            ReceiptLine("Acupuncture, first 15 min (97810)", usd(8500), date(2026, 11, 3), "Ben Alvarez"),
            ReceiptLine("Credit on your account", usd(1500)),
        ),
        practitioners=(BEN,),
        account="After this payment nothing is left to pay. You have a credit of $15.00.",
        note="Keep this receipt.",
    )
    return replace(receipt, **changes)


def refund() -> Receipt:
    back = Payment(date(2026, 11, 22), "Visa ending 4242", usd(-1500))
    lines = (ReceiptLine("Out of your payment of 11/20/2026 (receipt RC-000042)", usd(1500)),)
    return make_receipt(number="RC-000043", payment=back, lines=lines, practitioners=(), note="")


def test_a_receipt_has_what_a_health_savings_account_asks_for():
    text = text_of(render_receipt(make_receipt()))

    for fact in (
        "Receipt RC-000042",
        "Jade River Acupuncture",
        "Received from Zoë Nuñez-Łukasz",
        "Treated by Ben Alvarez, L.Ac., Dipl. Ac. (NCCAOM) NPI 1234567893 License ACU.0002345 CO",
        "Received on 11/20/2026",
        "Method Visa ending 4242",
        "Issued on 11/21/2026",
        "Tax ID 84-1234567",
        "Date of service For Treated by Amount",
        "11/03/2026 Acupuncture, first 15 min (97810) Ben Alvarez $85.00",
        "Credit on your account $15.00",
        "Paid $100.00",
        "You have a credit of $15.00.",
        "Keep this receipt.",
        "Page 1 of 1",
    ):
        assert fact in text


def test_a_refund_says_that_the_money_went_back():
    text = text_of(render_receipt(refund()))

    for fact in ("Refund receipt RC-000043", "Refunded to Zoë", "Refunded on 11/22/2026", "Refunded $15.00"):
        assert fact in text
    assert "For Amount Out of your payment of 11/20/2026 (receipt RC-000042) $15.00" in text
    for absent in ("Paid", "Date of service", "Treated by", "-$"):
        assert absent not in text


def test_a_british_receipt_is_on_a4_with_qualification_and_membership_and_no_american_numbers():
    clinic = Letterhead("Rose Lane Acupuncture", ("12 Rose Lane", "Leeds LS1 4AP"), region=Region.UK)
    paid = Money(6000, "GBP")
    treating = Practitioner("Ada Marsh", "MBAcC", npi="1234567893", licence_number="X1", membership="BAcC 20417")

    pdf = render_receipt(
        make_receipt(
            letterhead=clinic,
            currency="GBP",
            payment=Payment(date(2026, 11, 20), "Cheque", paid, "1042"),
            lines=(ReceiptLine("Acupuncture, follow-up", paid, date(2026, 11, 3), "Ada Marsh"),),
            practitioners=(treating,),
        )
    )

    text = text_of(pdf)
    assert "Treated by Ada Marsh, MBAcC BAcC 20417" in text
    assert "3 Nov 2026 Acupuncture, follow-up Ada Marsh £60.00" in text
    assert "Method Cheque 1042" in text
    for absent in ("Tax ID", "NPI", "License"):
        assert absent not in text
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        assert (round(document.pages[0].width), round(document.pages[0].height)) == (595, 842)


def test_small_print_stands_under_its_line():
    line = ReceiptLine("Visit", usd(10000), date(2026, 11, 3), "Ben Alvarez", "Kept for this visit.")

    text = text_of(render_receipt(make_receipt(lines=(line,))))

    assert "Visit Ben Alvarez $100.00 Kept for this visit." in text


def test_a_long_receipt_goes_on_under_its_number():
    lines = tuple(ReceiptLine(f"Session number {number}", usd(100), date(2026, 1, 5), "Ben") for number in range(70))

    pages = page_texts(render_receipt(make_receipt(lines=lines, payment=Payment(date(2026, 1, 5), "Cash", usd(7000)))))

    assert len(pages) == 3
    assert "Receipt RC-000042, continued" in pages[1]
    assert sum(page.count("Session number") for page in pages) == 70


def test_nothing_leaves_the_margins_however_long_names_are():
    name = "Bartholomew Featherstonehaugh-Cholmondeley of Saint John's Wood"
    line = ReceiptLine("Acupuncture " * 12, usd(10000), date(2026, 1, 5), name)

    with pdfplumber.open(
        io.BytesIO(render_receipt(make_receipt(lines=(line,), patient=Party(name, ("x" * 90,)))))
    ) as pdf:
        words = [word for page in pdf.pages for word in page.extract_words()]

    assert min(word["x0"] for word in words) >= 47.9
    assert max(word["x1"] for word in words) <= 612 - 47.9


def test_lines_that_do_not_add_up_to_the_money_are_refused():
    with pytest.raises(ValueError, match="add up"):
        make_receipt(payment=Payment(date(2026, 11, 20), "Cash", usd(9999)))


def test_an_amount_of_another_currency_is_refused():
    with pytest.raises(ValueError, match="cannot combine"):
        make_receipt(lines=(ReceiptLine("Session", Money(10000, "GBP")),))


def test_the_same_receipt_gives_the_same_bytes():
    assert render_receipt(make_receipt()) == render_receipt(make_receipt())
