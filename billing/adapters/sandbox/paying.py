"""One payment of one payer to one clinic: new decisions, reversals with their corrections, and what was withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from billing.adapters.sandbox.chance import Chance
from billing.adapters.sandbox.deciding import adjudicated
from billing.adapters.sandbox.rates import Rates
from billing.adapters.sandbox.reconsidering import REVERSAL, decided_again, taken_back
from billing.adapters.sandbox.remembering import Memory, PastPayment
from billing.adapters.sandbox.repeating import refused_as_repeated, what_was_billed
from billing.edi.claim_837p.claim import ProfessionalClaim
from billing.edi.claim_codes import Frequency
from billing.edi.remittance_835.remittance import ClaimPayment, ProviderAdjustment

_FORWARD, _OVERPAID, _INTEREST = "FB", "WO", "L6"


@dataclass(frozen=True, slots=True)
class Paid:
    """What is paid for, and what is withheld or added besides."""

    claims: tuple[ClaimPayment, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]

    @property
    def total_cents(self) -> int:
        """The money that moves (BPR02); never below zero."""
        return sum(claim.paid_cents for claim in self.claims) - sum(one.cents for one in self.provider_adjustments)


def paid(claims: Sequence[ProfessionalClaim], memory: Memory, rates: Rates, chance: Chance) -> Paid:
    """The payment for ``claims``, all of one payer and one billing provider; ``chance`` is that of the payer.

    A replacement or void takes the decision back that it names. What was decided before is not decided
    again. Now and then a claim of the payment before is taken back and decided again, as long as this payment
    can bear it. A balance that would fall below zero is carried forward to the next payment (FB), where it
    is taken off.
    """
    payer, payee = claims[0].payer.identifier, claims[0].billing_provider.npi
    past = memory.latest(payer, payee)
    decisions = _decisions(claims, memory, rates, chance)
    decisions = _second_thoughts(past, decisions, rates, chance) + decisions
    numbered = tuple(claim._replace(ordinal=place) for place, claim in enumerate(decisions, start=1))
    return _settled(numbered, past, payee, rates, chance)


def _decisions(claims: Sequence[ProfessionalClaim], memory: Memory, rates: Rates, chance: Chance) -> list[ClaimPayment]:
    payer, payee = claims[0].payer.identifier, claims[0].billing_provider.npi
    billed = memory.billed(payer, payee)
    decisions = []
    for claim in claims:
        if claim.frequency is not Frequency.ORIGINAL and (original := memory.standing(payer, claim.original_reference)):
            decisions.append(taken_back(original))
            billed.discard(what_was_billed(original))
        if claim.frequency is not Frequency.VOID:
            decision = adjudicated(claim, 0, rates, chance)
            is_repeated = what_was_billed(decision) in billed
            billed.add(what_was_billed(decision))
            decisions.append(refused_as_repeated(decision) if is_repeated else decision)
    return decisions


def _second_thoughts(
    past: PastPayment | None, decisions: Sequence[ClaimPayment], rates: Rates, chance: Chance
) -> list[ClaimPayment]:
    """Reversals of claims of the payment before, each followed by its correction."""
    total = sum(claim.paid_cents for claim in decisions)
    taken = {claim.payer_claim_number for claim in decisions}
    pairs = []
    for claim in _untouched(past):
        again = decided_again(claim, chance)
        total_then = total + again.paid_cents - claim.paid_cents
        is_wanted = claim.payer_claim_number not in taken and again != claim
        if is_wanted and total_then >= 0 and chance.of(claim.control_number).happens("reversed", rates.reversed):
            total = total_then
            pairs += [taken_back(claim), again]
    return pairs


def _untouched(past: PastPayment | None) -> list[ClaimPayment]:
    """The paid claims of a payment that it did not itself correct."""
    if past is None:
        return []
    corrected = {claim.payer_claim_number for claim in past.claims if claim.status == REVERSAL}
    return [one for one in past.claims if one.paid_cents > 0 and one.payer_claim_number not in corrected]


def _settled(
    claims: tuple[ClaimPayment, ...], past: PastPayment | None, payee: str, rates: Rates, chance: Chance
) -> Paid:
    luck = chance.of(*(claim.control_number for claim in claims))
    adjustments = _brought_forward(past)
    if luck.happens("interest", rates.interest):
        claims, interest = _with_interest(claims, payee)
        adjustments += interest
    if luck.happens("recovered", rates.recovered):
        adjustments += _recovered(past, Paid(claims, tuple(adjustments)), payee)
    balance = Paid(claims, tuple(adjustments)).total_cents
    if balance < 0:
        adjustments.append(ProviderAdjustment(payee, _FORWARD, "NEXT PAYMENT", balance))
    return Paid(claims, tuple(adjustments))


def _brought_forward(past: PastPayment | None) -> list[ProviderAdjustment]:
    """What the payment before left to this one to take off."""
    if past is None:
        return []
    owed = [one for one in past.provider_adjustments if one.reason == _FORWARD and one.cents < 0]
    return [one._replace(reference=past.header.trace_number, cents=-one.cents) for one in owed]


def _with_interest(
    claims: tuple[ClaimPayment, ...], payee: str
) -> tuple[tuple[ClaimPayment, ...], list[ProviderAdjustment]]:
    """One per cent on the first claim that was paid."""
    late = next((claim for claim in claims if claim.paid_cents > 0), None)
    if late is None:
        return claims, []
    cents = max(1, late.paid_cents // 100)
    changed = tuple(one._replace(interest_cents=cents) if one is late else one for one in claims)
    return changed, [ProviderAdjustment(payee, _INTEREST, late.payer_claim_number, -cents)]


def _recovered(past: PastPayment | None, so_far: Paid, payee: str) -> list[ProviderAdjustment]:
    """A fifth of a claim of the payment before, when this one is large enough."""
    touched = {claim.payer_claim_number for claim in so_far.claims}
    overpaid = next((one for one in _untouched(past) if one.payer_claim_number not in touched), None)
    cents = overpaid.paid_cents // 5 if overpaid else 0
    if overpaid is None or not 0 < cents <= so_far.total_cents:
        return []
    return [ProviderAdjustment(payee, _OVERPAID, overpaid.payer_claim_number, cents)]
