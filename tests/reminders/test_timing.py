"""When things are due: the same hour of the clock, inside the hours in which people may be written to."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import clock
from billing.practitioners.lapsing import held
from billing.reminders.models import Rule
from billing.reminders.timing import Hours, licence_dues, plan_dues, session_dues
from billing.treatment.models import TreatmentPlan
from tests.factories import ZONE, a_credential, a_practitioner, moment

HOURS = Hours(time(8), time(21))


def due_of(rule: Rule, on: date, start: str, zone: str = ZONE, hours: Hours = HOURS) -> datetime:
    dues = session_dues(clock.instant(on, time.fromisoformat(start), zone), None, zone, hours)
    return next(one.due_at for one in dues if one.rule is rule)


@pytest.mark.parametrize(
    ("visit", "offset"),
    [(date(2026, 3, 9), timedelta(hours=-71)), (date(2026, 11, 2), timedelta(hours=-73))],
)
def test_three_days_before_is_at_the_same_hour_though_the_clocks_are_changed(visit: date, offset: timedelta) -> None:
    starts_at = moment(visit, "10:00")

    due_at = due_of(Rule.SESSION_IN_3_DAYS, visit, "10:00")

    assert clock.local(due_at, ZONE).time() == time(10)
    assert due_at - starts_at == offset


def test_an_hour_that_the_clocks_skip_is_the_first_that_exists() -> None:
    # 8 March 2026, 02:00 to 03:00 does not exist in Portland.
    nights = Hours(time(2, 30), time(21))

    due_at = due_of(Rule.SESSION_TOMORROW, date(2026, 3, 9), "01:00", hours=nights)

    assert due_at == datetime(2026, 3, 8, 10, 30, tzinfo=UTC)
    assert clock.local(due_at, ZONE).time() == time(3, 30)


@pytest.mark.parametrize(
    ("start", "said"),
    [("07:00", "08:00"), ("08:00", "08:00"), ("20:59", "20:59"), ("21:00", "20:45"), ("22:30", "20:45")],
)
def test_what_would_fall_into_the_quiet_is_said_later_that_day_or_just_before(start: str, said: str) -> None:
    due_at = due_of(Rule.SESSION_TOMORROW, date(2026, 4, 14), start)

    assert due_at == moment(date(2026, 4, 13), said)


def test_the_hours_are_those_of_where_the_patient_is() -> None:
    at_nine_in_portland = moment(date(2026, 4, 14), "09:00")

    there = session_dues(at_nine_in_portland, None, "Pacific/Auckland", HOURS)

    # It is 04:00 of the next day in Auckland.
    assert [clock.local(one.due_at, "Pacific/Auckland") for one in there] == [
        clock.local(clock.instant(date(2026, 4, day), time(8), "Pacific/Auckland"), "Pacific/Auckland")
        for day in (12, 14)
    ]


def test_nothing_is_said_after_the_start_and_the_earlier_reminder_ends_with_the_later() -> None:
    starts_at = moment(date(2026, 4, 14), "10:00")

    three, one = session_dues(starts_at, None, ZONE, HOURS)

    assert three.not_after == one.due_at
    assert one.not_after == starts_at


def test_without_the_later_reminder_the_earlier_is_of_use_until_the_start() -> None:
    starts_at = moment(date(2026, 4, 14), "10:00")

    (three,) = session_dues(starts_at, None, ZONE, HOURS, {Rule.SESSION_TOMORROW})

    assert three.not_after == starts_at


@pytest.mark.parametrize(
    ("booked", "rules"),
    [
        ("2026-04-11T10:00", [Rule.SESSION_IN_3_DAYS, Rule.SESSION_TOMORROW]),
        ("2026-04-11T10:01", [Rule.SESSION_TOMORROW]),
        ("2026-04-13T10:01", []),
    ],
)
def test_who_has_just_booked_is_not_reminded_of_it(booked: str, rules: list[Rule]) -> None:
    booked_at = datetime.fromisoformat(booked)

    dues = session_dues(moment(date(2026, 4, 14), "10:00"), moment(booked_at.date(), f"{booked_at:%H:%M}"), ZONE, HOURS)

    assert [one.rule for one in dues] == rules


def a_plan(**changes: object) -> TreatmentPlan:
    cells = {
        "id": 1, "patient_id": 1, "practitioner_id": 1, "starts_on": date(2026, 3, 3), "weekly_sessions": 4,
        "fortnightly_sessions": 0, "monthly_sessions": 0, "ended_on": None,
    }  # fmt: skip
    return TreatmentPlan(**{**cells, **changes})


def test_a_course_is_followed_up_two_days_before_and_recalled_three_times() -> None:
    dues = plan_dues(a_plan(), [date(2026, 3, 3)], [], ZONE, HOURS)

    told = [(one.rule, one.slot, one.due_at) for one in dues]
    assert told == [
        (Rule.FOLLOW_UP, "2026-03-10", moment(date(2026, 3, 8), "10:00")),
        (Rule.RECALL, "2026-03-10:1", moment(date(2026, 3, 18), "10:00")),
        (Rule.RECALL, "2026-03-10:2", moment(date(2026, 4, 17), "10:00")),
        (Rule.RECALL, "2026-03-10:3", moment(date(2026, 5, 17), "10:00")),
    ]
    assert [one.not_after for one in dues[:-1]] == [one.due_at for one in dues[1:]]


@pytest.mark.parametrize(
    "changes, given, booked",
    [
        ({}, [date(2026, 3, 3)], [date(2026, 6, 1)]),
        ({"ended_on": date(2026, 3, 5)}, [date(2026, 3, 3)], []),
        ({"weekly_sessions": 1}, [date(2026, 3, 3)], []),
    ],
)
def test_nothing_is_said_of_a_course_that_is_booked_on_ended_or_complete(
    changes: dict[str, object], given: list[date], booked: list[date]
) -> None:
    assert plan_dues(a_plan(**changes), given, booked, ZONE, HOURS) == []


def test_a_session_booked_before_the_day_does_not_speak_against_a_recall_after_it() -> None:
    dues = plan_dues(a_plan(), [date(2026, 3, 3)], [date(2026, 3, 12)], ZONE, HOURS)

    assert [one.rule for one in dues] == [Rule.RECALL] * 3


def test_a_monthly_course_lapses_after_thirty_days() -> None:
    monthly = a_plan(weekly_sessions=0, monthly_sessions=6)

    dues = plan_dues(monthly, [date(2026, 3, 3)], [], ZONE, HOURS)

    assert dues[0].slot == "2026-03-31"
    assert dues[1].due_at == moment(date(2026, 5, 1), "10:00")


def test_a_licence_is_told_seven_times_to_each_who_must_know() -> None:
    ben = a_practitioner(id=1)
    licence = a_credential(ben, id=5, valid_to=date(2026, 12, 31))

    alerts = licence_dues(held([licence])[0], [2, 3], ZONE, HOURS)

    assert len(alerts) == 14
    first, last = alerts[0], alerts[-1]
    assert (first[0], first[1], first[2].slot) == (5, 2, "2026-12-31:120:user2")
    assert first[2].due_at == moment(date(2026, 9, 2), "10:00")
    assert last[2].due_at == moment(date(2026, 12, 30), "10:00")
    assert last[2].not_after == moment(date(2027, 1, 1), "00:00")


def test_nothing_is_told_of_a_licence_that_was_renewed_in_time() -> None:
    ben = a_practitioner(id=1)
    old = a_credential(ben, id=5, number="AC-1", valid_to=date(2026, 12, 31))
    new = a_credential(ben, id=6, number="AC-1", valid_from=date(2027, 1, 1), valid_to=date(2028, 12, 31))

    (one,) = held([old, new])

    assert {credential_id for credential_id, _, _ in licence_dues(one, [2], ZONE, HOURS)} == {6}


@given(
    st.sampled_from([date(2026, 3, 7), date(2026, 3, 28), date(2026, 4, 4), date(2026, 10, 31)]),
    st.integers(0, 3 * 24 * 4),
    st.tuples(st.times(max_value=time(12)), st.times(min_value=time(14))),
    st.sampled_from([ZONE, "America/New_York", "Europe/London", "Pacific/Auckland", "America/Phoenix"]),
)
def test_the_quiet_ends_for_good_and_within_a_day_on_days_when_clocks_change_too(
    day: date, quarters: int, hours: tuple[time, time], zone: str
) -> None:
    chosen = Hours(*hours)
    at = clock.instant(day, time(0), zone) + quarters * timedelta(minutes=15)

    opens = chosen.next_open(at, zone)

    assert at <= opens <= at + timedelta(hours=25)
    assert chosen.next_open(opens, zone) == opens


@pytest.mark.parametrize("at", ["07:59", "21:00", "23:30"])
def test_the_quiet_ends_in_the_morning(at: str) -> None:
    quiet = moment(date(2026, 4, 14), at)

    opens = HOURS.next_open(quiet, ZONE)

    assert clock.local(opens, ZONE).time() == time(8)
    assert timedelta() < opens - quiet <= timedelta(hours=11)
    assert HOURS.next_open(opens, ZONE) == opens
