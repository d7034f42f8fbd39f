"""Business days of the United States, with the holidays on the days on which they are kept."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.estimates.good_faith.business_days import (
    business_days_after,
    business_days_ahead,
    business_days_before,
    federal_holidays,
    is_business_day,
)

days = st.dates(date(2000, 1, 1), date(2099, 12, 1))


@pytest.mark.parametrize(
    ("year", "kept"),
    [
        (2020, ["01-01", "01-20", "02-17", "05-25", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"]),
        (2021, ["01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24",
                "12-31"]),
        (2022, ["01-17", "02-21", "05-30", "06-20", "07-04", "09-05", "10-10", "11-11", "11-24", "12-26"]),
        (2023, ["01-02", "01-16", "02-20", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"]),
        (2026, ["01-01", "01-19", "02-16", "05-25", "06-19", "07-03", "09-07", "10-12", "11-11", "11-26", "12-25"]),
        (2027, ["01-01", "01-18", "02-15", "05-31", "06-18", "07-05", "09-06", "10-11", "11-11", "11-25", "12-24",
                "12-31"]),
        (2028, ["01-17", "02-21", "05-29", "06-19", "07-04", "09-04", "10-09", "11-10", "11-23", "12-25"]),
    ],
)  # fmt: skip
def test_6_3_the_holidays_of_a_year_are_those_of_the_public_calendar(year: int, kept: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in federal_holidays(year)] == kept


@given(st.integers(min_value=1990, max_value=2150))
def test_6_3_no_holiday_is_kept_on_a_weekend_and_two_never_on_one_day(year: int) -> None:
    found = federal_holidays(year)

    assert all(day.weekday() < 5 and day.year == year for day in found)
    assert 9 <= len(found) <= 12


def test_6_3_new_years_day_on_a_saturday_is_kept_in_the_year_before() -> None:
    assert federal_holidays(2027)[date(2027, 12, 31)] == "New Year's Day"
    assert not is_business_day(date(2027, 12, 31))
    assert is_business_day(date(2028, 1, 3))


def test_6_3_the_first_business_day_after_thanksgiving_wednesday_is_friday() -> None:
    assert business_days_after(date(2026, 11, 25), 1) == date(2026, 11, 27)
    assert business_days_after(date(2026, 11, 25), 2) == date(2026, 11, 30)


def test_6_3_the_business_day_before_a_visit_on_monday_is_friday() -> None:
    assert business_days_before(date(2026, 3, 9), 1) == date(2026, 3, 6)


def test_6_3_monday_is_three_business_days_ahead_of_thursday_and_wednesday_ahead_of_saturday() -> None:
    assert business_days_ahead(date(2026, 3, 5), date(2026, 3, 2)) == 3
    assert business_days_ahead(date(2026, 3, 7), date(2026, 3, 4)) == 3
    assert business_days_ahead(date(2026, 3, 4), date(2026, 3, 1)) == 2
    assert business_days_ahead(date(2026, 3, 4), date(2026, 3, 4)) == 0
    assert business_days_ahead(date(2026, 3, 4), date(2026, 3, 9)) == 0


@given(days, st.integers(min_value=1, max_value=30))
def test_6_3_stepping_and_counting_agree(day: date, count: int) -> None:
    later, earlier = business_days_after(day, count), business_days_before(day, count)

    assert is_business_day(later) and is_business_day(earlier)
    assert business_days_ahead(day, earlier) == count
    assert business_days_ahead(later + timedelta(days=1), day + timedelta(days=1)) == count
