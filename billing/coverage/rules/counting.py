"""Rules that count visits: how many are paid, and from when on improvement must be on record. Pure."""

from __future__ import annotations

from datetime import date

from billing.coverage.rules.pack import Rule
from billing.coverage.rules.question import Question
from billing.coverage.rules.verdict import Count, Verdict

EVIDENCE = "an improvement of the pain score by 2 points or 30 % since the first one"
"""What counts as improvement unless a rule says otherwise (Ostelo et al., Spine 2008)."""


def visits(asked: Question) -> Verdict:
    """Whether the visit is one of those that are paid in its span."""
    count = asked.count(asked.rule.visits)
    arithmetic = f"Visit {count.number} of {count.allowed} from {count.first} to {count.last}."
    if count.number <= count.allowed:
        return asked.met(arithmetic, count)
    return asked.broken(
        arithmetic,
        f"This is visit {count.number} since {count.first}; {asked.pack.name} pays {count.allowed} until {count.last}.",
        "Bill the patient only if a notice was signed before the visit.",
        count,
        number=count.number, limit=count.allowed, first=count.first, last=count.last,
    )  # fmt: skip


def improvement(asked: Question) -> Verdict:
    """Whether improvement, and a modifier where one is wanted, is on record from some visit or day on."""
    rule, on = asked.rule, asked.case.on
    count = asked.count(rule.up_to_visit or 0)
    arithmetic = f"Visit {count.number} since {count.first}, {(on - count.first).days} days after the first."
    if not _has_begun(rule, count, on):
        return asked.apart(f"{arithmetic} The rule begins {_beginning(rule)}.", _before_it(rule, count))
    lacking = [] if asked.case.improved(count.first, on) else [rule.evidence or EVIDENCE]
    lines = asked.case.counted_lines(asked.edition.counted_codes)
    if rule.modifier and not all(rule.modifier in line.modifiers for line in lines):
        lacking.append(f"modifier {rule.modifier} on the acupuncture lines")
    if not lacking:
        return asked.met(f"{arithmetic} Improvement is on record.")
    wants = " and ".join(lacking)
    return asked.broken(
        f"{arithmetic} Lacking: {wants}.",
        f"This is visit {count.number} since {count.first}; {asked.pack.name} wants {wants}.",
        "Measure and note the outcome; without improvement the payer stops paying.",
        number=count.number, limit=rule.up_to_visit or "", first=count.first, last=count.last, lacking=wants,
        days=rule.after_days or "", evidence=rule.evidence or EVIDENCE,
    )  # fmt: skip


def _has_begun(rule: Rule, count: Count, on: date) -> bool:
    if rule.up_to_visit is not None and count.number > rule.up_to_visit:
        return False
    by_visit = rule.after_visit is not None and count.number > rule.after_visit
    return by_visit or (rule.after_days is not None and (on - count.first).days >= rule.after_days)


def _before_it(rule: Rule, count: Count) -> Count | None:
    """The visits there are before the rule begins, of which this is one."""
    if rule.after_visit is None or count.number > rule.after_visit:
        return None
    return Count(count.number, rule.after_visit, count.first, count.last)


def _beginning(rule: Rule) -> str:
    parts = [f"after visit {rule.after_visit}"] if rule.after_visit is not None else []
    parts += [f"{rule.after_days} days after the first visit"] if rule.after_days is not None else []
    until = f" and ends with visit {rule.up_to_visit}" if rule.up_to_visit is not None else ""
    return " or ".join(parts) + until
