"""The estimates that are due, those that bills have come near to, and those issued last."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select

from billing.clinic.queries import the_clinic
from billing.database import Db
from billing.errors import Problem
from billing.estimates.good_faith.covering import speaks_to
from billing.estimates.good_faith.due import Due
from billing.estimates.good_faith.issuing import kind_for, name_of
from billing.estimates.good_faith.queries import all_due, estimates_of, first_deliveries, history_of
from billing.estimates.good_faith.scope import PricedScope, from_stored
from billing.estimates.good_faith.watching import Running, problems_of, running_of
from billing.estimates.models import EstimateHistory, EstimateKind, EstimateRequest, GoodFaithEstimate
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner

LATEST = 50
WATCHED = 400
"""So many estimates issued last are held against what was billed; bills themselves are stopped whatever their age."""


@dataclass(frozen=True, slots=True)
class DueRow:
    """An estimate that is due."""

    due: Due
    patient: str
    is_missed: bool
    days_left: int
    """Business days."""


@dataclass(frozen=True, slots=True)
class WatchRow:
    """An estimate that bills have come near to, or gone beyond."""

    running: Running
    name: str
    patient: str
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class IssuedRow:
    """An issued estimate."""

    estimate: GoodFaithEstimate
    name: str
    patient: str
    is_delivered: bool
    later: GoodFaithEstimate | None
    """What replaced it."""

    @property
    def speaks_to(self) -> date | None:
        """The last day on which it speaks; ``None`` when what replaced it left it none."""
        return speaks_to(self.estimate, self.later)


@dataclass(frozen=True, slots=True)
class EstimatesPage:
    """What the worklist shows."""

    is_asked_for: bool
    """Whether a law asks for estimates here at all."""
    due: list[DueRow]
    watched: list[WatchRow]
    issued: list[IssuedRow]

    @property
    def missed(self) -> int:
        """How many are overdue."""
        return sum(one.is_missed for one in self.due)


@dataclass(frozen=True, slots=True)
class OneEstimate:
    """An issued estimate with what became of it."""

    estimate: GoodFaithEstimate
    name: str
    priced: PricedScope
    history: list[EstimateHistory]
    later: GoodFaithEstimate | None
    """What replaced it."""
    later_name: str
    running: Running | None
    problems: list[Problem]
    practitioner: str

    @property
    def speaks_to(self) -> date | None:
        """The last day on which it speaks; ``None`` when what replaced it left it none."""
        return speaks_to(self.estimate, self.later)

    @property
    def is_delivered(self) -> bool:
        """Whether the patient was given it."""
        return any(one.event.value == "delivered" for one in self.history)

    @property
    def is_acknowledged(self) -> bool:
        """Whether the patient signed for it."""
        return any(one.event.value == "acknowledged" for one in self.history)


@dataclass(frozen=True, slots=True)
class PatientEstimates:
    """A patient's estimates, the latest first."""

    rows: list[OneEstimate]
    requests: list[EstimateRequest]
    due: list[DueRow]
    is_asked_for: bool


def estimates_page(db: Db, today: date) -> EstimatesPage:
    """The worklist; a fixed number of queries."""
    due = all_due(db, today)
    issued = list(db.scalars(select(GoodFaithEstimate).order_by(GoodFaithEstimate.id.desc()).limit(LATEST)))
    last = select(GoodFaithEstimate.patient_id).order_by(GoodFaithEstimate.id.desc()).limit(WATCHED)
    running = [one for one in running_of(db, db.scalars(last)) if one.over > 0]
    shown = [*issued, *(one.estimate for one in running)]
    names = _names(db, {one.patient_id for one in due} | {one.patient_id for one in shown})
    delivered = first_deliveries(db, [one.id for one in issued])
    later = {one.supersedes_id: one for one in issued}
    currency = the_clinic(db).currency
    watched = [
        WatchRow(one, name_of(one.estimate), names[one.estimate.patient_id], problems)
        for one in sorted(running, key=lambda one: -one.over)
        if (problems := problems_of(one, currency))
    ]
    return EstimatesPage(
        _is_asked_for(db),
        [_due_row(one, names[one.patient_id], today) for one in due],
        watched,
        [IssuedRow(one, name_of(one), names[one.patient_id], one.id in delivered, later.get(one.id)) for one in issued],
    )


def patient_estimates(db: Db, patient_id: int, today: date) -> PatientEstimates:
    """All estimates of one patient with their histories; a fixed number of queries."""
    estimates = list(estimates_of(db, patient_id))
    asked = select(EstimateRequest).where(EstimateRequest.patient_id == patient_id)
    requests = list(db.scalars(asked.order_by(EstimateRequest.id.desc())))
    due = [_due_row(one, "", today) for one in all_due(db, today, [patient_id])]
    return PatientEstimates(_told(db, estimates), requests, due, _is_asked_for(db))


def one_estimate(db: Db, estimate: GoodFaithEstimate) -> OneEstimate:
    """One estimate with what became of it; its problems lead nowhere else, as this is the place to mend them."""
    told = _told(db, list(estimates_of(db, estimate.patient_id)))
    found = next(one for one in told if one.estimate.id == estimate.id)
    return replace(found, problems=[replace(one, where="") for one in found.problems])


def _told(db: Db, estimates: list[GoodFaithEstimate]) -> list[OneEstimate]:
    histories = history_of(db, [one.id for one in estimates])
    running = {one.estimate.id: one for one in running_of(db, {one.patient_id for one in estimates})}
    later = {one.supersedes_id: one for one in estimates}
    treating = {one.id: one for one in db.scalars(select(Practitioner))} if estimates else {}
    currency = the_clinic(db).currency
    return [
        OneEstimate(
            estimate=one,
            name=name_of(one),
            priced=from_stored(one.scope),
            history=histories.get(one.id, []),
            later=later.get(one.id),
            later_name=name_of(later[one.id]) if one.id in later else "",
            running=running.get(one.id),
            problems=problems_of(running[one.id], currency) if one.id in running else [],
            practitioner=_full_name(treating[one.practitioner_id]),
        )
        for one in estimates
    ]


def _due_row(due: Due, patient: str, today: date) -> DueRow:
    return DueRow(due, patient, due.deadline.is_missed(today), due.deadline.days_left(today))


def _is_asked_for(db: Db) -> bool:
    return kind_for(the_clinic(db)) is EstimateKind.GOOD_FAITH


def _names(db: Db, patient_ids: set[int]) -> dict[int, str]:
    return {one.id: _full_name(one) for one in db.scalars(select(Patient).where(Patient.id.in_(patient_ids)))}


def _full_name(person: Patient | Practitioner) -> str:
    return f"{person.first_name} {person.last_name}"
