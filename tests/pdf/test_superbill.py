from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from billing.pdf.parts import Adjustment, Payment
from billing.pdf.superbill import Diagnosis, SuperbillLine, Visit, render_superbill
from tests.pdf.papers_on_stage import make_superbill, page_texts, text_of, usd


def test_a_superbill_has_everything_an_insurer_asks_for():
    superbill = make_superbill(
        group_npi="1992837465",
        group_number="GRP-5512",
        referring_provider="Irène Papadopoulos, MD",
        referring_npi="1457389201",
        onset_on=date(2026, 9, 1),
        accident="Auto accident in CO on 08/30/2026",
        payments=(Payment(date(2026, 11, 3), "Visa ending 4242", usd(15000)),),
    )

    text = text_of(render_superbill(superbill))

    for fact in (
        "Ben Alvarez, L.Ac., Dipl. Ac.",
        "NPI 1234567893",
        "Practice NPI 1992837465",
        "Practice tax ID 84-1234567",
        "License and state ACU.0002345 CO",
        "1420 Pearl Street, Suite 3, Boulder, CO 80302",
        "(303) 555-0142",
        "Zoë Nuñez-Łukasz",
        "88 Canyon Blvd",
        "Date of birth 02/09/1984",
        "Insurer Front Range Health Plan",
        "Member ID FRH88320177",
        "Group number GRP-5512",
        "Irène Papadopoulos, MD NPI 1457389201",
        "Onset of illness or injury 09/01/2026",
        "Auto accident in CO on 08/30/2026",
        "A M54.50 Low back pain, unspecified",
        "B G43.909 Migraine, unspecified",
        "Paid 11/03/2026, Visa ending 4242 -$150.00",
        "Signed electronically by Ben Alvarez, L.Ac. on 11/20/2026",
        "This claim was not submitted by this office.",
        "SB-2026-0031, version 1",
    ):
        assert fact in text


def test_each_line_shows_date_place_code_modifiers_pointers_units_and_charge():
    superbill = make_superbill(visits=1)

    text = text_of(render_superbill(superbill))

    assert "01/03/2026 11 97813 Electroacupuncture, first 15 minutes B A 1 $95.00" in text
    assert "01/03/2026 11 97814" in text
    assert "59 GP A 3 $80.50" in text


def test_the_printed_sums_are_the_sums_of_the_parts_and_discounts_are_open():
    superbill = make_superbill(
        visits=2,
        discounts=(Adjustment("Course-of-care discount", usd(2500)),),
        payments=(Payment(date(2026, 11, 3), "Cash", usd(10000)),),
    )

    text = text_of(render_superbill(superbill))

    assert "Total charges $351.00 Course-of-care discount -$25.00 Paid 11/03/2026, Cash -$100.00" in text
    assert "Balance $226.00" in text
    assert superbill.balance == usd(22600)


def test_a_superbill_of_many_visits_repeats_its_column_titles_on_every_page():
    superbill = make_superbill(visits=30)

    pages = page_texts(render_superbill(superbill))

    assert len(pages) > 2
    assert sum(page.count("97813") for page in pages) == 30
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
        assert ("Date POS Code Procedure Modifiers Dx Units Charge" in page) == ("97813" in page)


def test_a_paper_without_an_accident_says_so():
    assert "Related to accident or work No" in text_of(render_superbill(make_superbill()))


def test_what_is_not_known_leaves_no_empty_label():
    text = text_of(render_superbill(make_superbill(insurer="", member_id="")))

    for label in ("Insurer", "Member ID", "Group number", "Referring provider", "Practice NPI", "Onset"):
        assert label not in text


def test_a_line_may_only_point_at_a_listed_diagnosis():
    superbill = make_superbill()
    line = SuperbillLine("97810", "Acupuncture", usd(8500), diagnosis_codes=("R51.9",))

    with pytest.raises(ValueError, match=r"R51\.9"):
        replace(superbill, visits=(Visit(date(2026, 1, 5), "11", (line,)),))


def test_there_are_no_more_diagnoses_than_letters():
    superbill = make_superbill()
    diagnoses = tuple(Diagnosis(f"M{number}", "Pain") for number in range(27))

    with pytest.raises(ValueError, match="26 at most"):
        replace(superbill, diagnoses=diagnoses)


def test_the_same_superbill_gives_the_same_bytes():
    assert render_superbill(make_superbill()) == render_superbill(make_superbill())
