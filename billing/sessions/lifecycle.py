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

    BOOKED = "booked"
    """It came to be; no state was before."""
    MOVED = "moved"
    """To another time, practitioner or room."""
    CHECKED_IN = "checked in"
    NOT_HERE = "not here"
    """Checked in by mistake."""
    SIGNED = "signed"
    AMENDED = "amended"
    MISSED = "missed"
    CANCELLED = "cancelled"
    REBOOKED = "rebooked"
    CHECKED_OUT = "checked out"


SESSION = Lifecycle[SessionState, SessionEvent](
    "session",
    {
        (SessionState.BOOKED, SessionEvent.MOVED): SessionState.BOOKED,
        (SessionState.BOOKED, SessionEvent.CHECKED_IN): SessionState.ARRIVED,
        (SessionState.BOOKED, SessionEvent.MISSED): SessionState.NO_SHOW,
        (SessionState.BOOKED, SessionEvent.CANCELLED): SessionState.CANCELLED,
        (SessionState.ARRIVED, SessionEvent.MOVED): SessionState.ARRIVED,
        (SessionState.ARRIVED, SessionEvent.NOT_HERE): SessionState.BOOKED,
        (SessionState.ARRIVED, SessionEvent.SIGNED): SessionState.SIGNED,
        (SessionState.ARRIVED, SessionEvent.CHECKED_OUT): SessionState.ARRIVED,
        (SessionState.SIGNED, SessionEvent.CHECKED_OUT): SessionState.SIGNED,
        (SessionState.SIGNED, SessionEvent.AMENDED): SessionState.SIGNED,
        (SessionState.ARRIVED, SessionEvent.CANCELLED): SessionState.CANCELLED,
        (SessionState.NO_SHOW, SessionEvent.REBOOKED): SessionState.BOOKED,
        (SessionState.CANCELLED, SessionEvent.REBOOKED): SessionState.BOOKED,
    },
    begins=(SessionEvent.BOOKED, SessionState.BOOKED),
)
