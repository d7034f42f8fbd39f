from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.identifiers import (
    compact_member_id,
    has_npi_shape,
    is_ein,
    is_npi,
    is_taxonomy,
    normal_phone,
    readable_phone,
    tax_id_digits,
    zip_digits,
)


@pytest.mark.parametrize("npi", ["1234567893", "1111111112", "1000000004"])
def test_an_npi_with_its_check_digit_is_one(npi: str) -> None:
    assert is_npi(npi)


@pytest.mark.parametrize(
    ("npi", "fault"),
    [
        ("1234567890", "wrong check digit"),
        ("1234567983", "two digits transposed"),
        ("2000000003", "wrong check digit after a leading 2"),
        ("3000000000", "first digit neither 1 nor 2"),
        ("123456789", "nine digits"),
        ("12345678930", "eleven digits"),
        ("123456789X", "a letter"),
        (" 1234567893", "a blank"),
        ("\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19\uff13", "digits of another script"),
        ("", "nothing"),
    ],
)
def test_a_faulty_npi_is_none(npi: str, fault: str) -> None:
    assert not is_npi(npi), fault


@given(st.sampled_from("12"), st.text("0123456789", min_size=8, max_size=8))
def test_exactly_one_check_digit_completes_an_npi(first: str, body: str) -> None:
    complete = [digit for digit in "0123456789" if is_npi(first + body + digit)]

    assert len(complete) == 1


@given(st.sampled_from(["1234567893", "1111111112", "1000000004"]), st.integers(1, 9), st.integers(1, 9))
def test_one_mistyped_digit_never_makes_another_npi(npi: str, position: int, shift: int) -> None:
    mistyped = npi[:position] + str((int(npi[position]) + shift) % 10) + npi[position + 1 :]

    assert not is_npi(mistyped)


def test_ten_digits_have_the_shape_of_an_npi_whatever_the_check_digit() -> None:
    assert has_npi_shape("1234567890")
    assert not has_npi_shape("12345-6789")


@pytest.mark.parametrize(("text", "expected"), [("93-1234567", True), ("931234567", True), ("00-1234567", False)])
def test_an_ein_is_nine_digits_with_a_prefix(text: str, expected: bool) -> None:
    assert is_ein(text) is expected


@pytest.mark.parametrize("text", ["93-123456", "9-31234567", "123-45-6789", "93-12345678", "ab-1234567"])
def test_other_shapes_are_no_ein(text: str) -> None:
    assert not is_ein(text)


@pytest.mark.parametrize("text", ["93-1234567", "931234567", "931-23-4567"])
def test_a_tax_id_is_reduced_to_its_digits(text: str) -> None:
    assert tax_id_digits(text) == "931234567"


@pytest.mark.parametrize("text", ["93-123456", "tax id", ""])
def test_a_tax_id_without_nine_digits_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="nine digits"):
        tax_id_digits(text)


@pytest.mark.parametrize("code", ["171100000X", "261QM0801X", "225700000X", "111N00000X", "1041C0700X"])
def test_taxonomy_codes_of_the_nucc_have_the_right_shape(code: str) -> None:
    assert is_taxonomy(code)


@pytest.mark.parametrize("code", ["171100000", "171100000Y", "17110000XX0", "171100000x", "acupunct-X", ""])
def test_other_texts_are_no_taxonomy_code(code: str) -> None:
    assert not is_taxonomy(code)


def test_a_member_id_loses_blanks_and_hyphens() -> None:
    assert compact_member_id(" cmh-100 200-301 ") == "CMH100200301"


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("97214-2318", "972142318"),
        ("972142318", "972142318"),
        ("97214 2318", "972142318"),
        (" 97214 ", "97214"),
        ("02134", "02134"),
    ],
)
def test_a_zip_code_is_reduced_to_five_or_nine_digits(text: str, digits: str) -> None:
    assert zip_digits(text) == digits


@pytest.mark.parametrize(
    "text", ["9721", "972142", "97214-23", "9721-42318", "SW1A 1AA", "\uff19\uff17\uff12\uff11\uff14", ""]
)
def test_a_zip_code_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="five or nine digits"):
        zip_digits(text)


@pytest.mark.parametrize(
    ("text", "region", "normal"),
    [
        ("503-555-0100", "US", "+15035550100"),
        ("(503) 555-0100", "US", "+15035550100"),
        ("+1 503 555 0100", "GB", "+15035550100"),
        ("020 7946 0000", "GB", "+442079460000"),
    ],
)
def test_a_phone_number_is_brought_into_its_international_form(text: str, region: str, normal: str) -> None:
    assert normal_phone(text, region) == normal


@pytest.mark.parametrize("text", ["call me", "12345", "503-555-01000", "970-555-0", "503-555-0100 x12", ""])
def test_what_cannot_be_dialled_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="phone number") as refusal:
        normal_phone(text, "US")

    assert not text or text not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "region", "readable"),
    [
        ("+15035550100", "US", "(503) 555-0100"),
        ("503-555-0100", "US", "(503) 555-0100"),
        ("+442079460000", "US", "+44 20 7946 0000"),
        ("503-555-0100 x12", "US", "503-555-0100 x12"),
        ("call me", "US", "call me"),
        ("020 7946 0000", "ZZ", "020 7946 0000"),
    ],
)
def test_a_phone_number_reads_as_people_there_write_it(text: str, region: str, readable: str) -> None:
    assert readable_phone(text, region) == readable
