"""By when a good-faith estimate is due."""

from __future__ import annotations

from datetime import date

import pytest

from billing.estimates.good_faith.deadlines import Deadline, Trigger, asked, changed, scheduled

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize("service_on", [MONDAY, date(2026, 3, 3), date(2026, 3, 4)])
def test_6_3_nothing_is_due_for_what_is_scheduled_less_than_three_business_days_ahead(service_on: date) -> None:
    assert scheduled(MONDAY, service_on) is None


@pytest.mark.parametrize("service_on", [date(2026, 3, 5), date(2026, 3, 13)])
def test_6_3_from_three_to_nine_business_days_ahead_it_is_due_within_one(service_on: date) -> None:
    assert scheduled(MONDAY, service_on) == Deadline(Trigger.SCHEDULED_SOON, date(2026, 3, 3))


@pytest.mark.parametrize("service_on", [date(2026, 3, 16), date(2026, 6, 1)])
def test_6_3_from_ten_business_days_ahead_on_it_is_due_within_three(service_on: date) -> None:
    assert scheduled(MONDAY, service_on) == Deadline(Trigger.SCHEDULED_EARLY, date(2026, 3, 5))


def test_6_3_a_holiday_and_a_weekend_do_not_count() -> None:
    assert scheduled(date(2026, 7, 2), date(2026, 7, 9)) == Deadline(Trigger.SCHEDULED_SOON, date(2026, 7, 6))
    assert scheduled(date(2026, 7, 2), date(2026, 7, 7)) is None


def test_6_3_who_asks_has_it_within_three_business_days() -> None:
    assert asked(date(2026, 12, 23)) == Deadline(Trigger.ASKED, date(2026, 12, 29))


def test_6_3_after_a_change_a_new_one_is_due_a_business_day_before_the_visit() -> None:
    assert changed(date(2026, 3, 9)) == Deadline(Trigger.CHANGED, date(2026, 3, 6))
    assert changed(date(2026, 5, 26)) == Deadline(Trigger.CHANGED, date(2026, 5, 22))


def test_6_3_a_deadline_is_missed_the_day_after_and_counts_down_in_business_days() -> None:
    due = Deadline(Trigger.ASKED, date(2026, 3, 9))

    assert [due.days_left(date(2026, 3, day)) for day in (5, 6, 8, 9, 10)] == [2, 1, 1, 0, 0]
    assert [due.is_missed(date(2026, 3, day)) for day in (6, 9, 10)] == [False, False, True]
