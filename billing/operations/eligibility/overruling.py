"""A person knows better than an answer: the fact is set, with the reason, and the benefit on file follows."""

from __future__ import annotations

from datetime import datetime

from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.coverage.benefit_editing import benefit_problems_at_entry, verify_benefit
from billing.coverage.benefit_history import last_answer_of
from billing.coverage.eligibility.asking import question_with_id
from billing.coverage.eligibility.models import EligibilityAnswer
from billing.coverage.eligibility.overriding import answer_with_id, override, overrides_of, take_back
from billing.coverage.eligibility.reading.facts import READING, FactKind, Value
from billing.coverage.models import Benefit
from billing.database import Db
from billing.errors import NotFound, Refused
from billing.operations.eligibility.judging import Told, verified
from billing.operations.eligibility.knowing import desk_around


def overrule(
    db: Db, answer_id: int, fact: FactKind, value: Value, why: str, *, by: str, at: datetime
) -> EligibilityAnswer:
    """Let ``value`` count instead of what the answer says, and put the benefit on file anew.

    Raises :class:`NotFound`, and :class:`Refused` with every reason when nothing is to be put on file that way.
    """
    answer = answer_with_id(db, answer_id)
    override(db, answer, fact, value, why, by=by, at=at)
    return put_on_file(db, answer, by=by, at=at)


def let_answer_count(db: Db, answer_id: int, fact: FactKind, *, by: str, at: datetime) -> EligibilityAnswer:
    """Let what the payer says of a fact count again. Raises :class:`NotFound`."""
    answer = answer_with_id(db, answer_id)
    if take_back(db, answer, fact, by=by, at=at) is None:
        return answer
    return put_on_file(db, answer, by=by, at=at)


def take_limit(db: Db, benefit: Benefit, *, by: str, at: datetime) -> EligibilityAnswer:
    """Let the limit of the payer's last answer count instead of the stricter one that was noted by hand.

    Raises :class:`NotFound` when no looser limit was told.
    """
    answer_id = last_answer_of(db, benefit.patient_id, benefit.payer_id) if benefit.limit_in_answer else None
    if answer_id is None:
        raise NotFound("No electronic answer tells a looser limit than the one on file.")
    return put_on_file(db, answer_with_id(db, answer_id), by=by, at=at, limit_is_taken=True)


def put_on_file(
    db: Db, answer: EligibilityAnswer, *, by: str, at: datetime, limit_is_taken: bool = False
) -> EligibilityAnswer:
    """Make an answer the benefit on file, whether it was before or not. Raises :class:`Refused` with every reason."""
    if answer.question_id is None or answer.policy_id is None:
        raise Refused("This answer is about no policy on file.")
    question = question_with_id(db, answer.question_id)
    known = desk_around(db, [question]).known(question)
    reading = READING.validate_python(answer.reading)
    if reading.is_rejected or not reading.row_count:
        raise Refused("The payer told nothing about the cover. Note what it says on the telephone instead.")
    standing = overrides_of(db, [answer.policy_id]).get(answer.policy_id, {})
    values = {fact: one.value.get("value") for fact, one in standing.items()}
    today = local(at, the_clinic(db).time_zone).date()
    told = Told(answer.produced_on, answer.reference)
    said = verified(known, reading, values, told, today, limit_is_taken=limit_is_taken)
    problems = list(benefit_problems_at_entry(said, today, is_answer=True))
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    verify_benefit(db, question.patient_id, question.payer_id, said, by=by, at=at, answer_id=answer.id)
    return answer
