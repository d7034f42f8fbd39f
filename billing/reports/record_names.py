"""What a patient's records are called in explanations, so that a page can lead to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from billing.claims.models import Claim
from billing.database import Db
from billing.sessions.models import ClinicSession


@dataclass(frozen=True, slots=True)
class RecordNames:
    """Numbers of a patient's records by the names that people know."""

    sessions: Mapping[str, int]
    """By the old system's id, or by our number where there is none."""
    claims: Mapping[str, int]
    """By control number."""


def record_names(db: Db, patient_id: int) -> RecordNames:
    """The sessions and claims of a patient; two queries."""
    sessions = select(ClinicSession.external_id, ClinicSession.id).where(ClinicSession.patient_id == patient_id)
    claims = (
        select(Claim.control_number, Claim.id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(ClinicSession.patient_id == patient_id)
    )
    return RecordNames(
        {outside or str(own): own for outside, own in db.execute(sessions)},
        dict(db.execute(claims).all()),
    )
