"""What a session should cost plan and patient, from its chart and what is on file about the cover.

The gate (:mod:`billing.sessions.clearance`) says what speaks against the plan paying; the verified benefit says
how it shares what it pays for. What the patient's visits since the verification have used up of deductible and
yearly limit is taken off first, as a plan would once it has heard of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter

from billing.charges.models import Fee
from billing.charges.pricing import FeeSchedule, PricedLine, contract_fees, priced, standard_fees
from billing.clinic.places import Workplace
from billing.coverage.models import Benefit, Policy
from billing.coverage.visits import VisitCount, benefit_year, visit_count
from billing.errors import Problem, blocking
from billing.estimates.experience import Allowed, Experience
from billing.estimates.patient_share import CopayOrder, ServiceLine, Terms, VisitShare, visit_share
from billing.estimates.spread import Prices, Spread, spread
from billing.estimates.who_pays import Cover, Finding, has_notice
from billing.payers.models import Payer, PayerKind
from billing.practitioners.licensing import enrolments_at, enrolments_on
from billing.practitioners.models import Enrolment, Network
from billing.sessions.clearance import Clearance, insurance_clearance
from billing.sessions.facts import Facts, Visit

_FINDINGS = {
    "coverage.inactive": Finding.UNKNOWN,
    "coverage.excluded": Finding.EXCLUDED,
    "coverage.limit_reached": Finding.VISITS_USED_UP,
    "coverage.visit_limit": Finding.VISITS_USED_UP,
    "coverage.visits_a_month": Finding.VISITS_USED_UP,
    "medicare.visit_limit": Finding.VISITS_USED_UP,
    "authorisation.missing": Finding.NOT_AUTHORISED,
    "authorisation.used_up": Finding.NOT_AUTHORISED,
    "medicare.needs_improvement": Finding.NOT_NECESSARY,
    "coverage.needs_improvement": Finding.NOT_NECESSARY,
    "coverage.no_functional_improvement": Finding.NOT_NECESSARY,
    "coverage.no_benefit": Finding.NOT_NECESSARY,
    "coverage.maintenance": Finding.NOT_NECESSARY,
    "coverage.diagnosis_not_listed": Finding.NOT_NECESSARY,
    "medicare.diagnosis_not_listed": Finding.NOT_NECESSARY,
    "coverage.not_eligible_provider": Finding.NOT_NECESSARY,
    "medicare.not_eligible_provider": Finding.NOT_NECESSARY,
}
"""What the gate's rules mean for who pays; the first that speaks decides."""
_SHOWN_BY_THE_NOTE = frozenset({"medicare.needs_improvement", "coverage.needs_improvement"})
_ABOUT_COVER = ("coverage.", "authorisation.", "medicare.", "enrolment.", "subscriber.")


@dataclass(frozen=True, slots=True)
class SessionEstimate:
    """What a session should cost plan and patient, and what that was reckoned from."""

    payer: Payer | None
    policy: Policy | None
    benefit: Benefit | None
    cover: Cover
    terms: Terms | None
    """What was left of the plan's terms when the session began; ``None`` when they are not known."""
    share: VisitShare
    spread: Spread
    """Between which amounts the patient's part will lie."""
    visits: VisitCount | None
    """Which of the visits that the plan allows this one is; ``None`` when it limits none, or nobody knows."""
    cautions: tuple[str, ...]
    """Why it may come out otherwise, in sentences for the desk."""
    problems: tuple[Problem, ...]
    """What the gate has to say about the cover."""
    conditions: tuple[Problem, ...] = ()
    """What the note of a visit that is still to come will have to show for the plan to pay."""


