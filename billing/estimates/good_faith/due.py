"""Which patients are to be given an estimate, why, and by when. Pure; :mod:`.queries` gathers the facts.

Given means delivered: an estimate that was issued and lies in the clinic is due still.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from billing.charges.pricing import FeeSchedule
from billing.estimates.good_faith import deadlines
from billing.estimates.good_faith.covering import Covered, covered_sessions, estimate_for
from billing.estimates.good_faith.deadlines import Deadline, Trigger
from billing.estimates.good_faith.scope import services_at
from billing.estimates.models import EstimateRequest, GoodFaithEstimate
from billing.money import Money


class Step(StrEnum):
    """What is to be done next."""

    ISSUE = "issue"
    REPLACE = "replace"
    """Another version of the one there is."""
    DELIVER = "deliver"
    """It is issued, and nobody has written down that the patient was given it."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A session that the patient pays, given or to come."""

    id: int
    service_on: date
    practitioner_id: int
    is_to_come: bool
    scheduled_on: date | None = None
    """The day it was last booked or moved; ``None`` for what came with an import."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is on file of one patient."""

    patient_id: int
    sessions: Sequence[Planned]
    estimates: Sequence[GoodFaithEstimate]
    delivered: Mapping[int, datetime]
    """When each estimate was first noted as delivered."""
    requests: Sequence[EstimateRequest] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """That one patient is to be given an estimate."""

    patient_id: int
    deadline: Deadline
    step: Step
    why: str
    """What asks for it, in a sentence."""
    session_id: int | None = None
    """The next visit it is about."""
    request_id: int | None = None
    estimate_id: int | None = None
    """The one to deliver or to replace."""
    practitioner_id: int | None = None
    """With whom that visit is."""


def estimates_due(known: Known, schedule: FeeSchedule, today: date, currency: str) -> list[Due]:
    """All that is due to one patient, the nearest deadline first; of several visits that ask for one, the nearest."""
    found = [*_for_visits(known, schedule, today, currency), *_for_requests(known)]
    return sorted(found, key=lambda one: (one.deadline.by, one.step))


def _for_visits(known: Known, schedule: FeeSchedule, today: date, currency: str) -> Iterator[Due]:
    """The first visit with each practitioner without an estimate, and the first of each that needs something."""
    covers = covered_sessions(known.estimates, known.sessions)
    seen: set[tuple[int, int]] = set()
    for one in sorted(known.sessions, key=lambda session: (session.service_on, session.id)):
        if not one.is_to_come or one.service_on < today:
            continue
        estimate = estimate_for(known.estimates, one.service_on, one.practitioner_id)
        key = (estimate.id if estimate else 0, one.practitioner_id)
        if key in seen:
            continue
        due = _for_visit(known, one, covers.get(key[0]), schedule, currency)
        if due is not None:
            seen.add(key)
            yield due


def _for_visit(
    known: Known, session: Planned, covered: Covered | None, schedule: FeeSchedule, currency: str
) -> Due | None:
    who = session.practitioner_id
    if covered is None or _is_besides(covered, session, known):
        booked = _scheduled(session)
        why = f"A visit is booked for {session.service_on}, and no estimate speaks for it."
        return Due(known.patient_id, booked, Step.ISSUE, why, session.id, None, None, who) if booked else None
    estimate = covered.estimate
    if change := change_of(covered, session, schedule, currency):
        deadline = deadlines.changed(session.service_on)
        if any(one.supersedes_id == estimate.id and one.from_on <= session.service_on for one in known.estimates):
            return None  # It was replaced too late to bind here: the one before holds.
        return Due(known.patient_id, deadline, Step.REPLACE, change, session.id, None, estimate.id, who)
    if estimate.id in known.delivered:
        return None
    due = deadlines.changed(session.service_on) if estimate.version > 1 else _scheduled(session)
    why = f"It was issued on {estimate.issued_on}, and nobody noted that the patient was given it."
    return Due(known.patient_id, due, Step.DELIVER, why, session.id, None, estimate.id, who) if due else None


def _is_besides(covered: Covered, session: Planned, known: Known) -> bool:
    """Whether it is with somebody else than the estimate names, who is to see the patient as well."""
    who = covered.estimate.practitioner_id
    spoken_for = {one.id for one in covered.sessions}
    return session.practitioner_id != who and any(
        one.is_to_come and one.practitioner_id == who and one.id in spoken_for for one in known.sessions
    )


def _scheduled(session: Planned) -> Deadline | None:
    """Of what came with an import nobody knows when it was booked: then a business day before the visit."""
    if session.scheduled_on is None:
        return Deadline(Trigger.SCHEDULED_SOON, deadlines.changed(session.service_on).by)
    return deadlines.scheduled(session.scheduled_on, session.service_on)


def change_of(covered: Covered, session: Planned, schedule: FeeSchedule, currency: str) -> str:
    """Why a visit to come will not be what its estimate says; empty when it will."""
    estimate, told = covered.estimate, covered.priced
    number = covered.number_of(session.id)
    if number > len(told.visits):
        return f"The visit on {session.service_on} is number {number}; {len(told.visits)} were estimated."
    if session.practitioner_id != estimate.practitioner_id:
        return f"The visit on {session.service_on} is with somebody else than the estimate names."
    now = sum(
        (schedule.price(one.code, session.service_on) or 0) * one.units for one in services_at(told.scope, number)
    )
    if now == told.visits[number - 1]:
        return ""
    was = Money(told.visits[number - 1], currency)
    return f"The visit on {session.service_on} would cost {Money(now, currency)} by today's fees; {was} was told."


def _for_requests(known: Known) -> Iterable[Due]:
    """Requests that no estimate issued since has answered, or whose estimate was not delivered."""
    for one in known.requests:
        if one.withdrawn_at is not None:
            continue
        since = [estimate for estimate in known.estimates if estimate.issued_at >= one.at]
        if _any_delivered(since, known.delivered):
            continue
        deadline = deadlines.asked(one.asked_on)
        if since:
            why = f"Asked for on {one.asked_on} and issued; nobody noted that the patient was given it."
            yield Due(known.patient_id, deadline, Step.DELIVER, why, None, one.id, since[-1].id)
        else:
            asked = f": {one.remark}" if one.remark else "."
            yield Due(
                known.patient_id, deadline, Step.ISSUE, f"The patient asked on {one.asked_on}{asked}", None, one.id
            )


def _any_delivered(estimates: Iterable[GoodFaithEstimate], delivered: Collection[int]) -> bool:
    return any(one.id in delivered for one in estimates)
