"""What one asks about the clinic."""

from __future__ import annotations

from billing.clinic.models import Clinic
from billing.database import Db
from billing.errors import Refused


class NoClinic(Refused):
    """No clinic has been set up or imported yet."""

    def __init__(self) -> None:
        super().__init__("There is no clinic here yet. Import one first: meridian import FOLDER")


def the_clinic(db: Db) -> Clinic:
    """The clinic. Raises :class:`NoClinic` when none has been set up or imported yet."""
    clinic = db.get(Clinic, 1)
    if clinic is None:
        raise NoClinic
    return clinic
