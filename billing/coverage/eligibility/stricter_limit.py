"""A limit of visits that a person noted, and a looser one in an electronic answer: the stricter one counts. Pure.

Answers lag behind and put limits in odd places, and a claim that was held for a limit must not go out because a
machine said otherwise. So the note stands, what the answer says is told beside it, and a person takes it or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from billing.coverage.benefit_editing import Verified, visits_elsewhere
from billing.coverage.models import Benefit, BenefitSource

_OF_NOTE = ("visits_allowed", "period", "period_months", "plan_year_from")


def noted_by_hand(on_file: Benefit | None, year_began_on: date) -> Benefit | None:
    """What is on file when it has a limit that a person, or the old system, noted in the plan's present year."""
    if on_file is None or on_file.visits_allowed is None:
        return None
    is_answer = on_file.source in (None, BenefitSource.ANSWER_271) and not on_file.limit_in_answer
    is_old = on_file.verified_on is None or on_file.verified_on < year_began_on
    return None if is_answer or is_old else on_file


def with_stricter_limit(
    said: Verified, note: Benefit, told: Mapping[str, Any], period_began_on: date
) -> Mapping[str, Any]:
    """What of a benefit is to be kept otherwise than ``said``, when the note gives fewer visits than the answer.

    ``told`` is what the answer itself tells of the limit, by the names of :class:`Benefit`; ``None`` for no limit.
    Visits elsewhere that were noted before the present period began are none of it.
    """
    if not told:
        return {"limit_in_answer": note.limit_in_answer or ""}
    allowed, elsewhere = visits_elsewhere(said)
    is_of_period = note.verified_on is not None and note.verified_on >= period_began_on
    noted = note.visits_used_elsewhere if is_of_period else 0
    if note.visits_allowed is None or (allowed is not None and allowed - elsewhere <= note.visits_allowed - noted):
        return {}
    kept = {name: getattr(note, name) for name in _OF_NOTE}
    told_words = limit_words(told)
    return {**kept, "visits_used_elsewhere": noted, "visits_remaining": None, "limit_in_answer": told_words}


def limit_words(told: Mapping[str, Any]) -> str:
    """What an answer tells of a limit: ``30 visits, 29 of them left``."""
    allowed, left = told.get("visits_allowed"), told.get("visits_remaining")
    if allowed is None:
        return "no limit of visits" if left is None else f"{_visits(left)} left"
    return _visits(allowed) if left is None else f"{_visits(allowed)}, {left} of them left"


def _visits(number: int) -> str:
    return "1 visit" if number == 1 else f"{number} visits"
