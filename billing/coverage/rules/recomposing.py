"""A pack that is there already, opened in the short form and written anew: what the form does not know stays as it is.

The form works on the latest edition. The head of the text and earlier editions are not touched, and of the latest
one every rule that the form cannot show is carried over letter by letter.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from billing.coverage.rules.composing import PlanRules, composed, edition_table, rule_tables
from billing.coverage.rules.pack import Edition, Pack, Rule, RuleKind
from billing.coverage.rules.reading import read_pack
from billing.errors import Refused, Severity, block

_EDITION = re.compile(r"\s*\[\[\s*edition\s*\]\]\s*(#.*)?")
_RULE = re.compile(r"\s*\[\[\s*edition\s*\.\s*rule\s*\]\]\s*(#.*)?")
_STOPPABLE = (RuleKind.VISITS, RuleKind.DIAGNOSES, RuleKind.UNITS)


@dataclass(frozen=True, slots=True)
class Opened:
    """A pack as the form shows it."""

    pack: Pack
    plan: PlanRules
    kept: tuple[str, ...]
    """Titles of the rules that the form cannot show, and leaves as they are."""
    before: str
    """The text up to the latest edition."""
    blocks: tuple[str, ...]
    """The text of each rule of the latest edition."""
    kept_blocks: tuple[str, ...]
    """Of those, the ones the form leaves as they are."""


def opened(text: str) -> Opened | None:
    """The pack for the form; ``None`` when it can only be changed as text."""
    pack, _ = read_pack(text)
    if pack is None:
        return None
    before, blocks = _split(text)
    edition = pack.latest
    last: dict[str, Any] = tomllib.loads(text)["edition"][-1]
    if len(blocks) != len(edition.rules) or last["valid_from"] != edition.valid_from:
        return None
    plan, known = _plan_of(pack, edition)
    others = [number for number in range(len(blocks)) if number not in known]
    return Opened(
        pack=pack,
        plan=plan,
        kept=tuple(edition.rules[number].title for number in others),
        before=before,
        blocks=tuple(blocks),
        kept_blocks=tuple(blocks[number] for number in others),
    )


def recomposed(one: Opened, plan: PlanRules, *, is_new_edition: bool) -> str:
    """The text with the form's rules: in place of the latest edition, or as one that begins after it.

    Raises :class:`Refused` when a new edition would not begin after the one before.
    """
    edition = one.pack.latest
    parts = [one.before]
    if is_new_edition:
        if plan.valid_from <= edition.valid_from:
            why = "The new edition would not begin after the one before."
            raise Refused(why, [block("rule_pack.edition", why, "Choose a later day.", "field:valid_from")])
        ended = replace(_dates_of(edition), valid_to=plan.valid_from - timedelta(days=1))
        parts += [edition_table(ended, edition), *one.blocks]
    parts += [edition_table(plan, edition), *rule_tables(plan), *one.kept_blocks]
    text = "\n".join(part.strip("\n") + "\n" for part in parts if part.strip())
    _check_kept(one, text)
    return text


def _check_kept(one: Opened, text: str) -> None:
    """Raise :class:`Refused` unless the rules the form does not know are there still."""
    pack, _ = read_pack(text)
    if pack is None:
        return  # what is wrong with it is told with its line when it is to be kept
    if len(pack.latest.rules) < len(one.kept) or (
        one.kept and tuple(rule.title for rule in pack.latest.rules[-len(one.kept) :]) != one.kept
    ):
        raise Refused("This pack is written in a way that the form cannot change. Change its text.")


def _split(text: str) -> tuple[str, list[str]]:
    """The text before its last edition, and the text of each rule of that one."""
    lines = text.splitlines()
    begins = max((number for number, line in enumerate(lines) if _EDITION.fullmatch(line)), default=0)
    starts = [number for number in range(begins, len(lines)) if _RULE.fullmatch(lines[number])]
    spans = pairwise([*starts, len(lines)])
    blocks = ["\n".join(lines[start:end]) + "\n" for start, end in spans]
    return "\n".join(lines[:begins]) + "\n", blocks


def _dates_of(edition: Edition) -> PlanRules:
    return PlanRules(
        name="", source=edition.source, valid_from=edition.valid_from, checked_on=edition.checked_on,
        valid_to=edition.valid_to, review_by=edition.review_by,
    )  # fmt: skip


def _plan_of(pack: Pack, edition: Edition) -> tuple[PlanRules, set[int]]:
    """What the form shows of an edition, and which of its rules, by their place, that is."""
    plan = replace(_dates_of(edition), name=pack.name)
    stops = any(rule.severity is Severity.BLOCK for rule in edition.rules if rule.kind in _STOPPABLE)
    plan, known = replace(plan, stops=stops), set[int]()
    for number, rule in enumerate(edition.rules):
        cells = next(_cells(rule), None)
        if cells is None or any(getattr(plan, name) for name in cells if name != "window"):
            continue
        alone = replace(_dates_of(edition), name="A plan", stops=stops, **cells)
        if _read_alone(alone) == replace(rule, is_verified=True):
            plan = replace(plan, **cells)
            known.add(number)
    return plan, known


def _read_alone(plan: PlanRules) -> Rule | None:
    pack, _ = read_pack(composed(plan))
    rules: Sequence[Rule] = pack.latest.rules if pack else ()
    return rules[0] if len(rules) == 1 else None


def _cells(rule: Rule) -> Iterator[dict[str, Any]]:
    """The form's fields that would say what a rule says, if any do."""
    match rule.kind:
        case RuleKind.VISITS:
            yield {"visits": rule.visits, "window": rule.window}
        case RuleKind.DIAGNOSES if rule.codes:
            yield {"conditions": rule.codes}
        case RuleKind.UNITS:
            yield {"units": rule.units}
        case RuleKind.IMPROVEMENT if rule.after_days:
            yield {"benefit_after_weeks": rule.after_days // 7}
        case RuleKind.AUTHORISATION:
            yield {"needs_authorisation": True}
        case RuleKind.MAINTENANCE:
            yield {"excludes_maintenance": True}
        case RuleKind.PATIENT_NOT_BILLED:
            yield {"bills_patient_never": True}
