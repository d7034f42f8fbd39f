"""Diagnosis codes: is an ICD-10-CM code billable on the date of service?

Two files answer. ``icd10cm_billable.txt`` holds every billable code of the April 2026 release of
ICD-10-CM (CDC/NCHS and CMS). ``icd10cm_changes.csv`` says from when or until when a code was
billable, as far as that is known: all changes of 1 October 2025 and the ones of 2021 and 2024 that
matter to this trade. A code that the changes do not name counts as billable on every day since
1 October 2015, the day ICD-10-CM replaced ICD-9; so a claim for an old date may pass with a code
that came later, but a right one is never held. From the day on which a loaded edition begins
(:mod:`billing.codes.sets`) that one answers instead: a code is billable when it is in it.

Billable means complete: a code that is divided further (M54.5 since 1 October 2021) is a header and
no payer accepts it. A suggestion names codes, never a diagnosis; the chart decides.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from billing.codes.sets.editions import due_edition, plain
from billing.codes.sets.kinds import FACTS, SetKind
from billing.codes.sets.shelf import shelf
from billing.codes.tables import Span, rows, span_of, text
from billing.errors import Problem, block

ICD10_FIRST_DAY = date(2015, 10, 1)
"""First date of service for which ICD-10-CM is used (45 CFR 162.1002)."""

CLAIM_LIMIT = 12
"""Diagnoses a professional claim can hold (CMS-1500 02/12, X12 005010X222A1 HI segment)."""

_SHOWN = 8
_AFTER_ALL = "~"  # sorts behind every character of a code


@dataclass(frozen=True, slots=True)
class _Change:
    span: Span
    replaced_by: tuple[str, ...]


def undotted(code: str) -> str:
    """``M54.50`` or `` m5450 `` as ``M5450``: the form of X12 and of the CMS-1500."""
    return code.replace(".", "").replace(" ", "").upper()


def normal_code(text: str) -> str:
    """The form people read: capitals, a dot after the third character (``m5450`` is ``M54.50``)."""
    bare = undotted(text)
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def is_billable(code: str, on: date) -> bool:
    """Whether ``code``, dotted or not, is complete and in force on the date of service."""
    bare = undotted(code)
    loaded = shelf().on(SetKind.ICD10CM, on)
    if loaded is not None:
        return _is_in(shelf().lines(loaded), bare)
    change = _changes().get(bare)
    if change is not None:
        return change.span.holds(on)
    return on >= ICD10_FIRST_DAY and _is_in(_listed(), bare)


def billable_codes(on: date) -> set[str]:
    """Every code that is billable on a day, undotted."""
    if loaded := shelf().on(SetKind.ICD10CM, on):
        return set(shelf().lines(loaded))
    return {bare for bare in {*_listed(), *_changes()} if is_billable(bare, on)}


def low_back_pain_codes(on: date) -> set[str]:
    """Every code for which Medicare covers acupuncture on a day, as far as it is known, undotted."""
    if loaded := shelf().on(SetKind.NCD_DIAGNOSES, on):
        return set(shelf().lines(loaded))
    return {bare for bare, span in _low_back_pain().items() if span.holds(on)}


def successors(code: str) -> tuple[str, ...]:
    """The dotted codes to choose from instead of ``code``: what replaced it, or what divides it further.

    Empty when there are none. Not all of them need be in force on a given day.
    """
    bare = undotted(code)
    change = _changes().get(bare)
    if change is not None and change.replaced_by:
        return change.replaced_by
    newest = shelf().newest(SetKind.ICD10CM)
    found = {*_longer(_listed(), bare), *(_longer(shelf().lines(newest), bare) if newest else ())}
    return tuple(normal_code(longer) for longer in sorted(found))


def diagnosis_label(code: str) -> str:
    """Our own short words for the codes this trade sees most; empty for any other."""
    return _labels().get(undotted(code), "")


def labelled_codes() -> list[tuple[str, str]]:
    """The codes this trade sees most, as people read them, each with our own short words."""
    return [(normal_code(bare), label) for bare, label in _labels().items()]


def is_chronic_low_back_pain(code: str, on: date) -> bool:
    """Whether ``code`` is one Meridian knows to stand for chronic low back pain under CMS NCD 30.3.3.

    Known are the codes of the list that was loaded, else those for low back pain alone.
    """
    if loaded := shelf().on(SetKind.NCD_DIAGNOSES, on):
        return _is_in(shelf().lines(loaded), undotted(code))
    span = _low_back_pain().get(undotted(code))
    return span is not None and span.holds(on)


def diagnosis_problems(codes: Sequence[str], on: date, *, limit: int = CLAIM_LIMIT) -> list[Problem]:
    """Everything that is wrong with the diagnoses of a claim for the date of service ``on``.

    ``codes`` come in any case, dotted or not, principal first; ``limit`` is the most a claim holds.
    """
    counts = Counter(undotted(code) for code in codes)
    if not counts:
        return [block("diagnosis.missing", "There is no diagnosis.", "Add the diagnosis the note supports.")]
    problems = [_not_billable(bare, on) for bare in counts if not is_billable(bare, on)]
    problems += [_duplicate(bare) for bare, times in counts.items() if times > 1]
    if len(codes) > limit:
        problems.append(
            block(
                "diagnosis.too_many",
                f"There are {len(codes)} diagnoses; a claim holds {limit}.",
                "Keep those that the day's treatment was for.",
            )
        )
    return problems


def _not_billable(bare: str, on: date) -> Problem:
    code = normal_code(bare)
    return block("diagnosis.not_billable", _reason(bare, on), _remedy(code, _in_force_instead(bare, on)))


def _reason(bare: str, on: date) -> str:
    code = normal_code(bare)
    loaded, later = shelf().on(SetKind.ICD10CM, on), _first_loaded_with(bare, on)
    change = _changes().get(bare) if loaded is None else None
    if on < ICD10_FIRST_DAY:
        return f"ICD-10-CM is not used before {ICD10_FIRST_DAY}; the date of service is {on}."
    if later is not None:
        return f"{code} is billable from {later} on; the date of service is {on}."
    if loaded is not None and (before := loaded.effective_from - timedelta(days=1)) and is_billable(bare, before):
        return f"{code} was billable until {before}; on {on} it no longer is."
    if change is not None and on < change.span.first:
        return f"{code} is billable from {change.span.first} on; the date of service is {on}."
    if change is not None:
        return f"{code} was billable until {change.span.last}; on {on} it no longer is."
    if _longer(shelf().lines(loaded) if loaded else _listed(), bare):
        return f"{code} is a heading that is divided further; only its longer codes are billable."
    named = code or "An empty entry"
    if loaded is not None:
        return f"{named} is not in the ICD-10-CM that was loaded and holds from {loaded.effective_from} on."
    return f"{named} is not in the ICD-10-CM release of April 2026 or its known changes.{_not_loaded(on)}"


def _first_loaded_with(bare: str, on: date) -> date | None:
    """The first day of the first edition that begins after ``on`` and has the code."""
    editions = shelf().of(SetKind.ICD10CM)
    found = (one for one in editions if one.effective_from > on and _is_in(shelf().lines(one), bare))
    return next((one.effective_from for one in found), None)


def _not_loaded(on: date) -> str:
    """That codes may have come which are not known here, for a day in a fiscal year of which nothing is loaded."""
    due, along = due_edition(SetKind.ICD10CM, on), FACTS[SetKind.ICD10CM].comes_along_from
    if due is None or along is None or due <= along:
        return ""
    return f" Codes that are new since {plain(due)} are not known until that edition is loaded in the settings."


def _remedy(code: str, instead: Sequence[str]) -> str:
    if not instead:
        return f"Check {code or 'the diagnosis'} for a typing error against the signed note."
    shown = ", ".join(instead[:_SHOWN])
    more = f" and {len(instead) - _SHOWN} more" if len(instead) > _SHOWN else ""
    return f"Choose what the chart supports, and only that: {shown}{more}."


def _duplicate(bare: str) -> Problem:
    return block(
        "diagnosis.duplicate",
        f"{normal_code(bare)} is named more than once.",
        "Keep it once; the first diagnosis is the principal one.",
    )


def _in_force_instead(bare: str, on: date) -> list[str]:
    """Codes in force on the day that say more than ``bare`` or, before it was divided, what it says now."""
    longer = [code for code in successors(bare) if is_billable(code, on)]
    shorter = (bare[:length] for length in range(len(bare) - 1, 2, -1))
    return longer or [normal_code(stem) for stem in shorter if is_billable(stem, on)]


@cache
def _labels() -> dict[str, str]:
    return {undotted(row["code"]): row["label"] for row in rows("diagnosis_labels.csv")}


@cache
def _listed() -> tuple[str, ...]:
    return tuple(text("icd10cm_billable.txt").split())


def _is_in(listed: Sequence[str], bare: str) -> bool:
    position = bisect_left(listed, bare)
    return position < len(listed) and listed[position] == bare


def _longer(listed: Sequence[str], bare: str) -> list[str]:
    """The listed codes that begin with ``bare`` and go on, for three characters or more."""
    if len(bare) < 3:
        return []
    run = listed[bisect_left(listed, bare) : bisect_left(listed, bare + _AFTER_ALL)]
    return [code for code in run if code != bare]


def _change(row: dict[str, str]) -> _Change:
    first, last = row["billable_from"], row["billable_to"]
    span = Span(date.fromisoformat(first) if first else ICD10_FIRST_DAY, date.fromisoformat(last) if last else None)
    return _Change(span, tuple(row["replaced_by"].split()))


@cache
def _changes() -> dict[str, _Change]:
    return {undotted(row["code"]): _change(row) for row in rows("icd10cm_changes.csv")}


@cache
def _low_back_pain() -> dict[str, Span]:
    return {undotted(row["code"]): span_of(row) for row in rows("medicare_low_back_pain.csv")}
