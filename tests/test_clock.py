"""Local times become instants, also on the two odd nights of the year."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import clock

NEW_YORK = "America/New_York"
SPRING_FORWARD = date(2026, 3, 8)
FALL_BACK = date(2026, 11, 1)
ZONES = [NEW_YORK, "America/Phoenix", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia"]


def test_a_wall_clock_time_becomes_an_instant() -> None:
    assert clock.instant(date(2026, 7, 1), time(9), NEW_YORK) == datetime(2026, 7, 1, 13, tzinfo=UTC)
    assert clock.instant(date(2026, 1, 7), time(9), NEW_YORK) == datetime(2026, 1, 7, 14, tzinfo=UTC)


def test_a_time_that_the_clocks_skip_moves_on_by_what_was_skipped() -> None:
    skipped = clock.instant(SPRING_FORWARD, time(2, 30), NEW_YORK)

    assert clock.local(skipped, NEW_YORK).time() == time(3, 30)


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    twice = clock.instant(FALL_BACK, time(1, 30), NEW_YORK)

    assert twice == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_an_hour_of_treatment_is_an_hour_when_the_clocks_change() -> None:
    start = clock.instant(FALL_BACK, time(0, 30), NEW_YORK)

    end = clock.minutes_after(start, 120)

    assert end - start == timedelta(minutes=120)
    assert clock.local(end, NEW_YORK).time() == time(1, 30)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), st.sampled_from(ZONES))
def test_an_instant_shown_locally_is_the_same_instant(moment: datetime, zone: str) -> None:
    instant = moment.replace(tzinfo=UTC)

    assert clock.local(instant, zone) == instant


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.times(), st.sampled_from(ZONES))
def test_an_instant_never_falls_on_an_earlier_wall_clock_time(on: date, at: time, zone: str) -> None:
    shown = clock.local(clock.instant(on, at, zone), zone)

    assert shown.replace(tzinfo=None) >= datetime.combine(on, at.replace(fold=0))


def test_now_is_in_utc() -> None:
    assert clock.now().utcoffset() == timedelta(0)


def test_today_depends_on_where_one_is() -> None:
    with clock.stopped_at(datetime(2026, 3, 1, 3, tzinfo=UTC)):
        assert clock.today("UTC") == date(2026, 3, 1)
        assert clock.today(NEW_YORK) == date(2026, 2, 28)


def test_a_stopped_clock_stands_until_the_block_ends() -> None:
    moment = clock.instant(date(2020, 2, 29), time(12), NEW_YORK)

    with clock.stopped_at(moment):
        first, second = clock.now(), clock.now()

    assert first == second == moment
    assert clock.now() > moment


def test_a_stopped_clock_goes_on_when_the_block_raises() -> None:
    moment = datetime(2020, 2, 29, tzinfo=UTC)

    with pytest.raises(LookupError), clock.stopped_at(moment):
        raise LookupError

    assert clock.now() > moment
