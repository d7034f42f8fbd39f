"""Treatment plans and outcome scores."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from billing.database import Base, Key, words


class Measure(StrEnum):
    """An outcome measure."""

    NRS_PAIN = "nrs_pain"
    """Numeric rating of pain, 0 to 10, higher is worse."""


class TreatmentPlan(Base):
    """A course of care that thins out: so many weekly, then fortnightly, then monthly sessions."""

    __tablename__ = "treatment_plan"
    __table_args__ = (sa.UniqueConstraint("patient_id", "practitioner_id", "starts_on"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    practitioner_id: Mapped[int] = mapped_column(sa.ForeignKey("practitioner.id"))
    starts_on: Mapped[date]
    diagnosis: Mapped[str | None]
    weekly_sessions: Mapped[int]
    fortnightly_sessions: Mapped[int]
    monthly_sessions: Mapped[int]
    ended_on: Mapped[date | None]
    """The day it was closed before its last session; a flare-up begins a new one."""
    why_ended: Mapped[str | None]


class OutcomeScore(Base):
    """One measurement of one patient."""

    __tablename__ = "outcome_score"
    __table_args__ = (sa.Index("ix_outcome_score_patient_id_measured_on", "patient_id", "measured_on"),)

    id: Mapped[Key]
    patient_id: Mapped[int] = mapped_column(sa.ForeignKey("patient.id"))
    measure: Mapped[Measure] = mapped_column(words(Measure))
    measured_on: Mapped[date]
    value: Mapped[int]
    source: Mapped[str] = mapped_column(unique=True)
    """What it was written down with, such as ``session:17``: one score of a measure each."""
