"""From needle sets to acupuncture lines.

The acupuncture codes pay for personal one-to-one contact with the patient, not for the time needles
stay in, and a further unit needs freshly inserted needles besides the time (CPT's guidance on
97810 to 97814; UnitedHealthcare's acupuncture reimbursement policy says the same). A unit stands
for 15 minutes and is earned from its midpoint on: eight minutes, as in Medicare's eight-minute
rule. Payers differ in this, which is why the eight is an argument.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from billing.errors import Problem, block, warn

MIN_SET = 8
"""Contact minutes from which a needle set earns a unit, unless a payer says otherwise."""

UNIT_MINUTES = 15


@dataclass(frozen=True, slots=True)
class NeedleSet:
    """One stretch of one-to-one contact, in the order in which they took place."""

    minutes: int
    """Minutes of personal contact; for a set that is not new, minutes of retention."""
    new_needles: bool
    """Needles were inserted; not the same ones left in or put back."""
    estim: bool = False
    """Any of its needles was stimulated electrically."""


@dataclass(frozen=True, slots=True)
class CodedSets:
    """The lines that needle sets earn, and what is to be said about them."""

    lines: list[tuple[str, int]]
    """Code and units: the initial code first, then each add-on code once."""
    problems: list[Problem]


def coded_sets(sets: Sequence[NeedleSet], *, min_set: int = MIN_SET) -> CodedSets:
    """The acupuncture lines of one visit of one patient, from its needle sets in order.

    ``min_set`` is in minutes. The first set that counts gives the initial code, each later one an
    add-on, by its own use of electricity. Units beyond what the whole contact time carries are
    dropped from the end.
    """
    counted = [one for one in sets if _counts(one, min_set)]
    if not counted:
        return CodedSets([], [_under_minimum(sets, min_set)] if sets else [])
    units = _units_carried(counted, min_set)
    codes = [_code(position, one) for position, one in enumerate(counted[:units])]
    problems = _set_problems(sets, min_set)
    if units < len(counted):
        problems.append(_short_contact(counted, units, min_set))
    return CodedSets(list(Counter(codes).items()), problems)


@dataclass(frozen=True, slots=True)
class SetReason:
    """What one needle set earns, and why."""

    code: str
    """Empty when it earns nothing."""
    why: str


def set_reasons(sets: Sequence[NeedleSet], *, min_set: int = MIN_SET) -> list[SetReason]:
    """For each set in order the unit it earns, told so that the practitioner can check it against the clock.

    Together they earn exactly the lines of :func:`coded_sets`.
    """
    carried = _units_carried([one for one in sets if _counts(one, min_set)], min_set)
    contact = sum(one.minutes for one in sets if _counts(one, min_set))
    reasons, counted = [], 0
    for one in sets:
        if not _counts(one, min_set):
            reasons.append(SetReason("", _why_nothing(one, min_set)))
            continue
        code = _code(counted, one) if counted < carried else ""
        why = _why_code(counted, one) if code else _why_not_carried(counted + 1, contact, min_set)
        reasons.append(SetReason(code, why))
        counted += 1
    return reasons


def _counts(one: NeedleSet, min_set: int) -> bool:
    return one.new_needles and one.minutes >= min_set


def _why_nothing(one: NeedleSet, min_set: int) -> str:
    if not one.new_needles:
        return f"{one.minutes} min with needles retained: no needles were inserted anew, so no unit."
    return f"{one.minutes} min of contact: a set counts from {min_set} minutes, so no unit."


def _why_code(counted: int, one: NeedleSet) -> str:
    place = "the first set of new needles" if counted == 0 else "a further set, with needles inserted anew"
    current = ", with electrical stimulation" if one.estim else ""
    more = "; more minutes earn no more without new needles" if one.minutes >= contact_needed(2) else ""
    return f"{one.minutes} min of contact: {place}{current}, earns one unit of {_code(counted, one)}{more}."


def _why_not_carried(units: int, contact: int, min_set: int) -> str:
    return (
        f"All sets together have {contact} min of contact; {units} units need "
        f"{contact_needed(units, min_set)}, so this set earns none."
    )


def contact_needed(units: int, min_set: int = MIN_SET) -> int:
    """Minutes of contact that ``units`` units need: 8, 23, 38, 53 and so on."""
    return UNIT_MINUTES * (units - 1) + min_set


def _units_carried(counted: Sequence[NeedleSet], min_set: int) -> int:
    contact = sum(one.minutes for one in counted)
    units = len(counted)
    while contact < contact_needed(units, min_set):
        units -= 1
    return units


def _code(position: int, one: NeedleSet) -> str:
    if position == 0:
        return "97813" if one.estim else "97810"
    return "97814" if one.estim else "97811"


def _under_minimum(sets: Sequence[NeedleSet], min_set: int) -> Problem:
    said = "; ".join(f"{one.minutes} min {'new' if one.new_needles else 'retained'}" for one in sets)
    return block(
        "procedure.under_minimum_time",
        f"No needle set reaches {min_set} minutes of contact with newly inserted needles ({said}), "
        "so no acupuncture code is earned.",
        "Correct the minutes in the note if they are wrong; otherwise the acupuncture cannot be billed.",
    )


def _set_problems(sets: Sequence[NeedleSet], min_set: int) -> list[Problem]:
    fresh = [one.minutes for one in sets if one.new_needles]
    below = [minutes for minutes in fresh if minutes < min_set]
    short = [minutes for minutes in fresh if min_set <= minutes < UNIT_MINUTES]
    problems = []
    if below:
        problems.append(
            warn(
                "procedure.set_not_counted",
                f"Needle sets of {_minutes(below)} earn no unit: a set counts from {min_set} minutes of contact.",
                "Correct the minutes in the note if they are wrong.",
            )
        )
    if short:
        problems.append(
            warn(
                "procedure.short_set",
                f"Needle sets of {_minutes(short)} are billed as units of {UNIT_MINUTES}; some payers and auditors "
                f"want the full {UNIT_MINUTES} minutes.",
                "Check the payer's policy and that the note shows the contact time.",
            )
        )
    return problems


def _short_contact(counted: Sequence[NeedleSet], units: int, min_set: int) -> Problem:
    contact = sum(one.minutes for one in counted)
    return warn(
        "procedure.short_contact_time",
        f"{contact} minutes of contact carry {units} of {len(counted)} units: "
        f"{units + 1} units need {contact_needed(units + 1, min_set)} minutes.",
        "Correct the minutes in the note if they are wrong; the units that are not carried are not billed.",
    )


def _minutes(several: Sequence[int]) -> str:
    return " and ".join(f"{minutes} min" for minutes in several)
