"""How the clinic's work stands right now, in counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute

from billing.claims.lifecycle import ClaimState
from billing.claims.models import Claim
from billing.clinic.models import Clinic
from billing.database import Db
from billing.patients.models import Patient
from billing.practitioners.models import Credential, CredentialKind, Practitioner
from billing.reminders.lifecycle import MessageState
from billing.reminders.models import Message
from billing.remittances.models import Remittance, RemittanceState
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession

SOON = timedelta(days=30)
"""So long before a licence ends, everybody is told."""
TO_WORK = (ClaimState.HELD, ClaimState.REJECTED, ClaimState.DENIED, ClaimState.UNKNOWN)
"""States in which a claim waits for a person."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The clinic, if there is one, and what waits for people."""

    clinic: Clinic | None = None
    unsigned: int = 0
    """Sessions whose patient came and whose note is not signed."""
    claims_to_work: int = 0
    payments_queued: int = 0
    licences_ending: int = 0
    """Practitioners without a licence today, or in a month."""
    messages_in_doubt: int = 0
    """Of which nobody knows whether they were sent."""
    worker_seen_at: datetime | None = None
    """When something that works by itself was last there, where that was asked."""


def standing(db: Db, today: date, last_sign: ScalarSelect[datetime | None] | None = None) -> Standing:
    """The clinic and its counts, in one query; ``today`` may be a day off, as a licence's end is counted in weeks.

    ``last_sign`` asks, in the same query, when something that works by itself was last there.
    """
    licensed = select(Credential.practitioner_id).where(Credential.kind == CredentialKind.LICENCE)
    in_force = licensed.where(Credential.valid_from <= today, Credential.valid_to >= today)
    lasting = licensed.where(Credential.valid_from <= today + SOON, Credential.valid_to > today + SOON)
    ending = Practitioner.id.not_in(in_force) | Practitioner.id.not_in(lasting)
    counts = (
        _count(ClinicSession.id, ClinicSession.state == SessionState.ARRIVED),
        _count(Claim.id, Claim.state.in_(TO_WORK)),
        _count(Remittance.id, Remittance.state == RemittanceState.QUEUED),
        _count(Practitioner.id, Practitioner.left_on.is_(None), ending),
        _count(Message.id, Message.state == MessageState.UNKNOWN),
    )
    asked: list[Any] = [Clinic, *counts] if last_sign is None else [Clinic, *counts, last_sign]
    found = db.execute(select(*asked)).one_or_none()
    return Standing(*found) if found else Standing()


def _count(key: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count(key)).where(*where).scalar_subquery()


def patients(db: Db) -> int:
    """How many patients there are."""
    return db.scalar(select(func.count()).select_from(Patient)) or 0


def sessions_in(db: Db, state: SessionState) -> int:
    """How many sessions are in that state, on whatever day."""
    return db.scalar(select(func.count()).where(ClinicSession.state == state)) or 0


def unbilled_sessions(db: Db) -> int:
    """How many signed sessions have neither a standing claim nor a paper that bills them."""
    return db.scalar(select(func.count()).where(ClinicSession.awaits_billing)) or 0
