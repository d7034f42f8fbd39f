"""Everything the gate must know about some patients' sessions, gathered in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from sqlalchemy import ColumnElement, false, select

from billing.clinic.models import Clinic
from billing.clinic.queries import the_clinic
from billing.coverage.models import Authorisation, Benefit, Policy
from billing.coverage.policies import in_force
from billing.database import Base, Db
from billing.patients.models import Patient
from billing.payers.models import Payer, PayerKind
from billing.practitioners.models import Credential, Enrolment, Practitioner
from billing.sessions.coding import CodedSession, coded_session
from billing.sessions.contact_time import sessions_that_do_not_fit
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, BillTo, ClinicSession
from billing.sessions.queries import Chart, charts, contact_days, signed_sessions_of
from billing.treatment.models import Measure, OutcomeScore

NOTHING_FILED: ColumnElement[bool] = false()
_Row = TypeVar("_Row", bound=Base)
_INJURY_PAYER = {AccidentKind.WORK: PayerKind.WORKERS_COMP, AccidentKind.AUTO: PayerKind.AUTO}


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed session as the gate sees it."""

    chart: Chart
    coded: CodedSession
    policies: list[Policy]
    """In force that day, the one that pays first at the front."""

    @property
    def session(self) -> ClinicSession:
        """The session itself."""
        return self.chart.session

    @property
    def payer_id(self) -> int | None:
        """Who is billed first: nobody unless it goes to insurance and a policy is in force."""
        billed = self.session.bill_to is BillTo.INSURANCE and self.policies
        return self.policies[0].payer_id if billed else None


@dataclass(frozen=True)
class Facts:
    """What is known of some patients, their insurers and those who treated them."""

    clinic: Clinic
    patients: dict[int, Patient]
    practitioners: dict[int, Practitioner]
    credentials: dict[int, list[Credential]]
    """By practitioner."""
    enrolments: dict[int, list[Enrolment]]
    """By practitioner."""
    payers: dict[int, Payer]
    policies: dict[int, list[Policy]]
    """By patient."""
    benefits: dict[tuple[int, int], Benefit]
    """By patient and payer."""
    authorisations: dict[tuple[int, int], list[Authorisation]]
    """By patient and payer."""
    visits: dict[int, list[Visit]]
    """All signed sessions of each patient, in order of time."""
    pain_scores: dict[int, dict[date, int]]
    """By patient and day."""
    filed: set[int]
    """Sessions that an insurer has been billed for already: they count, whatever their date."""
    out_of_time: set[int]
    """Sessions whose contact minutes do not fit into the practitioner's day."""
    later: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Sessions for which a payer is asked after another one, by session and payer: whether it has been billed yet.

    Only the room of claims knows them, and adds them where a later payer's claim is judged.
    """

    @cached_property
    def visit_of(self) -> dict[int, Visit]:
        """Each visit by its session's id."""
        return {visit.session.id: visit for visits in self.visits.values() for visit in visits}

    def visits_to(self, patient_id: int, payer_id: int) -> list[Visit]:
        """This patient's signed visits that this payer is asked to pay for: as the first, or as a later one."""
        return [
            visit
            for visit in self.visits[patient_id]
            if visit.payer_id == payer_id or (visit.session.id, payer_id) in self.later
        ]

    def is_filed_with(self, visit: Visit, payer_id: int) -> bool:
        """Whether this payer, one of those asked for the visit, has been billed for it already."""
        return self.later.get((visit.session.id, payer_id), visit.session.id in self.filed)

    def visit_days(self, patient_id: int, payer_id: int) -> list[date]:
        """The days of the visits that this payer is asked to pay for."""
        return [visit.session.service_on for visit in self.visits_to(patient_id, payer_id)]

    def filed_days(self, patient_id: int, payer_id: int) -> list[date]:
        """Those of them that have been filed, also when later visits became known only afterwards."""
        return [
            visit.session.service_on
            for visit in self.visits_to(patient_id, payer_id)
            if self.is_filed_with(visit, payer_id)
        ]

    def others_that_day(self, visit: Visit) -> list[Visit]:
        """The patient's insurance visits of the same day that come first.

        Those that began before; and to a visit that is not filed itself, those that are.
        """
        is_filed = visit.session.id in self.filed
        began = (visit.session.starts_at, visit.session.id)
        return [
            other
            for other in self.visits[visit.session.patient_id]
            if other.session.service_on == visit.session.service_on
            and other.session.bill_to is BillTo.INSURANCE
            and other.session.id != visit.session.id
            and (
                (other.session.id in self.filed and not is_filed) or (other.session.starts_at, other.session.id) < began
            )
        ]


