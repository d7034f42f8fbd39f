"""A room's tables refer to their own room or to lower ones, as its imports do."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from billing.database import Base
from billing.operations.schema import all_tables
from tests.architecture.references import references_upward


def test_every_foreign_key_and_relationship_points_down() -> None:
    all_tables()

    upward = references_upward(Base)

    assert not upward


def test_a_foreign_key_upward_is_found() -> None:
    class Elsewhere(DeclarativeBase):
        pass

    class Patient(Elsewhere):
        __module__ = "billing.patients.models"
        __tablename__ = "patient"
        id: Mapped[int] = mapped_column(primary_key=True)
        last_claim_id: Mapped[int] = mapped_column(ForeignKey("claim.id"))

    class Claim(Elsewhere):
        __module__ = "billing.claims.models"
        __tablename__ = "claim"
        id: Mapped[int] = mapped_column(primary_key=True)
        patient_id: Mapped[int] = mapped_column(ForeignKey(Patient.id))

    upward = references_upward(Elsewhere)

    assert upward == ["patient.last_claim_id leads from billing.patients to billing.claims"]


def test_a_relationship_upward_or_sideways_is_found() -> None:
    class Elsewhere(DeclarativeBase):
        pass

    class Practitioner(Elsewhere):
        __module__ = "billing.practitioners.models"
        __tablename__ = "practitioner"
        id: Mapped[int] = mapped_column(primary_key=True)
        patients = relationship(lambda: Patient)

    class Patient(Elsewhere):
        __module__ = "billing.patients.models"
        __tablename__ = "patient"
        id: Mapped[int] = mapped_column(primary_key=True)
        treated_by: Mapped[int] = mapped_column(ForeignKey(Practitioner.id))

    upward = references_upward(Elsewhere)

    assert upward == [
        "Practitioner.patients leads from billing.practitioners to billing.patients",
        "patient.treated_by leads from billing.patients to billing.practitioners",
    ]
