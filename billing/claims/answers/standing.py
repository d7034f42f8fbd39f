"""Where claims stand and what has been said of them, while answers to them are weighed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, select

from billing.claims.answers.acknowledgement import Answer
from billing.claims.answers.weighing import Word, event_of, said_on
from billing.claims.lifecycle import CLAIM, ClaimEvent, ClaimState
from billing.claims.models import Claim, ClaimAnswer, ClaimMove, Verdict
from billing.claims.moving import Move
from billing.database import Db, batches

CLAIMS_AT_ONCE = 500

_DECIDED = (ClaimEvent.PAID, ClaimEvent.DENIED)
_AIM = {Verdict.ACCEPTED: ClaimState.ACCEPTED, Verdict.REJECTED: ClaimState.REJECTED}


@dataclass(slots=True)
class Standing:
    """A claim, what was said of it before, and what the answers at hand do to it."""

    claim_id: int
    control_number: str
    state: ClaimState
    file_id: int | None
    was_decided: bool = False
    """Whether a payer has ever decided it, even if that was taken back."""
    words: list[Word] = field(default_factory=list)
    known: set[tuple[str, str, str]] = field(default_factory=set)
    """Kind, reference and code of each answer so far."""
    new: list[Answer] = field(default_factory=list)
    """Answers that were not known."""
    moves: list[Move] = field(default_factory=list)

    def weigh(self, answer: Answer, at: datetime) -> str:
        """Take in one answer, received ``at``; gives what to tell of it."""
        key = (answer.kind, answer.reference, answer.code)
        if key in self.known:
            return f"{answer.why} (said before)"
        word = Word(answer.kind, answer.verdict, said_on(answer.said_on, at.date()))
        event = event_of(self.state, word, self.words, was_decided=self.was_decided)
        self.known.add(key)
        self.words.append(word)
        self.new.append(answer)
        if event:
            self.moves.append(Move(self.claim_id, self.state, event, answer.why))
            self.state = CLAIM.after(self.state, event)
        elif self.state is not _AIM.get(answer.verdict, self.state):
            return f"{answer.why} (only noted: the claim stays {self.state})"
        return answer.why


def standings_named(db: Db, control_numbers: Iterable[str]) -> list[Standing]:
    """The claims with these patient control numbers."""
    return _standings(db, [Claim.control_number.in_(some) for some in batches(control_numbers, CLAIMS_AT_ONCE)])


def standings_in(db: Db, file_ids: Iterable[int]) -> list[Standing]:
    """The claims that were sent in these claim files, oldest first."""
    return _standings(db, [Claim.file_id.in_(some) for some in batches(file_ids, CLAIMS_AT_ONCE)])


def _standings(db: Db, conditions: Iterable[ColumnElement[bool]]) -> list[Standing]:
    columns = select(Claim.id, Claim.control_number, Claim.state, Claim.file_id).order_by(Claim.id)
    found = [Standing(*row) for condition in conditions for row in db.execute(columns.where(condition))]
    for some in batches(found, CLAIMS_AT_ONCE):
        _recall(db, {one.claim_id: one for one in some})
    return found


def _recall(db: Db, standings: dict[int, Standing]) -> None:
    ids: Collection[int] = standings.keys()
    for said in db.scalars(select(ClaimAnswer).where(ClaimAnswer.claim_id.in_(ids)).order_by(ClaimAnswer.id)):
        one = standings[said.claim_id]
        one.known.add((said.kind, said.reference, said.code))
        one.words.append(Word(said.kind, said.verdict, said_on(said.said_on, said.received_at.date())))
    decided = select(ClaimMove.claim_id).where(ClaimMove.claim_id.in_(ids), ClaimMove.event.in_(_DECIDED)).distinct()
    for claim_id in db.scalars(decided):
        standings[claim_id].was_decided = True
