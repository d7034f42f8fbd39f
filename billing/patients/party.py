"""The patient as papers show who a paper is for."""

from __future__ import annotations

from billing.patients.models import Patient
from billing.pdf import parts


def party(patient: Patient) -> parts.Party:
    """The patient as papers show who a paper is for."""
    name = " ".join(filter(None, (patient.first_name, patient.middle_name, patient.last_name)))
    town = ", ".join(filter(None, (patient.city, patient.state)))
    lines = patient.address1, patient.address2, " ".join(filter(None, (town, patient.zip)))
    return parts.Party(name, tuple(filter(None, lines)))
