"""What a payer's decision does to the books, line by line. Pure.

A payment clears what insurers owe about a charge: the money goes to the deposit, what contract or law takes
away is written off, the patient's share goes to the patient unless a further payer is to decide first. What
was *refused* is not written off: it stays with the insurer until a person corrects, appeals or gives it up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from billing.claims.models import Responsibility
from billing.codes.adjustments import Effect, reason
from billing.coverage.models import Policy
from billing.edi.remittance_835.remittance import Adjustment, ClaimPayment
from billing.ledger.accounts import adjusted, owed_by_insurance, owed_by_patient
from billing.ledger.posting import Line
from billing.money import Money
from billing.remittances.matching import ClaimOnFile, Match

PATIENT = "PR"
_WRITTEN_OFF = {"CO": "contractual", "PI": "payer", "OA": "other"}
"""Groups of adjustments that are not the patient's, and the account of each."""
_DUPLICATE = frozenset({"18", "B13"})
"""Reasons that refuse a claim only for having been decided before."""
_NEVER_COLLECT = frozenset({"N781", "N782"})
"""Remarks that forbid asking the patient for cost sharing: a qualified Medicare beneficiary (42 USC 1396a(n)(3)(B))."""


class LineDecision(NamedTuple):
    """What a payer decided about one charge; what it said of the claim as a whole is shared into it."""

    charge_id: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    remarks: tuple[str, ...]
    is_denied: bool
    """Nothing was paid, and something was refused that is not left to the patient."""

    @property
    def patient_cents(self) -> int:
        """The sum of what is left to the patient."""
        return sum(one.cents for one in self.adjustments if one.group == PATIENT)

    @property
    def groups(self) -> dict[str, int]:
        """The sum of each group of adjustments that has one."""
        sums: dict[str, int] = {}
        for one in self.adjustments:
            sums[one.group] = sums.get(one.group, 0) + one.cents
        return {group: cents for group, cents in sums.items() if cents}


class Situation(NamedTuple):
    """What the books have to know besides the decision itself."""

    patient_id: int
    deposit: str
    """The account of the payment that brings the money."""
    is_last: bool
    """No further payer is to decide about what this one leaves to the patient."""
    owed_cents: int | None = None
    """For a payer who decides after another one: what insurers still owe about the charge."""
    is_protected: bool = False
    """The patient may not be asked for cost sharing."""


def is_last_payer(claim: ClaimOnFile, asked: Iterable[int | None], paying: Sequence[Policy]) -> bool:
    """Whether what this payer leaves is the patient's: no policy of that day pays after all of those asked.

    ``asked`` are the payers of the session's claims up to this one, ``paying`` the policies in force in the
    order in which they pay. A claim names three payers at most (X12 005010X222A1).
    """
    order = [policy.payer_id for policy in paying]
    places = [order.index(payer_id) for payer_id in asked if payer_id in order]
    return claim.responsibility is Responsibility.TERTIARY or max(places, default=-1) + 1 >= len(order)


def decisions(payment: ClaimPayment, match: Match) -> list[LineDecision]:
    """A decision for every charge that is answered.

    An adjustment of the claim is shared over its lines in proportion to their charges. A claim that was
    answered without lines is decided on each line it was filed with.
    """
    if not match.lines:
        charges = match.claim.lines
        shares = _shares(payment.adjustments, [line.cents for line in charges])
        return [
            _decision(line.charge_id, line.cents - sum(one.cents for one in share), share, ())
            for line, share in zip(charges, shares, strict=True)
        ]
    shares = _shares(payment.adjustments, [line.charge.cents for line in match.lines])
    decided = []
    for line, share in zip(match.lines, shares, strict=True):
        paid = sum(one.paid_cents for one in line.answers) - sum(one.cents for one in share)
        adjustments = (*(each for one in line.answers for each in one.adjustments), *share)
        remarks = dict.fromkeys(remark for one in line.answers for remark in one.remarks)
        decided.append(_decision(line.charge.charge_id, paid, adjustments, tuple(remarks)))
    return decided


