"""Held claims are judged again as soon as something changes that they may wait for, such as a renewed licence.

What nothing stops any more becomes ready, and goes out with the next billing run; nothing is filed here, and no
session is charged that was not charged before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from billing import clock
from billing.charges.capturing import capture
from billing.claims.assembly.assembling import LOCK, assemble, hold_unfiled, scrubbed
from billing.claims.assembly.secondary import judge_later
from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim, Responsibility
from billing.claims.paid_to_date import with_what_was_paid
from billing.claims.queries import sessions_with_filed_claims
from billing.database import Database, Db, hold_lock
from billing.payments.allocating import allocate
from billing.relay import climb
from billing.sessions.facts import gather
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession

PATIENTS_AT_ONCE = 200


@dataclass(slots=True)
class Recheck:
    """One going over of all held claims."""

    on: date
    """The local date by which they are judged, as if they were filed on it."""
    by: str
    """Who has it done, as ``kind:id``: that stands in the histories of the claims."""
    checked: int = 0
    released: int = 0

    def stage(self, db: Db, after_patient: int) -> int | None:
        """Judge the held claims of the next patients; the cursor is the last patient's id."""
        hold_lock(db, LOCK)
        patient_ids = _patients(db, after_patient)
        if not patient_ids:
            return None
        hold_unfiled(db, patient_ids)
        held = _held_sessions(db, patient_ids)
        facts = with_what_was_paid(db, gather(db, patient_ids, self.on, sessions_with_filed_claims()))
        visits = [facts.visit_of[one] for one in held if one in facts.visit_of]
        at = clock.now()
        charged = capture(db, visits, self.on, at)
        judged = [scrubbed(one, facts, charged[one.session.id], self.on) for one in visits]
        assemble(db, judged, at, self.by)
        allocate(db, patient_ids, at)
        self.checked += len(held)
        self.released += len(held) - len(_held_sessions(db, patient_ids))
        return patient_ids[-1]

    def later_stage(self, db: Db, after_patient: int) -> int | None:
        """The same for claims that wait to go to a further payer."""
        hold_lock(db, LOCK)
        patient_ids = _patients(db, after_patient, _ON_LATER)
        if not patient_ids:
            return None
        held = _held_sessions(db, patient_ids, _ON_LATER)
        judge_later(db, patient_ids, self.on, self.by, only=set(held))
        self.checked += len(held)
        self.released += len(held) - len(_held_sessions(db, patient_ids, _ON_LATER))
        return patient_ids[-1]


def recheck_held(database: Database, run: Recheck, progress: Callable[[int], None] = lambda done: None) -> None:
    """Judge every held claim again; ``progress`` hears how many so far."""
    climb(database, run.stage, lambda: progress(run.checked))
    climb(database, run.later_stage, lambda: progress(run.checked))


def held_claims(db: Db) -> int:
    """How many claims are held, on first payers and on later ones."""
    return db.scalar(_held(func.count(), or_(_ON_FIRST, _ON_LATER))) or 0


_ON_FIRST = and_(Claim.responsibility == Responsibility.PRIMARY, ClinicSession.bill_to == BillTo.INSURANCE)
_ON_LATER = Claim.responsibility != Responsibility.PRIMARY


def _held(column: Any, turn: ColumnElement[bool]) -> Select[Any]:
    return (
        select(column)
        .select_from(Claim)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(Claim.state == ClaimState.HELD, ClinicSession.state == SessionState.SIGNED, turn)
    )


def _patients(db: Db, after: int, turn: ColumnElement[bool] = _ON_FIRST) -> list[int]:
    whose = ClinicSession.patient_id
    theirs = _held(whose, turn).where(whose > after).group_by(whose).order_by(whose)
    return list(db.scalars(theirs.limit(PATIENTS_AT_ONCE)))


def _held_sessions(db: Db, patient_ids: list[int], turn: ColumnElement[bool] = _ON_FIRST) -> list[int]:
    theirs = _held(ClinicSession.id, turn).where(ClinicSession.patient_id.in_(patient_ids))
    return list(db.scalars(theirs.order_by(ClinicSession.service_on, ClinicSession.starts_at, ClinicSession.id)))
