"""The queue before there is a claim: signed sessions that nothing bills yet, oldest first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, and_, or_, select

from billing.claims.worklists import Narrowed, Place
from billing.coverage.models import Policy
from billing.coverage.policies import in_force
from billing.database import Db
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Practitioner
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.payment_order import in_order_of_payment


@dataclass(frozen=True, slots=True)
class Unbilled:
    """A signed session with neither a claim that stands nor a paper."""

    session_id: int
    service_on: date
    patient_id: int
    patient: str
    practitioner: str
    bill_to: BillTo
    payer: str
    """Who is asked first; empty when it does not go to insurance, or no policy is in force."""
    signed_at: datetime | None

    @property
    def place(self) -> Place:
        """Where the page behind this row begins."""
        return Place(datetime.combine(self.service_on, time(), UTC), self.session_id)


def unbilled(
    db: Db, payers: Mapping[int, Payer], narrowed: Narrowed, place: Place | None = None, limit: int = 50
) -> list[Unbilled]:
    """At most ``limit`` sessions that await billing, from a place on; two queries. ``payers`` are all there are."""
    is_before = place is not None and place.is_before
    order = [ClinicSession.service_on, ClinicSession.id]
    rows = db.execute(
        select(ClinicSession, Patient.first_name, Patient.last_name, Practitioner.first_name, Practitioner.last_name)
        .join(Patient, Patient.id == ClinicSession.patient_id)
        .join(Practitioner, Practitioner.id == ClinicSession.practitioner_id)
        .where(ClinicSession.awaits_billing, *_whose(narrowed), *([_behind(place)] if place else []))
        .order_by(*([column.desc() for column in order] if is_before else order))
        .limit(limit)
    ).all()
    policies: dict[int, list[Policy]] = defaultdict(list)
    for policy in db.scalars(select(Policy).where(Policy.patient_id.in_({row[0].patient_id for row in rows}))):
        policies[policy.patient_id].append(policy)
    found = [
        Unbilled(
            session.id,
            session.service_on,
            session.patient_id,
            f"{first_name} {last_name}",
            f"{treating_first} {treating_last}",
            session.bill_to,
            _payer(session, policies[session.patient_id], payers),
            session.signed_at,
        )
        for session, first_name, last_name, treating_first, treating_last in rows
    ]
    return found[::-1] if is_before else found


def _payer(session: ClinicSession, policies: list[Policy], payers: Mapping[int, Payer]) -> str:
    if session.bill_to is not BillTo.INSURANCE:
        return ""
    paying = in_order_of_payment(in_force(policies, session.service_on), session.accident, payers)
    return payers[paying[0].payer_id].name if paying else ""


def _whose(narrowed: Narrowed) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if narrowed.practitioner_id:
        conditions.append(ClinicSession.practitioner_id == narrowed.practitioner_id)
    if narrowed.payer_id:
        insured = select(Policy.id).where(
            Policy.patient_id == ClinicSession.patient_id,
            Policy.payer_id == narrowed.payer_id,
            Policy.effective_from <= ClinicSession.service_on,
            or_(Policy.effective_to.is_(None), Policy.effective_to >= ClinicSession.service_on),
        )
        conditions += [ClinicSession.bill_to == BillTo.INSURANCE, insured.exists()]
    return conditions


def _behind(place: Place) -> ColumnElement[bool]:
    on, column, key = place.at.date(), ClinicSession.service_on, ClinicSession.id
    if place.is_before:
        return or_(column < on, and_(column == on, key < place.id))
    return or_(column > on, and_(column == on, key > place.id))
