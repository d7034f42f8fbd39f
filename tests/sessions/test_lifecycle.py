"""What may become of a session."""

from __future__ import annotations

import pytest

from billing.errors import Refused
from billing.sessions.lifecycle import SESSION, SessionEvent, SessionState


def test_a_visit_runs_from_booking_over_arrival_to_a_signed_note() -> None:
    arrived = SESSION.after(SessionState.BOOKED, SessionEvent.CHECKED_IN)

    assert SESSION.after(arrived, SessionEvent.SIGNED) is SessionState.SIGNED


def test_a_session_comes_to_be_by_being_booked() -> None:
    assert SESSION.begins == (SessionEvent.BOOKED, SessionState.BOOKED)
    assert "[*] --> booked: booked" in SESSION.mermaid()


def test_a_signed_session_stays_signed_whatever_is_added_to_it() -> None:
    lawful = {event for event in SessionEvent if SESSION.allows(SessionState.SIGNED, event)}

    assert lawful == {SessionEvent.AMENDED, SessionEvent.CHECKED_OUT}
    assert {SESSION.after(SessionState.SIGNED, event) for event in lawful} == {SessionState.SIGNED}


@pytest.mark.parametrize("event", sorted(set(SessionEvent) - {SessionEvent.AMENDED, SessionEvent.CHECKED_OUT}))
def test_nothing_else_becomes_of_a_signed_session(event: SessionEvent) -> None:
    with pytest.raises(Refused):
        SESSION.after(SessionState.SIGNED, event)


def test_nobody_signs_for_a_patient_who_did_not_come() -> None:
    signed_from = {state for state in SessionState if SESSION.allows(state, SessionEvent.SIGNED)}

    assert signed_from == {SessionState.ARRIVED}


@pytest.mark.parametrize("state", [SessionState.NO_SHOW, SessionState.CANCELLED])
def test_a_missed_or_cancelled_session_may_be_booked_again(state: SessionState) -> None:
    assert SESSION.after(state, SessionEvent.REBOOKED) is SessionState.BOOKED


@pytest.mark.parametrize("state", [SessionState.BOOKED, SessionState.ARRIVED])
def test_a_session_that_is_moved_stays_in_its_state(state: SessionState) -> None:
    assert SESSION.after(state, SessionEvent.MOVED) is state
