"""Checks over the procedure lines of one patient's day.

Medicare's coding edits (National Correct Coding Initiative) say which codes exclude each other,
which need a modifier to stand together, and how many units a day can hold. Payers of every kind
follow the pairs; the unit caps bind fully only where the code's own definition is the reason or the
payer is Medicare, and warn elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from billing.codes.edit_tables import (
    PairEdit,
    UnitCap,
    caps_of,
    is_refused_on,
    modifier,
    pair_edit,
    primaries_of,
)
from billing.codes.procedures import Family, Part, is_family, procedure
from billing.errors import Problem, Severity, block, warn

MODIFIERS_A_LINE = 4
"""Places for modifiers on a service line (CMS-1500 02/12 box 24D, X12 005010X222A1 SV101)."""

_OF_A_LINE = 1
"""The adjudication indicator of a cap that binds each line by itself."""


@dataclass(frozen=True, slots=True)
class ProcedureLine:
    """One procedure of a visit: code, modifiers in order, units."""

    code: str
    modifiers: tuple[str, ...] = ()
    units: int = 1


def procedure_problems(
    lines: Sequence[ProcedureLine],
    *,
    service_on: date,
    payer_kind: str,
    earlier_same_day: Sequence[ProcedureLine] = (),
) -> list[Problem]:
    """Everything that is wrong with the lines of one visit, judged on the date of service.

    ``payer_kind`` is commercial, medicare, medicaid, va, workers_comp or auto. ``earlier_same_day``
    holds the lines of the patient's earlier visits of that day: they count towards the day, but a
    problem among themselves is theirs and is not repeated here.
    """
    day = [*lines, *earlier_same_day]
    return [
        *_add_on_problems(lines, service_on),
        *_initial_problems(lines, day, service_on),
        *_pair_problems(lines, earlier_same_day, service_on),
        *_cap_problems(lines, day, service_on, payer_kind),
        *(problem for line in lines for problem in _modifier_problems(line, service_on, payer_kind)),
    ]


def _add_on_problems(lines: Sequence[ProcedureLine], on: date) -> list[Problem]:
    present = {line.code for line in lines}
    problems = []
    for code in sorted(present):
        primaries = primaries_of(code, on)
        if primaries and present.isdisjoint(primaries):
            problems.append(
                block(
                    "procedure.add_on_without_base",
                    f"{code} is an add-on and is never paid without {_either(primaries)} on the same claim.",
                    f"Add {_either(primaries)} if the note shows it, or remove {code}.",
                )
            )
    return problems


def _initial_problems(lines: Sequence[ProcedureLine], day: Sequence[ProcedureLine], on: date) -> list[Problem]:
    initial = [line for line in day if _is_initial_acupuncture(line.code, on)]
    units = sum(line.units for line in initial)
    if units <= 1 or not any(_is_initial_acupuncture(line.code, on) for line in lines):
        return []
    return [
        block(
            "procedure.two_initial",
            f"The day has {units} units of an initial acupuncture code ({_codes(initial)}); a patient has one a day.",
            "Keep the first; bill each further set with new needles as an add-on, 97811 or 97814.",
        )
    ]


def _is_initial_acupuncture(code: str, on: date) -> bool:
    known = procedure(code, on)
    return known is not None and known.family is Family.ACUPUNCTURE and known.part is Part.INITIAL


def _pair_problems(lines: Sequence[ProcedureLine], earlier: Sequence[ProcedureLine], on: date) -> list[Problem]:
    pairs = [*combinations(lines, 2), *((line, other) for line in lines for other in earlier)]
    found: dict[str, Problem] = {}
    for one, other in pairs:
        edit = pair_edit(one.code, other.code, on)
        if edit is None or (edit.modifier_allowed and _is_unlocked(one, other, on)):
            continue
        if _is_initial_acupuncture(one.code, on) and _is_initial_acupuncture(other.code, on):
            continue  # procedure.two_initial has said it
        problem = _pair_problem(edit, on)
        # A missing modifier is said once for the line that needs it, however many codes ask for it.
        found.setdefault(problem.fix if edit.modifier_allowed else problem.why, problem)
    return list(found.values())


def _is_unlocked(one: ProcedureLine, other: ProcedureLine, on: date) -> bool:
    """Whether the pair carries its modifier: on an office visit if there is one, else on either line."""
    visits = [line for line in (one, other) if is_family(line.code, Family.OFFICE_VISIT, on)]
    kind = "office_visit" if visits else "procedure"
    carried = (modifier(code, on) for line in visits or (one, other) for code in line.modifiers)
    return any(known is not None and known.unlocks == kind for known in carried)


def _pair_problem(edit: PairEdit, on: date) -> Problem:
    visits = [code for code in (edit.column2, edit.column1) if is_family(code, Family.OFFICE_VISIT, on)]
    if not edit.modifier_allowed:
        return block(
            "procedure.pair_not_allowed",
            f"{edit.column2} is never paid on the same day as {edit.column1}; no modifier allows it.",
            f"Keep one of them: {edit.column1} if both were done.",
        )
    if visits:
        other = edit.column1 if visits[0] == edit.column2 else edit.column2
        return block(
            "modifier.missing",
            f"{visits[0]} on the same day as {other} needs modifier 25.",
            f"Add 25 to {visits[0]} if the note shows a significant, separate evaluation; otherwise remove it.",
        )
    return block(
        "modifier.missing",
        f"{edit.column2} on the same day as {edit.column1} needs modifier 59, XE, XS, XP or XU.",
        f"Add the narrowest true one to {edit.column2} if the note shows a distinct service; otherwise remove it.",
    )


def _cap_problems(
    lines: Sequence[ProcedureLine], day: Sequence[ProcedureLine], on: date, payer_kind: str
) -> list[Problem]:
    present = {line.code for line in lines}
    problems = []
    for cap in caps_of(present, on):
        counted = [line.units for line in day if line.code in cap.codes]
        units = max(counted) if cap.adjudication == _OF_A_LINE else sum(counted)
        if cap.payer_kind in ("", payer_kind) and units > cap.units:
            problems.append(_cap_problem(cap, units, payer_kind))
    return problems


def _cap_problem(cap: UnitCap, units: int, payer_kind: str) -> Problem:
    binding = cap.adjudication == 2 or payer_kind == "medicare" or payer_kind == cap.payer_kind
    codes = " and ".join(cap.codes)
    if cap.units == 0:
        used = f"; {cap.instead} is used instead" if cap.instead else ""
        why = f"Medicare does not pay {codes}{used}."
        fix = f"Bill {cap.instead} instead" if cap.instead else f"Remove {codes}"
    else:
        whose = "of this kind of payer" if cap.payer_kind else "published by Medicare"
        has = "A line" if cap.adjudication == _OF_A_LINE else "The day"
        why = f"{has} has {units} units of {codes}; the cap {whose} is {cap.units}."
        fix = f"Reduce them to {cap.units}"
    exception = "" if binding else ", unless this payer's own policy allows it"
    severity = Severity.BLOCK if binding else Severity.WARN
    return Problem("procedure.unit_cap", severity, why, f"{fix}{exception}.")


def _modifier_problems(line: ProcedureLine, on: date, payer_kind: str) -> list[Problem]:
    facts = procedure(line.code, on)
    problems = _refused_modifiers(line, facts.family if facts else None, on)
    if len(line.modifiers) > MODIFIERS_A_LINE:
        problems.append(
            block(
                "modifier.too_many",
                f"{line.code} has {len(line.modifiers)} modifiers; a line holds {MODIFIERS_A_LINE}.",
                "Keep those that decide payment (25, 59, KX) and drop informational ones.",
            )
        )
    if payer_kind == "va" and facts is not None and facts.always_therapy and "GP" not in line.modifiers:
        problems.append(
            warn(
                "modifier.gp_expected",
                f"The VA expects GP on {line.code}, a therapy code.",
                f"Add GP to {line.code}.",
            )
        )
    return problems


def _refused_modifiers(line: ProcedureLine, family: Family | None, on: date) -> list[Problem]:
    known = (modifier(code, on) for code in line.modifiers)
    return [
        block(
            "modifier.not_allowed",
            f"{line.code} must not carry {one.code} ({one.label}).",
            f"Remove {one.code} from {line.code}.",
        )
        for one in known
        if one is not None and is_refused_on(one, family)
    ]


def _codes(lines: Sequence[ProcedureLine]) -> str:
    return ", ".join(sorted({line.code for line in lines}))


def _either(codes: Sequence[str]) -> str:
    return " or ".join(codes)
