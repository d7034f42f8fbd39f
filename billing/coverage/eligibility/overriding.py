"""What people set against a fact of an answer, with a reason: it stands until a newer answer tells that otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import select

from billing.coverage.eligibility.models import EligibilityAnswer, EligibilityOverride
from billing.coverage.eligibility.reading.facts import READING, FactKind, Reading, Value
from billing.database import Db
from billing.errors import NotFound, Refused, block

LONGEST_WHY = 500
_LAPSED = "A newer answer tells it differently."


def answer_with_id(db: Db, answer_id: int) -> EligibilityAnswer:
    """The answer with that number. Raises :class:`NotFound`."""
    answer = db.get(EligibilityAnswer, answer_id)
    if answer is None:
        raise NotFound(f"There is no eligibility answer {answer_id}.")
    return answer


def override(
    db: Db, answer: EligibilityAnswer, fact: FactKind, value: Value, why: str, *, by: str, at: datetime
) -> EligibilityOverride:
    """Set ``value`` against what an answer says of a fact. Raises :class:`Refused` without a reason."""
    if answer.policy_id is None:
        raise Refused("This answer is about no policy on file, so nothing can be set against it.")
    reason = " ".join(why.split())
    if not reason or len(reason) > LONGEST_WHY:
        words = "It is not said why." if not reason else f"The reason is longer than {LONGEST_WHY} characters."
        raise Refused(words, [block("eligibility.override", words, "Write in a sentence why.", "field:why")])
    said = READING.validate_python(answer.reading).value(fact)
    return _added(db, answer.policy_id, answer.id, fact, value, said, reason, by=by, at=at, stands=True)


def take_back(
    db: Db, answer: EligibilityAnswer, fact: FactKind, *, by: str, at: datetime
) -> EligibilityOverride | None:
    """Let what the payer says count again; ``None`` when nothing was set against it."""
    if answer.policy_id is None:
        return None
    standing = overrides_of(db, [answer.policy_id]).get(answer.policy_id, {}).get(fact)
    if standing is None:
        return None
    value, said = standing.value.get("value"), standing.value.get("said")
    return _added(db, answer.policy_id, answer.id, fact, value, said, "Taken back.", by=by, at=at, stands=False)


def _added(
    db: Db, policy_id: int, answer_id: int, fact: FactKind, value: Value, said: Value, why: str, *, by: str,
    at: datetime, stands: bool,
) -> EligibilityOverride:  # fmt: skip
    made = EligibilityOverride(
        policy_id=policy_id, answer_id=answer_id, fact=fact, stands=stands, value={"value": value, "said": said},
        why=why, by=by, at=at,
    )  # fmt: skip
    db.add(made)
    db.flush()
    return made


def overrides_of(db: Db, policy_ids: Collection[int]) -> dict[int, dict[FactKind, EligibilityOverride]]:
    """What stands against the answers about these policies, by policy and fact."""
    rows = db.scalars(
        select(EligibilityOverride)
        .where(EligibilityOverride.policy_id.in_(policy_ids))
        .order_by(EligibilityOverride.id)
    )
    return standing(rows)


def standing(rows: Iterable[EligibilityOverride]) -> dict[int, dict[FactKind, EligibilityOverride]]:
    """Of what was set and taken back over time, the oldest first, what stands."""
    found: dict[int, dict[FactKind, EligibilityOverride]] = {}
    for one in rows:
        of_policy = found.setdefault(one.policy_id, {})
        if one.stands:
            of_policy[one.fact] = one
        else:
            of_policy.pop(one.fact, None)
    return found


def lapse_told_differently(
    db: Db, answer: EligibilityAnswer, reading: Reading, known: Mapping[FactKind, EligibilityOverride], *, by: str,
    at: datetime,
) -> dict[FactKind, Value]:  # fmt: skip
    """End what a newer answer tells otherwise than the one it was set against; gives what still stands."""
    kept: dict[FactKind, Value] = {}
    for fact, one in known.items():
        if reading.value(fact) == one.value.get("said"):
            kept[fact] = one.value.get("value")
        else:
            value, said = one.value.get("value"), one.value.get("said")
            _added(db, one.policy_id, answer.id, fact, value, said, _LAPSED, by=by, at=at, stands=False)
    return kept
