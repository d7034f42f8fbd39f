"""What a clinic needs before its first patient, and how much of it is there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from billing.charges.models import Fee
from billing.clinic.models import Clinic, Room
from billing.database import Db
from billing.ledger.models import Entry
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Credential, Practitioner


@dataclass(frozen=True, slots=True)
class SetUp:
    """How many there are of each."""

    clinics: int
    rooms: int
    practitioners: int
    credentials: int
    payers: int
    fees: int
    patients: int

    @property
    def can_work(self) -> bool:
        """Whether sessions can be booked and charged."""
        return all((self.clinics, self.practitioners, self.fees))


def set_up(db: Db) -> SetUp:
    """What is there; one query."""
    tables = (Clinic, Room, Practitioner, Credential, Payer, Fee, Patient)
    counts = (select(func.count()).select_from(table).scalar_subquery() for table in tables)
    return SetUp(*db.execute(select(*counts)).one())


def books_are_open(db: Db) -> bool:
    """Whether anything has been booked to the ledger."""
    return db.scalar(select(Entry.source).limit(1)) is not None
