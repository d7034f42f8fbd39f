"""What the page about who pays for a session shows: what it says, whom it may name, and whether that is fixed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from billing.claims.queries import sessions_fixed_by_claims
from billing.coverage.models import Policy
from billing.coverage.policies import in_force
from billing.database import Db
from billing.errors import NotFound, Problem
from billing.invoices.queries import sessions_with_papers
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Practitioner
from billing.practitioners.queries import all_practitioners, full_name
from billing.sessions.billing_details import BillingDetails, billing_details_of, fixed_problems
from billing.sessions.models import ClinicSession
from billing.sessions.payment_order import in_order_of_payment


@dataclass(frozen=True, slots=True)
class SessionBilling:
    """One session, as far as it matters who pays for it."""

    session: ClinicSession
    patient: Patient
    practitioner: Practitioner
    details: BillingDetails
    insurers: list[str]
    """Whose policies are in force that day, the one that pays first at the front."""
    supervisors: list[tuple[int, str]]
    """Who may have supervised."""
    fixed: list[Problem]
    """Why nothing of it can be changed any more."""


def session_billing(db: Db, session_id: int) -> SessionBilling:
    """What a session says of who pays and why; three queries. Raises :class:`NotFound`."""
    row = db.execute(
        select(ClinicSession, Patient, sessions_fixed_by_claims(), sessions_with_papers())
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .where(ClinicSession.id == session_id)
    ).one_or_none()
    if row is None:
        raise NotFound("There is no such session.")
    session, patient, filed, issued = row
    practitioners = all_practitioners(db)
    return SessionBilling(
        session=session,
        patient=patient,
        practitioner=next(one for one in practitioners if one.id == session.practitioner_id),
        details=billing_details_of(session),
        insurers=_insurers(db, session),
        supervisors=[(one.id, full_name(one)) for one in practitioners if _may_supervise(one, session)],
        fixed=fixed_problems(bool(filed), bool(issued)),
    )


def _may_supervise(one: Practitioner, session: ClinicSession) -> bool:
    here = one.left_on is None or session.service_on < one.left_on
    return one.id == session.supervising_id or (here and one.id != session.practitioner_id)


def _insurers(db: Db, session: ClinicSession) -> list[str]:
    joined = select(Policy, Payer).join(Payer, Payer.id == Policy.payer_id)
    rows = db.execute(joined.where(Policy.patient_id == session.patient_id)).all()
    payers = {payer.id: payer for _, payer in rows}
    paying = in_order_of_payment(in_force([policy for policy, _ in rows], session.service_on), session.accident, payers)
    return [payers[one.payer_id].name for one in paying]
