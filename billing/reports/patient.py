"""One patient at a glance: the head of every page of the record, and the summary below it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from billing.claims.lifecycle import SET_ASIDE
from billing.claims.models import Claim
from billing.clinic.models import Clinic
from billing.coverage.models import Authorisation, Benefit, Policy, RulePack
from billing.coverage.policies import in_force, subscriber_problems
from billing.coverage.rules.keeping import latest_packs
from billing.coverage.rules.shelf import Shelf, shelf
from billing.coverage.summary import Cover, PolicySummary, policy_summary
from billing.database import Db
from billing.errors import NotFound, Problem
from billing.patients.models import Patient
from billing.patients.readiness import claim_problems
from billing.payers.models import Payer
from billing.payments.queries import account_of
from billing.practitioners.models import Practitioner
from billing.reports.chips import Chip
from billing.reports.pain import PainCourse, pain_course
from billing.reports.patient_chips import head_chips
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import AccidentKind, BillTo, ClinicSession
from billing.sessions.payment_order import in_order_of_payment
from billing.sessions.together import rows_together
from billing.treatment.models import Measure, OutcomeScore, TreatmentPlan
from billing.treatment.proposing import PlanProgress, plan_progress

LISTED = 4
"""How many coming and how many past sessions the summary shows."""
_EXPECTED = (SessionState.BOOKED, SessionState.ARRIVED)
_GIVEN = (SessionState.ARRIVED, SessionState.SIGNED)


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in one line."""

    id: int
    service_on: date
    starts_at: datetime
    minutes: int
    state: SessionState
    practitioner: str
    bill_to: BillTo
    accident: AccidentKind | None


@dataclass(frozen=True, slots=True)
class PatientHead:
    """What stands on top of every page of a patient's record."""

    patient: Patient
    balance_cents: int
    """What the patient has still to pay."""
    credit_cents: int
    """The patient's money that pays for nothing yet."""
    chips: tuple[Chip, ...]
    """Safety flags, coverage, and what is missing; the balance is told besides."""
    next_session: SessionLine | None
    last_session: SessionLine | None
    plan_line: str
    """How far the course of care has come, in words; empty without one."""
    has_payers: bool
    """Whether the clinic bills insurers at all."""


@dataclass(frozen=True, slots=True)
class PatientSummary:
    """A patient's summary page."""

    head: PatientHead
    coming: tuple[SessionLine, ...]
    past: tuple[SessionLine, ...]
    policies: tuple[PolicySummary, ...]
    """In force first, in the order in which they pay; then those that have ended, the latest first."""
    plan: PlanProgress | None
    pain: PainCourse | None
    problems: tuple[Problem, ...]
    """What would hold a claim, of the patient's own data."""
    member_since: date | None = None
    """The day of the first visit."""


@dataclass(slots=True)
class _OnFile:
    """Everything about one patient that is asked for at once."""

    patient: Patient
    payers: dict[int, Payer]
    policies: list[Policy]
    benefits: dict[int, Benefit]
    """By payer."""
    authorisations: list[Authorisation]
    plans: list[TreatmentPlan]
    scores: list[OutcomeScore]
    sessions: list[SessionLine] = field(default_factory=list)
    """The latest first."""
    asked: dict[int, set[int]] = field(default_factory=dict)
    """By session, the payers that have a claim of it."""
    packs: Shelf = field(default_factory=shelf)
    state: str = ""
    """Where the clinic is."""


def patient_head(db: Db, patient_id: int, on: date) -> PatientHead:
    """The head of a patient's record on a day. Raises :class:`NotFound`."""
    return patient_summary(db, patient_id, on).head


def patient_summary(db: Db, patient_id: int, on: date) -> PatientSummary:
    """A patient's summary on a day: at most seven queries, however much is on file. Raises :class:`NotFound`."""
    known = _on_file(db, patient_id)
    account = account_of(db, patient_id)
    policies = _policies(known, on)
    progress = _plan_progress(known, on)
    coming = [one for one in reversed(known.sessions) if one.service_on >= on and one.state in _EXPECTED]
    past = [one for one in known.sessions if one.service_on <= on and one not in coming]
    problems = _problems(known, policies)
    given = [one for one in known.sessions if one.state in _GIVEN and one.service_on <= on]
    head = PatientHead(
        patient=known.patient,
        balance_cents=max(0, sum(account.balances.values())),
        credit_cents=account.free_cents,
        chips=tuple(head_chips(known.patient, policies, has_payers=bool(known.payers))),
        next_session=coming[0] if coming else None,
        last_session=given[0] if given else None,
        plan_line=_plan_line(progress),
        has_payers=bool(known.payers),
    )
    return PatientSummary(
        head=head,
        coming=tuple(coming[:LISTED]),
        past=tuple(past[:LISTED]),
        policies=tuple(policies),
        plan=progress,
        pain=pain_course([(one.measured_on, one.value) for one in known.scores]),
        problems=tuple(problems),
        member_since=given[-1].service_on if given else None,
    )


