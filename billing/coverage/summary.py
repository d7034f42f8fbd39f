"""One policy on a day as people ask about it: does it cover, what will be owed, how many visits are left? Pure.

Law: what nobody asked the payer about is said to be unknown, and never looks covered or not covered.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from billing.coverage.eligibility.posing import NOT_ASKED
from billing.coverage.models import Authorisation, Benefit, Policy
from billing.coverage.rules.pack import Edition, Pack
from billing.coverage.visit_cover import needs_authorisation
from billing.coverage.visits import STALE_AFTER_DAYS, period_of
from billing.coverage.wording import ago_words, contradiction_words, percent_words, span_words, told_by
from billing.payers.models import Payer

_LESS = " \u2212 "
"""A minus sign."""


class Cover(StrEnum):
    """What is known of a policy on a day."""

    COVERED = "covered"
    STALE = "stale"
    """It was covered when it was last asked about, which is long ago."""
    CONTRADICTORY = "contradictory"
    """It is covered by what counts, and the payer said the opposite elsewhere."""
    UNKNOWN = "unknown"
    NOT_COVERED = "not covered"
    INACTIVE = "inactive"
    """The policy is not in force that day."""


_COVER_WORDS = {
    Cover.COVERED: "covered",
    Cover.STALE: "covered when last asked",
    Cover.CONTRADICTORY: "the payer said both",
    Cover.UNKNOWN: "coverage unknown",
    Cover.NOT_COVERED: "not covered",
    Cover.INACTIVE: "not in force",
}


@dataclass(frozen=True, slots=True)
class VisitsLeft:
    """The visits of the plan's year that the day lies in."""

    allowed: int
    here: int
    """Days on which the patient was treated here for this payer."""
    elsewhere: int
    first_on: date
    last_on: date
    booked: int = 0
    """Days in the same year on which the patient is booked and not yet treated."""

    @property
    def left(self) -> int:
        """What is left to use; never below zero."""
        return max(0, self.allowed - self.used)

    @property
    def used(self) -> int:
        """What is used of them, here and elsewhere."""
        return self.here + self.elsewhere

    @property
    def arithmetic(self) -> str:
        """How it is reckoned, in words."""
        parts = [f"{self.allowed} allowed", f"{self.here} here"]
        parts += [f"{self.elsewhere} elsewhere"] if self.elsewhere else []
        span = span_words(self.first_on, self.last_on)
        booked = f" {self.booked} of them booked." if self.booked else ""
        if self.booked > self.left:
            booked = f" {self.booked} more are booked, {self.booked - self.left} beyond the limit."
        return f"{_LESS.join(parts)} = {self.left} left, {span}.{booked}"


@dataclass(frozen=True, slots=True)
class AuthorisationLeft:
    """An authorisation and what is left of it."""

    authorisation: Authorisation
    used: int
    in_force: bool
    """Whether the day lies in its span."""

    @property
    def left(self) -> int:
        """Visits still to use."""
        return max(0, self.authorisation.visits - self.used)

    @property
    def words(self) -> str:
        """In words."""
        one = self.authorisation
        span = span_words(one.valid_from, one.valid_to)
        if not self.in_force:
            return f"{self.used} of {one.visits} visits used, {span}"
        return f"{self.left} of {one.visits} visits left, {span}"


@dataclass(frozen=True, slots=True)
class PolicySummary:
    """One policy, with everything that is on file about it."""

    policy: Policy
    payer: Payer
    cover: Cover
    benefit: Benefit | None
    visits: VisitsLeft | None
    """``None`` when the plan is not known to limit visits."""
    authorisations: tuple[AuthorisationLeft, ...]
    """The last to end at the front."""
    needs_authorisation: bool
    on: date

    @property
    def verified_words(self) -> str:
        """When, by whom and how the benefit was learned."""
        if self.benefit is None:
            return "Nobody has asked the payer yet."
        if self.benefit.verified_on is None:
            return "When the payer said so was never noted."
        source = f" by {told_by(self.benefit)}" if self.benefit.source else ""
        who = f" with {self.benefit.representative}" if self.benefit.representative else ""
        reference = f", reference {self.benefit.reference}" if self.benefit.reference else ""
        return f"Verified {ago_words(self.benefit.verified_on, self.on)}{source}{who}{reference}."

    @property
    def is_askable(self) -> bool:
        """Whether this payer knows eligibility at all."""
        return self.payer.kind not in NOT_ASKED

    @property
    def contradiction(self) -> str:
        """Both statements of the payer, where it said that acupuncture is covered and that it is not."""
        return contradiction_words(self.benefit) if self.benefit else ""

    @property
    def cover_words(self) -> str:
        """What is known, in a few words."""
        return f"{self.payer.name}: {_COVER_WORDS[self.cover]}"

    @property
    def cover_reason(self) -> str:
        """Where that comes from, and what to do about it."""
        match self.cover:
            case Cover.COVERED:
                return self.verified_words
            case Cover.STALE:
                return f"{self.verified_words} Ask the payer again."
            case Cover.CONTRADICTORY:
                return f"{self.contradiction} Ask the payer again before the visit."
            case Cover.NOT_COVERED:
                return f"{self.verified_words} The patient pays, if told so before the visit."
            case Cover.INACTIVE:
                return f"The policy is in force {self.span}."
            case _:
                return f"{self.verified_words} Call, and note what is said."

    @property
    def span(self) -> str:
        """When the policy is in force, in words."""
        return span_words(self.policy.effective_from, self.policy.effective_to)

    @property
    def holder(self) -> str:
        """Whose policy it is, in words."""
        return holder_words(self.policy)

    @property
    def share(self) -> str:
        """The patient's coinsurance in percent; empty when nobody named one."""
        points = self.benefit.coinsurance_basis_points if self.benefit else None
        return "" if points is None else percent_words(points)

    @property
    def authorisation(self) -> AuthorisationLeft | None:
        """The authorisation that the next visit on that day would use."""
        usable = [one for one in self.authorisations if one.in_force and one.left]
        return min(usable, key=lambda one: (one.authorisation.valid_to, one.authorisation.number), default=None)