def gather(db: Db, patient_ids: Sequence[int], through: date, is_filed: ColumnElement[bool] = NOTHING_FILED) -> Facts:
    """The facts about these patients' signed sessions up to and including ``through``.

    ``is_filed`` is the condition under which a session has been billed to an insurer, which the room
    of claims knows and this one does not.
    """
    payers = {one.id: one for one in db.scalars(select(Payer))}
    policies = _by(db.scalars(select(Policy).where(Policy.patient_id.in_(patient_ids))), "patient_id")
    sessions = signed_sessions_of(db, patient_ids, through)
    charted = charts(db, sessions)
    visits: dict[int, list[Visit]] = defaultdict(list)
    for one in sessions:
        chart = charted[one.id]
        paying = in_order_of_payment(in_force(policies[one.patient_id], one.service_on), one.accident, payers)
        visits[one.patient_id].append(Visit(chart, coded_session(chart), paying))
    days = contact_days(db, {(one.practitioner_id, one.service_on) for one in sessions}, is_filed)
    of_these = (ClinicSession.patient_id.in_(patient_ids), ClinicSession.state == SessionState.SIGNED)
    return Facts(
        clinic=the_clinic(db),
        patients={one.id: one for one in db.scalars(select(Patient).where(Patient.id.in_(patient_ids)))},
        practitioners={one.id: one for one in db.scalars(select(Practitioner))},
        credentials=_by(db.scalars(select(Credential)), "practitioner_id"),
        enrolments=_by(db.scalars(select(Enrolment)), "practitioner_id"),
        payers=payers,
        policies=policies,
        benefits={
            (one.patient_id, one.payer_id): one
            for one in db.scalars(select(Benefit).where(Benefit.patient_id.in_(patient_ids)))
        },
        authorisations=_authorisations(db, patient_ids),
        visits=visits,
        pain_scores=_pain_scores(db, patient_ids),
        filed=set(db.scalars(select(ClinicSession.id).where(*of_these, is_filed))),
        out_of_time=set().union(*(sessions_that_do_not_fit(day) for day in days.values())),
    )


def in_order_of_payment(
    policies: list[Policy], accident: AccidentKind | None, payers: Mapping[int, Payer]
) -> list[Policy]:
    """Workers' compensation and auto insurance pay first for the injury they cover, whatever their rank."""
    injury = _INJURY_PAYER.get(accident) if accident else None
    return sorted(policies, key=lambda one: payers[one.payer_id].kind is not injury) if injury else policies


def _by(rows: Iterable[_Row], key: str) -> dict[int, list[_Row]]:
    grouped: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        grouped[getattr(row, key)].append(row)
    return grouped


def _authorisations(db: Db, patient_ids: Sequence[int]) -> dict[tuple[int, int], list[Authorisation]]:
    grouped: dict[tuple[int, int], list[Authorisation]] = defaultdict(list)
    for one in db.scalars(select(Authorisation).where(Authorisation.patient_id.in_(patient_ids))):
        grouped[one.patient_id, one.payer_id].append(one)
    return grouped


def _pain_scores(db: Db, patient_ids: Sequence[int]) -> dict[int, dict[date, int]]:
    grouped: dict[int, dict[date, int]] = defaultdict(dict)
    rows = db.execute(
        select(OutcomeScore.patient_id, OutcomeScore.measured_on, OutcomeScore.value)
        .where(OutcomeScore.patient_id.in_(patient_ids), OutcomeScore.measure == Measure.NRS_PAIN)
        .order_by(OutcomeScore.measured_on, OutcomeScore.id)
    )
    for patient_id, measured_on, value in rows:
        grouped[patient_id][measured_on] = value
    return grouped
