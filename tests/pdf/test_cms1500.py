from __future__ import annotations

import io
from datetime import date
from typing import Any

import pdfplumber
import pytest

from billing.pdf.cms1500.boxes import BOXES
from billing.pdf.cms1500.form import FormProvider, TaxIdKind, form_name
from billing.pdf.cms1500.printing import pages, render_cms1500, typed_lines
from tests.pdf.claim_forms_on_stage import make_form, make_full_form, make_line

FULL_FORM: dict[str, tuple[int, int, int, str]] = {
    "carrier 1": (2, 41, 31, "FRONT RANGE HEALTH PLAN"),
    "carrier 2": (3, 41, 31, "ATTN CLAIMS"),
    "carrier 3": (4, 41, 31, "PO BOX 1182"),
    "carrier 4": (5, 41, 31, "DENVER CO 80201"),
    "1 medicare": (8, 1, 1, ""),
    "1 medicaid": (8, 8, 1, ""),
    "1 tricare": (8, 15, 1, ""),
    "1 champva": (8, 24, 1, ""),
    "1 group": (8, 31, 1, "X"),
    "1 feca": (8, 39, 1, ""),
    "1 other": (8, 45, 1, ""),
    "1a": (8, 50, 29, "W123456789"),
    "2": (10, 1, 29, "NUNEZ-LUKASZ JR, ZOE, Q"),
    "3 month": (10, 31, 2, "02"),
    "3 day": (10, 34, 2, "09"),
    "3 year": (10, 37, 4, "1984"),
    "3 male": (10, 42, 1, ""),
    "3 female": (10, 47, 1, "X"),
    "4": (10, 50, 29, "LUKASZ, ADAM, P"),
    "5 street": (12, 1, 29, "88 CANYON BLVD 4"),
    "5 city": (14, 1, 24, "BOULDER"),
    "5 state": (14, 26, 2, "CO"),
    "5 zip": (16, 1, 10, "80302-1234"),
    "5 area code": (16, 15, 3, "303"),
    "5 phone": (16, 19, 7, "5550177"),
    "6 self": (12, 33, 1, ""),
    "6 spouse": (12, 38, 1, "X"),
    "6 child": (12, 42, 1, ""),
    "6 other": (12, 47, 1, ""),
    "7 street": (12, 50, 29, "90 PEARL ST"),
    "7 city": (14, 50, 23, "LONGMONT"),
    "7 state": (14, 74, 2, "WY"),
    "7 zip": (16, 50, 10, "80501"),
    "7 area code": (16, 65, 3, "720"),
    "7 phone": (16, 69, 7, "5550188"),
    "9": (18, 1, 29, "LUKASZ, EVE"),
    "9a": (20, 1, 29, "POL-99"),
    "9d": (26, 1, 29, "SECOND PLAN"),
    "10a yes": (20, 35, 1, ""),
    "10a no": (20, 41, 1, "X"),
    "10b yes": (22, 35, 1, "X"),
    "10b no": (22, 41, 1, ""),
    "10b state": (22, 46, 2, "CO"),
    "10c yes": (24, 35, 1, ""),
    "10c no": (24, 41, 1, "X"),
    "10d": (26, 31, 18, "AB   W2"),
    "11": (18, 50, 29, "GRP-5512"),
    "11a month": (20, 54, 2, "12"),
    "11a day": (20, 57, 2, "31"),
    "11a year": (20, 60, 4, "1980"),
    "11a male": (20, 68, 1, "X"),
    "11a female": (20, 75, 1, ""),
    "11b qualifier": (22, 50, 2, "Y4"),
    "11b": (22, 53, 26, "PC-2026-11"),
    "11c": (24, 50, 29, "FRHP PPO 500"),
    "11d yes": (26, 52, 1, "X"),
    "11d no": (26, 57, 1, ""),
    "12": (30, 7, 20, "SIGNATURE ON FILE"),
    "12 month": (30, 38, 2, "11"),
    "12 day": (30, 41, 2, "01"),
    "12 year": (30, 44, 2, "26"),
    "13": (30, 57, 17, "SOF"),
    "14 month": (32, 2, 2, "09"),
    "14 day": (32, 5, 2, "01"),
    "14 year": (32, 8, 2, "26"),
    "14 qualifier": (32, 16, 3, "431"),
    "15 qualifier": (32, 31, 3, "454"),
    "15 month": (32, 37, 2, "09"),
    "15 day": (32, 40, 2, "05"),
    "15 year": (32, 43, 2, "26"),
    "16 from month": (32, 54, 2, "09"),
    "16 from day": (32, 57, 2, "02"),
    "16 from year": (32, 60, 2, "26"),
    "16 to month": (32, 68, 2, "09"),
    "16 to day": (32, 71, 2, "12"),
    "16 to year": (32, 74, 2, "26"),
    "17 qualifier": (34, 1, 2, "DN"),
    "17": (34, 4, 24, "IRENE B PAPADOPOULOS MD"),
    "17a qualifier": (33, 30, 2, "G2"),
    "17a": (33, 33, 17, "ABC1234567"),
    "17b": (34, 33, 10, "1457389201"),
    "18 from month": (34, 54, 2, "08"),
    "18 from day": (34, 57, 2, "30"),
    "18 from year": (34, 60, 2, "26"),
    "18 to month": (34, 68, 2, "09"),
    "18 to day": (34, 71, 2, "04"),
    "18 to year": (34, 74, 2, "26"),
    "19": (36, 1, 48, "ADDITIONAL CLAIM INFORMATION"),
    "20 yes": (36, 52, 1, ""),
    "20 no": (36, 57, 1, "X"),
    "20 dollars": (36, 62, 6, "   125"),
    "20 cents": (36, 68, 2, "00"),
    "21 indicator": (37, 42, 1, "0"),
    "21 A": (38, 3, 7, "M5450"),
    "21 B": (38, 16, 7, "G43909"),
    "21 C": (38, 29, 7, "M25511"),
    "21 D": (38, 42, 7, "R519"),
    "21 E": (39, 3, 7, "M797"),
    "21 F": (39, 16, 7, "M542"),
    "21 G": (39, 29, 7, "M62830"),
    "21 H": (39, 42, 7, "G44209"),
    "21 I": (40, 3, 7, "M7541"),
    "21 J": (40, 16, 7, "M1711"),
    "21 K": (40, 29, 7, "K5900"),
    "21 L": (40, 42, 7, "F411"),
    "22 code": (38, 50, 10, "7"),
    "22 reference": (38, 62, 15, "2026110300123"),
    "23": (40, 50, 29, "AUTH778812"),
    "25": (56, 1, 15, "841234567"),
    "25 ssn": (56, 17, 1, ""),
    "25 ein": (56, 19, 1, "X"),
    "26": (56, 23, 14, "C2026-000142"),
    "27 yes": (56, 38, 1, "X"),
    "27 no": (56, 43, 1, ""),
    "28 dollars": (56, 51, 6, "   585"),
    "28 cents": (56, 58, 2, "15"),
    "29 dollars": (56, 62, 5, "  150"),
    "29 cents": (56, 68, 2, "00"),
    "31": (60, 1, 21, "BEN ALVAREZ LAC"),
    "31 month": (61, 6, 2, "11"),
    "31 day": (61, 9, 2, "21"),
    "31 year": (61, 12, 2, "26"),
    "32 name": (58, 24, 25, "JADE RIVER NORTH"),
    "32 street": (59, 24, 25, "7 MESA RD"),
    "32 city": (60, 24, 25, "LYONS CO 80540-0123"),
    "32a": (61, 24, 10, "1992837465"),
    "32b": (61, 37, 13, "G2998812"),
    "33 area code": (57, 67, 3, "303"),
    "33 phone": (57, 71, 7, "5550142"),
    "33 name": (58, 50, 29, "JADE RIVER ACUPUNCTURE LLC"),
    "33 street": (59, 50, 29, "1420 PEARL ST STE 3"),
    "33 city": (60, 50, 29, "BOULDER CO 80302"),
    "33a": (61, 51, 10, "1881837466"),
    "33b": (61, 63, 16, "ZZ171100000X"),
}
for _row in range(6):
    _shaded, _white, _name = 43 + 2 * _row, 44 + 2 * _row, f"row {_row + 1}"
    FULL_FORM |= {
        f"24 supplemental {_name}": (_shaded, 1, 61, f"N4 SUPPLEMENTAL {_row}"),
        f"24I {_name}": (_shaded, 65, 2, "ZZ"),
        f"24J shaded {_name}": (_shaded, 68, 11, f"17110000{_row}X"),
        f"24A from month {_name}": (_white, 1, 2, "11"),
        f"24A from day {_name}": (_white, 4, 2, f"{3 + _row:02d}"),
        f"24A from year {_name}": (_white, 7, 2, "26"),
        f"24A to month {_name}": (_white, 10, 2, "12"),
        f"24A to day {_name}": (_white, 13, 2, f"{4 + _row:02d}"),
        f"24A to year {_name}": (_white, 16, 2, "26"),
        f"24B {_name}": (_white, 19, 2, f"1{_row}"),
        f"24C {_name}": (_white, 22, 2, "Y"),
        f"24D code {_name}": (_white, 25, 6, f"9781{_row}"),
        f"24D modifier 1 {_name}": (_white, 33, 2, "GP"),
        f"24D modifier 2 {_name}": (_white, 36, 2, "59"),
        f"24D modifier 3 {_name}": (_white, 39, 2, "KX"),
        f"24D modifier 4 {_name}": (_white, 42, 2, "25"),
        f"24E {_name}": (_white, 45, 4, "ABCL"[: _row % 4 + 1]),
        f"24F {_name} dollars": (_white, 50, 6, f"{95 + _row:6d}"),
        f"24F {_name} cents": (_white, 56, 2, f"{_row:02d}"),
        f"24G {_name}": (_white, 59, 3, f"1{_row}"),
        f"24H {_name}": (_white, 62, 2, f"S{_row}"),
        f"24J {_name}": (_white, 68, 10, f"123456789{_row}"),
    }