def _shares(adjustments: Sequence[Adjustment], weights: Sequence[int]) -> list[tuple[Adjustment, ...]]:
    """Each adjustment split over the lines; what falls to a line is not lost when all lines cost nothing."""
    if not adjustments:
        return [()] * len(weights)
    fair = list(weights) if sum(weights) else [1] * len(weights)
    split = [[part.cents for part in Money(one.cents, "").share(fair)] for one in adjustments]
    return [
        tuple(one._replace(cents=parts[place]) for one, parts in zip(adjustments, split, strict=True) if parts[place])
        for place in range(len(weights))
    ]


def _decision(
    charge_id: int, paid_cents: int, adjustments: tuple[Adjustment, ...], remarks: tuple[str, ...]
) -> LineDecision:
    refused = any(_is_refusal(one) and one.cents > 0 for one in adjustments)
    return LineDecision(charge_id, paid_cents, adjustments, remarks, paid_cents <= 0 and refused)


def _is_refusal(adjustment: Adjustment) -> bool:
    return adjustment.group in _WRITTEN_OFF and _effect(adjustment) is Effect.DENIAL


def _effect(adjustment: Adjustment) -> Effect | None:
    known = reason(adjustment.reason)
    return known.effect if known else None


def is_denial(lines: Sequence[LineDecision]) -> bool:
    """Whether a claim as a whole is denied: every line of it is refused and unpaid, at whoever's cost."""
    return bool(lines) and all(line.is_denied or _is_refused_to_the_patient(line) for line in lines)


def _is_refused_to_the_patient(line: LineDecision) -> bool:
    """As when a plan does not cover the service; a deductible is no refusal."""
    refused = (one for one in line.adjustments if one.group == PATIENT and _effect(one) is Effect.DENIAL)
    return line.paid_cents <= 0 and any(one.cents > 0 for one in refused)


def is_duplicate(lines: Sequence[LineDecision]) -> bool:
    """Whether a claim is refused for nothing but having come before."""
    refusals = [one.reason for line in lines for one in line.adjustments if _is_refusal(one)]
    return bool(refusals) and is_denial(lines) and _DUPLICATE.issuperset(refusals)


def is_protected(remarks: Iterable[str]) -> bool:
    """Whether a payer's remarks say that the patient may not be asked for cost sharing."""
    return not _NEVER_COLLECT.isdisjoint(remarks)


def postings(decision: LineDecision, situation: Situation) -> list[Line]:
    """The lines that a decision puts into the books; none when nothing is paid, written off or passed on."""
    about = f"charge:{decision.charge_id}"
    amounts = [(situation.deposit, decision.paid_cents)]
    amounts += [(adjusted(_WRITTEN_OFF[group]), cents) for group, cents in _written_off(decision, situation).items()]
    if situation.is_last:
        amounts.append((owed_by_patient(situation.patient_id), _left_to_patient(decision, situation)))
    amounts.append((owed_by_insurance(situation.patient_id), -sum(cents for _, cents in amounts)))
    return [Line(account, cents, about) for account, cents in amounts if cents]


def _left_to_patient(decision: LineDecision, situation: Situation) -> int:
    """The patient's part: of a charge that earlier payers have decided no more than they have left of it."""
    part = sum(
        one.cents
        for one in decision.adjustments
        if one.group == PATIENT and not (situation.is_protected and _effect(one) is Effect.PATIENT_SHARE)
    )
    if situation.owed_cents is None:
        return part
    return min(part, max(0, situation.owed_cents - decision.paid_cents))


def _written_off(decision: LineDecision, situation: Situation) -> dict[str, int]:
    """What is given up, by group. What an earlier payer decided is never given up for being repeated."""
    given_up: dict[str, int] = {}
    refused = 0
    for one in decision.adjustments:
        if one.group not in _WRITTEN_OFF or _effect(one) is Effect.PRIOR_PAYER:
            continue
        if decision.is_denied and _is_refusal(one):
            refused += one.cents
        else:
            given_up[one.group] = given_up.get(one.group, 0) + one.cents
    if situation.owed_cents is None:
        return given_up
    left = situation.owed_cents - decision.paid_cents - decision.patient_cents - refused
    return _at_most(given_up, left)


def _at_most(given_up: dict[str, int], left: int) -> dict[str, int]:
    """A later payer's adjustments as far as they exceed what earlier payers took: what is ``left`` to take."""
    taken = {}
    for group in _WRITTEN_OFF:
        taken[group] = max(0, min(given_up.get(group, 0), left))
        left -= taken[group]
    return taken
