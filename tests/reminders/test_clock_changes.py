"""Clocks are put forward or back, or set wrong and right again: all is said once, at its hour, not in the quiet."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta

import pytest

from billing import clock
from billing.reminders.automation import ByItself, choose
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Rule
from billing.reminders.sending import LEASE
from tests.factories import ZONE, moment
from tests.reminders.stage import Stage

CHANGES = {
    date(2026, 3, 8): datetime(2026, 3, 8, 10, tzinfo=UTC),
    date(2026, 11, 1): datetime(2026, 11, 1, 9, tzinfo=UTC),
}
"""When clocks in Portland are put forward, and back."""
HOURS = range(6, 23, 2)
_A_DAY, _AN_HOUR, _A_STEP = timedelta(days=1), timedelta(hours=1), timedelta(minutes=15)
_A_SECOND = timedelta(seconds=1)


def visits_after(stage: Stage, day: date) -> None:
    """Visits of the day after, of which only the day before is to be said."""
    stage.write(lambda db: choose(db, ByItself(rules_off=frozenset({Rule.SESSION_IN_3_DAYS}))))
    for hour in HOURS:
        patient = stage.patient(phone=f"+150355502{hour:02d}")
        stage.session(patient, day + _A_DAY, start=f"{hour:02d}:00")


@pytest.mark.parametrize("day", CHANGES)
def test_each_reminder_goes_out_once_at_its_hour_though_the_clock_is_set_back_again_and_again(
    sqlite_stage: Stage, day: date
) -> None:
    stage = sqlite_stage
    visits_after(stage, day)
    at, ends = moment(day, "00:00"), moment(day + _A_DAY, "00:00")

    while at < ends:
        stage.round(at)
        stage.round(at - _AN_HOUR)
        at += _A_STEP

    said = [clock.local(one.sent_at, ZONE) for one in stage.messages(state=MessageState.SENT) if one.sent_at]
    assert Counter(number for number, _ in stage.texted) == {f"+150355502{hour:02d}": 1 for hour in HOURS}
    assert {one.date() for one in said} == {day}
    assert [one.time() for one in said] == [time(8), time(8), *(time(hour) for hour in range(10, 21, 2)), time(20, 45)]


@pytest.mark.parametrize("day", CHANGES)
def test_a_clock_that_is_an_hour_fast_for_a_while_sends_early_and_not_again(stage: Stage, day: date) -> None:
    visits_after(stage, day)
    due_at = moment(day, "12:00")

    for ahead in (timedelta(), _AN_HOUR, timedelta(), _AN_HOUR, timedelta()):
        stage.round(due_at - timedelta(minutes=1) + ahead)
    stage.round(due_at)

    assert Counter(number for number, _ in stage.texted) == {f"+150355502{hour:02d}": 1 for hour in (6, 8, 10, 12)}


@pytest.mark.parametrize("day", CHANGES)
def test_a_lease_lasts_as_long_as_ever_in_the_night_in_which_clocks_are_changed(stage: Stage, day: date) -> None:
    stage.write(lambda db: choose(db, ByItself(rules_off=frozenset({Rule.SESSION_IN_3_DAYS}))))
    taken_at = CHANGES[day] - LEASE / 2
    # Where the patient is it is morning then.
    stage.session(stage.patient(time_zone="Europe/London"), day + _A_DAY, starts_at=taken_at + _A_DAY)
    stage.plan(CHANGES[day] - _A_DAY)

    stage.die(taken_at, having_sent=True)
    stage.send(taken_at + LEASE - _A_SECOND)
    within = stage.states()
    stage.send(taken_at + LEASE + _A_SECOND)

    assert within[MessageState.SENDING] == 1
    assert stage.states()[MessageState.SENDING] == 0
    assert len(stage.texted) == 1
