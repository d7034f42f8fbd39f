"""What may become of a claim."""

from __future__ import annotations

from enum import StrEnum

from billing.lifecycle import Lifecycle


class ClaimState(StrEnum):
    """Where a claim stands. That a payer is *silent* is a question about time, not a state."""

    DRAFT = "draft"
    HELD = "held"
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    ACCEPTED = "accepted"
    DENIED = "denied"
    PAID = "paid"
    CLOSED = "closed"
    REPLACED = "replaced"
    VOIDED = "voided"


class ClaimEvent(StrEnum):
    """What happens to a claim."""

    PASSED = "passed"
    """Scrubbing found nothing that stops it."""
    STOPPED = "stopped"
    """Scrubbing found a blocking problem."""
    TAKEN = "taken"
    DELIVERED = "delivered"
    RETURNED = "returned"
    """It certainly did not arrive, and may be sent again."""
    LOST = "lost"
    """Nobody knows whether it arrived."""
    FOUND = "found"
    """An acknowledgement or a person says that it did arrive after all."""
    MISSED = "missed"
    """A person says that it did not; it may be sent again."""
    REJECTED = "rejected"
    """It never entered adjudication."""
    ACCEPTED = "accepted"
    FORWARDED = "forwarded"
    """The payer before this one passed the claim on by itself; we must not send it too."""
    DENIED = "denied"
    PAID = "paid"
    """Adjudicated, whoever of payer and patient is to pay."""
    REVERSED = "reversed"
    """The payer took its decision back; another is to follow."""
    CLOSED = "closed"
    REPLACED = "replaced"
    """Its session is billed anew: corrected, asked for again, or to the patient."""
    VOIDED = "voided"


_S, _E = ClaimState, ClaimEvent
_HERE = (_S.DRAFT, _S.HELD, _S.READY)
_AWAY = (_S.SENT, _S.UNKNOWN, _S.ACCEPTED)
_DECIDED = (_S.DENIED, _S.PAID)

CLAIM = Lifecycle[ClaimState, ClaimEvent](
    "claim",
    {
        (_S.DRAFT, _E.PASSED): _S.READY,
        (_S.DRAFT, _E.STOPPED): _S.HELD,
        (_S.HELD, _E.PASSED): _S.READY,
        (_S.READY, _E.STOPPED): _S.HELD,
        (_S.READY, _E.TAKEN): _S.SENDING,
        (_S.SENDING, _E.DELIVERED): _S.SENT,
        (_S.SENDING, _E.RETURNED): _S.READY,
        (_S.SENDING, _E.LOST): _S.UNKNOWN,
        (_S.UNKNOWN, _E.FOUND): _S.SENT,
        (_S.UNKNOWN, _E.MISSED): _S.READY,
        **{(state, _E.REJECTED): _S.REJECTED for state in _AWAY},
        **{(state, _E.ACCEPTED): _S.ACCEPTED for state in (_S.SENT, _S.UNKNOWN, _S.REJECTED)},
        **{(state, _E.FORWARDED): _S.SENT for state in _HERE},
        **{(state, _E.PAID): _S.PAID for state in (*_AWAY, _S.REJECTED, _S.DENIED)},
        **{(state, _E.DENIED): _S.DENIED for state in (*_AWAY, _S.REJECTED, _S.PAID)},
        **{(state, _E.REVERSED): _S.ACCEPTED for state in _DECIDED},
        **{(state, _E.CLOSED): _S.CLOSED for state in (*_DECIDED, _S.REJECTED)},
        **{(state, _E.REPLACED): _S.REPLACED for state in (*_HERE, *_DECIDED, _S.ACCEPTED, _S.REJECTED)},
        **{(state, _E.VOIDED): _S.VOIDED for state in (*_DECIDED, _S.ACCEPTED)},
    },
)

UNFILED = _HERE
"""States in which a claim still follows its session's chart."""

UNDELIVERED = (*UNFILED, ClaimState.SENDING, ClaimState.UNKNOWN)
"""States in which nobody can say that the other side has it."""

SET_ASIDE = (ClaimState.REPLACED, ClaimState.VOIDED)
"""States of claims that no payer is to decide about any more."""
