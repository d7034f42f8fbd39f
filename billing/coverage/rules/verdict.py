"""What a rule says of a visit: the rule with its pack and source, how it was reckoned, and what follows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from billing.coverage.rules.pack import Edition, Pack, Rule
from billing.coverage.wording import day_words
from billing.errors import Problem


class Outcome(StrEnum):
    """How a rule stands."""

    MET = "met"
    BROKEN = "not met"
    UNKNOWN = "not known yet"
    """What it asks for is not charted or not on file yet."""
    TOLD = "to be known"
    """It only tells something."""
    APART = "does not apply"


@dataclass(frozen=True, slots=True)
class Count:
    """Which visit of a limited number a visit is."""

    number: int
    """With this one."""
    allowed: int
    first: date
    """First day of the span they are counted in."""
    last: date


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says of one visit."""

    pack: Pack
    edition: Edition
    rule: Rule
    outcome: Outcome
    arithmetic: str
    """How it was reckoned, from what was found: never empty."""
    why: str = ""
    """Why it is not met."""
    fix: str = ""
    count: Count | None = None

    @property
    def standing(self) -> str:
        """How far the rule can be relied on, with its source."""
        if self.rule.is_verified:
            return f"{self.rule.source}, checked on {day_words(self.edition.checked_on)}"
        return f"To be checked: {self.rule.source}"

    @property
    def words(self) -> str:
        """The whole explanation in a few sentences."""
        return f"{self.pack.name}, {self.rule.title}: {self.outcome}. {self.arithmetic} {self.standing}."

    def problem(self, where: str = "") -> Problem | None:
        """What the gate is to say; nothing unless the rule is not met."""
        if self.outcome is not Outcome.BROKEN:
            return None
        fix = self.fix if self.rule.is_verified else f"{self.fix} ({self.standing}.)".strip()
        return Problem(self.rule.id, self.rule.severity, self.why, fix, where)


def problems_of(verdicts: Iterable[Verdict], where: str = "") -> list[Problem]:
    """What the gate is to say about a visit, by these verdicts."""
    return [problem for one in verdicts if (problem := one.problem(where)) is not None]
