"""What a TA1 or a 999 says of files of questions: those that were refused are never answered, and are told so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from billing.coverage.eligibility.lifecycle import QuestionEvent, QuestionState
from billing.coverage.eligibility.models import EligibilityQuestion
from billing.coverage.eligibility.moving import Move, held, move
from billing.database import Db
from billing.edi.acknowledgements.answer import Decision, GroupAnswer, InterchangeAnswer
from billing.edi.acknowledgements.reader import read_acknowledgements
from billing.operations.eligibility.applying import MatchedAnswer

QUESTION_GROUP = "HS"
"""GS01 of a group of eligibility questions."""
_AWAY = (QuestionState.SENDING, QuestionState.SENT, QuestionState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What became of acknowledgements of questions."""

    matched: tuple[MatchedAnswer, ...] = ()
    unmatched: tuple[str, ...] = ()
    numbers: frozenset[int] = frozenset()
    """Control numbers of the files of questions that were spoken of."""


OF_NO_QUESTION = Acknowledged()


def take_in_acknowledgements(db: Db, content: bytes, *, by: str, at: datetime) -> Acknowledged:
    """Move the questions of every file of ours that ``content`` refuses, wholly or in part."""
    said = [
        one
        for one in read_acknowledgements(content, [])
        if isinstance(one, InterchangeAnswer) or one.functional_id == QUESTION_GROUP
    ]
    files = _files(db, {number for one in said if (number := _number(one)) is not None})
    moves: list[Move] = []
    matched: list[MatchedAnswer] = []
    unmatched: list[str] = []
    for one in said:
        questions = files.get(_number(one) or 0, [])
        if not questions and isinstance(one, GroupAnswer):
            named = one.control_number.strip()[:20]
            unmatched.append(f"There is no file of eligibility questions {named} here.")
        refused = set(_refused(one, len(questions)))
        for place, question in enumerate(questions, start=1):
            is_refused = place in refused and question.state in _AWAY
            state = QuestionState.REJECTED if is_refused else question.state
            why = "the file of questions was refused" if place in refused else "the file of questions arrived"
            kind = "TA1" if isinstance(one, InterchangeAnswer) else "999"
            matched.append(MatchedAnswer(question.trace, state, why, kind))
            if is_refused:
                words = "The clearinghouse or the payer refused the file it was asked in."
                moves.append(Move(question.id, question.state, QuestionEvent.REJECTED, words))
    move(db, list({one.question_id: one for one in moves}.values()), by=by, at=at)
    return Acknowledged(tuple(matched), tuple(unmatched), frozenset(files))


def _files(db: Db, numbers: Collection[int]) -> dict[int, list[EligibilityQuestion]]:
    """The questions of these files in the order in which they stand there, held until this transaction ends."""
    ids = db.scalars(select(EligibilityQuestion.id).where(EligibilityQuestion.file_number.in_(numbers))).all()
    files: dict[int, list[EligibilityQuestion]] = {}
    for one in held(db, ids).values():
        files.setdefault(one.file_number or 0, []).append(one)
    return files


def _number(one: InterchangeAnswer | GroupAnswer) -> int | None:
    written = one.control_number.strip()
    return int(written) if written.isascii() and written.isdecimal() and len(written) <= 9 else None


def _refused(one: InterchangeAnswer | GroupAnswer, count: int) -> Iterator[int]:
    """The places of the questions that were refused, from 1."""
    if one.decision is Decision.REJECTED:
        yield from range(1, count + 1)
    elif isinstance(one, GroupAnswer):
        yield from _places(one)


def _places(group: GroupAnswer) -> Sequence[int]:
    refused = [one.control_number.strip() for one in group.sets if one.decision is Decision.REJECTED]
    return [int(number) for number in refused if number.isascii() and number.isdecimal() and len(number) <= 9]
