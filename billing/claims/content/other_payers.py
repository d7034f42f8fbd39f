"""The other insurers of a visit as a claim names them: those that have decided, and those still to come.

What an earlier payer decided is repeated line by line as it stood in its remittance, so that the claim
balances as that did: charge less adjustments is what it paid (X12 005010X222A1, loops 2320 to 2430).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from billing.charges.models import Charge
from billing.claims.content.parties import FILING_INDICATOR, RELATIONSHIP, other_subscriber_of, payer_of
from billing.claims.coordination import TURNS, Asked
from billing.claims.decisions import Decision
from billing.coverage.models import Policy
from billing.edi.claim_837p import claim as edi
from billing.edi.text import plain_text
from billing.payers.models import Payer, PayerKind
from billing.sessions.facts import Facts, Visit

_MEDICARE_AGE = 65
_PRIMARY_TO_MEDICARE = {PayerKind.AUTO: "14", PayerKind.WORKERS_COMP: "15", PayerKind.VA: "42"}
_WORKING_AGED, _DISABLED = "12", "43"


def other_payers(
    visit: Visit, billed: Policy, facts: Facts, earlier: Sequence[Asked] = ()
) -> tuple[edi.OtherPayer, ...]:
    """Every other policy of the patient: first those that have decided, then the further ones in force (2320).

    ``billed`` is whom the claim goes to, ``earlier`` those who were asked before. A further payer without an
    electronic number cannot be named and is left out.
    """
    in_order = [*(one.claim.payer_id for one in earlier), billed.payer_id]
    further = [policy for policy in visit.policies if policy.payer_id not in in_order]
    turns = TURNS[len(in_order) :]
    return (
        *(_decided(visit, one, in_order[0], facts) for one in earlier),
        *(
            _other_payer(visit, policy, edi.Responsibility(turn), in_order[0], facts)
            for turn, policy in zip(turns, further, strict=False)
            if facts.payers[policy.payer_id].payer_number
        ),
    )


def medicare_secondary_reason(visit: Visit, payer: Payer, first_payer_id: int | None, facts: Facts) -> str:
    """SBR05: why Medicare pays after another; empty for every other payer, and where Medicare is the first.

    After a plan of an employer it is the patient's age that tells the working aged from the disabled. That
    someone has end-stage renal disease (13) is not on file.
    """
    if payer.kind is not PayerKind.MEDICARE or first_payer_id == payer.id:
        return ""
    reason = _PRIMARY_TO_MEDICARE.get(facts.payers[first_payer_id].kind) if first_payer_id else None
    patient, on = facts.patients[visit.session.patient_id], visit.session.service_on
    return reason or (_WORKING_AGED if _age(patient.birth_date, on) >= _MEDICARE_AGE else _DISABLED)


def _age(born_on: date, on: date) -> int:
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def _other_payer(
    visit: Visit, policy: Policy, turn: edi.Responsibility, first_payer_id: int | None, facts: Facts
) -> edi.OtherPayer:
    payer = facts.payers[policy.payer_id]
    return edi.OtherPayer(
        payer=payer_of(payer),
        subscriber=other_subscriber_of(policy, facts.patients[visit.session.patient_id]),
        responsibility=turn,
        relationship=RELATIONSHIP[policy.relationship],
        filing_indicator=FILING_INDICATOR[payer.kind],
        group_number=plain_text(policy.group_number or ""),
        medicare_secondary_reason=medicare_secondary_reason(visit, payer, first_payer_id, facts),
    )


def _decided(visit: Visit, one: Asked, first_payer_id: int | None, facts: Facts) -> edi.OtherPayer:
    """A payer that has decided, with its own number for the claim, which the guide wants when it is known."""
    policies = facts.policies[visit.session.patient_id]
    policy = next(policy for policy in policies if policy.id == one.claim.policy_id)
    return replace(
        _other_payer(visit, policy, edi.Responsibility(one.claim.responsibility), first_payer_id, facts),
        paid_cents=one.paid_cents,
        payer_claim_number=plain_text(one.payer_claim_number),
    )


def line_adjudications(charge: Charge, earlier: Sequence[Asked], facts: Facts) -> tuple[edi.LineAdjudication, ...]:
    """What each earlier payer decided about a charge (2430), in the order of payers."""
    return tuple(
        _line_adjudication(charge, one.decisions[charge.id], facts.payers[one.claim.payer_id])
        for one in earlier
        if one.claim.payer_id
    )


def _line_adjudication(charge: Charge, decision: Decision, payer: Payer) -> edi.LineAdjudication:
    """The adjustments that are not zero, as a claim may carry no others, and what is then left to be paid."""
    return edi.LineAdjudication(
        payer_identifier=payer_of(payer).identifier,
        paid_cents=decision.paid_cents,
        procedure=charge.code,
        units=charge.units,
        adjudicated_on=decision.decided_on,
        modifiers=tuple(charge.modifiers),
        adjustments=tuple(
            edi.Adjustment(edi.AdjustmentGroup(one.group), one.reason, one.cents)
            for one in decision.adjustments
            if one.cents
        ),
        remaining_cents=sum(one.cents for one in decision.patients),
    )
