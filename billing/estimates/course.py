"""What a course of care should cost, session by session: what insurance should pay, what the patient will, and from
which session on the plan pays no more.

Each session to come is reckoned as if those before it had been given: so limits of visits, an authorisation's end, the
deductible and a new plan year show where they fall. What is not known stays unknown, and is not part of the sums.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time

from billing import clock
from billing.charges.models import Fee
from billing.charges.pricing import priced, standard_fees, total
from billing.coverage.policies import in_force
from billing.coverage.visits import benefit_year
from billing.errors import Problem, blocking
from billing.estimates.experience import Experience
from billing.estimates.keeping import visit_expected
from billing.estimates.session_estimate import SessionEstimate, session_estimate
from billing.estimates.who_pays import Bearer
from billing.sessions.coding import CodedSession
from billing.sessions.facts import Facts, Visit
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.payment_order import in_order_of_payment
from billing.sessions.queries import Chart


@dataclass(frozen=True, slots=True)
class CourseSession:
    """One session to come, in cents."""

    number: int
    """Of the whole course, those given counted."""
    on: date
    session_id: int | None
    """``None`` while it is not booked."""
    bill_to: BillTo
    payer: str
    charge: int
    plan: int | None
    """What the plan should pay; ``None`` when nobody can tell."""
    low: int
    patient: int | None
    """What the patient should pay; ``None`` when nobody can tell."""
    high: int
    why: str
    problems: tuple[Problem, ...] = ()
    """What keeps the plan from paying."""
    conditions: tuple[Problem, ...] = ()
    """What its note will have to show for the plan to pay."""
    new_year: bool = False
    """Whether a new year of the plan has begun since the session before: its deductible counts anew."""


@dataclass(frozen=True, slots=True)
class CourseEstimate:
    """The sessions to come of a course, with totals."""

    given: int
    sessions: tuple[CourseSession, ...]
    cautions: tuple[str, ...] = ()

    @property
    def charge(self) -> int:
        """What all of them cost."""
        return sum(one.charge for one in self.sessions)

    @property
    def plan(self) -> int:
        """What insurance should pay, of those where that is known."""
        return sum(one.plan or 0 for one in self.sessions)

    @property
    def patient(self) -> int:
        """What the patient should pay, of those where that is known."""
        return sum(one.patient or 0 for one in self.sessions)

    @property
    def low(self) -> int:
        """The least that the patient will pay for all of them."""
        return sum(one.low for one in self.sessions)

    @property
    def high(self) -> int:
        """The most."""
        return sum(one.high for one in self.sessions)

    @property
    def unknown(self) -> int:
        """Of how many nobody can tell who pays what."""
        return sum(one.patient is None for one in self.sessions)

    @property
    def is_insured(self) -> bool:
        """Whether insurance is to pay for any of them."""
        return any(one.bill_to is BillTo.INSURANCE for one in self.sessions)

    @property
    def cover_ends(self) -> CourseSession | None:
        """The first session that insurance was to pay for, and will not as far as is known."""
        return next((one for one in self.sessions if one.bill_to is BillTo.INSURANCE and one.problems), None)

    @property
    def cover_asks_for_more(self) -> CourseSession | None:
        """The first session for which insurance should pay only if its note shows something, such as improvement."""
        return next((one for one in self.sessions if one.conditions and not one.problems), None)


def course_estimate(
    patient_id: int,
    practitioner_id: int,
    days: Sequence[date],
    given: int,
    facts: Facts,
    fees: Sequence[Fee],
    experience: Mapping[int, Experience] | None = None,
) -> CourseEstimate:
    """The estimate of a course whose sessions to come are on these days; ``given`` ones are over. Pure.

    ``facts`` hold the booked ones among them as if they were signed; they gain the others.
    """
    for place, day in enumerate(days):
        if not any(one.session.service_on == day for one in facts.visits[patient_id]):
            _expect(facts, patient_id, practitioner_id, day, -1 - place)
    facts.visits[patient_id].sort(key=lambda one: (one.session.starts_at, one.session.id))
    sessions: list[CourseSession] = []
    cautions: dict[str, None] = {}
    before: tuple[int, date] | None = None
    coming = [one.session.id for one in facts.visits[patient_id] if one.session.service_on in days]
    for number, session_id in enumerate(coming, start=given + 1):
        visit, assumed = visit_expected(session_id, facts)
        if visit.session.bill_to is not BillTo.INSURANCE:
            sessions.append(_self_paid(number, visit, fees))
            continue
        found = session_estimate(visit, facts, fees, experience, is_to_come=bool(assumed))
        year = _year(found, visit.session.service_on)
        is_new = before is not None and year is not None and before[0] == year[0] and before[1] != year[1]
        before = year or before
        sessions.append(_insured(number, visit, found, new_year=is_new))
        cautions |= dict.fromkeys(found.cautions)
    return CourseEstimate(given, tuple(sessions), tuple(cautions))


def _expect(facts: Facts, patient_id: int, practitioner_id: int, on: date, number: int) -> None:
    """A session that is not booked, among the facts; nothing of it is written anywhere."""
    policies = in_order_of_payment(in_force(facts.policies[patient_id], on), None, facts.payers)
    session = ClinicSession(
        id=number,
        patient_id=patient_id,
        practitioner_id=practitioner_id,
        service_on=on,
        starts_at=clock.instant(on, time(9), facts.clinic.time_zone),
        minutes=60,
        state=SessionState.BOOKED,
        bill_to=BillTo.INSURANCE if policies else BillTo.SELF,
        place_of_service="11",
        acupuncture_modifiers=[],
    )
    facts.visits[patient_id].append(Visit(Chart(session), CodedSession([], []), policies))


def _self_paid(number: int, visit: Visit, fees: Sequence[Fee]) -> CourseSession:
    session = visit.session
    cents = total(priced(visit.coded.lines, standard_fees(fees), session.service_on)) or 0
    why = "The patient pays."
    return CourseSession(number, session.service_on, _booked(session), session.bill_to, "", cents, 0, cents, cents,
                         cents, why)  # fmt: skip


def _insured(number: int, visit: Visit, found: SessionEstimate, *, new_year: bool) -> CourseSession:
    session, span = visit.session, found.spread
    known = found.share.bearer in (Bearer.TERMS, Bearer.INSURER)
    return CourseSession(
        number,
        session.service_on,
        _booked(session),
        session.bill_to,
        found.payer.name if found.payer else "",
        found.share.charge,
        found.share.plan,
        span.low,
        span.expected,
        span.high,
        found.share.why,
        () if known else tuple(blocking(found.problems)),
        found.conditions,
        new_year,
    )


def _booked(session: ClinicSession) -> int | None:
    return session.id if session.id > 0 else None


def _year(found: SessionEstimate, on: date) -> tuple[int, date] | None:
    """The plan's year that the session is in, by payer."""
    if found.benefit is None or found.policy is None:
        return None
    return found.policy.payer_id, benefit_year(found.benefit, found.policy, on)[0]
