"""Changing questions' states, which always leaves a row each behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from billing.coverage.eligibility.lifecycle import QUESTION, QuestionEvent, QuestionState
from billing.coverage.eligibility.models import EligibilityMove, EligibilityQuestion
from billing.database import Db, insert_many
from billing.many_rows import among, update_many


@dataclass(frozen=True, slots=True)
class Move:
    """An event that a question in a known state undergoes, why, and what else of it changes."""

    question_id: int
    state: QuestionState
    event: QuestionEvent
    why: str
    cells: Mapping[str, Any] = field(default_factory=dict)
    """New values of further columns."""


def move(db: Db, moves: Sequence[Move], *, by: str, at: datetime) -> None:
    """Put questions, whose rows this transaction holds, through their events and write it down.

    Raises :class:`~billing.errors.Refused` when an event is not lawful in that state.
    """
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for one in moves:
        row = {"id": one.question_id, "state": QUESTION.after(one.state, one.event), "moved_at": at, "why": one.why}
        alike.setdefault(tuple(one.cells), []).append({**row, **one.cells})
    for rows in alike.values():
        update_many(db, EligibilityQuestion, rows)
    history = [
        {
            "question_id": one.question_id,
            "at": at,
            "event": one.event,
            "from_state": one.state,
            "to_state": QUESTION.after(one.state, one.event),
            "by": by,
            "why": one.why,
        }
        for one in moves
    ]
    insert_many(db, EligibilityMove, history)


def record_asked(db: Db, question_ids: Sequence[int], *, by: str, at: datetime) -> None:
    """Append the first history row of questions that have just been asked for."""
    row = {"at": at, "event": QuestionEvent.ASKED, "from_state": None, "to_state": QuestionState.TO_SEND}
    insert_many(db, EligibilityMove, [{"question_id": one, **row, "by": by, "why": ""} for one in question_ids])


def held(db: Db, question_ids: Collection[int]) -> dict[int, EligibilityQuestion]:
    """These questions as they stand now, held until this transaction ends."""
    if not question_ids:
        return {}
    asked = select(EligibilityQuestion).where(among(db, EligibilityQuestion.id, question_ids))
    asked = asked.order_by(EligibilityQuestion.id).with_for_update().execution_options(populate_existing=True)
    return {one.id: one for one in db.scalars(asked)}
