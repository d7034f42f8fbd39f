"""Everything that cover has to say about one visit billed to one policy: benefit, authorisation and rule pack. Pure.

The gate judges signed visits by it, booking those to come, and the desk's panel and test bench show the same with
its reasons; so they cannot say different things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from billing.coverage.dollars import DollarsLeft, Paid, dollar_problems, dollars_left
from billing.coverage.models import Authorisation, Benefit, Policy
from billing.coverage.policies import in_force, subscriber_problems
from billing.coverage.rules.case import Case, PaidVisit
from billing.coverage.rules.judging import counts_of, judge
from billing.coverage.rules.pack import Edition, Pack, RuleKind
from billing.coverage.rules.shelf import Shelf
from billing.coverage.rules.verdict import Verdict, problems_of
from billing.coverage.visits import (
    VisitCount,
    authorisation_for,
    authorisation_problems,
    authorised_work_problems,
    benefit_problems,
    referral_problems,
    visit_count,
)
from billing.coverage.wording import day_words, span_words
from billing.errors import Problem, Severity
from billing.payers.models import Payer, PayerKind

UNTIL_NEXT = timedelta(days=7)
"""When the next visit is taken to be while none is planned, to tell what it will want."""
UNTIL_IMPROVED = "Until improvement must be on record"
"""The counter of the visits before a rule wants improvement; the rule itself is named for those after them."""
_LESS = " \u2212 "
"""A minus sign."""


@dataclass(frozen=True, slots=True)
class Billed:
    """A visit, and the policy it is billed to."""

    payer: Payer
    policy: Policy
    benefit: Benefit | None
    authorisations: Sequence[Authorisation]
    """All that the payer gave for this patient."""
    state: str
    """Where the clinic is."""
    case: Case
    is_referred: bool | None = None
    """Whether a referring clinician is named with the visit; ``None`` while that can still be done."""
    paid: Sequence[Paid] = ()
    """What this payer has paid here, where the plan limits what it pays."""

    @property
    def days(self) -> list[date]:
        """The days of all visits this payer is asked for."""
        return [one.on for one in self.case.visits]

    @property
    def filed(self) -> list[date]:
        """Those of them that were filed already."""
        return [one.on for one in self.case.visits if one.is_filed]


@dataclass(frozen=True, slots=True)
class Counter:
    """A limit that a visit counts towards."""

    label: str
    number: int
    """Which visit it is, with this one."""
    allowed: int
    arithmetic: str
    source: str

    @property
    def left(self) -> int:
        """How many more there can be after this one; never below zero."""
        return max(0, self.allowed - self.number)


@dataclass(frozen=True, slots=True)
class VisitCover:
    """What was found."""

    problems: list[Problem]
    count: VisitCount | None
    """Which visit it is of the limit that has least left; ``None`` when nothing limits visits, or nobody knows."""
    counters: tuple[Counter, ...]
    authorisation: Authorisation | None
    authorised_visit: int
    """Which visit of that authorisation it is."""
    verdicts: tuple[Verdict, ...]
    pack: tuple[Pack, Edition] | None
    dollars: DollarsLeft | None = None
    """What is left of the money the plan pays; ``None`` where no limit of it is known."""


def visit_cover(billed: Billed, shelf: Shelf) -> VisitCover:
    """Everything that the policy's benefit, authorisations and rules say of the visit."""
    on, days, filed = billed.case.on, billed.days, billed.filed
    authorisation, number = authorisation_for(billed.authorisations, days, on, filed)
    pack = shelf.edition_for(billed.payer, billed.policy, billed.state, on)
    case = replace(billed.case, authorisation=authorisation.number if authorisation else "")
    verdicts = judge(*pack, case) if pack else []
    problems = [
        *subscriber_problems(billed.policy),
        *_benefit_problems(billed),
        *(referral_problems(billed.benefit, is_referred=billed.is_referred) if billed.is_referred is not None else ()),
        *_authorisation_problems(billed, authorisation, pack),
    ]
    told = {problem.rule for problem in problems}
    of_pack = [one for one in verdicts if one.rule.kind is not RuleKind.AUTHORISATION and one.rule.id not in told]
    benefit_count = visit_count(billed.benefit, billed.policy, days, on, filed) if billed.benefit else None
    counts = [VisitCount(one.allowed, one.first, one.number, 0, one.last) for one in counts_of(verdicts)]
    counts += [benefit_count] if benefit_count else []
    return VisitCover(
        problems=problems + [one for one in problems_of(of_pack) if one.severity is not Severity.INFO],
        count=min(counts, key=lambda one: one.allowed - one.number, default=None),
        counters=tuple(_counters(billed, benefit_count, authorisation, number, verdicts)),
        authorisation=authorisation,
        authorised_visit=number,
        verdicts=tuple(verdicts),
        pack=pack,
        dollars=dollars_left(billed.benefit, billed.policy, billed.paid, on),
    )


