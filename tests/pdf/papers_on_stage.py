"""Invented papers for the tests of the print room, and eyes to read what was printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pypdfium2

from billing.money import Money
from billing.pdf.invoice import Invoice, InvoiceLine
from billing.pdf.parts import Letterhead, Party, Payment, Practitioner
from billing.pdf.superbill import Diagnosis, Superbill, SuperbillLine, Visit

CLINIC = Letterhead(
    clinic_name="Jade River Acupuncture",
    address=("1420 Pearl Street, Suite 3", "Boulder, CO 80302"),
    phone="(303) 555-0142",
    email="front@jaderiver.example",
    tax_id="84-1234567",
)
BEN = Practitioner(
    name="Ben Alvarez",
    credentials="L.Ac., Dipl. Ac. (NCCAOM)",
    npi="1234567893",
    licence_number="ACU.0002345",
    licence_state="CO",
)
ZOE = Party("Zoë Nuñez-Łukasz", ("88 Canyon Blvd", "Boulder, CO 80302"))


def usd(cents: int) -> Money:
    return Money(cents, "USD")


def make_invoice(**changes: Any) -> Invoice:
    invoice = Invoice(
        number="INV-2026-0142",
        issued_on=date(2026, 11, 21),
        letterhead=CLINIC,
        bill_to=ZOE,
        lines=(
            InvoiceLine(date(2026, 11, 3), "Acupuncture, first 15 minutes", usd(8500), "97810"),
            InvoiceLine(date(2026, 11, 3), "Acupuncture, each further 15 minutes", usd(13500), "97811", 2),
        ),
        practitioner=BEN,
        payments=(Payment(date(2026, 11, 3), "Check", usd(10000), "1042"),),
        next_step="Please pay the balance by December 5.",
    )
    return replace(invoice, **changes)


def make_superbill(visits: int = 2, **changes: Any) -> Superbill:
    superbill = Superbill(
        number="SB-2026-0031",
        version=1,
        issued_on=date(2026, 11, 21),
        letterhead=CLINIC,
        practitioner=BEN,
        patient=ZOE,
        patient_birth_date=date(1984, 2, 9),
        diagnoses=(Diagnosis("M54.50", "Low back pain, unspecified"), Diagnosis("G43.909", "Migraine, unspecified")),
        visits=tuple(make_visit(date(2026, 1 + number % 12, 3 + number % 20)) for number in range(visits)),
        signed_by="Ben Alvarez, L.Ac.",
        signed_on=date(2026, 11, 20),
        insurer="Front Range Health Plan",
        member_id="FRH88320177",
    )
    return replace(superbill, **changes)


def make_visit(day: date) -> Visit:
    return Visit(
        date_of_service=day,
        place_of_service="11",
        lines=(
            SuperbillLine(
                "97813", "Electroacupuncture, first 15 minutes", usd(9500), diagnosis_codes=("G43.909", "M54.50")
            ),
            SuperbillLine("97814", "Electroacupuncture, further 15 minutes", usd(8050), ("59", "GP"), 3, ("M54.50",)),
        ),
    )


def page_texts(pdf: bytes) -> list[str]:
    """The text of each page, lines joined by blanks."""
    document = pypdfium2.PdfDocument(pdf)
    texts = [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]
    document.close()
    return texts


def text_of(pdf: bytes) -> str:
    """The text of the whole document."""
    return " ".join(page_texts(pdf))
