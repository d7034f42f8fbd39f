"""Changing what is on file of a patient. Claims that were filed and papers that were issued stay as they are."""

from __future__ import annotations

from billing.clinic.country import country_of, is_american
from billing.clinic.queries import the_clinic
from billing.clock import today
from billing.database import Db
from billing.errors import Problem, Refused
from billing.patients.details import PatientDetails, detail_problems, details_of, tidy, write_details
from billing.patients.models import Patient
from billing.patients.queries import patient_with_id


def edit_problems(db: Db, patient_id: int, details: PatientDetails) -> list[Problem]:
    """What stops these details from taking the place of those on file. Raises :class:`NotFound`."""
    clinic = the_clinic(db)
    country = country_of(clinic)
    wanted, before = tidy(details, country), tidy(details_of(patient_with_id(db, patient_id)), country)
    return detail_problems(
        wanted, country=country, american=is_american(clinic), today=today(clinic.time_zone), before=before
    )


def edit(db: Db, patient_id: int, details: PatientDetails) -> Patient:
    """Put other details of a patient on file.

    What does not change is not judged, so that an odd entry of the old system does not stand in the way of a new
    telephone. Raises :class:`NotFound` for an unknown patient, :class:`Refused` with every reason.
    """
    patient = patient_with_id(db, patient_id)
    if problems := edit_problems(db, patient_id, details):
        raise Refused(" ".join(problem.why for problem in problems), problems)
    write_details(patient, tidy(details, country_of(the_clinic(db))))
    db.flush()
    return patient
