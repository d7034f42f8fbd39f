"""Which codes this clinic uses: what a set is narrowed to, and what is named when one changes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import select

from billing.charges.models import Fee
from billing.codes.procedures import procedures
from billing.codes.publishers.lines import PROCEDURE_CODE
from billing.codes.sets.kinds import SetKind, is_of_diagnoses
from billing.database import Db
from billing.sessions.models import ClinicSession, Procedure, SessionDiagnosis
from billing.treatment.models import TreatmentPlan

LOOKED_BACK = timedelta(days=2 * 365)
"""Diagnoses of sessions that are older are not named any more."""


def procedure_codes(db: Db) -> set[str]:
    """The codes this trade uses, those of the fee schedule, and whatever was ever charted besides."""
    own = {*db.scalars(select(Fee.code).distinct()), *db.scalars(select(Procedure.code).distinct())}
    return {one.code for one in procedures()} | _published(own)


def _published(codes: Iterable[str]) -> set[str]:
    """Those that may be CPT or HCPCS; a clinic's own codes are in no publisher's table."""
    return {code for code in codes if PROCEDURE_CODE.fullmatch(code)}


def diagnosis_codes(db: Db, today: date) -> set[str]:
    """The diagnoses of the last two years' sessions and of treatment plans that go on."""
    charted = (
        select(SessionDiagnosis.code)
        .join(ClinicSession, ClinicSession.id == SessionDiagnosis.session_id)
        .where(ClinicSession.service_on >= today - LOOKED_BACK)
        .distinct()
    )
    planned = select(TreatmentPlan.diagnosis).where(TreatmentPlan.ended_on.is_(None)).distinct()
    return {code for code in (*db.scalars(charted), *db.scalars(planned)) if code}


def codes_used(db: Db, kind: SetKind, today: date) -> set[str]:
    """The codes of that kind that this clinic uses."""
    return diagnosis_codes(db, today) if is_of_diagnoses(kind) else procedure_codes(db)
