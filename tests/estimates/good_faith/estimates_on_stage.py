"""A clinic in which a patient pays for themselves, and what estimates are made of there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from billing.database import Db
from billing.estimates.good_faith.issuing import issue_estimate
from billing.estimates.good_faith.scope import ExpectedService, Scope
from billing.estimates.models import GoodFaithEstimate
from billing.sessions.booking import book
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.slots import Slot
from tests.factories import Scene, moment

MONDAY = date(2026, 3, 2)
BY = "user:1"
TWO_SETS = (ExpectedService("97810"), ExpectedService("97811"))
"""What a visit of two sets of needles is billed as: $95.00 and $70.00."""
VISIT = 95_00 + 70_00


def at_nine(on: date = MONDAY) -> datetime:
    """Nine in the morning at the clinic."""
    return moment(on, "09:00")


def weekly(first: date, count: int, services: Sequence[ExpectedService] = TWO_SETS, to_on: date | None = None) -> Scope:
    """So many visits a week apart."""
    days = tuple(first + timedelta(weeks=number) for number in range(count))
    return Scope(tuple(services), days, to_on or days[-1], ("M54.50",))


def make_estimate(db: Db, scene: Scene, scope: Scope, on: date = MONDAY, **changes: object) -> GoodFaithEstimate:
    """Issue it to the scene's patient, for the scene's practitioner."""
    given = {"by": BY, "at": at_nine(on), **changes}
    return issue_estimate(db, scene.patient.id, scene.practitioner.id, scope, **given)


def self_paid(db: Db, scene: Scene, on: date, booked_on: date = MONDAY, at: time = time(9)) -> ClinicSession:
    """A booked visit that the patient pays."""
    slot = Slot(scene.practitioner.id, on, at, None, 60, 30)
    return book(db, scene.patient.id, slot, by=BY, at=at_nine(booked_on), bill_to=BillTo.SELF)
