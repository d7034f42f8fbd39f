"""One visit as a rule pack looks at it, with what is known around it. Plain values; nobody is asked for more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from billing.codes.edits import ProcedureLine


@dataclass(frozen=True, slots=True)
class PaidVisit:
    """A visit that the payer is asked to pay for."""

    on: date
    codes: frozenset[str] | None = None
    """What was done; ``None`` while nothing is charted: then it counts."""
    is_filed: bool = False
    """Filed already, so that it counts also when it lies after the visit in question."""

    def counts(self, counted: frozenset[str]) -> bool:
        """Whether it has one of the counted codes; every visit has, when none are named."""
        return not counted or self.codes is None or not counted.isdisjoint(self.codes)


@dataclass(frozen=True, slots=True)
class Renderer:
    """Who treats, as far as a payer asks."""

    name: str
    taxonomy: str = ""
    letters: frozenset[str] = frozenset()
    """Letters after the name, in capitals and without dots."""


@dataclass(frozen=True, slots=True)
class Injury:
    """What is known of the injury that is treated."""

    on: date | None = None
    claim_number: str = ""
    employer: str = ""


def never_improved(_first: date, _last: date) -> bool:
    """What is known of improvement where nothing was measured."""
    return False


@dataclass(frozen=True, slots=True)
class Case:
    """A visit on a day."""

    on: date
    visits: Sequence[PaidVisit] = ()
    """All that this payer is asked for; this one may be among them or not."""
    lines: Sequence[ProcedureLine] | None = None
    """``None`` while nothing is charted."""
    diagnoses: Sequence[str] | None = None
    """``None`` while nothing is charted."""
    scores: Mapping[date, int] = field(default_factory=dict)
    """Pain scores by day."""
    improved: Callable[[date, date], bool] = never_improved
    """Whether the scores from one day to another, both included, show improvement."""
    renderer: Renderer | None = None
    authorisation: str = ""
    """The number of the authorisation that this visit uses; empty for none."""
    policy_from: date = date.min
    plan_year_from: date | None = None
    injury: Injury | None = None
    """``None`` while there is no session yet that could tell."""

    def counted_lines(self, counted: frozenset[str]) -> list[ProcedureLine]:
        """The charted lines that count."""
        return [line for line in self.lines or () if not counted or line.code in counted]

    def is_counted(self, counted: frozenset[str]) -> bool:
        """Whether this visit counts, or may, as long as nothing is charted."""
        return not counted or self.lines is None or bool(self.counted_lines(counted))

    def days(self, counted: frozenset[str]) -> tuple[list[date], list[date]]:
        """The days of all counted visits, and of those filed already."""
        counting = [one for one in self.visits if one.counts(counted)]
        return [one.on for one in counting], [one.on for one in counting if one.is_filed]