Typed = dict[tuple[int, int], str]


def typed_on(pdf: bytes, page: int = 0, left: float = 25.5, top: float = 24.0) -> Typed:
    """What stands on the sheet, by print line and column, measured from the origins of the printed characters."""
    with pdfplumber.open(io.BytesIO(pdf)) as document:
        chars: list[dict[str, Any]] = [char for char in document.pages[page].chars if char["fontname"] == "Courier"]
    typed: Typed = {}
    for char in chars:
        x, y = char["matrix"][4], 792 - char["matrix"][5]
        column, line = (x - left) / 7.2 + 1, (y - top) / 12
        assert abs(column - round(column)) < 0.01, "a character stands between two columns"
        assert abs(line - round(line)) < 0.01, "a character stands between two lines"
        if char["text"] != " ":
            typed[round(line), round(column)] = char["text"]
    return typed


def field(typed: Typed, line: int, column: int, width: int) -> str:
    return "".join(typed.get((line, place), " ") for place in range(column, column + width)).rstrip()


def collide(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Does the ink of two characters overlap? A capital is about 0.65 of its size high."""
    (one_top, one_base), (other_top, other_base) = (
        (792 - char["matrix"][5] - 0.65 * char["size"], 792 - char["matrix"][5]) for char in (one, other)
    )
    beside = one["x1"] <= other["x0"] + 0.5 or other["x1"] <= one["x0"] + 0.5
    return not beside and one_top < other_base and other_top < one_base


@pytest.fixture(scope="module")
def full_sheet() -> Typed:
    return typed_on(render_cms1500(make_full_form(), background=False))


@pytest.mark.parametrize("name", FULL_FORM)
def test_the_text_of_each_box_stands_in_its_box(full_sheet: Typed, name: str):
    line, column, width, text = FULL_FORM[name]

    assert field(full_sheet, line, column, width) == text


def test_nothing_stands_outside_the_boxes(full_sheet: Typed):
    inside = {(line, place) for line, column, width, _ in FULL_FORM.values() for place in range(column, column + width)}

    assert set(full_sheet) <= inside


def test_the_table_has_the_boxes_that_are_tested_here_and_no_others():
    places = {name: place for name, (*place, _) in FULL_FORM.items()}

    assert {box.name: [box.line, box.column, box.width] for box in BOXES} == places


def test_no_two_boxes_share_a_character():
    taken: dict[tuple[int, int], str] = {}

    for box in BOXES:
        for place in range(box.column, box.column + box.width):
            assert taken.setdefault((box.line, place), box.name) == box.name
            assert place <= 78
    assert len(taken) > 1000


def test_a_text_longer_than_its_box_is_cut_and_never_wraps():
    form = make_form(patient_name="A" * 60, insured_plan="B" * 60, referring_name="C" * 60, account_number="D" * 60)

    typed = typed_on(render_cms1500(form, background=False))

    assert field(typed, 10, 1, 30) == "A" * 29
    assert field(typed, 24, 50, 30) == "B" * 29
    assert field(typed, 34, 4, 26) == "C" * 24
    assert field(typed, 56, 23, 15) == "D" * 14
    assert field(typed, 11, 1, 78) == ""


def test_seven_lines_take_two_sheets_each_with_the_total_of_its_own_lines():
    form = make_form(lines=tuple(make_line(charge=10000 + number) for number in range(7)))

    pdf = render_cms1500(form, background=False)

    first, second = typed_on(pdf, 0), typed_on(pdf, 1)
    assert field(first, 56, 51, 9) == "   600 15"
    assert field(second, 56, 51, 9) == "   100 06"
    assert field(second, 44, 25, 6) == "97813"
    assert field(second, 46, 1, 78) == ""
    assert field(first, 10, 1, 29) == field(second, 10, 1, 29) == "NUNEZ, ZOE, Q"


def test_what_was_paid_is_spread_over_the_sheets_and_never_counted_twice():
    form = make_form(lines=tuple(make_line(charge=10000) for _ in range(8)), amount_paid=65000)

    assert [page.paid for page in pages(form)] == [60000, 5000]


def test_nothing_paid_is_printed_only_when_it_is_known():
    unknown = typed_lines(next(pages(make_form(amount_paid=None))))
    nothing = typed_lines(next(pages(make_form(amount_paid=0))))

    assert unknown[56][61:] == ""
    assert nothing[56][61:69] == "    0 00"


def test_a_whole_dollar_amount_prints_its_zeros():
    typed = typed_lines(next(pages(make_form(lines=(make_line(charge=8500),)))))

    assert typed[44][49:57] == "    8500"


@pytest.mark.parametrize("charge", [100_000_000, -1])
def test_an_amount_without_room_is_refused_rather_than_cut(charge: int):
    with pytest.raises(ValueError, match="no room"):
        render_cms1500(make_form(lines=(make_line(charge=charge),)), background=False)


def test_every_date_but_a_birth_date_has_six_digits():
    typed = typed_lines(next(pages(make_full_form())))

    assert typed[32][:10] == " 09 01 26 "
    assert typed[10][30:40] == "02 09 1984"


def test_a_single_day_of_service_is_printed_under_both_from_and_to():
    typed = typed_lines(next(pages(make_form())))

    assert typed[44][:17] == "11 03 26 11 03 26"


def test_a_social_security_number_is_marked_as_one():
    typed = typed_lines(next(pages(make_form(tax_id="123-45-6789", tax_id_kind=TaxIdKind.SSN))))

    assert typed[56][:19].rstrip() == "123456789       X"


def test_qualifiers_without_their_fact_stay_away():
    typed = typed_lines(next(pages(make_form(other_date_qualifier="454", referring_qualifier="DN", tax_id=""))))

    assert 32 not in typed
    assert 34 not in typed
    assert typed[56][:22].strip() == ""


def test_letters_outside_ascii_never_stop_the_printing():
    form = make_form(patient_name="ŁUKASZ, ZOË", provider_signature="Дмитрий")

    typed = typed_on(render_cms1500(form, background=True))

    assert field(typed, 10, 1, 29) == "?UKASZ, ZO?"
    assert field(typed, 60, 1, 21) == "???????"


def test_the_nudge_moves_the_data_right_and_down():
    pdf = render_cms1500(make_form(), background=False, nudge_x_pt=3.5, nudge_y_pt=-2.25)

    assert field(typed_on(pdf, left=25.5 + 3.5, top=24 - 2.25), 8, 50, 29) == "W123456789"


def test_the_data_stands_in_the_same_places_with_the_form_drawn(full_sheet: Typed):
    assert typed_on(render_cms1500(make_full_form(), background=True)) == full_sheet


def test_a_sheet_for_preprinted_forms_has_nothing_but_typing():
    with pdfplumber.open(io.BytesIO(render_cms1500(make_full_form(), background=False))) as document:
        page = document.pages[0]
        assert {(char["fontname"], round(char["size"], 3)) for char in page.chars} == {("Courier", 12)}
        assert not page.lines
        assert not page.rects
        assert (page.width, page.height) == (612, 792)


def test_the_drawn_form_has_its_captions_clear_of_the_typing():
    with pdfplumber.open(io.BytesIO(render_cms1500(make_full_form(), background=True))) as document:
        page = document.pages[0]
        captions = [char for char in page.chars if char["fontname"] != "Courier" and char["upright"]]
        typing = [char for char in page.chars if char["fontname"] == "Courier" and char["text"] != " "]
        text = page.filter(lambda item: item.get("fontname") != "Courier").extract_text()

    for caption in ("HEALTH INSURANCE CLAIM FORM", "1a. INSURED'S I.D. NUMBER", "33. BILLING PROVIDER INFO & PH #"):
        assert caption in text
    assert [(caption["text"], char["text"]) for caption in captions for char in typing if collide(caption, char)] == []


def test_no_rule_of_the_drawn_form_strikes_through_a_typed_line():
    with pdfplumber.open(io.BytesIO(render_cms1500(make_full_form(), background=True))) as document:
        rules = [line for line in document.pages[0].lines if line["top"] == line["bottom"]]

    baselines = [24 + 12 * line for line, *_ in FULL_FORM.values()]
    struck = [rule["top"] for rule in rules for baseline in baselines if baseline - 6.5 < rule["top"] < baseline]
    assert struck == []


def test_a_batch_begins_each_claim_on_a_new_sheet_and_draws_the_form_once():
    forms = [make_form(account_number=f"C{number}") for number in range(3)]

    pdf = render_cms1500(forms, background=True)

    assert [field(typed_on(pdf, page), 56, 23, 14) for page in range(3)] == ["C0", "C1", "C2"]
    assert pdf.count(b"/Subtype /Form") == 1


def test_the_same_claim_gives_the_same_bytes():
    assert render_cms1500(make_full_form(), background=True) == render_cms1500(make_full_form(), background=True)


def test_a_form_needs_a_line_and_at_most_twelve_diagnoses():
    with pytest.raises(ValueError, match="service line"):
        make_form(lines=())
    with pytest.raises(ValueError, match="twelve"):
        make_form(diagnoses=("M54.50",) * 13)
    with pytest.raises(ValueError, match="no form"):
        render_cms1500([], background=False)


def test_a_name_is_written_last_name_first_with_commas():
    assert form_name("Nunez", "Zoe", "Quinn", "Jr") == "Nunez Jr, Zoe, Q"
    assert form_name("Nunez", "Zoe") == "Nunez, Zoe"


def test_an_empty_facility_prints_nothing():
    typed = typed_lines(next(pages(make_form(facility=FormProvider(), provider_signed_on=date(2026, 1, 2)))))

    assert typed[61] == "     01 02 26"
    assert 58 not in typed
