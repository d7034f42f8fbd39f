"""The engine: what a rule pack says of a visit. Pure; it never raises, and every verdict can be read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from billing.codes.diagnoses import is_chronic_low_back_pain, undotted
from billing.coverage.rules.case import Case
from billing.coverage.rules.counting import improvement, visits
from billing.coverage.rules.pack import Edition, Needed, Pack, Rule, RuleKind
from billing.coverage.rules.question import Question
from billing.coverage.rules.verdict import Count, Outcome, Verdict
from billing.coverage.rules.windows import Window


def judge(pack: Pack, edition: Edition, case: Case) -> list[Verdict]:
    """What each rule of an edition says of a visit, in the edition's order.

    A visit without any of the counted codes is apart: its rules of visits and conditions say nothing of it.
    """
    counted = case.is_counted(edition.counted_codes)
    return [
        _verdict(Question(pack, edition, rule, case))
        if counted or rule.kind in _OF_ANY_VISIT
        else Verdict(pack, edition, rule, Outcome.APART, _nothing_counted(edition))
        for rule in edition.rules
    ]


_OF_ANY_VISIT = frozenset({RuleKind.NOTE, RuleKind.PATIENT_NOT_BILLED, RuleKind.INJURY_FACTS})


def _nothing_counted(edition: Edition) -> str:
    return f"None of the day's codes is one of {', '.join(sorted(edition.counted_codes))}."


def _verdict(asked: Question) -> Verdict:
    return _JUDGES[asked.rule.kind](asked)


def _diagnoses(asked: Question) -> Verdict:
    treated, on = asked.case.diagnoses, asked.case.on
    if treated is None:
        return asked.unknown("No diagnosis is charted yet.")
    fitting = [code for code in treated if _is_listed(code, asked.rule, on)]
    if fitting:
        return asked.met(f"{fitting[0]} is listed.")
    named = ", ".join(treated) or "no diagnosis"
    return asked.broken(
        f"Charted: {named}. Listed: {', '.join(asked.rule.codes) or asked.rule.list.replace('_', ' ')}.",
        f"None of the diagnoses ({named}) is one that {asked.pack.name} covers acupuncture for.",
        "Check the diagnosis against the plan's policy before filing; choose only what the chart supports.",
        codes=named,
    )


def _is_listed(code: str, rule: Rule, on: date) -> bool:
    bare = undotted(code)
    if bare and any(bare.startswith(undotted(listed)) for listed in rule.codes):
        return True
    return bool(rule.list) and is_chronic_low_back_pain(code, on)


def _renderers(asked: Question) -> Verdict:
    who = asked.case.renderer
    if who is None:
        return asked.unknown("Nobody is named who treats.")
    facts = f"{who.name}: taxonomy {who.taxonomy or 'none'}, letters {', '.join(sorted(who.letters)) or 'none'}."
    if who.taxonomy.startswith(asked.rule.taxonomies) or not who.letters.isdisjoint(asked.rule.letters):
        return asked.met(facts)
    return asked.broken(
        facts,
        f"{asked.pack.name} does not pay for treatment by {who.name}.",
        "Name who supervised, if the payer knows them, or bill the patient.",
        name=who.name,
    )


def _authorisation(asked: Question) -> Verdict:
    if asked.case.authorisation:
        return asked.met(f"Authorisation {asked.case.authorisation} has a visit left for {asked.case.on}.")
    return asked.broken(
        f"No authorisation with a visit left covers {asked.case.on}.",
        f"{asked.pack.name} wants an authorisation, and none with a visit left covers {asked.case.on}.",
        "Enter the authorisation, or ask for one; few are given afterwards.",
    )


def _units(asked: Question) -> Verdict:
    if asked.case.lines is None:
        return asked.unknown("No codes are charted yet.")
    counted = asked.case.counted_lines(asked.edition.counted_codes)
    units, most = sum(line.units for line in counted), asked.rule.units
    arithmetic = f"{' + '.join(f'{line.units} x {line.code}' for line in counted) or 'Nothing'} = {units} of {most}."
    if units <= most:
        return asked.met(arithmetic)
    return asked.broken(
        arithmetic,
        f"The day has {units} units; {asked.pack.name} pays {most} a visit.",
        "Ask for more before treating longer, or expect the rest to be denied.",
        units=units, limit=most,
    )  # fmt: skip


def _codes(asked: Question) -> Verdict:
    if asked.case.lines is None:
        return asked.unknown("No codes are charted yet.")
    others = sorted({line.code for line in asked.case.lines} - set(asked.rule.codes))
    if not others:
        return asked.met(f"All codes are among {', '.join(asked.rule.codes)}.")
    return asked.broken(
        f"Not among {', '.join(asked.rule.codes)}: {', '.join(others)}.",
        f"{asked.pack.name} does not pay {', '.join(others)}.",
        "Ask the payer before the next visit, or bill the patient if a notice was signed.",
        codes=", ".join(others),
    )


def _maintenance(asked: Question) -> Verdict:
    rule = asked.rule
    last = [value for day, value in sorted(asked.case.scores.items()) if day <= asked.case.on][-rule.scores :]
    told = f"The last pain scores: {', '.join(map(str, last)) or 'none'}."
    if len(last) < rule.scores:
        return asked.unknown(f"{told} {rule.scores} are needed to tell.")
    if max(last) - min(last) >= rule.points or last[-1] == 0:
        return asked.met(told)
    return asked.broken(
        f"{told} They differ by less than {rule.points}.",
        f"The last {rule.scores} pain scores differ by less than {rule.points}; {asked.pack.name} does not pay for "
        "maintenance.",
        "Note what still improves, set a new goal, or agree with the patient on paying.",
    )


def _patient_not_billed(asked: Question) -> Verdict:
    return asked.told(asked.rule.why or "The patient is not billed for what the payer accepts.")


def _note(asked: Question) -> Verdict:
    return asked.told(asked.rule.why)


def _excluded(asked: Question) -> Verdict:
    return asked.broken(
        f"{asked.pack.name} excludes acupuncture on {asked.case.on}.",
        f"{asked.pack.name} does not pay for acupuncture.",
        "Bill the patient if a notice was signed before the visit.",
    )


def _first_care(asked: Question) -> Verdict:
    injured, on = asked.case.injury.on if asked.case.injury else None, asked.case.on
    if injured is None:
        return asked.unknown("The day of the injury is not on file.")
    days, _ = asked.case.days(frozenset())
    first = min(day for day in (*days, on) if day >= injured) if on >= injured else on
    between = (first - injured).days
    arithmetic = f"Injured on {injured}, first treated here on {first}: {between} days."
    if between <= asked.rule.days:
        return asked.met(arithmetic)
    return asked.broken(
        arithmetic,
        f"The first treatment here was {between} days after the injury of {injured}; it must be within "
        f"{asked.rule.days}.",
        "Note who treated the injury before.",
        days=between, first=first, limit=asked.rule.days,
    )  # fmt: skip


def _injury_facts(asked: Question) -> Verdict:
    injury = asked.case.injury
    if injury is None:
        return asked.unknown("What is known of the injury stands with the session, once there is one.")
    known = {Needed.DATE: injury.on, Needed.CLAIM_NUMBER: injury.claim_number, Needed.EMPLOYER: injury.employer}
    lacking = [str(one) for one in asked.rule.needs if not known[one]]
    if not lacking:
        return asked.met(f"On file: {', '.join(asked.rule.needs)}.")
    return asked.broken(
        f"Not on file: {', '.join(lacking)}.",
        f"{asked.pack.name} wants to know {' and '.join(lacking)}.",
        "Ask the patient or the adjuster, and note it with the session or the policy.",
        lacking=" and ".join(lacking),
    )


_JUDGES: Mapping[RuleKind, Callable[[Question], Verdict]] = {
    RuleKind.VISITS: visits,
    RuleKind.IMPROVEMENT: improvement,
    RuleKind.DIAGNOSES: _diagnoses,
    RuleKind.RENDERERS: _renderers,
    RuleKind.AUTHORISATION: _authorisation,
    RuleKind.UNITS: _units,
    RuleKind.CODES: _codes,
    RuleKind.MAINTENANCE: _maintenance,
    RuleKind.PATIENT_NOT_BILLED: _patient_not_billed,
    RuleKind.EXCLUDED: _excluded,
    RuleKind.FIRST_CARE: _first_care,
    RuleKind.INJURY_FACTS: _injury_facts,
    RuleKind.NOTE: _note,
}


def counts_of(verdicts: Sequence[Verdict]) -> list[Count]:
    """The limits of visits among the verdicts, the one with least left first; how often a week is none of them."""
    found = [one.count for one in verdicts if one.count is not None and one.rule.window is not Window.ROLLING_DAYS]
    return sorted(found, key=lambda one: (one.allowed - one.number, one.last))
