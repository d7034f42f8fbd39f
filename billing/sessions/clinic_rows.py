"""What bears on every session, whoever comes: the clinic, its places, everybody who treats, every payer, the rules."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Executable

from billing.clinic.models import Clinic, PlaceOfWork, Room
from billing.clinic.queries import NoClinic
from billing.coverage.models import RulePack
from billing.coverage.rules.keeping import latest_packs
from billing.database import Base, Db
from billing.payers.models import Payer
from billing.practitioners.models import Credential, Enrolment, Practitioner, Supervision
from billing.sessions.together import Wanted, asked_together, rows_of


def clinic_rows(db: Db, *, at_once: bool = True) -> dict[type[Base], list[Any]]:
    """All of these rows by table and key, by one question, or by two that are answered faster where many work.

    Raises :class:`NoClinic` before there is a clinic.
    """
    rows: dict[type[Base], list[Any]] = {}
    for tables, question in _questions(at_once):
        rows |= rows_of(db, question, tables)
    if not rows[Clinic]:
        raise NoClinic
    return rows


@cache
def _questions(at_once: bool) -> list[tuple[Wanted, Executable]]:
    """They are always the same, and long in the making. Each row of an answer is as wide as all its tables."""
    tables = (Clinic, Room, PlaceOfWork, Practitioner, Supervision, Payer)
    few: Wanted = {**dict.fromkeys(tables, ()), RulePack: (latest_packs(),)}
    many: Wanted = {Credential: (), Enrolment: ()}
    return [(wanted, asked_together(wanted)) for wanted in ([{**few, **many}] if at_once else [few, many])]
