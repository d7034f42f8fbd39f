"""The one gate of a session: may it be billed as it is meant to be?

Booking warns by it, signing refuses by it, claims hold by it. It gathers no facts and makes no
rules: it puts each visit's facts to the rooms below and collects what they say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from billing.codes.diagnoses import diagnosis_problems
from billing.codes.edits import ProcedureLine, procedure_problems
from billing.codes.procedures import MEDICARE_ACUPUNCTURE_CODES, procedure
from billing.coverage import medicare
from billing.coverage.models import Authorisation, Policy
from billing.coverage.policies import inactive_problem, lowest_rank, subscriber_problems
from billing.coverage.visits import authorisation_for, authorisation_problems, benefit_problems
from billing.errors import Problem, block
from billing.patients.readiness import claim_problems, estim_problems
from billing.payers.models import Payer, PayerKind
from billing.payers.readiness import payer_problems
from billing.practitioners.licensing import bills_medicare, licence_problems, may_render
from billing.practitioners.models import Practitioner
from billing.sessions.facts import Facts, Visit
from billing.sessions.models import BillTo
from billing.treatment.scores import has_improved

_DOLLARS = "USD"
"""The currency of clinics in the United States."""


@dataclass(frozen=True, slots=True)
class Clearance:
    """What the gate found for one insurance visit, and what it decided on the way."""

    payer: Payer | None
    """Who is billed; without a policy in force the one that would have been, if any."""
    policy: Policy | None
    """The policy that is billed: the one in force that pays first, or the later one that was asked about."""
    rendering: Practitioner
    """Whom the claim names as having rendered: the supervisor where the payer knows nobody else."""
    supervising: Practitioner | None
    """Who supervised, when that is somebody else than who is named as rendering."""
    authorisation: Authorisation | None
    problems: list[Problem]


def insurance_clearance(visit: Visit, facts: Facts, later: Policy | None = None) -> Clearance:
    """All that speaks against, or should be known before, billing this visit to the patient's insurance.

    It is billed to the policy that pays first unless ``later`` names one whose turn has come after that. A
    later payer is a payer like the first: every rule is judged for it anew, from who may render to the visits
    and authorisations it gives; its visits are those it is asked for at any turn (``Facts.later``).
    """
    policy = later or (visit.policies[0] if visit.policies else None)
    known_policy = policy or lowest_rank(facts.policies[visit.session.patient_id])
    payer = facts.payers[known_policy.payer_id] if known_policy else None
    rendering, supervising, rendering_problems = _rendering(visit, facts, payer)
    authorisation, coverage = _coverage(visit, facts, payer, policy)
    kind = payer.kind if payer else PayerKind.COMMERCIAL
    on = visit.session.service_on
    earlier = [line for other in facts.others_that_day(visit) for line in other.coded.lines]
    problems = [
        *rendering_problems,
        *(payer_problems(payer) if payer else []),
        *claim_problems(facts.patients[visit.session.patient_id]),
        *coverage,
        *diagnosis_problems(visit.chart.diagnoses, on),
        *visit.coded.problems,
        *procedure_problems(visit.coded.lines, service_on=on, payer_kind=kind, earlier_same_day=earlier),
        *safety_problems(visit, facts),
        *_time_problems(visit, facts),
    ]
    return Clearance(payer, policy, rendering, supervising, authorisation, problems)


def visit_problems(visit: Visit, facts: Facts) -> list[Problem]:
    """All that speaks against, or should be known before, signing and billing this visit, whoever pays for it.

    A visit the patient pays for is judged by licence, safety and time; with a superbill, which an insurer may
    read, by its codes too. Outside the United States no state's licence is asked for.
    """
    session, on = visit.session, visit.session.service_on
    if session.bill_to is BillTo.INSURANCE:
        return insurance_clearance(visit, facts).problems
    treating = facts.practitioners[session.practitioner_id]
    problems = [*safety_problems(visit, facts), *_time_problems(visit, facts), *visit.coded.problems]
    if facts.clinic.currency == _DOLLARS:
        problems += licence_problems(treating, facts.credentials[treating.id], facts.clinic.state, on)
    if session.bill_to is BillTo.SUPERBILL:
        problems += diagnosis_problems(visit.chart.diagnoses, on)
        problems += procedure_problems(visit.coded.lines, service_on=on, payer_kind=PayerKind.COMMERCIAL)
    return problems


def booking_problems(visit: Visit, facts: Facts) -> list[Problem]:
    """What of this visit can be known before anybody is treated: coverage, licence, patient; not what is charted."""
    return [problem for problem in visit_problems(visit, facts) if not is_about_chart(problem)]


def is_about_chart(problem: Problem) -> bool:
    """Whether the problem lies in what is charted, which only the practitioner can mend."""
    return problem.rule.partition(".")[0] in _CHARTED or problem.rule in _CHARTED_AT_MEDICARE


_CHARTED = frozenset({"diagnosis", "procedure", "modifier", "safety", "time"})
_CHARTED_AT_MEDICARE = frozenset({"medicare.needs_improvement", "medicare.diagnosis_not_listed"})


def safety_problems(visit: Visit, facts: Facts) -> list[Problem]:
    """What the patient's safety flags say against what is charted; they stop every kind of bill."""
    typed = (procedure(line.code, visit.session.service_on) for line in visit.coded.lines)
    if any(one.estim for one in visit.chart.sets) or any(known is not None and known.estim for known in typed):
        return estim_problems(facts.patients[visit.session.patient_id])
    return []


