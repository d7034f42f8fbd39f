"""The one gate of a session: may it be billed as it is meant to be?

Booking warns by it, signing refuses by it, claims hold by it. It gathers no facts and makes no
rules: it puts each visit's facts to the rooms below and collects what they say.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing.codes.diagnoses import diagnosis_problems
from billing.codes.edits import procedure_problems
from billing.codes.procedures import procedure
from billing.coverage.models import Authorisation, Policy
from billing.coverage.payer_order import order_problems
from billing.coverage.policies import inactive_problem, lowest_rank
from billing.coverage.visit_cover import visit_cover
from billing.errors import Problem, block
from billing.patients.readiness import claim_problems, estim_problems
from billing.payers.models import Payer, PayerKind
from billing.payers.readiness import payer_problems
from billing.practitioners.licensing import may_serve, practice_problems
from billing.practitioners.models import Practitioner
from billing.practitioners.scope import ANY_ACUPUNCTURE
from billing.sessions.cover import billed_visit
from billing.sessions.facts import Facts, Visit
from billing.sessions.models import BillTo
from billing.sessions.rendering import rendered


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
    session = visit.session
    render = rendered(
        facts.clinician(session.practitioner_id),
        facts.clinician(session.supervising_id) if session.supervising_id else None,
        facts.workplace(session), payer, session.service_on, f"session:{session.id}",
    )  # fmt: skip
    authorisation, cover = _cover(visit, facts, payer, policy, render.rendering)
    born, injury = facts.patients[session.patient_id].birth_date, session.accident is not None
    told = {problem.rule for problem in render.problems}
    kind = payer.kind if payer else PayerKind.COMMERCIAL
    on = visit.session.service_on
    earlier = [line for other in facts.others_that_day(visit) for line in other.coded.lines]
    problems = [
        *render.problems,
        *service_problems(visit, facts),
        *(payer_problems(payer) if payer else []),
        *claim_problems(facts.patients[visit.session.patient_id]),
        *(problem for problem in cover if problem.rule not in told),
        *(() if later else order_problems(visit.policies, facts.payers, born, session.service_on, is_injury=injury)),
        *diagnosis_problems(visit.chart.diagnoses, on),
        *visit.coded.problems,
        *procedure_problems(visit.coded.lines, service_on=on, payer_kind=kind, earlier_same_day=earlier),
        *safety_problems(visit, facts),
        *_time_problems(visit, facts),
    ]
    return Clearance(payer, policy, render.rendering, render.supervising, authorisation, problems)


def visit_problems(visit: Visit, facts: Facts) -> list[Problem]:
    """All that speaks against, or should be known before, signing and billing this visit, whoever pays for it.

    A visit the patient pays for is judged by licence, safety and time; with a superbill, which an insurer may
    read, by its codes too. Where no state licenses acupuncturists, what is on file with authorities there is told.
    """
    session, on = visit.session, visit.session.service_on
    if session.bill_to is BillTo.INSURANCE:
        return insurance_clearance(visit, facts).problems
    problems = [*safety_problems(visit, facts), *_time_problems(visit, facts), *visit.coded.problems]
    problems += practice_problems(facts.clinician(session.practitioner_id), facts.workplace(session), on)
    problems += service_problems(visit, facts)
    if session.bill_to is BillTo.SUPERBILL:
        problems += diagnosis_problems(visit.chart.diagnoses, on)
        problems += procedure_problems(visit.coded.lines, service_on=on, payer_kind=PayerKind.COMMERCIAL)
    return problems


def booking_problems(visit: Visit, facts: Facts) -> list[Problem]:
    """What of this visit can be known before anybody is treated: coverage, licence, patient; not what is charted."""
    return [problem for problem in visit_problems(visit, facts) if not is_about_chart(problem)]


def is_about_chart(problem: Problem) -> bool:
    """Whether the problem lies in what is charted, which only the practitioner can mend."""
    return problem.rule.partition(".")[0] in _CHARTED or problem.rule in _CHARTED_FOR_PAYERS


_CHARTED = frozenset({"diagnosis", "procedure", "modifier", "safety", "time"})
_CHARTED_FOR_PAYERS = frozenset(
    {
        "medicare.needs_improvement", "coverage.needs_improvement",
        "medicare.diagnosis_not_listed", "coverage.diagnosis_not_listed",
        "coverage.units_per_visit", "coverage.code_not_listed", "authorisation.code_not_covered",
        "authorisation.too_many_units", "authorisation.diagnosis",
    }
)  # fmt: skip


def service_problems(visit: Visit, facts: Facts) -> list[Problem]:
    """Which services charted the licence of who treats does not allow; with none charted, whether acupuncture."""
    session = visit.session
    codes = [line.code for line in visit.coded.lines]
    return may_serve(
        facts.clinician(session.practitioner_id), facts.workplace(session), codes or ANY_ACUPUNCTURE,
        session.service_on,
    )  # fmt: skip


def safety_problems(visit: Visit, facts: Facts) -> list[Problem]:
    """What the patient's safety flags say against what is charted; they stop every kind of bill."""
    typed = (procedure(line.code, visit.session.service_on) for line in visit.coded.lines)
    if any(one.estim for one in visit.chart.sets) or any(known is not None and known.estim for known in typed):
        return estim_problems(facts.patients[visit.session.patient_id])
    return []


def _cover(
    visit: Visit, facts: Facts, payer: Payer | None, policy: Policy | None, rendering: Practitioner
) -> tuple[Authorisation | None, list[Problem]]:
    if payer is None or policy is None:
        patient_id, on = visit.session.patient_id, visit.session.service_on
        return None, [inactive_problem(facts.policies[patient_id], on, patient_id)]
    found = visit_cover(billed_visit(visit, facts, payer, policy, rendering), facts.packs)
    return found.authorisation, found.problems


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
