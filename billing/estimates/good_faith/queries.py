"""What one asks about estimates: which are due, what became of one, which a patient has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from billing.charges.pricing import standard_fees
from billing.charges.queries import fees_with
from billing.clinic.models import Clinic
from billing.clinic.queries import the_clinic
from billing.clock import local
from billing.database import Db
from billing.estimates.good_faith import deadlines
from billing.estimates.good_faith.deadlines import Deadline
from billing.estimates.good_faith.due import Due, Known, Planned, estimates_due
from billing.estimates.good_faith.issuing import kind_for
from billing.estimates.good_faith.watching import PAID_BY_PATIENT
from billing.estimates.models import (
    EstimateEvent,
    EstimateHistory,
    EstimateKind,
    EstimateRequest,
    GoodFaithEstimate,
)
from billing.sessions.lifecycle import SessionEvent, SessionState
from billing.sessions.models import BillTo, ClinicSession, SessionMove

_SCHEDULING = (SessionEvent.BOOKED, SessionEvent.MOVED, SessionEvent.REBOOKED)
_STANDING = (SessionState.BOOKED, SessionState.ARRIVED, SessionState.SIGNED)
_TO_COME = (SessionState.BOOKED, SessionState.ARRIVED)


def all_due(db: Db, today: date, patient_ids: Collection[int] | None = None) -> list[Due]:
    """Every estimate that is due, of these patients or of all, the nearest deadline first; at most nine queries.

    Nothing is, where no law asks for estimates.
    """
    clinic = the_clinic(db)
    if kind_for(clinic) is EstimateKind.PLAIN:
        return []
    concerned = _concerned(db, today) if patient_ids is None else set(patient_ids)
    if not concerned:
        return []
    schedule = standard_fees(fees_with(db))
    known = _known(db, concerned, clinic.time_zone)
    found = [due for one in known for due in estimates_due(one, schedule, today, clinic.currency)]
    return sorted(found, key=lambda one: (one.deadline.by, one.patient_id))


def without_estimate(db: Db, today: date) -> int:
    """How many patients have a visit to come that they pay and that no estimate speaks for; one query.

    A hint, and more than are due: of what was booked at short notice none is. Nothing where no law asks for estimates.
    """
    later = aliased(GoodFaithEstimate)
    replaced = select(later.id).where(
        later.supersedes_id == GoodFaithEstimate.id, later.from_on <= ClinicSession.service_on
    )
    speaks = select(GoodFaithEstimate.id).where(
        GoodFaithEstimate.patient_id == ClinicSession.patient_id,
        GoodFaithEstimate.practitioner_id == ClinicSession.practitioner_id,
        GoodFaithEstimate.from_on <= ClinicSession.service_on,
        GoodFaithEstimate.to_on >= ClinicSession.service_on,
        ~replaced.correlate(GoodFaithEstimate, ClinicSession).exists(),
    )
    in_dollars = select(Clinic.id).where(Clinic.currency == "USD")
    counted = select(func.count(ClinicSession.patient_id.distinct())).where(
        ClinicSession.service_on > today,
        ClinicSession.state.in_(_TO_COME),
        ClinicSession.bill_to.in_(PAID_BY_PATIENT),
        ~speaks.correlate(ClinicSession).exists(),
        in_dollars.exists(),
    )
    return db.scalar(counted) or 0


def estimate_due_if_booked(clinic: Clinic, bill_to: BillTo, today: date, on: date) -> Deadline | None:
    """By when an estimate would be due of a visit that is booked today, unless one speaks for it already. Pure."""
    if kind_for(clinic) is EstimateKind.PLAIN or bill_to not in PAID_BY_PATIENT:
        return None
    return deadlines.scheduled(today, on)


def _concerned(db: Db, today: date) -> set[int]:
    """Patients who have a visit to come that they pay, or asked what one costs."""
    coming = select(ClinicSession.patient_id).where(
        ClinicSession.service_on >= today,
        ClinicSession.state.in_(_TO_COME),
        ClinicSession.bill_to.in_(PAID_BY_PATIENT),
    )
    asked = select(EstimateRequest.patient_id).where(EstimateRequest.withdrawn_at.is_(None))
    return set(db.scalars(coming.union(asked)))


def _known(db: Db, patient_ids: Collection[int], zone: str) -> list[Known]:
    estimates = _by_patient(
        db.scalars(
            select(GoodFaithEstimate)
            .where(GoodFaithEstimate.patient_id.in_(patient_ids), GoodFaithEstimate.kind == EstimateKind.GOOD_FAITH)
            .order_by(GoodFaithEstimate.id)
        )
    )
    requests = _by_patient(
        db.scalars(
            select(EstimateRequest).where(EstimateRequest.patient_id.in_(patient_ids)).order_by(EstimateRequest.id)
        )
    )
    delivered = first_deliveries(db, [one.id for own in estimates.values() for one in own])
    sessions = _sessions(db, patient_ids, zone)
    return [Known(one, sessions[one], estimates[one], delivered, requests[one]) for one in sorted(patient_ids)]


def _sessions(db: Db, patient_ids: Collection[int], zone: str) -> dict[int, list[Planned]]:
    of_them = (
        ClinicSession.patient_id.in_(patient_ids),
        ClinicSession.bill_to.in_(PAID_BY_PATIENT),
        ClinicSession.state.in_(_STANDING),
    )
    rows = list(db.scalars(select(ClinicSession).where(*of_them)))
    booked_at = _scheduled_at(db, [one.id for one in rows if one.state in _TO_COME])
    found: dict[int, list[Planned]] = defaultdict(list)
    for one in rows:
        at = booked_at.get(one.id)
        on = local(at, zone).date() if at else None
        is_to_come = one.state in _TO_COME
        found[one.patient_id].append(Planned(one.id, one.service_on, one.practitioner_id, is_to_come, on))
    return found


def _scheduled_at(db: Db, session_ids: Sequence[int]) -> dict[int, datetime]:
    """When each session was last booked, moved or booked again: a new time starts the deadline anew."""
    rows = db.execute(
        select(SessionMove.session_id, func.max(SessionMove.at))
        .where(SessionMove.session_id.in_(session_ids), SessionMove.event.in_(_SCHEDULING))
        .group_by(SessionMove.session_id)
    )
    return dict(rows.all())


def first_deliveries(db: Db, estimate_ids: Collection[int]) -> dict[int, datetime]:
    """When each estimate was first noted as delivered; those that never were are left out."""
    rows = db.execute(
        select(EstimateHistory.estimate_id, func.min(EstimateHistory.at))
        .where(EstimateHistory.estimate_id.in_(estimate_ids), EstimateHistory.event == EstimateEvent.DELIVERED)
        .group_by(EstimateHistory.estimate_id)
    )
    return dict(rows.all())


def estimates_of(db: Db, patient_id: int) -> Sequence[GoodFaithEstimate]:
    """Every estimate that the patient was issued, the latest first."""
    of_patient: ColumnElement[bool] = GoodFaithEstimate.patient_id == patient_id
    return db.scalars(select(GoodFaithEstimate).where(of_patient).order_by(GoodFaithEstimate.id.desc())).all()


def history_of(db: Db, estimate_ids: Iterable[int]) -> dict[int, list[EstimateHistory]]:
    """What happened to these estimates, in order."""
    found: dict[int, list[EstimateHistory]] = defaultdict(list)
    wanted = EstimateHistory.estimate_id.in_(list(estimate_ids))
    for one in db.scalars(select(EstimateHistory).where(wanted).order_by(EstimateHistory.id)):
        found[one.estimate_id].append(one)
    return found


def _by_patient(rows: Iterable[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for one in rows:
        found[one.patient_id].append(one)
    return found
