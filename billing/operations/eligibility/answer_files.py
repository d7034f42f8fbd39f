"""The answers about cover in a file that was kept already, taken in many at a time and a commit each.

What a process that dies leaves out is taken in when the file is given again; what was taken in is only told again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing import clock
from billing.coverage.eligibility.lifecycle import QuestionState
from billing.database import Database, Db, batches
from billing.edi.findings import Finding
from billing.errors import Conflict
from billing.operations.eligibility.applying import MatchedAnswer, Place, Taken, places_in, take_in_answers
from billing.relay import attempt

ANSWERS_AT_ONCE = 200
_LOST = "answer.left_out"
_EMPTY = "answer.empty"


@dataclass(frozen=True, slots=True)
class TakenFile:
    """What became of all answers of a file."""

    matched: tuple[MatchedAnswer, ...]
    unmatched: tuple[str, ...]


NOTHING = TakenFile((), ())


def take_in_file(database: Database, file_id: int, content: bytes, by: str) -> TakenFile:
    """Take in every answer about cover that ``content`` holds; ``file_id`` is the received file it is."""
    findings: list[Finding] = []
    places = places_in(content, findings)
    unmatched = [
        f"{found.why} It is segment {found.position} of an eligibility answer; ask the sender what was meant."
        for found in findings
        if found.rule in (_LOST, _EMPTY)
    ]
    matched: list[MatchedAnswer] = []
    for some in batches(places, ANSWERS_AT_ONCE):
        taken = _take_in(database, file_id, some, by)
        matched += taken.matched
        unmatched += taken.unmatched
    return TakenFile(tuple(matched), tuple(unmatched))


def _take_in(database: Database, file_id: int, places: Sequence[Place], by: str) -> Taken:
    def act(db: Db) -> Taken:
        return take_in_answers(db, file_id, places, by=by, at=clock.now())

    # Somebody may note what was said on the telephone meanwhile; then the answers are read anew.
    return attempt(database, act, Conflict, lambda db, _: act(db))


def is_rejected(answer: MatchedAnswer) -> bool:
    """Whether the payer did not answer the question."""
    return answer.state is QuestionState.REJECTED
