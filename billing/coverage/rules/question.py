"""One rule put to one visit, and the ways in which it can be answered. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from billing.coverage.rules.case import Case
from billing.coverage.rules.pack import Edition, Pack, Rule
from billing.coverage.rules.verdict import Count, Outcome, Verdict
from billing.coverage.rules.windows import window_of


@dataclass(frozen=True, slots=True)
class Question:
    """One rule put to one visit."""

    pack: Pack
    edition: Edition
    rule: Rule
    case: Case

    def met(self, arithmetic: str, count: Count | None = None) -> Verdict:
        """The rule is kept."""
        return Verdict(self.pack, self.edition, self.rule, Outcome.MET, arithmetic, count=count)

    def unknown(self, arithmetic: str) -> Verdict:
        """What it asks for is not known yet."""
        return Verdict(self.pack, self.edition, self.rule, Outcome.UNKNOWN, arithmetic)

    def apart(self, arithmetic: str, count: Count | None = None) -> Verdict:
        """It says nothing of this visit."""
        return Verdict(self.pack, self.edition, self.rule, Outcome.APART, arithmetic, count=count)

    def told(self, words: str) -> Verdict:
        """It only tells something."""
        return Verdict(self.pack, self.edition, self.rule, Outcome.TOLD, words)

    def broken(self, arithmetic: str, why: str, fix: str, count: Count | None = None, **filled: object) -> Verdict:
        """Not met; the rule's own words, where it has any, are filled in and take the place of ours."""
        told = {"number": "", "limit": "", "first": "", "last": "", "lacking": "", "days": "", "units": "",
                "codes": "", "name": "", "evidence": "", **filled}  # fmt: skip
        why, fix = self.rule.why.format_map(told) or why, self.rule.fix.format_map(told) or fix
        return Verdict(self.pack, self.edition, self.rule, Outcome.BROKEN, arithmetic, why, fix, count)

    def count(self, allowed: int) -> Count:
        """Which visit of the rule's span this one is: up to its day, and those later ones that are filed."""
        days, filed = self.case.days(self.edition.counted_codes)
        rule, on = self.rule, self.case.on
        first, end = window_of(
            rule.window, days, on, policy_from=self.case.policy_from, plan_year_from=self.case.plan_year_from,
            months=rule.months, days=rule.days,
        )  # fmt: skip
        here = {day for day in days if first <= day <= on} | {day for day in filed if first <= day < end} | {on}
        return Count(len(here), allowed, first, end - timedelta(days=1))