def _rendering(
    visit: Visit, facts: Facts, payer: Payer | None
) -> tuple[Practitioner, Practitioner | None, list[Problem]]:
    """Whom the claim names, and whether they may: at Medicare an acupuncturist's supervisor renders."""
    session, state = visit.session, facts.clinic.state
    treating = facts.practitioners[session.practitioner_id]
    supervising = facts.practitioners[session.supervising_id] if session.supervising_id else None
    rendering, problems = treating, []
    if payer and payer.kind is PayerKind.MEDICARE and not bills_medicare(treating):
        problems += licence_problems(treating, facts.credentials[treating.id], state, session.service_on)
        if supervising is None or not bills_medicare(supervising):
            name = f"{treating.first_name} {treating.last_name}"
            problem = medicare.not_eligible_problem(name, f"session:{session.id}")
            return treating, supervising, [*problems, problem]
        rendering, supervising = supervising, None
    problems += may_render(
        rendering,
        facts.credentials[rendering.id],
        facts.enrolments[rendering.id],
        state=state,
        payer=payer,
        on=session.service_on,
    )
    return rendering, supervising, problems


def _coverage(
    visit: Visit, facts: Facts, payer: Payer | None, policy: Policy | None
) -> tuple[Authorisation | None, list[Problem]]:
    patient_id, on = visit.session.patient_id, visit.session.service_on
    if payer is None or policy is None:
        return None, [inactive_problem(facts.policies[patient_id], on, patient_id)]
    days, filed = facts.visit_days(patient_id, payer.id), facts.filed_days(patient_id, payer.id)
    benefit = facts.benefits.get((patient_id, payer.id))
    problems = [*subscriber_problems(policy), *benefit_problems(benefit, policy, days, on, filed)]
    authorisations = facts.authorisations[patient_id, payer.id]
    if payer.kind is PayerKind.VA or (benefit and benefit.authorisation_required):
        problems += authorisation_problems(authorisations, days, on, patient_id, filed)
    if payer.kind is PayerKind.MEDICARE:
        problems += _medicare_problems(visit, facts, payer)
    return authorisation_for(authorisations, days, on, filed)[0], problems


def _medicare_problems(visit: Visit, facts: Facts, payer: Payer) -> list[Problem]:
    counted = _counted_by_medicare(visit)
    if not counted:
        return []
    patient_id, on = visit.session.patient_id, visit.session.service_on
    others = [one for one in facts.visits_to(patient_id, payer.id) if _counted_by_medicare(one)]
    days = [other.session.service_on for other in others]
    first, _ = medicare.year_of(days, on)
    return [
        *medicare.diagnosis_problems(visit.chart.diagnoses, on),
        *medicare.visit_problems(
            days,
            on,
            improved=has_improved(_scores_between(facts.pain_scores[patient_id], first, on)),
            filed=[other.session.service_on for other in others if facts.is_filed_with(other, payer.id)],
            attested=all(medicare.ATTESTATION in line.modifiers for line in counted),
        ),
    ]


def _counted_by_medicare(visit: Visit) -> list[ProcedureLine]:
    return [line for line in visit.coded.lines if line.code in MEDICARE_ACUPUNCTURE_CODES]


def _scores_between(scores: dict[date, int], first: date, last: date) -> list[int]:
    return [value for day, value in sorted(scores.items()) if first <= day <= last]


def _time_problems(visit: Visit, facts: Facts) -> list[Problem]:
    if visit.session.id not in facts.out_of_time:
        return []
    treating = facts.practitioners[visit.session.practitioner_id]
    return [
        block(
            "time.overlap",
            f"The contact minutes charted for {treating.first_name} {treating.last_name} on "
            f"{visit.session.service_on} do not all fit between the starts and ends of that day's sessions.",
            "Correct the minutes or the times in the notes of that day.",
            f"session:{visit.session.id}",
        )
    ]
