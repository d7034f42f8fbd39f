"""How much of what a renewal asks for has been learned, and what is still to be. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from billing.practitioners.lapsing import Held
from billing.practitioners.models import ContinuingEducation
from billing.practitioners.renewal_rules import EducationRule, RenewalRule, months_between, same_end_after


@dataclass(frozen=True, slots=True)
class Cycle:
    """The days of a term in which something has to be learned."""

    first: date
    last: date
    is_first: bool = False
    """Whether it is the holder's first term."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that is asked for, in minutes; of the whole, of one category, or of a course."""

    category: str
    """Empty for the whole."""
    needed: int
    counted: int
    uncounted: int = 0
    """Minutes that were learned and are beyond what may be counted."""
    is_course: bool = False
    """Whether one course, however long, is asked for."""
    most: int | None = None
    """Minutes of it that may be counted at most; empty: any."""

    @property
    def missing(self) -> int:
        """What is still to be learned."""
        return max(0, self.needed - self.counted)

    @property
    def is_met(self) -> bool:
        """Whether nothing is missing."""
        return self.counted >= self.needed


def cycle_of(one: Held, rule: RenewalRule) -> Cycle | None:
    """The term that its last entry ends; nothing when nobody knows when that is.

    It is a first term when it began less than a whole period before, and nothing is on file before it.
    """
    last, begun = one.entries[-1].valid_to, one.entries[0].valid_from
    if last is None or not rule.period_months:
        return None
    usual = same_end_after(last, -rule.period_months) + timedelta(days=1)
    return Cycle(max(begun, usual), last, begun > usual)


def shortage(asked: Iterable[Asked]) -> int:
    """The minutes that are missing at least: of the whole, or of its parts together, whichever is more."""
    whole, parts = 0, 0
    for one in asked:
        if one.category and not one.is_course:
            parts += one.missing
        elif not one.category:
            whole = one.missing
    return max(whole, parts)


def needed_in(rule: EducationRule, cycle: Cycle) -> int:
    """The minutes that a cycle asks for: of a first term those of its length, where the rule tells of first terms."""
    months = months_between(cycle.first, cycle.last)
    if cycle.is_first:
        for term in rule.first_terms:
            if term.shortest <= months <= term.longest:
                return term.minutes
    return rule.minutes


def education_needed(rule: EducationRule, entries: Iterable[ContinuingEducation], cycle: Cycle) -> list[Asked]:
    """Everything that is asked for in a cycle with what of it has been learned: the whole first.

    What was learned from afar counts after the rest, and only as much of it as may be; so does what is beyond the
    most of a category. A first term that asks for fewer hours in all asks for no single categories.
    """
    learned = [one for one in entries if cycle.first <= one.completed_on <= cycle.last]
    wanted = needed_in(rule, cycle)
    present, afar = _by_category(rule, learned)
    whole = sum(present.values())
    distance = sum(afar.values())
    most = _most_distance(rule, wanted)
    allowed = distance if most is None else min(distance, most)
    everything = sum(_worth(rule, one) for one in learned)
    asked = [Asked("", wanted, whole + allowed, everything - whole - allowed)]
    if wanted < rule.minutes:
        return asked
    for one in rule.categories:
        counted = present[one.name] + afar[one.name]
        if one.least or one.most is not None:
            worth = sum(_worth(rule, each) for each in learned if each.category == one.name)
            asked.append(Asked(one.name, one.least, counted, worth - counted, most=one.most))
    for name in rule.courses:
        taken = sum(each.minutes for each in learned if each.category == name)
        asked.append(Asked(name, 1, taken, is_course=True))
    return asked


def _most_distance(rule: EducationRule, wanted: int) -> int | None:
    """What may be learned from afar: the same part of fewer hours, where fewer are wanted."""
    if rule.most_distance is None or not rule.minutes:
        return rule.most_distance
    return rule.most_distance * wanted // rule.minutes


def _by_category(
    rule: EducationRule, learned: Iterable[ContinuingEducation]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """By category the minutes that count of what was learned on the spot, and of what was learned from afar."""
    most = {one.name: one.most for one in rule.categories if one.most is not None}
    present: dict[str, int] = defaultdict(int)
    afar: dict[str, int] = defaultdict(int)
    for one in sorted(learned, key=lambda each: each.is_distance):
        so_far = present[one.category] + afar[one.category]
        worth = _worth(rule, one)
        counts = min(worth, max(0, most[one.category] - so_far)) if one.category in most else worth
        (afar if one.is_distance else present)[one.category] += counts
    return present, afar


def _worth(rule: EducationRule, one: ContinuingEducation) -> int:
    """What a course counts: its minutes, unless the rule says otherwise."""
    for category in rule.categories:
        if category.name == one.category and category.counts_as is not None:
            return category.counts_as
    return one.minutes