def _on_file(db: Db, patient_id: int) -> _OnFile:
    rows = rows_together(
        db,
        {
            Patient: [Patient.id == patient_id],
            Payer: [],
            Clinic: [],
            RulePack: [latest_packs()],
            Policy: [Policy.patient_id == patient_id],
            Benefit: [Benefit.patient_id == patient_id],
            Authorisation: [Authorisation.patient_id == patient_id],
            TreatmentPlan: [TreatmentPlan.patient_id == patient_id],
            OutcomeScore: [OutcomeScore.patient_id == patient_id, OutcomeScore.measure == Measure.NRS_PAIN],
        },
    )
    if not rows[Patient]:
        raise NotFound(f"There is no patient {patient_id}.")
    sessions = _sessions(db, patient_id)
    return _OnFile(
        patient=rows[Patient][0],
        payers={one.id: one for one in rows[Payer]},
        policies=rows[Policy],
        benefits={one.payer_id: one for one in rows[Benefit]},
        authorisations=rows[Authorisation],
        plans=rows[TreatmentPlan],
        scores=sorted(rows[OutcomeScore], key=lambda one: (one.measured_on, one.id)),
        sessions=sessions,
        asked=_asked(db, patient_id) if rows[Policy] and sessions else {},
        packs=shelf(rows[RulePack]),
        state=rows[Clinic][0].state if rows[Clinic] else "",
    )


def _sessions(db: Db, patient_id: int) -> list[SessionLine]:
    rows = db.execute(
        select(
            ClinicSession.id, ClinicSession.service_on, ClinicSession.starts_at, ClinicSession.minutes,
            ClinicSession.state, Practitioner.first_name, Practitioner.last_name, ClinicSession.bill_to,
            ClinicSession.accident,
        )
        .join(Practitioner, Practitioner.id == ClinicSession.practitioner_id)
        .where(ClinicSession.patient_id == patient_id)
        .order_by(ClinicSession.service_on.desc(), ClinicSession.starts_at.desc(), ClinicSession.id.desc())
    )  # fmt: skip
    return [
        SessionLine(number, on, at, minutes, state, f"{first} {last}", bill_to, accident)
        for number, on, at, minutes, state, first, last, bill_to, accident in rows
    ]


def _asked(db: Db, patient_id: int) -> dict[int, set[int]]:
    """By session, the payers that have been, or are to be, asked to pay, at whichever turn."""
    found: dict[int, set[int]] = defaultdict(set)
    rows = db.execute(
        select(Claim.session_id, Claim.payer_id)
        .join(ClinicSession, ClinicSession.id == Claim.session_id)
        .where(ClinicSession.patient_id == patient_id, Claim.state.not_in(SET_ASIDE), Claim.payer_id.is_not(None))
    )
    for session_id, payer_id in rows:
        if payer_id is not None:
            found[session_id].add(payer_id)
    return found


def _policies(known: _OnFile, on: date) -> list[PolicySummary]:
    days = _visit_days(known)
    booked = [one.service_on for one in known.sessions if one.state in _EXPECTED and one.service_on >= on]
    summaries = [
        policy_summary(
            one,
            known.payers[one.payer_id],
            known.benefits.get(one.payer_id),
            known.authorisations,
            visits=days[one.payer_id],
            booked=booked,
            on=on,
            pack=known.packs.edition_for(known.payers[one.payer_id], one, known.state, on),
        )
        for one in known.policies
    ]
    return sorted(summaries, key=_order)


def _order(one: PolicySummary) -> tuple[bool, int, int]:
    return one.cover is Cover.INACTIVE, one.policy.rank, -one.policy.effective_from.toordinal()


def _visit_days(known: _OnFile) -> dict[int, set[date]]:
    """By payer, the days of the signed visits that it is asked to pay for."""
    days: dict[int, set[date]] = defaultdict(set)
    for one in known.sessions:
        if one.state is not SessionState.SIGNED or one.bill_to is not BillTo.INSURANCE:
            continue
        paying = in_order_of_payment(in_force(known.policies, one.service_on), one.accident, known.payers)
        for payer_id in {*(policy.payer_id for policy in paying[:1]), *known.asked.get(one.id, ())}:
            days[payer_id].add(one.service_on)
    return days


def _plan_progress(known: _OnFile, on: date) -> PlanProgress | None:
    covering = [one for one in known.plans if one.starts_on <= on and (one.ended_on is None or one.ended_on > on)]
    if not covering:
        return None
    plan = max(covering, key=lambda one: (one.starts_on, one.id))
    done = [one.service_on for one in known.sessions if one.state in _GIVEN]
    booked = [one.service_on for one in known.sessions if one.state is SessionState.BOOKED]
    return plan_progress(plan, done, booked, on)


def _plan_line(progress: PlanProgress | None) -> str:
    if progress is None:
        return ""
    late = f", {progress.overdue_days} days overdue" if progress.overdue_days else ""
    return f"Session {progress.done} of {progress.total} of the plan{late}"


def _problems(known: _OnFile, policies: Sequence[PolicySummary]) -> list[Problem]:
    """What would hold a claim; nothing where nobody is billed but the patient."""
    current = [one for one in policies if one.cover is not Cover.INACTIVE]
    if not current:
        return []
    found = claim_problems(known.patient)
    for one in current:
        found += subscriber_problems(one.policy)
    return found
