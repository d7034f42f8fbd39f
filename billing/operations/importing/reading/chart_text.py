"""What was done and found in a session, as one cell says it: ``15 new estim;10 retained``, ``97140 GP x1;99203 25 x1``.

Empty parts between semicolons are passed over. Codes are kept as they are, in capitals: whether a
code may be billed is judged when it is billed.
"""

from __future__ import annotations

import re
from datetime import time
from functools import lru_cache
from typing import NamedTuple

from billing.operations.importing.reading.values import Unfit, code, shown, text, time_of_day
from billing.sessions.models import AccidentKind

LONGEST_SET = 600
"""Minutes."""
MOST_MODIFIERS = 4
"""As many as a service line has room for (NUCC 02/12 form, box 24D; X12 005010X222A1, SV101)."""

_SET = re.compile(r"([0-9]{1,4})\s+(new|retained)(\s+estim)?(?:\s*@\s*([0-9]{2}:[0-9]{2}))?", re.IGNORECASE)
_UNITS = re.compile(r"x([0-9]{1,3})", re.IGNORECASE)
_MODIFIER = re.compile(r"[A-Za-z0-9]{2}")
_ACCIDENT = re.compile(r"(auto):\s*([A-Za-z]{2})|(work|other)", re.IGNORECASE)
_BETWEEN_MODIFIERS = re.compile(r"[\s,;]+")
_CACHED = 20_000


class SetText(NamedTuple):
    """One needle set: minutes, fresh needles or retained ones, current, and the local time it began, if noted."""

    minutes: int
    new_needles: bool
    estim: bool
    at: time | None


class ProcedureText(NamedTuple):
    """One service besides the needles."""

    code: str
    modifiers: tuple[str, ...]
    units: int


@lru_cache(maxsize=_CACHED)
def needle_sets(value: str) -> tuple[SetText, ...]:
    """``MINUTES new|retained [estim] [@HH:MM]``, joined by semicolons, in order."""
    return tuple(_needle_set(part) for part in _parts(value))


def _needle_set(part: str) -> SetText:
    match = _SET.fullmatch(part)
    if match is None:
        fix = "Write minutes and new or retained, like 15 new or 15 new estim."
        raise Unfit(f"{shown(part)} is not a needle set.", fix)
    minutes = int(match[1])
    if minutes > LONGEST_SET:
        raise Unfit(f"{shown(part)} is longer than {LONGEST_SET} minutes.", "Correct the minutes.")
    at = time_of_day(match[4]) if match[4] else None
    return SetText(minutes, match[2].lower() == "new", match[3] is not None, at)


@lru_cache(maxsize=_CACHED)
def procedures(value: str) -> tuple[ProcedureText, ...]:
    """``CODE [MODIFIER...] [xUNITS]``, joined by semicolons, in order; one unit when none is written."""
    return tuple(_procedure(part) for part in _parts(value))


def _procedure(part: str) -> ProcedureText:
    first, *rest = part.split()
    units = 1
    if rest and (match := _UNITS.fullmatch(rest[-1])):
        units = int(match[1])
        rest.pop()
    if units < 1:
        raise Unfit(f"{shown(part)} has no units.", "Write x1 to x999 after the code.")
    return ProcedureText(code(first), _modifiers(rest, part), units)


def _modifiers(words: list[str], whole_text: str) -> tuple[str, ...]:
    if not all(_MODIFIER.fullmatch(word) for word in words):
        fix = "Write modifiers as two letters or digits each, and units like x2."
        raise Unfit(f"{shown(whole_text)} has something that is not a modifier.", fix)
    if len(words) > MOST_MODIFIERS:
        fix = f"Leave the {MOST_MODIFIERS} that matter."
        raise Unfit(f"{shown(whole_text)} has more than {MOST_MODIFIERS} modifiers.", fix)
    return tuple(word.upper() for word in words)


@lru_cache(maxsize=_CACHED)
def modifiers(value: str) -> tuple[str, ...]:
    """Modifiers between blanks, commas or semicolons, in capitals."""
    return _modifiers([word for word in _BETWEEN_MODIFIERS.split(value) if word], value)


@lru_cache(maxsize=_CACHED)
def diagnoses(value: str) -> tuple[str, ...]:
    """Diagnosis codes joined by semicolons, in capitals; the first is the principal one."""
    return tuple(part.upper() for part in _parts(value))


def diagnosis(value: str) -> str:
    """One diagnosis code, in capitals."""
    return text(value).upper()


def flags(value: str) -> tuple[str, ...]:
    """Words joined by semicolons, in lower case, each once."""
    return tuple(dict.fromkeys(part.lower() for part in _parts(value)))


@lru_cache(maxsize=_CACHED)
def accident(value: str) -> tuple[AccidentKind, str | None]:
    """``auto:OR``, ``work`` or ``other``: the kind, and of an auto accident the state it happened in."""
    match = _ACCIDENT.fullmatch(value)
    if match is None:
        fix = "Write auto: and the two letters of the state (auto:OR), work, or other."
        raise Unfit(f"{shown(value)} is not a kind of accident.", fix)
    return AccidentKind((match[1] or match[3]).lower()), match[2].upper() if match[2] else None


def _parts(value: str) -> list[str]:
    return [part for part in (piece.strip() for piece in value.split(";")) if part]
