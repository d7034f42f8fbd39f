"""Putting a great many benefits on file at once: what :func:`~billing.coverage.benefit_editing.verify_benefit` does.

What was said has been judged already, and the patients are insured with these payers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.coverage.benefit_editing import Verified, kept_values
from billing.coverage.benefit_history import changed_names, said_by, said_of
from billing.coverage.models import Benefit, BenefitVersion
from billing.database import Db, insert_many
from billing.errors import Conflict
from billing.many_rows import insert_new, update_many


@dataclass(frozen=True, slots=True)
class Learned:
    """What was said of one patient's benefit with one payer."""

    patient_id: int
    payer_id: int
    said: Verified
    benefit: Benefit | None
    """What is on file, held by this transaction."""
    answer_id: int | None


def put_on_file(db: Db, learned: Sequence[Learned], *, by: str, at: datetime) -> None:
    """Keep each, in place of what was said before, of which a version is kept; each patient and payer once.

    Raises :class:`Conflict` when somebody else has just put one of them on file for the first time.
    """
    fresh: list[dict[str, Any]] = []
    known: list[dict[str, Any]] = []
    versions: list[dict[str, Any]] = []
    for one in learned:
        values, pair = kept_values(one.said, one.benefit), {"patient_id": one.patient_id, "payer_id": one.payer_id}
        if one.benefit is None:
            fresh.append({**pair, **values})
        else:
            known.append({"id": one.benefit.id, **values})
        versions.append({**pair, **_version(one, values, by, at)})
    if len(insert_new(db, Benefit, fresh)) != len(fresh):
        raise Conflict("Somebody else has just noted one of these benefits. Repeat it.")
    update_many(db, Benefit, known)
    insert_many(db, BenefitVersion, versions)


def _version(one: Learned, values: dict[str, Any], by: str, at: datetime) -> dict[str, Any]:
    said = said_by(values)
    before = said_of(one.benefit) if one.benefit else None
    return {
        "at": at,
        "by": by,
        "source": one.said.source,
        "verified_on": one.said.verified_on,
        "said": said,
        "changed": changed_names(before, said),
        "answer_id": one.answer_id,
    }