def policy_summary(
    policy: Policy,
    payer: Payer,
    benefit: Benefit | None,
    authorisations: Iterable[Authorisation],
    *,
    visits: Collection[date],
    booked: Collection[date],
    on: date,
    pack: tuple[Pack, Edition] | None = None,
) -> PolicySummary:
    """Everything about one policy on a day; ``pack`` are the rules that judge it.

    ``visits`` are the days on which this payer is asked to pay for a treatment here, in any period; ``booked`` the
    days on which the patient is expected.
    """
    of_payer = [one for one in authorisations if one.payer_id == policy.payer_id]
    return PolicySummary(
        policy=policy,
        payer=payer,
        cover=cover_of(policy, benefit, on),
        benefit=benefit,
        visits=visits_left(benefit, policy, visits, booked, on) if benefit else None,
        authorisations=tuple(_authorisations_left(of_payer, visits, on)),
        needs_authorisation=needs_authorisation(payer, benefit, pack),
        on=on,
    )


def cover_of(policy: Policy, benefit: Benefit | None, on: date) -> Cover:
    """What is known of the policy on that day."""
    if on < policy.effective_from or (policy.effective_to is not None and on > policy.effective_to):
        return Cover.INACTIVE
    if benefit is None or benefit.covered is None:
        return Cover.UNKNOWN
    if not benefit.covered:
        return Cover.NOT_COVERED
    if benefit.verified_on is None or on > benefit.verified_on + timedelta(days=STALE_AFTER_DAYS):
        return Cover.STALE
    return Cover.CONTRADICTORY if benefit.contradicted_by else Cover.COVERED


def visits_left(
    benefit: Benefit, policy: Policy, visits: Iterable[date], booked: Iterable[date], on: date
) -> VisitsLeft | None:
    """What is left in the plan's year that ``on`` lies in; ``None`` when the plan limits no visits.

    Several treatments on one day are one visit. Visits elsewhere count in the year they were asked about.
    """
    if benefit.visits_allowed is None:
        return None
    first, end = period_of(benefit, policy, on)
    here = {day for day in visits if first <= day < end}
    expected = {day for day in booked if first <= day < end} - here
    asked = benefit.verified_on
    elsewhere = benefit.visits_used_elsewhere if asked is None or first <= asked < end else 0
    return VisitsLeft(benefit.visits_allowed, len(here), elsewhere, first, end - timedelta(days=1), len(expected))


def _authorisations_left(
    authorisations: Sequence[Authorisation], visits: Iterable[date], on: date
) -> list[AuthorisationLeft]:
    """Each with what is left of it: a visit uses the one that ends first of those that cover its day."""
    in_order = sorted(authorisations, key=lambda one: (one.valid_to, one.number))
    used: Counter[str] = Counter({one.number: one.used_before or 0 for one in in_order})
    for day in sorted(set(visits)):
        covering = (one for one in in_order if one.valid_from <= day <= one.valid_to and used[one.number] < one.visits)
        if (chosen := next(covering, None)) is not None:
            used[chosen.number] += 1
    return [
        AuthorisationLeft(one, used[one.number], one.valid_from <= on <= one.valid_to) for one in reversed(in_order)
    ]


def holder_words(policy: Policy) -> str:
    """Whose policy it is: ``own policy``, ``through the spouse, Yasmin Whitlock``."""
    if policy.relationship == "self":
        return "the patient's own"
    through = {"spouse": "spouse", "child": "parent"}.get(policy.relationship, "somebody else")
    name = " ".join(filter(None, (policy.subscriber_first_name, policy.subscriber_last_name)))
    article = "" if through == "somebody else" else "a " if through == "parent" else "the "
    return f"through {article}{through}{f', {name}' if name else ''}"