def session_estimate(
    visit: Visit,
    facts: Facts,
    fees: Sequence[Fee],
    experience: Mapping[int, Experience] | None = None,
    *,
    is_to_come: bool = False,
) -> SessionEstimate:
    """The estimate of a session that is billed to insurance; ``fees`` are the standard ones and the payers'.

    ``experience`` is what each payer has allowed before, by its id: it stands in where no contract says what is
    allowed. The session counts as if it were signed as it is charted now. One that ``is_to_come`` is only expected to
    be charted so: what its note alone can show is a condition, and nothing that speaks against it yet.
    """
    clearance = insurance_clearance(visit, facts)
    conditions = tuple(one for one in clearance.problems if is_to_come and one.rule in _SHOWN_BY_THE_NOTE)
    clearance = replace(clearance, problems=[one for one in clearance.problems if one not in conditions])
    policy, payer, on = clearance.policy, clearance.payer, visit.session.service_on
    benefit = facts.benefit_of(visit, policy) if policy else None
    network = network_on(facts.enrolments[clearance.rendering.id], payer, on, facts.workplace(visit.session))
    cover = Cover(
        payer.name if payer else "The plan",
        payer.kind if payer else PayerKind.COMMERCIAL,
        network,
        finding_of(clearance, benefit),
        any(has_notice(line.modifiers) for line in visit.coded.lines),
    )
    currency = facts.clinic.currency
    before = (experience or {}).get(payer.id, {}) if payer else {}
    prices = _Prices(standard_fees(fees), contract_fees(fees, payer.id) if payer else FeeSchedule(), currency, before)
    terms = terms_of(benefit, policy, on) if benefit and policy else None
    lines, has_gap = prices.service_lines(visit)
    copay_taken = 0
    if terms is not None and benefit is not None and payer is not None:
        terms, copay_taken = _as_left_by_earlier(terms, _since(benefit, visit, facts, payer.id), visit, cover, prices)
    share = visit_share(lines, cover, terms, currency, copay_taken)
    span = spread(
        share, prices.spread_lines(visit), cover, terms, currency, copay_taken,
        benefit.deductible_cents if benefit else None,
    )  # fmt: skip
    return SessionEstimate(
        payer,
        policy,
        benefit,
        cover,
        terms,
        replace(share, is_least=share.is_least or has_gap),
        span,
        _visits(visit, facts, policy, benefit),
        tuple(_cautions(visit, facts, share, network, has_gap=has_gap)),
        tuple(one for one in clearance.problems if one.rule.startswith(_ABOUT_COVER)),
        conditions,
    )


def finding_of(clearance: Clearance, benefit: Benefit | None) -> Finding:
    """What the gate and the benefit say about the cover of a visit."""
    rules = {one.rule for one in blocking(clearance.problems)}
    found = next((finding for rule, finding in _FINDINGS.items() if rule in rules), None)
    if found is not None:
        return found
    is_unknown = benefit is None or benefit.covered is None or clearance.policy is None
    return Finding.UNKNOWN if is_unknown else Finding.COVERED


def terms_of(benefit: Benefit, policy: Policy, on: date) -> Terms | None:
    """What a verified benefit leaves to the patient on a day; ``None`` when neither copay nor coinsurance is known.

    What was left of the deductible and of the yearly limit is known only within the plan's year it was verified in.
    """
    if benefit.copay_cents is None and benefit.coinsurance_basis_points is None:
        return None
    first, end = benefit_year(benefit, policy, on)
    is_this_year = benefit.verified_on is None or first <= benefit.verified_on < end
    deductible = _lesser(benefit.deductible_remaining_cents, benefit.family_deductible_remaining_cents)
    limit = _lesser(benefit.out_of_pocket_remaining_cents, benefit.family_out_of_pocket_remaining_cents)
    if not benefit.deductible_applies:
        deductible = 0
    elif not is_this_year:
        deductible = None
    waives = benefit.copay_waives_deductible
    return Terms(
        deductible_left=deductible,
        copay=benefit.copay_cents or 0,
        coinsurance_basis_points=benefit.coinsurance_basis_points or 0,
        out_of_pocket_left=limit if is_this_year else None,
        copay_per=benefit.copay_per,
        order=CopayOrder.INSTEAD_OF_DEDUCTIBLE if waives else CopayOrder.AFTER_DEDUCTIBLE,
        copay_counts_to_out_of_pocket=benefit.copay_counts_to_out_of_pocket,
    )


