"""What is known of those who come and those who treat them: read together, however many they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, case, exists, or_, select

from billing.claims.coordination import asked_later
from billing.claims.queries import sessions_with_filed_claims
from billing.clinic.models import Clinic, Room
from billing.clinic.queries import NoClinic
from billing.codes.procedures import MEDICARE_ACUPUNCTURE_CODES
from billing.coverage.models import Authorisation, Benefit, Policy
from billing.database import Db
from billing.ledger.accounts import owed_by_patient, unapplied
from billing.ledger.queries import balances_by_subject
from billing.patients.models import Patient
from billing.payers.models import Payer, PayerKind
from billing.practitioners.models import Credential, Enrolment, Practitioner
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
    """What of the clinic bears on any session; one query. Raises :class:`NoClinic` before there is one."""
    found = rows_together(db, {Clinic: (), Room: (), Practitioner: (), Credential: (), Enrolment: (), Payer: ()})
    if not found[Clinic]:
        raise NoClinic
    credentials: dict[int, list[Credential]] = defaultdict(list)
    enrolments: dict[int, list[Enrolment]] = defaultdict(list)
    for credential in found[Credential]:
        credentials[credential.practitioner_id].append(credential)
    for enrolment in found[Enrolment]:
        enrolments[enrolment.practitioner_id].append(enrolment)
    clinic: Clinic = found[Clinic][0]
    clinicians = Clinicians(
        state=clinic.state,
        practitioners={one.id: one for one in found[Practitioner]},
        credentials=credentials,
        enrolments=enrolments,
        payers={one.id: one for one in found[Payer]},
    )
    return Surroundings(clinic, sorted(found[Room], key=lambda one: one.name), clinicians)


def insured(db: Db, patient_ids: Collection[int], payers: Mapping[int, Payer], today: date) -> dict[int, Insured]:
    """What is known of these patients: two queries, one more for those at Medicare and for those insured twice.

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
            Authorisation: (Authorisation.patient_id.in_(patient_ids),),
        },
    )
    policies: dict[int, list[Policy]] = defaultdict(list)
    for policy in found[Policy]:
        policies[policy.patient_id].append(policy)
    benefits: dict[int, dict[int, Benefit]] = defaultdict(dict)
    for benefit in found[Benefit]:
        benefits[benefit.patient_id][benefit.payer_id] = benefit
    authorisations: dict[int, dict[int, list[Authorisation]]] = defaultdict(lambda: defaultdict(list))
    for authorisation in found[Authorisation]:
        authorisations[authorisation.patient_id][authorisation.payer_id].append(authorisation)
    visits = _visits(db, patient_ids, today)
    several = [one for one, theirs in policies.items() if len({each.payer_id for each in theirs}) > 1]
    later = asked_later(db, several) if several else {}
    medicare = [
        one
        for one, theirs in policies.items()
        if any(payers[each.payer_id].kind is PayerKind.MEDICARE for each in theirs)
    ]
    scores = _pain_scores(db, medicare)
    return {
        patient.id: Insured(
            patient,
            policies[patient.id],
            benefits[patient.id],
            authorisations[patient.id],
            visits[patient.id],
            later,
            scores[patient.id],
        )
        for patient in found[Patient]
    }


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
