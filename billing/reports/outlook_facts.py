"""What is known of those who come and those who treat them: read together, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import and_, case, exists, or_, select

from billing.claims.coordination import asked_later
from billing.claims.paid_to_date import paid_to_date
from billing.claims.queries import sessions_with_filed_claims
from billing.clinic.models import Clinic, PlaceOfWork, Room
from billing.clinic.places import workplace
from billing.codes.procedures import MEDICARE_ACUPUNCTURE_CODES
from billing.coverage.benefit_then import last_told_before
from billing.coverage.dollars import Paid
from billing.coverage.models import Authorisation, Benefit, BenefitVersion, Policy, RulePack
from billing.coverage.rules.pack import Pack, RuleKind
from billing.coverage.rules.shelf import Shelf, shelf
from billing.database import Db
from billing.ledger.accounts import owed_by_patient, unapplied
from billing.ledger.queries import balances_by_subject
from billing.patients.models import Patient
from billing.payers.models import Payer
from billing.practitioners.models import Credential, Enrolment, Practitioner, Supervision
from billing.practitioners.queries import by_practitioner
from billing.sessions.clinic_rows import clinic_rows
from billing.sessions.facts import places_of_rooms
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import ClinicSession, NeedleSet, Procedure
from billing.sessions.outlook import Clinicians, EarlierVisit, Insured
from billing.sessions.together import rows_together
from billing.treatment.models import Measure, OutcomeScore


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The clinic with its rooms, its people, and the insurers they work with."""

    clinic: Clinic
    rooms: Sequence[Room]
    """By name."""
    clinicians: Clinicians

    @property
    def practitioners(self) -> list[Practitioner]:
        """All who ever treated here, by name."""
        return sorted(self.clinicians.practitioners.values(), key=lambda one: (one.first_name, one.last_name, one.id))

    def treating_on(self, on: date, besides: Collection[int] = ()) -> list[Practitioner]:
        """Those who have not left by that day, and those with these ids in any case."""
        return [one for one in self.practitioners if one.left_on is None or on < one.left_on or one.id in besides]

    def rooms_on(self, on: date, besides: Collection[int] = ()) -> list[Room]:
        """The rooms that are open that day, and those with these ids in any case."""
        return [one for one in self.rooms if one.closed_on is None or on < one.closed_on or one.id in besides]


def surroundings(db: Db) -> Surroundings:
    """What of the clinic bears on any session; two queries. Raises :class:`NoClinic` before there is one."""
    found = clinic_rows(db, at_once=False)
    enrolments: dict[int, list[Enrolment]] = defaultdict(list)
    for enrolment in found[Enrolment]:
        enrolments[enrolment.practitioner_id].append(enrolment)
    supervisions: dict[int, list[Supervision]] = defaultdict(list)
    for supervision in found[Supervision]:
        supervisions[supervision.practitioner_id].append(supervision)
    clinic: Clinic = found[Clinic][0]
    clinicians = Clinicians(
        home=workplace(clinic),
        practitioners={one.id: one for one in found[Practitioner]},
        credentials=by_practitioner(found[Credential]),
        enrolments=enrolments,
        payers={one.id: one for one in found[Payer]},
        supervisions=supervisions,
        premises=[one for one in found[Credential] if one.practitioner_id is None],
        places={
            room_id: workplace(clinic, place)
            for room_id, place in places_of_rooms(found[Room], found[PlaceOfWork]).items()
        },
        packs=shelf(found[RulePack]),
    )
    return Surroundings(clinic, sorted(found[Room], key=lambda one: one.name), clinicians)


def insured(
    db: Db,
    patient_ids: Collection[int],
    payers: Mapping[int, Payer],
    today: date,
    packs: Shelf | None = None,
    state: str = "",
) -> dict[int, Insured]:
    """What is known of these patients: two queries, one more where outcomes or limits of money matter.

    And one more for those insured twice.

    Outcomes matter to the rules of Medicare and others; ``packs`` are those in force for a clinic in ``state``.
    Sessions booked for days before ``today`` are not counted as visits: nobody came to them.
    """
    if not patient_ids:
        return {}
    found = rows_together(
        db,
        {
            Patient: (Patient.id.in_(patient_ids),),
            Policy: (Policy.patient_id.in_(patient_ids),),
            Benefit: (Benefit.patient_id.in_(patient_ids),),
            BenefitVersion: (last_told_before(patient_ids),),
            Authorisation: (Authorisation.patient_id.in_(patient_ids),),
        },
    )
    policies: dict[int, list[Policy]] = defaultdict(list)
    for policy in found[Policy]:
        policies[policy.patient_id].append(policy)
    benefits: dict[int, dict[int, Benefit]] = defaultdict(dict)
    for benefit in found[Benefit]:
        benefits[benefit.patient_id][benefit.payer_id] = benefit
    told = _by_payer(found[BenefitVersion])
    authorisations = _by_payer(found[Authorisation])
    visits = _visits(db, patient_ids, today)
    several = [one for one, theirs in policies.items() if len({each.payer_id for each in theirs}) > 1]
    later = asked_later(db, several) if several else {}
    judged_by = packs or shelf()
    measured = [
        one
        for one, theirs in policies.items()
        if any(_wants_outcomes(judged_by.for_plan(payers[each.payer_id], each, state)) for each in theirs)
    ]
    scores = _pain_scores(db, measured)
    paid = _paid(db, found[Benefit])
    return {
        patient.id: Insured(
            patient,
            policies[patient.id],
            benefits[patient.id],
            authorisations[patient.id],
            visits[patient.id],
            later,
            scores[patient.id],
            paid[patient.id],
            told[patient.id],
        )
        for patient in found[Patient]
    }