def _lesser(own: int | None, family: int | None) -> int | None:
    """What is left by whichever of the two limits is reached first; ``None`` when neither is known."""
    return min((one for one in (own, family) if one is not None), default=None)


def network_on(enrolments: Iterable[Enrolment], payer: Payer | None, on: date, place: Workplace) -> Network | None:
    """The practitioner's standing with the payer on the day, at that place; ``None`` when none is on file."""
    there = enrolments_at(enrolments_on(enrolments, payer, on), place) if payer is not None else []
    return there[0].network if there else None


_usual, _low, _high = attrgetter("usual"), attrgetter("low"), attrgetter("high")


@dataclass(frozen=True, slots=True)
class _Prices:
    standard: FeeSchedule
    contract: FeeSchedule
    currency: str
    experience: Experience

    def service_lines(self, visit: Visit, pick: Callable[[Allowed], int] = _usual) -> tuple[list[ServiceLine], bool]:
        """The visit's lines that have a price, and whether any has none.

        What the plan allows is what its contract says; else what it has allowed before, as ``pick`` takes it.
        """
        on = visit.session.service_on
        charged = priced(visit.coded.lines, self.standard, on)
        allowed = priced(visit.coded.lines, self.contract, on)
        lines = [
            ServiceLine(one.code, one.cents, self._before(one, pick) if other.cents is None else other.cents)
            for one, other in zip(charged, allowed, strict=True)
            if one.cents is not None
        ]
        return lines, len(lines) < len(charged)

    def _before(self, line: PricedLine, pick: Callable[[Allowed], int]) -> int | None:
        known = self.experience.get(line.code)
        return pick(known) * line.units if known else None

    def spread_lines(self, visit: Visit) -> Prices:
        """The same lines as the plan usually, at least and at most allows them."""
        usual, low, high = (self.service_lines(visit, pick)[0] for pick in (_usual, _low, _high))
        return Prices(usual, low, high)


def _since(benefit: Benefit, visit: Visit, facts: Facts, payer_id: int) -> list[Visit]:
    """The visits before this one that the payer is asked for first, from the day of the verification on."""
    began = (visit.session.starts_at, visit.session.id)
    first = benefit.verified_on or visit.session.service_on
    return [
        one
        for one in facts.visits[visit.session.patient_id]
        if one.payer_id == payer_id
        and first <= one.session.service_on
        and (one.session.starts_at, one.session.id) < began
    ]


def _as_left_by_earlier(
    terms: Terms, earlier: Iterable[Visit], visit: Visit, cover: Cover, prices: _Prices
) -> tuple[Terms, int]:
    """The terms after the earlier visits, and the copayment that those of the same day have asked for."""
    covered = replace(cover, finding=Finding.COVERED)
    copay_by_day: dict[date, int] = {}
    for one in earlier:
        on = one.session.service_on
        lines, _ = prices.service_lines(one)
        share = visit_share(lines, covered, terms, prices.currency, copay_by_day.get(on, 0))
        copay_by_day[on] = copay_by_day.get(on, 0) + share.copay
        terms = share.after or terms
    return terms, copay_by_day.get(visit.session.service_on, 0)


def _visits(visit: Visit, facts: Facts, policy: Policy | None, benefit: Benefit | None) -> VisitCount | None:
    if policy is None or benefit is None:
        return None
    of_payer = (visit.session.patient_id, policy.payer_id)
    days, filed = facts.visit_days(*of_payer), facts.filed_days(*of_payer)
    return visit_count(benefit, policy, days, visit.session.service_on, filed)


def _cautions(
    visit: Visit, facts: Facts, share: VisitShare, network: Network | None, *, has_gap: bool
) -> Iterable[str]:
    if has_gap:
        yield "A service has no fee in effect on that day; it is not in these amounts."
    if share.is_least:
        yield "What is left of the deductible is not on file: whatever is left of it comes on top."
    if share.is_known and network is None:
        yield "The practitioner's standing with the plan is not on file; it is reckoned as in network."
    later = [facts.payers[one.payer_id].name for one in visit.policies[1:]]
    if share.is_known and later:
        yield f"{' and '.join(later)} may pay part of what is left to the patient."
