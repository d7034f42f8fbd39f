"""Whom the result of long work names, looked up when it is shown: the result itself holds numbers alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from sqlalchemy import select

from billing.database import Db
from billing.patients.models import Patient
from billing.sessions.models import ClinicSession


def patients_named(db: Db, patient_ids: Collection[int]) -> Mapping[int, str]:
    """The patients' names, last name first, by their numbers."""
    if not patient_ids:
        return {}
    rows = db.execute(select(Patient.id, Patient.last_name, Patient.first_name).where(Patient.id.in_(patient_ids)))
    return {number: f"{last_name}, {first_name}" for number, last_name, first_name in rows}


def sessions_named(db: Db, session_ids: Collection[int]) -> Mapping[int, tuple[str, date]]:
    """Whose the sessions are, last name first, and their local dates of service, by the sessions' numbers."""
    if not session_ids:
        return {}
    rows = db.execute(
        select(ClinicSession.id, Patient.last_name, Patient.first_name, ClinicSession.service_on)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .where(ClinicSession.id.in_(session_ids))
    )
    return {number: (f"{last_name}, {first_name}", on) for number, last_name, first_name, on in rows}