_OfPayer = TypeVar("_OfPayer", Authorisation, BenefitVersion)


def _by_payer(rows: Iterable[_OfPayer]) -> dict[int, dict[int, list[_OfPayer]]]:
    """The rows by patient and payer."""
    found: dict[int, dict[int, list[_OfPayer]]] = defaultdict(lambda: defaultdict(list))
    for one in rows:
        found[one.patient_id][one.payer_id].append(one)
    return found


def _paid(db: Db, benefits: Sequence[Benefit]) -> dict[int, dict[int, list[Paid]]]:
    """What was paid for visits, by patient and payer, where a plan limits it."""
    by_patient: dict[int, dict[int, list[Paid]]] = defaultdict(dict)
    for (patient_id, payer_id), visits in paid_to_date(db, benefits).items():
        by_patient[patient_id][payer_id] = visits
    return by_patient


def insured_here(db: Db, patient_ids: Collection[int], around: Surroundings, today: date) -> dict[int, Insured]:
    """What is known of these patients, for the payers and rules of this clinic."""
    here = around.clinicians
    return insured(db, patient_ids, here.payers, today, here.packs, here.home.state)


def _wants_outcomes(pack: Pack | None) -> bool:
    kinds = (RuleKind.IMPROVEMENT, RuleKind.MAINTENANCE)
    return pack is not None and any(edition.has(kind) for edition in pack.editions for kind in kinds)


def _visits(db: Db, patient_ids: Collection[int], today: date) -> dict[int, list[EarlierVisit]]:
    needled = exists().where(NeedleSet.session_id == ClinicSession.id)
    coded = exists().where(
        Procedure.session_id == ClinicSession.id, Procedure.code.in_(sorted(MEDICARE_ACUPUNCTURE_CODES))
    )
    # As a case, or SQLite would go through all sessions by their state instead of those of the patients.
    counts = or_(
        ClinicSession.state.in_((SessionState.SIGNED, SessionState.ARRIVED)),
        and_(ClinicSession.state == SessionState.BOOKED, ClinicSession.service_on >= today),
    )
    rows = db.execute(
        select(
            ClinicSession.patient_id,
            ClinicSession.id,
            ClinicSession.service_on,
            ClinicSession.bill_to,
            ClinicSession.accident,
            ClinicSession.state,
            sessions_with_filed_claims(),
            or_(needled, coded),
        )
        .where(ClinicSession.patient_id.in_(patient_ids), case((counts, 1), else_=0) == 1)
        .order_by(ClinicSession.service_on, ClinicSession.id)
    )
    visits: dict[int, list[EarlierVisit]] = defaultdict(list)
    for patient_id, session_id, on, bill_to, accident, state, filed, acupuncture in rows:
        is_planned = state is not SessionState.SIGNED
        visit = EarlierVisit(
            session_id, on, bill_to, accident, bool(filed), is_planned or bool(acupuncture), is_planned
        )
        visits[patient_id].append(visit)
    return visits


def _pain_scores(db: Db, patient_ids: Sequence[int]) -> dict[int, dict[date, int]]:
    scores: dict[int, dict[date, int]] = defaultdict(dict)
    if not patient_ids:
        return scores
    rows = db.execute(
        select(OutcomeScore.patient_id, OutcomeScore.measured_on, OutcomeScore.value)
        .where(OutcomeScore.patient_id.in_(patient_ids), OutcomeScore.measure == Measure.NRS_PAIN)
        .order_by(OutcomeScore.measured_on, OutcomeScore.id)
    )
    for patient_id, measured_on, value in rows:
        scores[patient_id][measured_on] = value
    return scores


@dataclass(frozen=True, slots=True)
class OnAccount:
    """How a patient's account stands, in cents."""

    owed_cents: int = 0
    """Less all the money that is there, so that every page and statement asks for the same."""
    credit_cents: int = 0
    """Money that pays for nothing yet; not what was taken with a session and waits for its insurer."""


def on_account(db: Db, patient_ids: Collection[int]) -> dict[int, OnAccount]:
    """How these patients' accounts stand in the books; one query."""
    if not patient_ids:
        return {}
    of = {owed_by_patient(one): one for one in patient_ids}
    balance: dict[int, int] = defaultdict(int)
    credit: dict[int, int] = defaultdict(int)
    for one in balances_by_subject(db, list(of)):
        patient_id, cents = of[one.account], one.cents + one.allocated_cents
        balance[patient_id] += cents
        if cents < 0 and one.about == unapplied(patient_id):
            credit[patient_id] -= cents
    return {one: OnAccount(max(0, balance[one]), credit[one]) for one in patient_ids}
