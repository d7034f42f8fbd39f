"""Contact minutes of one practitioner either fit between the starts and ends of the sessions, or somebody is held."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.sessions.contact_time import Contact, contacts_of, fits, sessions_that_do_not_fit
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.queries import ChartedSet, ContactDay
from tests.factories import DAY, a_patient, a_practitioner, a_session, fresh, moment, retained

BEN, MIRI = a_practitioner(id=1), a_patient(id=4)
ONE_O_CLOCK = moment(DAY, "13:00")


def contact(first: int, last: int, minutes: int) -> Contact:
    """Minutes of contact to be given between two minutes after one o'clock."""
    return Contact(ONE_O_CLOCK + timedelta(minutes=first), ONE_O_CLOCK + timedelta(minutes=last), minutes)


def can_be_given(contacts: list[tuple[int, int, int]]) -> bool:
    """By brute force: can every minute of work have a minute of the clock for itself (bipartite matching)?"""
    work = [range(first, last) for first, last, minutes in contacts for _ in range(minutes)]
    given_to: dict[int, int] = {}

    def finds_a_minute(one: int, tried: set[int]) -> bool:
        for minute in work[one]:
            if minute not in tried:
                tried.add(minute)
                if minute not in given_to or finds_a_minute(given_to[minute], tried):
                    given_to[minute] = one
                    return True
        return False

    return all(finds_a_minute(one, set()) for one in range(len(work)))


class Day:
    """One practitioner's day in the making."""

    def __init__(self) -> None:
        self.made = ContactDay()

    def session(self, start: str, minutes: int, *sets: ChartedSet, bill_to: BillTo = BillTo.INSURANCE) -> ClinicSession:
        """A session of the day; ids count up."""
        times: dict[str, Any] = {"starts_at": moment(DAY, start), "minutes": minutes}
        one = a_session(MIRI, BEN, id=len(self.made.sessions) + 1, bill_to=bill_to, **times)
        self.made.sessions.append(one)
        self.made.sets[one.id] = list(sets)
        return one

    @property
    def held(self) -> set[int]:
        return sessions_that_do_not_fit(self.made)


def test_staggered_rooms_fit_because_needles_rest_meanwhile() -> None:
    day = Day()
    day.session("13:00", 50, fresh(15), retained(20), fresh(15))
    day.session("13:20", 50, fresh(15), retained(20), fresh(15))

    assert day.held == set()


def test_eighty_minutes_do_not_fit_into_forty_five() -> None:
    day = Day()
    day.session("13:00", 45, fresh(20), fresh(20))
    later = day.session("13:00", 45, fresh(20), fresh(20))

    assert day.held == {later.id}


def test_one_session_alone_cannot_hold_more_contact_than_it_lasts() -> None:
    day = Day()
    only = day.session("13:00", 45, fresh(30), fresh(16))

    assert day.held == {only.id}


def test_contact_may_fill_a_session_to_its_last_minute() -> None:
    day = Day()
    day.session("13:00", 45, fresh(30), fresh(15))

    assert day.held == set()


def test_resting_needles_take_no_time_of_the_practitioner() -> None:
    day = Day()
    day.session("13:00", 45, fresh(15), retained(400))

    assert day.held == set()


def test_a_set_with_its_own_start_takes_place_exactly_there() -> None:
    day = Day()
    day.session("13:00", 60, fresh(15, at=moment(DAY, "13:20")))
    later = day.session("13:00", 60, fresh(15, at=moment(DAY, "13:30")))

    assert day.held == {later.id}


def test_sets_with_starts_of_their_own_that_meet_at_their_ends_fit() -> None:
    day = Day()
    day.session("13:00", 60, fresh(15, at=moment(DAY, "13:20")))
    day.session("13:00", 60, fresh(15, at=moment(DAY, "13:35")))

    assert day.held == set()


