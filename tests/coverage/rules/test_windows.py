"""In which span a visit is counted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.coverage.rules.windows import Window, months_later, window_of

FIRST = date(2026, 3, 21)


def test_2_1_the_last_february_day_after_a_march_start_is_the_same_year() -> None:
    on = date(2027, 2, 28)

    assert window_of(Window.ROLLING_MONTH_YEAR, [FIRST], on) == (FIRST, date(2027, 3, 1))


def test_2_1_the_first_of_the_month_one_year_later_begins_a_new_year() -> None:
    on = date(2027, 3, 1)

    assert window_of(Window.ROLLING_MONTH_YEAR, [FIRST], on) == (on, date(2028, 3, 1))


def test_2_1_a_year_that_began_on_21_march_2020_may_begin_again_on_1_march_2021() -> None:
    first = date(2020, 3, 21)

    assert window_of(Window.ROLLING_MONTH_YEAR, [first], first)[1] == date(2021, 3, 1)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        (Window.CALENDAR_YEAR, (date(2026, 1, 1), date(2027, 1, 1))),
        (Window.PLAN_YEAR, (date(2025, 7, 1), date(2026, 7, 1))),
        (Window.CALENDAR_MONTH, (date(2026, 4, 1), date(2026, 5, 1))),
        (Window.ROLLING_MONTHS, (date(2025, 10, 31), date(2026, 5, 1))),
        (Window.ROLLING_DAYS, (date(2026, 4, 24), date(2026, 5, 1))),
        (Window.DAYS_FROM_FIRST, (date(2026, 4, 29), date(2026, 5, 6))),
        # No pause is as long as seven days, save the one before the 29th.
        (Window.COURSE, (date(2026, 4, 29), date(2026, 5, 7))),
        (Window.LIFETIME, (date(2023, 7, 1), date.max)),
    ],
)
def test_each_window_begins_and_ends_where_it_says(window: Window, expected: tuple[date, date]) -> None:
    visits = [date(2026, 4, 1), date(2026, 4, 15), date(2026, 4, 21), date(2026, 4, 29)]

    found = window_of(window, visits, date(2026, 4, 30), policy_from=date(2023, 7, 1), months=6, days=7)

    assert found == expected


def test_the_plans_own_day_begins_its_year() -> None:
    found = window_of(
        Window.PLAN_YEAR, [], date(2026, 4, 30), policy_from=date(2023, 7, 1), plan_year_from=date(2024, 4, 1)
    )

    assert found == (date(2026, 4, 1), date(2027, 4, 1))


def test_months_end_on_their_last_day() -> None:
    assert months_later(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_later(date(2026, 3, 31), -1) == date(2026, 2, 28)


@given(
    window=st.sampled_from(Window),
    visits=st.lists(st.dates(date(2015, 1, 1), date(2035, 1, 1)), max_size=20),
    on=st.dates(date(2015, 1, 1), date(2035, 1, 1)),
    months=st.integers(1, 120),
    days=st.integers(1, 3660),
)
def test_a_visit_lies_in_its_own_window(window: Window, visits: list[date], on: date, months: int, days: int) -> None:
    first, end = window_of(window, visits, on, policy_from=date(2014, 2, 28), months=months, days=days)

    assert first <= on < end


@given(on=st.sampled_from([date.min, date.max, date.max - timedelta(days=1)]), window=st.sampled_from(Window))
def test_no_window_falls_over_the_edge_of_time(on: date, window: Window) -> None:
    first, end = window_of(window, [on], on, policy_from=date(2024, 2, 29), months=1200, days=3660)

    assert first <= end
