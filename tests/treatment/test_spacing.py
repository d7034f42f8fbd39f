"""A course of care thins out: weekly, fortnightly, monthly, each session counted from the one before it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.treatment.models import TreatmentPlan
from billing.treatment.proposing import plan_progress, proposed_days
from billing.treatment.spacing import Phase, next_due_on, phase_of, planned_sessions, same_weekday_months_later

START = date(2026, 1, 6)
"""A Tuesday."""
WEEK = timedelta(weeks=1)


def a_plan(weekly: int = 3, fortnightly: int = 2, monthly: int = 2, **changes: date | None) -> TreatmentPlan:
    return TreatmentPlan(
        patient_id=1, practitioner_id=1, starts_on=START, diagnosis=None, weekly_sessions=weekly,
        fortnightly_sessions=fortnightly, monthly_sessions=monthly, **changes,
    )  # fmt: skip


def weeks(*numbers: int) -> list[date]:
    """The days so many weeks after the start."""
    return [START + number * WEEK for number in numbers]


def test_the_first_session_is_due_on_the_day_the_course_begins() -> None:
    assert next_due_on(a_plan(), []) == START


def test_sessions_are_weekly_until_the_weekly_count_is_used() -> None:
    assert [next_due_on(a_plan(), weeks(*range(done))) for done in (1, 2)] == weeks(1, 2)


def test_then_a_fortnight_lies_before_each_session() -> None:
    assert next_due_on(a_plan(), weeks(0, 1, 2)) == weeks(4)[0]


def test_then_it_is_the_same_weekday_a_month_later() -> None:
    assert next_due_on(a_plan(), weeks(0, 1, 2, 4, 6)) == weeks(10)[0]


def test_a_course_without_weekly_sessions_begins_in_its_first_phase() -> None:
    assert phase_of(a_plan(weekly=0), 1) is Phase.FORTNIGHTLY
    assert next_due_on(a_plan(weekly=0, fortnightly=0), [START]) == START + 4 * WEEK


def test_a_session_given_late_moves_the_ones_after_it() -> None:
    late = START + timedelta(days=10)

    assert next_due_on(a_plan(), [START, late]) == late + WEEK


def test_two_sessions_of_one_day_are_one_session_of_the_course() -> None:
    assert next_due_on(a_plan(), [START, START]) == START + WEEK


def test_what_was_before_the_course_or_after_its_end_does_not_count() -> None:
    ended = a_plan(ended_on=START + 2 * WEEK)

    progress = plan_progress(ended, weeks(-3, 0, 1, 2, 5), [], START + 6 * WEEK)

    assert (progress.done, progress.next_due_on, progress.ends_on_expected) == (2, None, START + 2 * WEEK)


def test_nothing_is_due_when_all_sessions_were_given() -> None:
    plan = a_plan(2, 0, 0)

    assert next_due_on(plan, weeks(0, 1)) is None
    assert proposed_days(plan, weeks(0, 1), [], 5) == []
    assert plan_progress(plan, weeks(0, 1), [], START + 9 * WEEK).phase is Phase.COMPLETE


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 6), 1, date(2026, 2, 3)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 6), 2, date(2026, 3, 3)),
        (date(2026, 1, 6), 3, date(2026, 4, 7)),
        (date(2026, 12, 8), 1, date(2027, 1, 5)),
    ],
)
def test_a_month_later_is_the_nearest_same_weekday_to_that_date(day: date, months: int, later: date) -> None:
    assert same_weekday_months_later(day, months) == later
    assert later.weekday() == day.weekday()


def test_proposals_follow_the_plan_to_its_end() -> None:
    days = proposed_days(a_plan(3, 2, 3), [START], [], 99)

    assert days == weeks(1, 2, 4, 6, 10, 14, 19)


def test_proposals_come_after_what_is_booked_already() -> None:
    assert proposed_days(a_plan(), [START], weeks(1), 2, START) == weeks(2, 4)


def test_a_booking_that_has_passed_counts_as_none() -> None:
    today = START + timedelta(days=9)

    assert proposed_days(a_plan(), [START], weeks(1), 1, today) == weeks(2)


def test_who_is_overdue_is_offered_the_same_weekday_and_no_day_that_has_passed() -> None:
    today = START + timedelta(days=30)

    days = proposed_days(a_plan(), [START], [], 2, today)

    assert days == weeks(5, 6)
    assert days[0] >= today


def test_an_ended_course_proposes_nothing() -> None:
    assert proposed_days(a_plan(ended_on=START + WEEK), [START], [], 3) == []


def test_progress_tells_how_long_the_next_session_is_overdue_and_when_the_course_has_lapsed() -> None:
    plan = a_plan()

    by_day = {days: plan_progress(plan, [START], [], START + timedelta(days=days)) for days in (7, 10, 14, 15)}

    assert {days: one.overdue_days for days, one in by_day.items()} == {7: 0, 10: 3, 14: 7, 15: 8}
    assert {days: one.is_lapsed for days, one in by_day.items()} == {7: False, 10: False, 14: False, 15: True}


def test_who_has_a_session_booked_is_not_overdue() -> None:
    today = START + 4 * WEEK

    progress = plan_progress(a_plan(), [START], [today + WEEK], today)

    assert (progress.overdue_days, progress.booked, progress.next_due_on) == (0, 1, START + WEEK)


def test_progress_expects_the_last_session_where_the_plan_leads_to() -> None:
    progress = plan_progress(a_plan(), weeks(0, 1), weeks(3), START + WEEK)

    assert (progress.done, progress.total, progress.phase) == (2, 7, Phase.WEEKLY)
    assert progress.ends_on_expected == proposed_days(a_plan(), weeks(0, 1, 3), [], 99)[-1]


counts = st.integers(min_value=0, max_value=8)
offsets = st.lists(st.integers(min_value=0, max_value=400), max_size=12)


@given(counts, counts, counts, offsets, offsets, st.integers(min_value=-30, max_value=430), st.integers(0, 30))
def test_no_proposal_is_early_too_close_or_beyond_the_counts(
    weekly: int, fortnightly: int, monthly: int, done: list[int], booked: list[int], today: int, count: int
) -> None:
    plan = a_plan(weekly, fortnightly, monthly)
    now = START + timedelta(days=today)
    given_on = [START + timedelta(days=one) for one in done if one <= today]
    booked_on = [START + timedelta(days=one) for one in booked]
    to_come = {day for day in booked_on if day >= now and day > max(given_on, default=date.min)}

    days = proposed_days(plan, given_on, booked_on, count, now)

    number = len({*given_on} | to_come)
    assert len(days) == max(0, min(count, planned_sessions(plan) - number))
    assert all(day >= now for day in days)
    least = {Phase.WEEKLY: 7, Phase.FORTNIGHTLY: 14, Phase.MONTHLY: 28}
    before = max({*given_on} | to_come, default=None)
    for day in days:
        number += 1
        if before is not None:
            assert (day - before).days >= least[phase_of(plan, number)]
            assert day.weekday() == before.weekday()
        before = day


@given(counts, counts, counts)
def test_a_patient_who_keeps_to_the_plan_comes_as_often_as_it_says_and_then_no_more(
    weekly: int, fortnightly: int, monthly: int
) -> None:
    plan = a_plan(weekly, fortnightly, monthly)
    done: list[date] = []

    while (due := next_due_on(plan, done)) is not None:
        assert not done or due > done[-1]
        done.append(due)

    assert len(done) == weekly + fortnightly + monthly
    assert proposed_days(plan, done, [], 10) == []
