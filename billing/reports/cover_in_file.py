"""What one received file said about cover: answers to questions of ours, and those that nobody here asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from billing.coverage.eligibility.models import EligibilityAnswer, EligibilityQuestion
from billing.coverage.eligibility.reading.facts import READING, ROWS
from billing.coverage.eligibility.reading.wording import row_words
from billing.database import Db

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Unasked:
    """An answer to no question of ours, with all it says; whom it is about only the file itself tells."""

    position: int
    """Its place among the answers of the file, from 1."""
    why: str
    rows: tuple[str, ...]
    """Every row in words."""
    refusals: tuple[str, ...]
    """Why the payer told nothing, where it did not."""


@dataclass(frozen=True, slots=True)
class CoverInFile:
    """The answers about cover of one file."""

    answered: int
    """How many questions of ours it answers."""
    questions: Sequence[tuple[int, str]]
    """The first of them: number and trace."""
    unasked: Sequence[Unasked]
    """The first answers to no question of ours."""
    unasked_count: int


def cover_in_file(db: Db, file_id: int, currency: str) -> CoverInFile:
    """What a file said about cover; three queries."""
    mine = EligibilityAnswer.file_id == file_id
    counted = db.execute(select(func.count(), func.count(EligibilityAnswer.question_id)).where(mine)).one()
    questions = db.execute(
        select(EligibilityQuestion.id, EligibilityQuestion.trace)
        .join(EligibilityAnswer, EligibilityAnswer.question_id == EligibilityQuestion.id)
        .where(mine)
        .order_by(EligibilityAnswer.position)
        .limit(MOST_SHOWN)
    ).all()
    strange = select(EligibilityAnswer).where(mine, EligibilityAnswer.question_id.is_(None))
    unasked = db.scalars(strange.order_by(EligibilityAnswer.position).limit(MOST_SHOWN))
    return CoverInFile(
        answered=counted[1],
        questions=[(number, trace) for number, trace in questions],
        unasked=[_unasked(one, currency) for one in unasked],
        unasked_count=counted[0] - counted[1],
    )


def _unasked(answer: EligibilityAnswer, currency: str) -> Unasked:
    reading = READING.validate_python(answer.reading)
    return Unasked(
        position=answer.position,
        why=answer.why_not_applied or "",
        rows=tuple(row_words(row, currency) for row in ROWS.validate_python(answer.rows)),
        refusals=tuple(one.words for one in reading.rejections),
    )