def _benefit_problems(billed: Billed) -> list[Problem]:
    """What the benefit says against the visit; a limit that is reached is told once."""
    benefit, policy, on = billed.benefit, billed.policy, billed.case.on
    problems = benefit_problems(benefit, policy, billed.days, on, billed.filed)
    told = {one.rule for one in problems}
    return problems + [one for one in dollar_problems(benefit, policy, billed.paid, on) if one.rule not in told]


def needs_authorisation(payer: Payer, benefit: Benefit | None, pack: tuple[Pack, Edition] | None) -> bool:
    """Whether the payer wants an authorisation: by its kind, by what it said, or by its rules."""
    by_rule = pack is not None and pack[1].has(RuleKind.AUTHORISATION)
    return payer.kind is PayerKind.VA or by_rule or bool(benefit and benefit.authorisation_required)


def _authorisation_problems(
    billed: Billed, authorisation: Authorisation | None, pack: tuple[Pack, Edition] | None
) -> list[Problem]:
    problems: list[Problem] = []
    if needs_authorisation(billed.payer, billed.benefit, pack):
        patient_id = billed.policy.patient_id
        problems += authorisation_problems(billed.authorisations, billed.days, billed.case.on, patient_id, billed.filed)
    lines, diagnoses = billed.case.lines, billed.case.diagnoses
    return problems + authorised_work_problems(authorisation, lines or (), diagnoses or ())


def next_on(case: Case) -> date:
    """When the visit after this one is: as it is planned already, or else a week later."""
    return min((one.on for one in case.visits if one.on > case.on), default=case.on + UNTIL_NEXT)


def ahead(billed: Billed, shelf: Shelf, now: VisitCover) -> list[Problem]:
    """What the visit after this one will be held or asked for that this one is not."""
    case = billed.case
    on = next_on(case)
    if on > date(9990, 1, 1) or not in_force([billed.policy], on):
        return []
    visits = [*case.visits, _this_visit(case)]
    later = replace(billed, case=replace(case, on=on, visits=visits, lines=None, diagnoses=None), is_referred=None)
    told = {problem.rule for problem in now.problems}
    return [
        problem
        for problem in visit_cover(later, shelf).problems
        if problem.rule not in told and problem.rule not in _OF_TIME
    ]


_VISITS_BY_HAND = frozenset({"visits_allowed", "visits_left"})
"""The facts of an answer that make the plan's limit of visits."""
_OF_TIME = frozenset({"coverage.stale", "coverage.contradictory"})
"""What comes by itself, and is asked anew before the next visit anyhow."""


def _this_visit(case: Case) -> PaidVisit:
    codes = None if case.lines is None else frozenset(line.code for line in case.lines)
    return PaidVisit(case.on, codes)


def _counters(
    billed: Billed,
    plan: VisitCount | None,
    authorisation: Authorisation | None,
    number: int,
    verdicts: Sequence[Verdict],
) -> list[Counter]:
    found = []
    benefit = billed.benefit
    if plan is not None and benefit is not None:
        shared = f", shared with {' and '.join(benefit.shared_with)}" if benefit.shared_with else ""
        parts = [f"{plan.allowed} allowed", f"{plan.here} here"]
        parts += [f"{plan.elsewhere} elsewhere"] if plan.elsewhere else []
        left = f"{_LESS.join(parts)} = {max(0, plan.allowed - plan.number)} left after this one"
        asked = f"what the payer said on {day_words(benefit.verified_on)}" if benefit.verified_on else "what is on file"
        if _VISITS_BY_HAND.intersection(benefit.set_by_hand or ()):
            asked = "as a person set it by hand against the payer's electronic answer"
        if benefit.limit_in_answer:
            asked = f"as a person noted it; the payer's electronic answer says {benefit.limit_in_answer}"
        elif benefit.shared_with and benefit.visits_remaining is None and not plan.elsewhere:
            asked += "; how many went to the other therapies is not known"
        span = span_words(plan.first_on, plan.last_on if plan.last_on < date.max else None)
        found.append(Counter(f"The plan{shared}", plan.number, plan.allowed, f"{left}, {span}.", asked))
    for one in verdicts:
        if one.count is not None:
            label = UNTIL_IMPROVED if one.rule.kind is RuleKind.IMPROVEMENT else one.rule.title
            found.append(Counter(label, one.count.number, one.count.allowed, one.arithmetic, one.standing))
    if authorisation is not None:
        before = authorisation.used_before or 0
        earlier = f", {before} of them before it was entered" if before else ""
        words = f"Visit {number} of {authorisation.visits}{earlier}, "
        words += f"{span_words(authorisation.valid_from, authorisation.valid_to)}."
        label = f"Authorisation {authorisation.number}"
        found.append(
            Counter(label, number, authorisation.visits, words, authorisation.seoc_name or "the payer's letter")
        )
    return sorted(found, key=lambda one: one.left)
