"""What one asks about the clinic."""

from __future__ import annotations

from billing.clinic.models import Clinic
from billing.database import Db
from billing.errors import Refused


def the_clinic(db: Db) -> Clinic:
    """The clinic. Raises :class:`Refused` when none has been set up or imported yet."""
    clinic = db.get(Clinic, 1)
    if clinic is None:
        raise Refused("There is no clinic here yet. Import one first: meridian import FOLDER")
    return clinic
