"""Who is taken when, and which starts are free."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import clock
from billing.sessions.calendar import (
    CLOSES,
    OPENS,
    STEP_MINUTES,
    Lane,
    Planned,
    Sole,
    clashes,
    free_starts,
    lanes,
    nearest_free,
    quarters,
    week_of,
)
from tests.factories import DAY, ZONE, moment


def planned(start: str = "09:00", number: int = 1, **changes: object) -> Planned:
    """An hour of patient 1 with practitioner 2 in room 3, the first half of it contact."""
    one = Planned(number, 1, 2, 3, moment(DAY, start), 60, 30)
    return replace(one, **changes)


def kinds(wanted: Planned, *others: Planned) -> list[Sole]:
    return [clash.sole for clash in clashes(wanted, others)]


def test_the_practitioner_may_begin_with_another_patient_when_the_contact_is_over() -> None:
    resting = planned("09:00")

    in_the_next_room = planned("09:30", 0, patient_id=8, room_id=9)

    assert kinds(in_the_next_room, resting) == []


def test_contact_minutes_of_one_practitioner_never_overlap() -> None:
    wanted = planned("09:29", 0, patient_id=8, room_id=9)

    assert kinds(wanted, planned("09:00")) == [Sole.PRACTITIONER]


def test_a_room_is_taken_until_the_patient_gets_up() -> None:
    wanted = planned("09:59", 0, patient_id=8, practitioner_id=9)

    assert kinds(wanted, planned("09:00")) == [Sole.ROOM]
    assert kinds(replace(wanted, starts_at=moment(DAY, "10:00")), planned("09:00")) == []


def test_a_patient_is_not_in_two_rooms_at_once() -> None:
    wanted = planned("09:45", 0, practitioner_id=8, room_id=9)

    assert kinds(wanted, planned("09:00")) == [Sole.PATIENT]


def test_a_session_is_never_in_its_own_way() -> None:
    assert kinds(planned("09:15", 1), planned("09:00", 1)) == []


def test_no_room_is_in_nobodys_way() -> None:
    wanted = planned("09:30", 0, patient_id=8, room_id=None)

    assert kinds(wanted, planned("09:00", room_id=None)) == []


def test_everything_in_the_way_is_told_in_order_of_time() -> None:
    others = [planned("09:30", 5), planned("08:30", 4, contact_minutes=60)]

    found = clashes(planned("09:00", 0), others)

    assert [(clash.sole, clash.other.session_id) for clash in found] == [
        (Sole.PRACTITIONER, 4),
        (Sole.ROOM, 4),
        (Sole.ROOM, 5),
        (Sole.PATIENT, 4),
        (Sole.PATIENT, 5),
    ]


def test_an_empty_day_offers_every_quarter_that_ends_by_closing_time() -> None:
    starts = free_starts(planned(number=0), [], DAY, ZONE)

    assert starts[0] == moment(DAY, "07:00")
    assert starts[-1] == moment(DAY, "19:00")
    assert len(starts) == 12 * 4 + 1


def test_the_nearest_free_start_is_the_earlier_of_two() -> None:
    others = [planned("09:00", 1, minutes=30, contact_minutes=30)]
    wanted = planned("09:00", 0, minutes=30, contact_minutes=30)

    assert nearest_free(wanted, others, DAY, ZONE) == moment(DAY, "08:30")


def test_a_full_day_has_no_nearest_free_start() -> None:
    all_day = planned("06:00", 1, minutes=15 * 60, contact_minutes=15 * 60)

    assert nearest_free(planned(number=0), [all_day], DAY, ZONE) is None


@pytest.mark.parametrize("on", [date(2026, 3, 8), date(2026, 11, 1), DAY])
def test_a_clock_change_neither_doubles_nor_loses_a_start(on: date) -> None:
    starts = quarters(on, ZONE)

    shown = [clock.local(one, ZONE).time() for one in starts]
    assert len(set(starts)) == len(starts) == 13 * 4
    assert (shown[0], shown[-1]) == (OPENS, time(19, 45))


def at_quarter(number: int, quarter: int, minutes: int, contact: int, who: tuple[int | None, ...]) -> Planned:
    """A session that begins so many five minutes after six o'clock; ``who`` are patient, practitioner and room."""
    starts_at = moment(DAY, "06:00") + timedelta(minutes=quarter * 5)
    return Planned(number, *who, starts_at, minutes, min(contact, minutes))


LENGTHS = (st.integers(5, 120), st.integers(1, 60))
BUSY = st.lists(
    st.builds(
        at_quarter,
        st.integers(1, 50),
        st.integers(0, 12 * 15),
        *LENGTHS,
        st.tuples(st.integers(1, 3), st.integers(1, 2), st.sampled_from([None, 1, 2])),
    ),
    max_size=12,
)
WANTED = st.builds(
    at_quarter,
    st.just(0),
    st.just(36),
    *LENGTHS,
    st.tuples(st.sampled_from([None, 1, 2]), st.integers(1, 2), st.sampled_from([None, 1])),
)


@given(BUSY, WANTED)
def test_exactly_the_quarters_with_nothing_in_the_way_are_free(busy: list[Planned], wanted: Planned) -> None:
    starts = free_starts(wanted, busy, DAY, ZONE)

    close = clock.instant(DAY, CLOSES, ZONE)
    for start in quarters(DAY, ZONE):
        there = replace(wanted, starts_at=start)
        assert (start in starts) == (there.ends_at <= close and not clashes(there, busy))
    assert all((start - starts[0]) % timedelta(minutes=STEP_MINUTES) == timedelta(0) for start in starts)


@given(BUSY)
def test_two_sessions_are_in_each_others_way_or_neither_is(busy: list[Planned]) -> None:
    numbered = [replace(one, session_id=number) for number, one in enumerate(busy, 1)]

    for one in numbered:
        for other in numbered:
            assert kinds(one, other) == kinds(other, one)


SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(
        lambda one: (
            datetime(2026, 3, 3, tzinfo=UTC) + timedelta(minutes=one[0]),
            datetime(2026, 3, 3, tzinfo=UTC) + timedelta(minutes=one[0] + one[1]),
        )
    ),
    max_size=10,
)


@given(SPANS)
def test_no_two_spans_that_overlap_are_drawn_in_the_same_lane(spans: list[tuple[datetime, datetime]]) -> None:
    placed = lanes(spans)

    for one, lane in enumerate(placed):
        assert 0 <= lane.number < lane.of
        for other in range(one):
            if spans[one][0] < spans[other][1] and spans[other][0] < spans[one][1]:
                assert lane.of == placed[other].of
                assert lane.number != placed[other].number


def test_a_span_that_overlaps_nothing_has_the_whole_width() -> None:
    nine, ten, eleven = (moment(DAY, f"{hour}:00") for hour in ("09", "10", "11"))

    placed = lanes([(ten, eleven), (nine, ten), (nine, ten)])

    assert placed == [Lane(0, 1), Lane(0, 2), Lane(1, 2)]


def test_a_week_begins_on_monday() -> None:
    week = week_of(date(2026, 3, 8))

    assert (week[0], week[-1]) == (date(2026, 3, 2), date(2026, 3, 8))