def test_other_contact_is_interrupted_for_a_set_with_its_own_start() -> None:
    day = Day()
    day.session("13:00", 60, fresh(45))
    day.session("13:00", 60, fresh(15, at=moment(DAY, "13:20")))

    assert day.held == set()


@pytest.mark.parametrize("start", ["12:50", "13:50", "15:00"])
def test_a_set_noted_to_lie_outside_its_session_does_not_fit(start: str) -> None:
    day = Day()
    only = day.session("13:00", 60, fresh(15, at=moment(DAY, start)))

    assert day.held == {only.id}


def test_a_held_session_takes_no_time_from_a_later_one() -> None:
    day = Day()
    day.session("13:00", 45, fresh(40))
    wrong = day.session("13:00", 45, fresh(40))
    day.session("13:30", 60, fresh(30))

    assert day.held == {wrong.id}


def test_sessions_that_insurance_does_not_pay_are_never_held_and_take_their_time_first() -> None:
    day = Day()
    insured = day.session("13:00", 45, fresh(40))
    day.session("13:10", 35, fresh(30), bill_to=BillTo.SELF)

    assert day.held == {insured.id}


def test_a_practitioner_without_needles_has_all_the_time() -> None:
    day = Day()
    day.session("13:00", 45)
    day.session("13:00", 45)

    assert day.held == set()


def test_only_fresh_needles_ask_for_contact() -> None:
    session = Day().session("13:00", 60)

    assert contacts_of(session, [fresh(15), retained(20)]) == [contact(0, 60, 15)]


def test_nothing_always_fits() -> None:
    assert fits([])


_CONTACTS = st.lists(
    st.tuples(st.integers(0, 20), st.integers(0, 14), st.integers(0, 10)).map(
        lambda one: (one[0], one[0] + one[1], one[2])
    ),
    max_size=6,
)


@given(contacts=_CONTACTS)
def test_contacts_fit_when_each_minute_of_them_finds_a_minute_of_the_clock_and_only_then(
    contacts: list[tuple[int, int, int]],
) -> None:
    assert fits([contact(*one) for one in contacts]) == can_be_given(contacts)


@given(contacts=_CONTACTS, data=st.data())
def test_the_order_in_which_contacts_are_named_does_not_matter(
    contacts: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(contacts))

    assert fits([contact(*one) for one in shuffled]) == fits([contact(*one) for one in contacts])


_SESSIONS = st.lists(
    st.tuples(
        st.integers(0, 25),
        st.integers(1, 15),
        st.lists(st.tuples(st.integers(1, 9), st.none() | st.integers(0, 12)), max_size=2),
    ),
    min_size=1,
    max_size=5,
)


def a_day(sessions: list[tuple[int, int, list[tuple[int, int | None]]]]) -> ContactDay:
    made = Day()
    for first, length, sets in sessions:
        begin = ONE_O_CLOCK + timedelta(minutes=first)
        one = made.session("13:00", length, *(fresh(minutes, at=noted(begin, after)) for minutes, after in sets))
        one.starts_at = begin
    return made.made


def noted(begin: datetime, after: int | None) -> datetime | None:
    return None if after is None else begin + timedelta(minutes=after)


@given(sessions=_SESSIONS)
def test_a_session_is_held_whenever_the_day_cannot_have_been_and_the_others_fit(
    sessions: list[tuple[int, int, list[tuple[int, int | None]]]],
) -> None:
    day = a_day(sessions)
    by_session = {
        position: [
            (first, first + length, minutes)
            if after is None
            else (max(first, first + after), min(first + length, first + after + minutes), minutes)
            for minutes, after in sets
        ]
        for position, (first, length, sets) in enumerate(sessions, start=1)
    }

    held = sessions_that_do_not_fit(day)

    assert bool(held) == (not can_be_given([one for contacts in by_session.values() for one in contacts]))
    assert can_be_given([one for session, contacts in by_session.items() if session not in held for one in contacts])
