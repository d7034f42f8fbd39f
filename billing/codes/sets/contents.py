"""What the sets of a shelf say on a day, in words that two editions can be compared by."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from billing.codes.diagnoses import billable_codes, low_back_pain_codes, normal_code, undotted
from billing.codes.edit_tables import add_on_codes, pairs_in_force, published_caps
from billing.codes.sets.kinds import SetKind, is_of_diagnoses
from billing.codes.sets.shelf import Shelf, judged_by

_CAP_OF = {1: "a line", 2: "a day, absolute", 3: "a day"}


@dataclass(frozen=True, slots=True)
class Changed:
    """A code or pair of which two editions say different things."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an edition changes for the codes a clinic uses, and in all."""

    added: tuple[str, ...]
    ended: tuple[str, ...]
    changed: tuple[Changed, ...]
    all_added: int
    all_ended: int
    all_changed: int


def contents_on(kind: SetKind, on: date, shelf: Shelf) -> dict[str, str]:
    """What is in force on a day by a shelf, with what is said of it: ``97811`` has *2 a day*.

    The keys are codes, undotted, or two codes with a blank between.
    """
    with judged_by(shelf):
        if kind is SetKind.ICD10CM:
            return dict.fromkeys(billable_codes(on), "")
        if kind is SetKind.NCD_DIAGNOSES:
            return dict.fromkeys(low_back_pain_codes(on), "")
        if kind is SetKind.PAIR_EDITS:
            return {
                f"{one.column1} {one.column2}": "with a modifier" if one.modifier_allowed else "never together"
                for one in pairs_in_force(on)
            }
        if kind is SetKind.UNIT_CAPS:
            caps = published_caps(on)
            return {code: f"{one.units} {_CAP_OF[one.adjudication]}" for code, one in caps.items()}
        return {code: " or ".join(sorted(with_)) or "as the payer says" for code, with_ in add_on_codes(on).items()}


def _as_read(kind: SetKind, key: str) -> str:
    return normal_code(key) if is_of_diagnoses(kind) else key.replace(" ", " + ")


def compared(kind: SetKind, on: date, before: Shelf, after: Shelf, used: Collection[str]) -> Comparison:
    """What differs on a day between two shelves; named are only codes of ``used``, which may be dotted.

    A pair is named when both its codes are used. All are named as people read them: M54.50, 97810 + 97140.
    """
    had, has = contents_on(kind, on, before), contents_on(kind, on, after)
    added, ended = has.keys() - had.keys(), had.keys() - has.keys()
    changed = {one for one in had.keys() & has.keys() if had[one] != has[one]}
    known = {undotted(code) for code in used}

    def ours(found: Collection[str]) -> list[str]:
        return sorted(one for one in found if set(one.split()) <= known)

    def told(found: Collection[str]) -> tuple[str, ...]:
        return tuple(_as_read(kind, one) for one in ours(found))

    return Comparison(
        told(added), told(ended), tuple(Changed(_as_read(kind, one), had[one], has[one]) for one in ours(changed)),
        len(added), len(ended), len(changed),
    )  # fmt: skip
