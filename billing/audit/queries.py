"""What one asks the audit trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import and_, or_, select

from billing.audit.models import AuditEntry
from billing.database import Db

Subjects = Mapping[str, Collection[int | str]]
"""Numbers, or names, of records by their kind: ``{"patient": [17], "session": [3, 4]}``."""


def acts_about(db: Db, subjects: Subjects, limit: int, before: int | None = None) -> Sequence[AuditEntry]:
    """The latest ``limit`` things anybody did to, or saw of, these records; the newest first.

    ``before`` is a row's number: only what was written earlier is told.
    """
    named = [
        and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_([str(one) for one in numbers]))
        for kind, numbers in subjects.items()
        if numbers
    ]
    if not named:
        return []
    earlier = [] if before is None else [AuditEntry.id < before]
    newest_first = select(AuditEntry).where(or_(*named), *earlier).order_by(AuditEntry.id.desc())
    return db.scalars(newest_first.limit(limit)).all()
