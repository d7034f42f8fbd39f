"""A session as rule packs and benefits look at it: what is known of it becomes a case. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from billing.coverage.models import Benefit, Policy
from billing.coverage.rules.case import Case, Injury, PaidVisit, Renderer
from billing.coverage.visit_cover import Billed
from billing.payers.models import Payer
from billing.practitioners.licensing import letters_of
from billing.practitioners.models import Practitioner
from billing.practitioners.queries import full_name
from billing.sessions.facts import Facts, Visit
from billing.sessions.models import ClinicSession
from billing.treatment.scores import has_improved


def billed_visit(visit: Visit, facts: Facts, payer: Payer, policy: Policy, rendering: Practitioner) -> Billed:
    """A signed visit, or one taken as if it were, as it is billed to a policy."""
    session, patient_id = visit.session, visit.session.patient_id
    benefit, scores = facts.benefit_of(visit, policy), facts.pain_scores[patient_id]
    case = Case(
        on=session.service_on,
        visits=paid_visits(facts, patient_id, payer.id),
        lines=visit.coded.lines,
        diagnoses=visit.chart.diagnoses,
        scores=scores,
        improved=improved_by(scores),
        renderer=renderer_of(rendering),
        policy_from=policy.effective_from,
        plan_year_from=plan_year_of(benefit),
        injury=injury_of(session, policy),
    )
    given = facts.authorisations[patient_id, payer.id]
    is_referred = bool(session.referring_npi or session.referring_name)
    paid = facts.paid.get((patient_id, payer.id), ())
    return Billed(payer, policy, benefit, given, facts.clinic.state, case, is_referred, paid)


def paid_visits(facts: Facts, patient_id: int, payer_id: int) -> list[PaidVisit]:
    """The visits that a payer is asked for, with what was done in them."""
    return [
        PaidVisit(
            one.session.service_on,
            frozenset(line.code for line in one.coded.lines),
            facts.is_filed_with(one, payer_id),
        )
        for one in facts.visits_to(patient_id, payer_id)
    ]


def plan_year_of(benefit: Benefit | None) -> date | None:
    """On which day one of the plan's years begins, as the payer said."""
    return benefit.plan_year_from if benefit else None


def injury_of(session: ClinicSession, policy: Policy) -> Injury:
    """What is on file of the injury a session treats; without an accident there is none."""
    injured = session.onset_on if session.accident else None
    return Injury(injured, session.claim_number or "", policy.employer or "")


def renderer_of(practitioner: Practitioner) -> Renderer:
    """Who treats, as payers ask about them."""
    return Renderer(full_name(practitioner), practitioner.taxonomy or "", letters_of(practitioner))


def improved_by(scores: Mapping[date, int]) -> Callable[[date, date], bool]:
    """The question whether these pain scores show improvement between two days, both included."""

    def improved(first: date, last: date) -> bool:
        return has_improved([value for day, value in sorted(scores.items()) if first <= day <= last])

    return improved
