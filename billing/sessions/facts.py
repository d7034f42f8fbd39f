"""Everything the gate must know about some patients' sessions, gathered in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, false

from billing.clinic.models import Clinic, PlaceOfWork, Room
from billing.clinic.places import Workplace, workplace
from billing.coverage.benefit_then import benefit_on, last_told_before
from billing.coverage.dollars import Paid
from billing.coverage.models import Authorisation, Benefit, BenefitVersion, Policy, RulePack
from billing.coverage.policies import in_force
from billing.coverage.rules.shelf import Shelf, shelf
from billing.database import Base, Db
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.licensing import Clinician
from billing.practitioners.models import Credential, Enrolment, Practitioner, Supervision
from billing.practitioners.queries import by_practitioner
from billing.sessions.charting import ChartContent
from billing.sessions.clinic_rows import clinic_rows
from billing.sessions.coding import CodedSession, coded_session
from billing.sessions.contact_time import sessions_that_do_not_fit
from billing.sessions.models import BillTo, ClinicSession
from billing.sessions.payment_order import in_order_of_payment
from billing.sessions.queries import Chart, charts, contact_days, signed_sessions_of
from billing.sessions.scores_taken import pain_scores_of
from billing.sessions.together import rows_together

NOTHING_FILED: ColumnElement[bool] = false()
_Row = TypeVar("_Row", bound=Base)


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
    """What is on file now, by patient and payer; a visit is judged by :meth:`benefit_of`."""
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
    supervisions: dict[int, list[Supervision]] = field(default_factory=dict)
    """By whose treatments are supervised."""
    premises: list[Credential] = field(default_factory=list)
    """Certificates of places of work."""
    places: dict[int, PlaceOfWork] = field(default_factory=dict)
    """By room; a room at the clinic's own address has none."""
    later: dict[tuple[int, int], bool] = field(default_factory=dict)
    """Sessions for which a payer is asked after another one, by session and payer: whether it has been billed yet.

    Only the room of claims knows them, and adds them where a later payer's claim is judged.
    """
    packs: Shelf = field(default_factory=shelf)
    """What payers want of acupuncture, as rules."""
    paid: Mapping[tuple[int, int], Sequence[Paid]] = field(default_factory=dict)
    """What payers paid here, by patient and payer, where a plan limits it; the room of claims knows and adds it."""

    told_before: Mapping[tuple[int, int], Sequence[BenefitVersion]] = field(default_factory=dict)
    """What payers said of benefits over time, by patient and payer."""

    def benefit_of(self, visit: Visit, policy: Policy) -> Benefit | None:
        """What the payer said it covers on the day of a visit; ``None`` while nobody has asked."""
        pair = (policy.patient_id, policy.payer_id)
        benefit = self.benefits.get(pair)
        if benefit is None:
            return None
        return benefit_on(benefit, self.told_before.get(pair, ()), policy, visit.session.service_on)

    def clinician(self, practitioner_id: int) -> Clinician:
        """Somebody who treats, with all that is on file of them."""
        return Clinician(
            self.practitioners[practitioner_id],
            self.credentials.get(practitioner_id, ()),
            self.enrolments.get(practitioner_id, ()),
            self.supervisions.get(practitioner_id, ()),
            self.premises,
        )

    def place(self, session: ClinicSession) -> PlaceOfWork | None:
        """The place besides the clinic's own address at which a session is given."""
        return self.places.get(session.room_id or 0)

    def workplace(self, session: ClinicSession) -> Workplace:
        """Where a session is given."""
        return workplace(self.clinic, self.place(session))

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
    """The facts about these patients' signed sessions up to and including ``through``; six questions.

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
    pain_scores, scores_taken = pain_scores_of(db, patient_ids, sessions, typed)
    return Facts(
        clinic=rows[Clinic][0],
        patients={one.id: one for one in rows[Patient]},
        practitioners={one.id: one for one in rows[Practitioner]},
        credentials=by_practitioner(rows[Credential]),
        enrolments=_by(rows[Enrolment], "practitioner_id"),
        payers=payers,
        policies=policies,
        benefits={(one.patient_id, one.payer_id): one for one in rows[Benefit]},
        told_before=_by(rows[BenefitVersion], "patient_id", "payer_id"),
        authorisations=_by(rows[Authorisation], "patient_id", "payer_id"),
        visits=visits,
        pain_scores=pain_scores,
        scores_taken=scores_taken,
        filed={one.id for one, filed in known if filed},
        out_of_time=set().union(*(sessions_that_do_not_fit(day) for day in days.values())),
        packs=shelf(rows[RulePack]),
        supervisions=_by(rows[Supervision], "practitioner_id"),
        premises=[one for one in rows[Credential] if one.practitioner_id is None],
        places=places_of_rooms(rows[Room], rows[PlaceOfWork]),
    )


def _surroundings(db: Db, patient_ids: Sequence[int]) -> dict[type[Base], list[Any]]:
    """The clinic, everybody who treats, every payer, and these patients with what covers them; two questions.

    All of it by one question would be answered more slowly: each row would be as wide as all tables.
    """
    return clinic_rows(db) | rows_together(
        db,
        {
            Patient: (Patient.id.in_(patient_ids),),
            Policy: (Policy.patient_id.in_(patient_ids),),
            Benefit: (Benefit.patient_id.in_(patient_ids),),
            BenefitVersion: (last_told_before(patient_ids),),
            Authorisation: (Authorisation.patient_id.in_(patient_ids),),
        },
    )


def places_of_rooms(rooms: Iterable[Room], places: Iterable[PlaceOfWork]) -> dict[int, PlaceOfWork]:
    """The place of each room that is not at the clinic's own address."""
    known = {one.id: one for one in places}
    return {room.id: known[room.place_id] for room in rooms if room.place_id is not None}


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


def _by(rows: Iterable[_Row], *keys: str) -> dict[Any, list[_Row]]:
    """The rows by one of their values, or by several together."""
    grouped: dict[Any, list[_Row]] = defaultdict(list)
    for row in rows:
        grouped[attrgetter(*keys)(row)].append(row)
    return grouped
