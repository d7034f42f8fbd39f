"""What one asks about patients."""

from __future__ import annotations

from sqlalchemy import select

from billing.database import Db
from billing.errors import NotFound
from billing.identifiers import own_number
from billing.patients.models import Patient


def patient_named(db: Db, name: str) -> Patient:
    """The patient with that id, the old system's or our own. Raises :class:`NotFound`."""
    patient = db.scalar(select(Patient).where(Patient.external_id == name))
    if patient is None and (number := own_number(name)):
        patient = db.get(Patient, number)
    if patient is None:
        raise NotFound(f"There is no patient {name}.")
    return patient


def patient_with_id(db: Db, patient_id: int) -> Patient:
    """The patient with that number of ours. Raises :class:`NotFound`."""
    patient = db.get(Patient, patient_id)
    if patient is None:
        raise NotFound(f"There is no patient {patient_id}.")
    return patient
