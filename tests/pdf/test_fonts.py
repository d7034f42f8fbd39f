from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from billing.pdf.fonts import REPLACEMENT, missing_characters, printable
from billing.pdf.invoice import render_invoice
from billing.pdf.parts import Party
from tests.pdf.papers_on_stage import make_invoice, text_of


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Nuñez-Łukasz",
        "Żaneta Gżegżółka-Śliwińska",
        "Jiří Dvořák",
        "Őrsi Gyöngyvér",
        "Şebnem Öğüt",
        "Nguyễn Thị Hồng Ánh",
        "Κωνσταντίνα Παπαδοπούλου",
        "Дмитрий Щербаков",
        "Їжакевич Ґанна",
        "Seán Ó Súilleabháin",
    ],
)
def test_a_latin_greek_or_cyrillic_name_prints_letter_by_letter(name: str):
    invoice = make_invoice(bill_to=Party(name))

    text = text_of(render_invoice(invoice))

    assert name in text
    assert missing_characters(name) == ()


def test_a_name_with_separate_accents_prints_like_the_joined_one():
    joined = "Zoë Núñez"
    separate = unicodedata.normalize("NFD", joined)

    same = render_invoice(make_invoice(bill_to=Party(separate))) == render_invoice(make_invoice(bill_to=Party(joined)))

    assert separate != joined
    assert same


def test_a_character_that_the_typeface_lacks_leaves_a_square_and_is_reported():
    name = "Li Wei 李伟李"

    text = text_of(render_invoice(make_invoice(bill_to=Party(name))))

    assert missing_characters(name) == ("李", "伟")
    assert f"Li Wei {REPLACEMENT * 3}" in text


def test_line_breaks_and_tabs_become_blanks():
    assert printable("two\nlines\tof text") == "two lines of text"


def test_invisible_characters_neither_print_nor_count_as_missing():
    text = "Fern\u00adández\u200b"

    assert printable(text) == "Fernández"
    assert missing_characters(text) == ()


def test_a_paper_of_plain_letters_embeds_two_small_fonts_only():
    plain = replace(make_invoice(), bill_to=Party("Zoe Nunez"))

    pdf = render_invoice(plain)

    assert pdf.count(b"/FontFile2") == 2
    assert len(pdf) < 30_000
