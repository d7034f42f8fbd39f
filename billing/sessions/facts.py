"""Everything the gate must know about some patients' sessions, gathered in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, false, select

from billing.clinic.models import Clinic
from billing.clinic.queries import NoClinic
from billing.coverage.models import Authorisation, Benefit, Policy
from billing.coverage.policies import in_force
from billing.database import Base, Db
from billing.patients.models import Patient
from billing.payers.models import Payer, PayerKind
from billing.practitioners.models import Credential, Enrolment, Practitioner
from billing.sessions.charting import ChartContent, score_source
from billing.sessions.coding import CodedSession, coded_session
from billing.sessions.contact_time import sessions_that_do_not_fit
from billing.sessions.models import AccidentKind, BillTo, ClinicSession
from billing.sessions.queries import Chart, charts, contact_days, signed_sessions_of
from billing.sessions.together import rows_together
from billing.treatment.models import Measure, OutcomeScore

NOTHING_FILED: ColumnElement[bool] = false()
_Row = TypeVar("_Row", bound=Base)
_INJURY_PAYER = {AccidentKind.WORK: PayerKind.WORKERS_COMP, AccidentKind.AUTO: PayerKind.AUTO}


@dataclass(frozen=True, slots=True)
class Visit:
    """One signed session, or one taken as if it were, as the gate sees it."""

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
    scores_taken: dict[int, int]
    """The pain scores that were taken with a session, by session."""
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


def gather(
    db: Db,
    patient_ids: Sequence[int],
    through: date,
    is_filed: ColumnElement[bool] = NOTHING_FILED,
    *,
    as_if_signed: Collection[int] = (),
    typed: Mapping[int, ChartContent] | None = None,
) -> Facts:
    """The facts about these patients' signed sessions up to and including ``through``; five questions.

    ``is_filed`` is the condition under which a session has been billed to an insurer, which the room
    of claims knows and this one does not. Sessions ``as_if_signed``, whatever their state, count as if
    they were signed as they are charted now; of those ``typed``, by id, the chart is taken from there. Where
    such are asked about, only their own days are looked at for contact minutes that do not fit.
    """
    typed = typed or {}
    rows = _surroundings(db, patient_ids)
    payers = {one.id: one for one in rows[Payer]}
    policies = _by(rows[Policy], "patient_id")
    known = signed_sessions_of(db, patient_ids, is_filed, as_if_signed)
    sessions = [one for one, _ in known if one.service_on <= through]
    charted = {**charts(db, sessions), **_as_typed(sessions, typed)}
    visits: dict[int, list[Visit]] = defaultdict(list)
    for one in sessions:
        chart = charted[one.id]
        paying = in_order_of_payment(in_force(policies[one.patient_id], one.service_on), one.accident, payers)
        visits[one.patient_id].append(Visit(chart, coded_session(chart), paying))
    asked = {*as_if_signed, *typed} or charted.keys()
    wanted = {(one.practitioner_id, one.service_on) for one in sessions if one.id in asked}
    days = contact_days(db, wanted, is_filed, as_if_signed)
    for day in days.values():
        day.sets.update({one.id: charted[one.id].sets for one in day.sessions if one.id in typed})
    pain_scores, scores_taken = _pain_scores(db, patient_ids, sessions, typed)
    return Facts(
        clinic=rows[Clinic][0],
        patients={one.id: one for one in rows[Patient]},
        practitioners={one.id: one for one in rows[Practitioner]},
        credentials=_by(rows[Credential], "practitioner_id"),
        enrolments=_by(rows[Enrolment], "practitioner_id"),
        payers=payers,
        policies=policies,
        benefits={(one.patient_id, one.payer_id): one for one in rows[Benefit]},
        authorisations=_by_patient_and_payer(rows[Authorisation]),
        visits=visits,
        pain_scores=pain_scores,
        scores_taken=scores_taken,
        filed={one.id for one, filed in known if filed},
        out_of_time=set().union(*(sessions_that_do_not_fit(day) for day in days.values())),
    )


def _surroundings(db: Db, patient_ids: Sequence[int]) -> dict[type[Base], list[Any]]:
    """The clinic, everybody who treats, every payer, and these patients with what covers them."""
    rows = rows_together(
        db,
        {
            Clinic: (),
            Practitioner: (),
            Credential: (),
            Payer: (),
            Enrolment: (),
            Patient: (Patient.id.in_(patient_ids),),
            Policy: (Policy.patient_id.in_(patient_ids),),
            Benefit: (Benefit.patient_id.in_(patient_ids),),
            Authorisation: (Authorisation.patient_id.in_(patient_ids),),
        },
    )
    if not rows[Clinic]:
        raise NoClinic
    return rows


def _as_typed(sessions: Iterable[ClinicSession], typed: Mapping[int, ChartContent]) -> dict[int, Chart]:
    return {
        one.id: Chart(
            one,
            list(content.sets),
            list(content.procedures),
            list(content.diagnoses),
            content.acupuncture_modifiers,
        )
        for one in sessions
        if (content := typed.get(one.id))
    }


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


def _by_patient_and_payer(rows: Iterable[Authorisation]) -> dict[tuple[int, int], list[Authorisation]]:
    grouped: dict[tuple[int, int], list[Authorisation]] = defaultdict(list)
    for one in rows:
        grouped[one.patient_id, one.payer_id].append(one)
    return grouped


def _pain_scores(
    db: Db, patient_ids: Sequence[int], sessions: Iterable[ClinicSession], typed: Mapping[int, ChartContent]
) -> tuple[dict[int, dict[date, int]], dict[int, int]]:
    """The last score of each patient and day, and the score taken with each session."""
    rows = db.execute(
        select(OutcomeScore.patient_id, OutcomeScore.measured_on, OutcomeScore.value, OutcomeScore.source)
        .where(OutcomeScore.patient_id.in_(patient_ids), OutcomeScore.measure == Measure.NRS_PAIN)
        .order_by(OutcomeScore.measured_on, OutcomeScore.id)
    )
    session_of = {score_source(one.id): one.id for one in sessions}
    grouped: dict[int, dict[date, int]] = defaultdict(dict)
    taken: dict[int, int] = {}
    for patient_id, measured_on, value, source in rows:
        session_id = session_of.get(source, 0)
        if session_id not in typed:
            grouped[patient_id][measured_on] = value
            if session_id:
                taken[session_id] = value
    for one in sessions:
        if one.id in typed and (pain := typed[one.id].pain) is not None:
            grouped[one.patient_id][one.service_on] = taken[one.id] = pain
    return grouped, taken
