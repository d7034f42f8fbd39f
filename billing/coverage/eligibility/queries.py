"""What screens ask about questions and answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import func, select

from billing.coverage.eligibility.models import (
    EligibilityAnswer,
    EligibilityMove,
    EligibilityOverride,
    EligibilityQuestion,
)
from billing.database import Db
from billing.many_rows import among


def last_questions(db: Db, policy_ids: Collection[int]) -> dict[int, EligibilityQuestion]:
    """The question that was asked last about each of these policies."""
    if not policy_ids:
        return {}
    newest = (
        select(func.max(EligibilityQuestion.id))
        .where(among(db, EligibilityQuestion.policy_id, policy_ids))
        .group_by(EligibilityQuestion.policy_id)
    )
    found = db.scalars(select(EligibilityQuestion).where(EligibilityQuestion.id.in_(newest)))
    return {one.policy_id: one for one in found}


def questions_by_answer(db: Db, answer_ids: Collection[int]) -> dict[int, int]:
    """The questions of ours that these answers belong to, by answer."""
    if not answer_ids:
        return {}
    asked = select(EligibilityAnswer.id, EligibilityAnswer.question_id)
    rows = db.execute(asked.where(among(db, EligibilityAnswer.id, answer_ids)))
    return {answer_id: question_id for answer_id, question_id in rows if question_id is not None}


def questions_of(db: Db, policy_id: int, limit: int) -> Sequence[EligibilityQuestion]:
    """The newest questions about a policy, newest first."""
    asked = select(EligibilityQuestion).where(EligibilityQuestion.policy_id == policy_id)
    return db.scalars(asked.order_by(EligibilityQuestion.id.desc()).limit(limit)).all()


def answer_to(db: Db, question_id: int) -> EligibilityAnswer | None:
    """The newest answer to a question."""
    answers = select(EligibilityAnswer).where(EligibilityAnswer.question_id == question_id)
    return db.scalar(answers.order_by(EligibilityAnswer.id.desc()).limit(1))


def answer_before(db: Db, answer: EligibilityAnswer) -> EligibilityAnswer | None:
    """The answer about the same policy that came before and told something."""
    earlier = select(EligibilityAnswer).where(
        EligibilityAnswer.policy_id == answer.policy_id,
        EligibilityAnswer.id < answer.id,
        EligibilityAnswer.is_rejection.is_(False),
    )
    return db.scalar(earlier.order_by(EligibilityAnswer.id.desc()).limit(1))


def moves_of(db: Db, question_id: int) -> Sequence[EligibilityMove]:
    """What happened to a question, oldest first."""
    of_question = select(EligibilityMove).where(EligibilityMove.question_id == question_id)
    return db.scalars(of_question.order_by(EligibilityMove.id)).all()


def overrides_about(db: Db, policy_id: int) -> Sequence[EligibilityOverride]:
    """What was ever set against answers about a policy, oldest first."""
    of_policy = select(EligibilityOverride).where(EligibilityOverride.policy_id == policy_id)
    return db.scalars(of_policy.order_by(EligibilityOverride.id)).all()
