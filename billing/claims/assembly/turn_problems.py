"""What the coordination of benefits itself says against a claim on a later payer. Pure.

The rules of that payer are judged elsewhere, as for any claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from billing.charges.models import Charge
from billing.claims.coordination import Asked, have_decided
from billing.claims.models import Responsibility
from billing.codes.adjustments import reason, reason_text
from billing.coverage.models import Policy
from billing.errors import Problem, block, warn
from billing.payers.models import Payer, PayerKind
from billing.payers.readiness import payer_problems
from billing.sessions.facts import Facts, Visit

TO_BE_SETTLED = frozenset(
    {
        *("4", "11", "16", "206", "207", "208"),
        *("22", "24", "31", "109", "140"),
        *("129", "133", "136", "148", "163", "226", "227", "228", "250", "251", "252"),
    }
)
"""Reasons (X12 code list 139) for which a payer wants something corrected or sent before it really decides.

The claim's own data; whose patient it is; what it still waits for. The next payer would refuse for the same.
"""


def turn_problems(
    visit: Visit, turn: Responsibility, earlier: Sequence[Asked], policy: Policy | None, charges: Sequence[Charge]
) -> list[Problem]:
    """Why it is not, or is no more, the turn of ``policy``; ``earlier`` are those asked before."""
    where = f"session:{visit.session.id}"
    if not have_decided(earlier, turn, charges):
        return [
            block(
                "coordination.primary_undecided",
                "The payer before this one has not decided every charge, or has taken its decision back.",
                "Wait for its next remittance, or ask that payer.",
                where,
            )
        ]
    problems = []
    if earlier[-1].patient_cents <= 0:
        problems.append(
            block(
                "coordination.nothing_left",
                "The payer before this one has left nothing to be paid.",
                "Nothing is to be done; the claim goes out only if that payer decides otherwise.",
                where,
            )
        )
    if policy is None:
        problems.append(
            block(
                "coordination.no_further_policy",
                "No further policy of the patient is in force on the date of service.",
                "Enter the policy in force that day, or bill the patient.",
                f"patient:{visit.session.patient_id}",
            )
        )
    return problems


def telling_problems(visit: Visit, earlier: Sequence[Asked], charges: Sequence[Charge], facts: Facts) -> list[Problem]:
    """What keeps the decisions of earlier payers from being told to the next one."""
    problems = []
    for one in earlier:
        problems += payer_problems(facts.payers[one.claim.payer_id]) if one.claim.payer_id else []
        problems += _unsettled(visit, one, charges)
    return problems


def _unsettled(visit: Visit, one: Asked, charges: Sequence[Charge]) -> list[Problem]:
    """Charges of which an earlier payer paid nothing because it wants something first."""
    problems = []
    for charge in charges:
        decision = one.decisions.get(charge.id)
        if decision is None or decision.paid_cents > 0:
            continue
        wanted = [adjusted for adjusted in decision.adjustments if adjusted.reason in TO_BE_SETTLED]
        first = next((adjusted for adjusted in wanted if adjusted.cents > 0), None)
        known = reason(first.reason) if first else None
        if first and known:
            problems.append(
                block(
                    "coordination.to_be_corrected",
                    f"{decision.payer} paid nothing for {charge.code}: {reason_text(first.group, first.reason)}. "
                    "That is to be settled before the next payer is asked.",
                    f"{known.first_step} Its new decision lets this claim go.",
                    f"session:{visit.session.id}",
                )
            )
    return problems


def medicare_problems(visit: Visit, payer: Payer | None, earlier: Sequence[Asked]) -> list[Problem]:
    """Medicare takes no electronic claim on which two others paid first (as its contractors publish)."""
    if payer is None or payer.kind is not PayerKind.MEDICARE or len(earlier) < 2:
        return []
    return [
        warn(
            "medicare.two_payers_before",
            "Two payers have decided before Medicare, which takes such claims only on paper.",
            "Send the printed form with both remittances.",
            f"session:{visit.session.id}",
        )
    ]


def clock_starts_on(visit: Visit, payer: Payer | None, earlier: Sequence[Asked], filed_on: date) -> date:
    """From which day a later payer's time to file is counted: ``filed_on`` while it has not begun.

    Commonly the day on which the payer before it decided; at Medicare always the date of service (42 CFR 424.44).
    The contract or the payer's manual has the last word.
    """
    if payer is not None and payer.kind is PayerKind.MEDICARE:
        return visit.session.service_on
    return (earlier[-1].decided_on if earlier else None) or filed_on
