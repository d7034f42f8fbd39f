"""What covers a patient on a day, with every limit, rule and reason: the desk's panel, and the test bench."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import exists, select

from billing.access.models import User
from billing.coverage.benefit_history import Told, told, versions_of
from billing.coverage.eligibility.queries import questions_by_answer
from billing.coverage.models import Policy
from billing.coverage.payer_order import order_problems
from billing.coverage.rules.case import Case
from billing.coverage.rules.judging import judge
from billing.coverage.rules.pack import Pack
from billing.coverage.rules.shelf import SELF_PAY
from billing.coverage.rules.verdict import Verdict
from billing.coverage.summary import PolicySummary, policy_summary
from billing.coverage.visit_cover import VisitCover, ahead, next_on, visit_cover
from billing.database import Db
from billing.errors import NotFound, Problem
from billing.patients.models import Patient
from billing.practitioners.models import Practitioner
from billing.reports.outlook_facts import Surroundings, insured_here, surroundings
from billing.sessions.lifecycle import SessionState
from billing.sessions.models import BillTo, ClinicSession, SessionDiagnosis
from billing.sessions.outlook import Coming, Insured, asked_of, billed_session

_MACHINES = {"worker": "Meridian by itself", "command": "a command"}
_HAPPENED = (SessionState.ARRIVED, SessionState.SIGNED)


@dataclass(frozen=True, slots=True)
class PolicyPanel:
    """One policy in force, and what it says of a visit on the day."""

    summary: PolicySummary
    cover: VisitCover
    ahead: tuple[Problem, ...]
    """What the visit after it will want besides."""
    next_on: date
    """When that one is: as it is booked, or else a week later."""


@dataclass(frozen=True, slots=True)
class CoveragePanel:
    """Everything that covers a patient on a day."""

    patient: Patient
    on: date
    policies: tuple[PolicyPanel, ...]
    """The one that pays first at the front."""
    others: tuple[PolicySummary, ...]
    """Not in force that day."""
    order: tuple[Problem, ...]
    """What of the order on file contradicts the rules."""
    self_pay: tuple[Verdict, ...]
    """What is to be known when nobody is asked."""
    history: tuple[Told, ...]
    """What payers have said over time, the latest first."""
    hands: dict[str, str]
    """Who is meant by each hand in the history."""
    payers: dict[int, str]
    questions: dict[int, int]
    """The questions to which the answers of the history belong, by answer."""
    diagnoses: tuple[str, ...]
    """Those last charted, by which the rules' conditions are judged."""
    diagnosed_on: date | None

    @property
    def on_file_by(self) -> dict[int, int]:
        """The question whose answer is on file, by payer; none where a person noted what is on file."""
        latest = {one.version.payer_id: one.version.answer_id for one in reversed(self.history)}
        return {payer: self.questions[answer] for payer, answer in latest.items() if answer in self.questions}


def coverage_panel(db: Db, patient_id: int, on: date, today: date, pack: Pack | None = None) -> CoveragePanel:
    """What covers a patient on a day; ``pack`` is tried in place of those in force. Raises :class:`NotFound`."""
    around = surroundings(db)
    clinicians = around.clinicians
    if pack is not None:
        clinicians = replace(clinicians, packs=replace(clinicians.packs, tried=pack))
        around = replace(around, clinicians=clinicians)
    known = insured_here(db, [patient_id], around, today).get(patient_id)
    if known is None:
        raise NotFound(f"There is no patient {patient_id}.")
    session, diagnosed_on, diagnoses = _last_charted(db, patient_id, on)
    treating = clinicians.practitioners.get(session.practitioner_id) if session else None
    accident = session.accident if session and session.service_on == on else None
    paying = known.paying(on, accident, clinicians.payers)
    panels = [_policy_panel(one, known, around, on, diagnoses, treating) for one in paying]
    history = versions_of(db, patient_id, {one.payer_id for one in known.policies})
    self_pay = clinicians.packs.packs.get(SELF_PAY)
    edition = self_pay.edition_on(on) if self_pay else None
    return CoveragePanel(
        patient=known.patient,
        on=on,
        policies=tuple(panels),
        others=tuple(_summary(one, known, around, on) for one in known.policies if one not in paying),
        order=tuple(
            order_problems(
                paying, clinicians.payers, known.patient.birth_date, on, is_injury=accident is not None
            )
        ),
        self_pay=tuple(judge(self_pay, edition, Case(on))) if self_pay and edition else (),
        history=tuple(told(history, around.clinic.currency)),
        hands=hand_names(db, {one.by for one in history}),
        payers={one.id: one.name for one in clinicians.payers.values()},
        questions=questions_by_answer(db, {one.answer_id for one in history if one.answer_id is not None}),
        diagnoses=diagnoses,
        diagnosed_on=diagnosed_on,
    )  # fmt: skip


