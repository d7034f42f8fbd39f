"""Which of the answers to a claim counts. Pure.

Answers come late, twice and out of order, yet where a claim stands may depend only on what was said, not
on when it was read. A payer's or clearinghouse's word on a claim weighs more than whether its file could
be read; of two such words the later day counts, and on one day a rejection outweighs. Once a claim has
been decided, acknowledgements of it are history.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from billing.claims.lifecycle import CLAIM, ClaimEvent, ClaimState
from billing.claims.models import Verdict

ABOUT_FILES = frozenset({"TA1", "997", "999"})
"""Transaction sets that say whether a file could be read, and nothing of its claims."""
ABOUT_CLAIMS = frozenset({"277CA", "277"})

_EVENTS = {Verdict.ACCEPTED: ClaimEvent.ACCEPTED, Verdict.REJECTED: ClaimEvent.REJECTED}
_AWAY = (ClaimState.SENT, ClaimState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Word:
    """An answer as far as it can move a claim."""

    kind: str
    verdict: Verdict
    on: date
    """When it was said."""


def said_on(written: date | None, received_on: date) -> date:
    """The day that counts: as written, but nothing was said after it was received."""
    return min(written or received_on, received_on)


def event_of(state: ClaimState, word: Word, earlier: Iterable[Word], *, was_decided: bool) -> ClaimEvent | None:
    """What an answer does to a claim in ``state``, given what was said ``earlier``; ``None`` when it is only noted."""
    if was_decided or word.verdict is Verdict.NOTED:
        return None
    if word.verdict is Verdict.RECEIVED:
        return ClaimEvent.FOUND if state is ClaimState.UNKNOWN else None
    if word.kind in ABOUT_FILES:
        return _EVENTS[word.verdict] if state in _AWAY else None
    if any(_weight(one) > _weight(word) for one in earlier if one.kind in ABOUT_CLAIMS and one.verdict in _EVENTS):
        return None
    return _EVENTS[word.verdict] if CLAIM.allows(state, _EVENTS[word.verdict]) else None


def _weight(word: Word) -> tuple[date, bool]:
    return word.on, word.verdict is Verdict.REJECTED
