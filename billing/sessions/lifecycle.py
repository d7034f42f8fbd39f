"""What may become of a session."""

from __future__ import annotations

from enum import StrEnum

from billing.lifecycle import Lifecycle


class SessionState(StrEnum):
    """Where a session stands."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    SIGNED = "signed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class SessionEvent(StrEnum):
    """What happens to a session."""

    CHECKED_IN = "checked in"
    SIGNED = "signed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    REBOOKED = "rebooked"


SESSION = Lifecycle[SessionState, SessionEvent](
    "session",
    {
        (SessionState.BOOKED, SessionEvent.CHECKED_IN): SessionState.ARRIVED,
        (SessionState.BOOKED, SessionEvent.MISSED): SessionState.NO_SHOW,
        (SessionState.BOOKED, SessionEvent.CANCELLED): SessionState.CANCELLED,
        (SessionState.ARRIVED, SessionEvent.SIGNED): SessionState.SIGNED,
        (SessionState.ARRIVED, SessionEvent.CANCELLED): SessionState.CANCELLED,
        (SessionState.NO_SHOW, SessionEvent.REBOOKED): SessionState.BOOKED,
        (SessionState.CANCELLED, SessionEvent.REBOOKED): SessionState.BOOKED,
    },
)
