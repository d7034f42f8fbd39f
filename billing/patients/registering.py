"""Registering a new patient, once."""

from __future__ import annotations

from collections.abc import Collection

from billing.clinic.country import country_of, is_american
from billing.clinic.queries import the_clinic
from billing.clock import today
from billing.database import Db, hold_lock
from billing.errors import Problem, Refused, block
from billing.patients.details import PatientDetails, detail_problems, tidy, write_details
from billing.patients.duplicates import numbers_of, possible_duplicates
from billing.patients.models import Patient

MAY_BE_KNOWN = "patient.may_be_known"
"""The rule by which somebody is not registered until a person has said that it is nobody on file."""
LOCK = "registration"


def registration_problems(db: Db, details: PatientDetails) -> list[Problem]:
    """What stops these details from being put on file, whoever else is."""
    clinic = the_clinic(db)
    country = country_of(clinic)
    return detail_problems(
        tidy(details, country), country=country, american=is_american(clinic), today=today(clinic.time_zone)
    )


def register(
    db: Db,
    details: PatientDetails,
    *,
    somebody_else_than: Collection[int] = (),
    with_member_number: Collection[int] = (),
) -> Patient:
    """Put a new patient on file.

    ``somebody_else_than`` are the patients of whom a person said that none of them is this one; when anybody else
    on file may be (see :func:`possible_duplicates`), it is refused at the field ``somebody_else``. Raises
    :class:`Refused` with every reason. Two registrations at once wait for each other, so that one sees the other.
    """
    problems = registration_problems(db, details)
    tidied = tidy(details, country_of(the_clinic(db)))
    hold_lock(db, LOCK)
    known = possible_duplicates(db, tidied, with_member_number=with_member_number)
    if numbers_of(known) - set(somebody_else_than):
        problems.append(
            block(
                MAY_BE_KNOWN,
                "This person may be on file already.",
                "Look at those named here. Open the one it is, or tick that it is somebody else.",
                "field:somebody_else",
            )
        )
    if problems:
        raise Refused(" ".join(problem.why for problem in problems), problems)
    patient = Patient()
    write_details(patient, tidied)
    db.add(patient)
    db.flush()
    return patient
