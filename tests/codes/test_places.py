from __future__ import annotations

from datetime import date

import pytest

from billing.codes.places import is_place_of_service, place_label


@pytest.mark.parametrize("code", ["02", "10", "11", "12", "99"])
def test_places_where_a_clinic_works_are_known(code: str) -> None:
    assert is_place_of_service(code)


@pytest.mark.parametrize("code", ["", "1", "011", "00", "30", "AB"])
def test_other_texts_are_no_place(code: str) -> None:
    assert not is_place_of_service(code)


def test_telehealth_at_home_begins_with_the_year_2022() -> None:
    assert not is_place_of_service("10", date(2021, 12, 31))
    assert is_place_of_service("10", date(2022, 1, 1))


def test_a_place_has_a_label_of_ours() -> None:
    assert place_label("11") == "Office"
    assert place_label("00") == "00"
