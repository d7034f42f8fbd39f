"""Dates as people type them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.patients.written_dates import dates_meant

TODAY = date(2026, 3, 3)
MAY = date(1979, 5, 11)
NOVEMBER = date(1979, 11, 5)


@pytest.mark.parametrize(
    "text",
    ["1979-05-11", "1979/5/11", "1979.05.11", "11 May 1979", "11. May 1979", "11th may 1979", "May 11, 1979",
     "may 11 1979", "Fri 11 May 1979", "friday, 11 may 1979", "19790511", "11 May '79"],
)  # fmt: skip
def test_a_date_is_read_in_every_usual_spelling(text: str) -> None:
    assert dates_meant(text, TODAY, day_first=False).dates[0] == MAY


@pytest.mark.parametrize("text", ["5/11/1979", "5-11-1979", "05111979", "5/11/79"])
def test_numbers_alone_are_read_as_the_country_writes_them_and_then_the_other_way(text: str) -> None:
    assert dates_meant(text, TODAY, day_first=False).dates == (MAY, NOVEMBER)
    assert dates_meant(text, TODAY, day_first=True).dates == (NOVEMBER, MAY)


def test_with_points_the_day_stands_first() -> None:
    assert dates_meant("11.5.1979", TODAY, day_first=False).dates[0] == MAY


def test_a_day_without_a_year_is_this_years() -> None:
    assert dates_meant("3 mar", TODAY, day_first=False).dates == (TODAY,)


def test_a_year_of_two_digits_may_be_this_centurys_or_the_lasts() -> None:
    assert dates_meant("1 May 15", TODAY, day_first=False).dates == (date(2015, 5, 1), date(1915, 5, 1))


@pytest.mark.parametrize(
    ("word", "on"), [("today", TODAY), ("Yesterday", date(2026, 3, 2)), ("tomorrow", date(2026, 3, 4))]
)
def test_days_near_today_have_words(word: str, on: date) -> None:
    assert dates_meant(word, TODAY, day_first=False).dates == (on,)


def test_what_stands_beside_the_date_is_left_over() -> None:
    meant = dates_meant("okoro 1979-05-11", TODAY, day_first=False)

    assert (meant.dates, meant.rest) == ((MAY,), "okoro")


@pytest.mark.parametrize(
    "text", ["", "okoro", "503-555-0101", "2026-02-30", "31 June 2026", "#12", "99/99/9999", "maya"]
)
def test_what_is_no_date_stays_as_it_is(text: str) -> None:
    meant = dates_meant(text, TODAY, day_first=False)

    assert (meant.dates, meant.rest) == ((), text)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_date_is_found_as_it_is_written_out(on: date) -> None:
    assert on in dates_meant(on.isoformat(), TODAY, day_first=False).dates
    assert on in dates_meant(f"{on:%d %B %Y}", TODAY, day_first=True).dates


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    meant = dates_meant(text, TODAY, day_first=False)

    assert all(1900 <= on.year <= 2200 for on in meant.dates)