def _policy_panel(
    policy: Policy,
    known: Insured,
    around: Surroundings,
    on: date,
    diagnoses: tuple[str, ...],
    treating: Practitioner | None,
) -> PolicyPanel:
    clinicians = around.clinicians
    visits = asked_of(clinicians.payers[policy.payer_id], known, clinicians)
    coming = Coming(known.patient.id, treating.id if treating else 0, on, BillTo.INSURANCE)
    billed = billed_session(coming, known, clinicians, policy, visits, treating)
    billed = replace(billed, case=replace(billed.case, diagnoses=diagnoses or None))
    cover = visit_cover(billed, clinicians.packs)
    return PolicyPanel(
        _summary(policy, known, around, on), cover, tuple(ahead(billed, clinicians.packs, cover)), next_on(billed.case)
    )


def _summary(policy: Policy, known: Insured, around: Surroundings, on: date) -> PolicySummary:
    payer = around.clinicians.payers[policy.payer_id]
    visits = asked_of(payer, known, around.clinicians)
    return policy_summary(
        policy,
        payer,
        known.benefit_on(policy, on),
        known.authorisations.get(payer.id, ()),
        visits={one.on for one in visits if not one.is_planned},
        booked={one.on for one in visits if one.is_planned},
        on=on,
        pack=around.clinicians.packs.edition_for(payer, policy, around.clinic.state, on),
    )


def _last_charted(db: Db, patient_id: int, on: date) -> tuple[ClinicSession | None, date | None, tuple[str, ...]]:
    """The session of that day or the last before it; and the day and the diagnoses of the last one with any."""
    happened = (
        ClinicSession.patient_id == patient_id,
        ClinicSession.service_on <= on,
        ClinicSession.state.in_(_HAPPENED),
    )
    latest = (ClinicSession.service_on.desc(), ClinicSession.id.desc())
    session = db.scalars(select(ClinicSession).where(*happened).order_by(*latest).limit(1)).first()
    charted = (
        select(ClinicSession.id)
        .where(*happened, exists().where(SessionDiagnosis.session_id == ClinicSession.id))
        .order_by(*latest)
        .limit(1)
    )
    rows = db.execute(
        select(ClinicSession.service_on, SessionDiagnosis.code)
        .join(SessionDiagnosis, SessionDiagnosis.session_id == ClinicSession.id)
        .where(ClinicSession.id == charted.scalar_subquery())
        .order_by(SessionDiagnosis.position)
    ).all()
    return session, rows[0][0] if rows else None, tuple(code for _, code in rows)


def hand_names(db: Db, by: set[str]) -> dict[str, str]:
    """Who is meant by the hands of a history, by the words in which it names them."""
    users = [int(one.partition(":")[2]) for one in by if one.startswith("user:")]
    names = db.execute(select(User.id, User.name).where(User.id.in_(users))) if users else ()
    machines = {one: _MACHINES[one.partition(":")[0]] for one in by if one.partition(":")[0] in _MACHINES}
    return {**machines, "command:import": "the import", **{f"user:{number}": name for number, name in names}}
