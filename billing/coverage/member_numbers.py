"""Who is insured under a member number, however it is spaced."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from billing.coverage.models import Policy
from billing.database import Db
from billing.identifiers import compact_member_id

FEWEST_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class Member:
    """A patient and the number on a policy."""

    patient_id: int
    member_id: str


def holders_of(db: Db, member_id: str, *, but: int | None = None) -> set[int]:
    """The patients with a policy under exactly that number; ``but`` is left out.

    A family may share one number, so that it tells nothing for certain.
    """
    compact = compact_member_id(member_id)
    if not compact:
        return set()
    return set(db.scalars(select(Policy.patient_id).where(_compact() == compact))) - {but}


def members_like(db: Db, typed: str, limit: int) -> list[Member]:
    """The policies under whose number the text stands, those that begin with it first.

    What has no digit or fewer than four characters is no member number, and finds nobody.
    """
    compact = compact_member_id(typed)
    if len(compact) < FEWEST_CHARACTERS or not any(character.isdigit() for character in compact):
        return []
    begins = _compact().startswith(compact, autoescape=True)
    rows = db.execute(
        select(Policy.patient_id, Policy.member_id)
        .where(_compact().contains(compact, autoescape=True))
        .order_by(begins.desc(), Policy.patient_id, Policy.rank)
        .limit(limit)
    )
    return [Member(*row) for row in rows]


def _compact() -> ColumnElement[str]:
    return func.upper(func.replace(func.replace(Policy.member_id, " ", ""), "-", ""))
