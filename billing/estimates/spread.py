"""Between which amounts the patient's part will lie, and what each of the two would come from. Pure.

What is not known is tried both ways: a deductible nobody told of is all gone or all left, a practitioner whose standing
with the plan is not on file is in its network or outside, a price without a contract is the lowest or the highest that
the plan has allowed. The least and the most that come of it are the bounds. What the plan was asked about and did not
say is never taken for covered: then there is a span, and no expected amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

from billing.estimates.patient_share import ServiceLine, Terms, VisitShare, visit_share
from billing.estimates.who_pays import Cover, Finding
from billing.money import Money
from billing.practitioners.models import Network


@dataclass(frozen=True, slots=True)
class Spread:
    """The patient's part, in cents, each bound with its reason."""

    low: int
    expected: int | None
    """``None`` while nobody can tell who bears it."""
    high: int
    low_why: str
    """What would have to be so; empty when nothing is unknown."""
    high_why: str

    @property
    def is_exact(self) -> bool:
        """Whether nothing is left open."""
        return self.low == self.high

    def words(self, currency: str) -> list[str]:
        """What is told of it, in sentences."""
        low, high = Money(self.low, currency), Money(self.high, currency)
        if self.is_exact:
            return [f"The patient's part: {low}."]
        expected = "" if self.expected is None else f", {Money(self.expected, currency)} expected"
        told = [f"The patient's part: {low} to {high}{expected}."]
        told += [f"{low} if {self.low_why}."] if self.low_why else []
        return told + ([f"{high} if {self.high_why}."] if self.high_why else [])


@dataclass(frozen=True, slots=True)
class Prices:
    """The lines of a visit as the plan may allow them."""

    usual: Sequence[ServiceLine]
    low: Sequence[ServiceLine]
    high: Sequence[ServiceLine]

    @property
    def differ(self) -> bool:
        """Whether it is not known what the plan allows."""
        return not (list(self.low) == list(self.usual) == list(self.high))


@dataclass(frozen=True, slots=True)
class _Case:
    """One way in which what is unknown may turn out."""

    owed: int
    words: str


def spread(
    share: VisitShare,
    prices: Prices,
    cover: Cover,
    terms: Terms | None,
    currency: str,
    copay_taken: int = 0,
    deductible: int | None = None,
) -> Spread:
    """The span around a visit's ``share``; ``deductible`` is the whole of the plan's yearly one, where it is known."""
    if share.owed is None:
        return _undecided(share, prices, cover, terms, currency, copay_taken, deductible)
    cases = list(_cases(prices, cover, terms, currency, copay_taken, deductible))
    low, high = min(cases, key=lambda one: one.owed), max(cases, key=lambda one: one.owed)
    if low.owed == high.owed:
        return Spread(share.owed, share.owed, share.owed, "", "")
    return Spread(min(low.owed, share.owed), share.owed, max(high.owed, share.owed), low.words, high.words)


def _undecided(
    share: VisitShare,
    prices: Prices,
    cover: Cover,
    terms: Terms | None,
    currency: str,
    copay_taken: int,
    deductible: int | None,
) -> Spread:
    """From nothing, or from what the terms leave to the patient if the plan does cover it, to the whole charge."""
    low, low_why = 0, "the plan pays all of it, or nobody may be billed"
    if cover.finding is Finding.UNKNOWN and terms is not None:
        covered = replace(cover, finding=Finding.COVERED)
        least = min(_cases(prices, covered, terms, currency, copay_taken, deductible), key=lambda one: one.owed)
        low, low_why = least.owed, "the plan covers it by the terms on file"
    if cover.finding in (Finding.EXCLUDED, Finding.VISITS_USED_UP):
        low_why = "no notice was signed before the visit"
        high_why = "the patient signed a notice before the visit"
    else:
        high_why = "the plan pays nothing"
    return Spread(low, None, max(low, share.charge), low_why, high_why)


def _cases(
    prices: Prices, cover: Cover, terms: Terms | None, currency: str, copay_taken: int, deductible: int | None
) -> Iterator[_Case]:
    """Every way in which it may turn out, as far as it makes a difference to who is billed what."""
    for (lines, price), (covered, standing), (left, used) in product(
        _prices(prices), _standings(cover), _deductibles(prices, terms, deductible)
    ):
        owed = visit_share(lines, covered, left, currency, copay_taken).owed
        if owed is not None:
            yield _Case(owed, " and ".join(filter(None, (used, standing, price))))


def _prices(prices: Prices) -> list[tuple[Sequence[ServiceLine], str]]:
    if not prices.differ:
        return [(prices.usual, "")]
    return [
        (prices.usual, "the plan allows what it usually does"),
        (prices.low, "the plan allows the least it has allowed before"),
        (prices.high, "the plan allows the most it has allowed before"),
    ]


def _standings(cover: Cover) -> list[tuple[Cover, str]]:
    if cover.network is not None:
        return [(cover, "")]
    return [
        (replace(cover, network=Network.IN), "the practitioner is in the plan's network"),
        (replace(cover, network=Network.OUT), "the practitioner is outside the plan's network"),
    ]


def _deductibles(prices: Prices, terms: Terms | None, deductible: int | None) -> list[tuple[Terms | None, str]]:
    if terms is None or terms.deductible_left is not None:
        return [(terms, "")]
    whole = sum(line.charge for line in prices.usual) if deductible is None else deductible
    return [
        (replace(terms, deductible_left=0), "nothing is left of the deductible"),
        (replace(terms, deductible_left=whole), "all of the deductible is left"),
    ]
