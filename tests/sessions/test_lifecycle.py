"""What may become of a session."""

from __future__ import annotations

import pytest

from billing.errors import Refused
from billing.sessions.lifecycle import SESSION, SessionEvent, SessionState


def test_a_visit_runs_from_booking_over_arrival_to_a_signed_note() -> None:
    arrived = SESSION.after(SessionState.BOOKED, SessionEvent.CHECKED_IN)

    assert SESSION.after(arrived, SessionEvent.SIGNED) is SessionState.SIGNED


@pytest.mark.parametrize("event", SessionEvent)
def test_nothing_becomes_of_a_signed_session(event: SessionEvent) -> None:
    with pytest.raises(Refused):
        SESSION.after(SessionState.SIGNED, event)


def test_nobody_signs_for_a_patient_who_did_not_come() -> None:
    signed_from = {state for state in SessionState if SESSION.allows(state, SessionEvent.SIGNED)}

    assert signed_from == {SessionState.ARRIVED}


@pytest.mark.parametrize("state", [SessionState.NO_SHOW, SessionState.CANCELLED])
def test_a_missed_or_cancelled_session_may_be_booked_again(state: SessionState) -> None:
    assert SESSION.after(state, SessionEvent.REBOOKED) is SessionState.BOOKED
