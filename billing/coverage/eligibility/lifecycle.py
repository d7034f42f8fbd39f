"""What may become of an eligibility question."""

from __future__ import annotations

from enum import StrEnum

from billing.lifecycle import Lifecycle


class QuestionState(StrEnum):
    """Where a question stands. That a payer is silent is a matter of time, not a state."""

    TO_SEND = "to_send"
    SENDING = "sending"
    SENT = "sent"
    ANSWERED = "answered"
    REJECTED = "rejected"
    """The payer, or the clearinghouse, said that it does not answer, and why."""
    UNKNOWN = "unknown"
    """Nobody knows whether it was asked; it is never asked again under the same trace."""
    FAILED = "failed"
    """It could not be asked."""


class QuestionEvent(StrEnum):
    """What happens to a question."""

    ASKED = "asked"
    TAKEN = "taken"
    DELIVERED = "delivered"
    RETURNED = "returned"
    """It certainly was not asked, and may be tried again."""
    LOST = "lost"
    REFUSED = "refused"
    """It can never be asked as it is."""
    ANSWERED = "answered"
    REJECTED = "rejected"


_S, _E = QuestionState, QuestionEvent
_AWAY = (_S.SENDING, _S.SENT, _S.UNKNOWN)

QUESTION = Lifecycle[QuestionState, QuestionEvent](
    "question",
    {
        (_S.TO_SEND, _E.TAKEN): _S.SENDING,
        (_S.TO_SEND, _E.REFUSED): _S.FAILED,
        (_S.SENDING, _E.DELIVERED): _S.SENT,
        (_S.SENDING, _E.RETURNED): _S.TO_SEND,
        (_S.SENDING, _E.LOST): _S.UNKNOWN,
        (_S.SENDING, _E.REFUSED): _S.FAILED,
        (_S.UNKNOWN, _E.DELIVERED): _S.SENT,
        **{(state, _E.ANSWERED): _S.ANSWERED for state in (*_AWAY, _S.ANSWERED, _S.REJECTED)},
        **{(state, _E.REJECTED): _S.REJECTED for state in (*_AWAY, _S.REJECTED)},
    },
    begins=(_E.ASKED, _S.TO_SEND),
)

OPEN = (QuestionState.TO_SEND, QuestionState.SENDING, QuestionState.SENT)
"""States in which an answer is awaited."""
UNASKED = (QuestionState.TO_SEND, QuestionState.FAILED)
"""States in which nobody can have been asked, so that nobody can have answered."""
