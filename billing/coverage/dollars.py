"""What a plan still pays of what it pays at most: what it said was left, less what it has paid here since. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from billing.coverage.models import Benefit, Policy
from billing.coverage.visits import period_of
from billing.coverage.wording import day_words, span_words
from billing.errors import Problem, block, warn
from billing.money import text_from_cents

_LESS = " \u2212 "
"""A minus sign."""


@dataclass(frozen=True, slots=True)
class Paid:
    """What the payer paid for one visit here."""

    visit_on: date
    decided_on: date
    cents: int


@dataclass(frozen=True, slots=True)
class DollarsLeft:
    """What is left of it on a day, in cents."""

    known_cents: int
    """What the payer said was left, or the whole of it where it did not say."""
    told_on: date | None
    """When it said so; ``None`` where only the whole is known: then what went elsewhere is not."""
    paid_cents: int
    """What it paid here since then; of the whole, in the period."""
    last_cents: int
    """What it paid for the last visit here; 0 where it has paid for none."""
    first_on: date
    last_on: date

    @property
    def left_cents(self) -> int:
        """What is left; never below zero."""
        return max(0, self.known_cents - self.paid_cents)

    @property
    def arithmetic(self) -> str:
        """How it is reckoned, in words."""
        known = text_from_cents(self.known_cents)
        parts = [f"{known} left on {day_words(self.told_on)}" if self.told_on else f"{known} at most"]
        if self.paid_cents:
            parts.append(f"{text_from_cents(self.paid_cents)} paid here{' since' if self.told_on else ''}")
        elsewhere = "" if self.told_on else " What it paid elsewhere is not known."
        span = span_words(self.first_on, self.last_on if self.last_on < date.max else None)
        return f"{_LESS.join(parts)} = {text_from_cents(self.left_cents)} left, {span}.{elsewhere}"


def dollars_left(benefit: Benefit | None, policy: Policy, paid: Iterable[Paid], on: date) -> DollarsLeft | None:
    """What is left in the plan's period that ``on`` lies in; ``None`` where no limit of money is known.

    What was paid for a visit of that very day does not stand against it.
    """
    if benefit is None:
        return None
    first, end = period_of(benefit, policy, on)
    ours = [one for one in paid if first <= one.visit_on < end and one.visit_on != on]
    told_on = benefit.dollars_told_on or benefit.verified_on
    last = max(ours, key=lambda one: one.visit_on).cents if ours else 0
    if benefit.dollars_remaining_cents is not None and told_on is not None and first <= told_on < end:
        known, ours = benefit.dollars_remaining_cents, [one for one in ours if one.decided_on > told_on]
    elif benefit.dollar_limit_cents is not None:
        known, told_on = benefit.dollar_limit_cents, None
    else:
        return None
    return DollarsLeft(known, told_on, sum(one.cents for one in ours), last, first, end - timedelta(days=1))


def dollar_problems(benefit: Benefit | None, policy: Policy, paid: Sequence[Paid], on: date) -> list[Problem]:
    """Whether the plan has paid all it pays in the period, or will with this visit."""
    found = dollars_left(benefit, policy, paid, on)
    if found is None or benefit is None:
        return []
    where = f"benefit:{benefit.id}"
    if not found.left_cents:
        return [
            block(
                "coverage.limit_reached",
                f"Nothing is left of what the plan pays: {found.arithmetic}",
                "Ask the plan, or bill the patient if a notice was signed before the visit.",
                where,
            )
        ]
    if found.left_cents < found.last_cents:
        return [
            warn(
                "coverage.dollars_nearly_used",
                f"The plan paid {text_from_cents(found.last_cents)} for the last visit, and less is left of what it "
                f"pays: {found.arithmetic}",
                "Tell the patient what the plan will leave; ask it how much is left.",
                where,
            )
        ]
    return []
