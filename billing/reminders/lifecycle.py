"""What may become of a message."""

from __future__ import annotations

from enum import StrEnum

from billing.lifecycle import Lifecycle


class MessageState(StrEnum):
    """Where a message stands."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    """It may have been sent: it went by a way that cannot be asked twice. Only a person has it sent again."""
    WITHHELD = "withheld"
    """At its time something spoke against it."""
    FAILED = "failed"
    """The other side will not take it."""


class MessageEvent(StrEnum):
    """What happens to a message."""

    PLANNED = "planned"
    """It came to be; no state was before."""
    TAKEN = "taken"
    DELIVERED = "delivered"
    RETURNED = "returned"
    """It certainly was not taken, or may be offered again without harm: due once more after a while."""
    LOST = "lost"
    REFUSED = "refused"
    WITHHELD = "withheld"
    RELEASED = "released"
    """What spoke against it is gone, and its time has not passed; or a person has it sent again."""


MESSAGE = Lifecycle[MessageState, MessageEvent](
    "message",
    {
        (MessageState.PLANNED, MessageEvent.TAKEN): MessageState.SENDING,
        (MessageState.PLANNED, MessageEvent.WITHHELD): MessageState.WITHHELD,
        (MessageState.SENDING, MessageEvent.DELIVERED): MessageState.SENT,
        (MessageState.SENDING, MessageEvent.RETURNED): MessageState.PLANNED,
        (MessageState.SENDING, MessageEvent.LOST): MessageState.UNKNOWN,
        (MessageState.SENDING, MessageEvent.REFUSED): MessageState.FAILED,
        (MessageState.WITHHELD, MessageEvent.RELEASED): MessageState.PLANNED,
        (MessageState.UNKNOWN, MessageEvent.RELEASED): MessageState.PLANNED,
        (MessageState.FAILED, MessageEvent.RELEASED): MessageState.PLANNED,
    },
    begins=(MessageEvent.PLANNED, MessageState.PLANNED),
)
