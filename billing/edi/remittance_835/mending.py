"""Segments that cannot be read as they are, or stand where they should not: what is kept, and what is said of it."""

from __future__ import annotations

from billing.edi.remittance_835.guide import AMOUNTS_AT, CARRIES_MONEY, DAYS_AT, NEEDED_AMOUNTS
from billing.edi.remittance_835.notes import Notes
from billing.edi.remittance_835.places import MOST_TRIPLES, Place, Record, put
from billing.edi.remittance_835.values import DAYS, Implausible, cents
from billing.errors import Severity

UNREADABLE = (ValueError, IndexError)
"""What a place raises when the elements of a segment are not what they should be."""

_LONGEST_NAME = 3
_LONGEST = 3 * MOST_TRIPLES + 6
"""More elements than any segment of an 835 has."""

Complaint = tuple[str, Severity, str]
"""Rule, weight, reason."""


def place_segment(place: Place, record: Record, parts: list[str], position: int, notes: Notes) -> None:
    """Put a segment into its place, as far as it can be read."""
    try:
        meaning = place(record, parts)
    except UNREADABLE:
        try:
            meaning = place(record, mended(parts, position, notes))
        except UNREADABLE:
            severity = Severity.BLOCK if parts[0] in CARRIES_MONEY else Severity.WARN
            why = f"{parts[0]} is not made as the guide says; it was left out."
            notes.note("segment.unreadable", severity, why, position, parts[0])
            return
    if meaning is not None:
        put(record, meaning)


def note_unexpected(name: str, position: int, notes: Notes) -> None:
    """Say that a segment stands where there is no place for it."""
    severity = Severity.BLOCK if name in CARRIES_MONEY else Severity.WARN
    why = "A segment stands where the guide has no place for it."
    is_name = name.isalnum() and len(name) <= _LONGEST_NAME
    notes.note("segment.unexpected", severity, why, position, name if is_name else "")


def mended(parts: list[str], position: int, notes: Notes) -> list[str]:
    """``parts`` with zero for each amount and nothing for each day that cannot be read, which is noted.

    Missing elements at the end are filled with empty ones.
    """
    name, parts = parts[0], parts + [""] * (_LONGEST - len(parts))
    for number in AMOUNTS_AT.get(name, ()):
        if complaint := _about_amount(name, number, parts[number]):
            parts[number] = "0"
            notes.note(*complaint, position, name)
    for number in DAYS_AT.get(name, ()):
        if complaint := _about_day(name, number, parts[number]):
            parts[number] = ""
            notes.note(*complaint, position, name)
    return parts


def _about_amount(name: str, number: int, text: str) -> Complaint | None:
    if not text:
        weight = NEEDED_AMOUNTS.get(name, {}).get(number)
        return ("amount.missing", weight, f"{name}{number:02d} is missing; zero was read.") if weight else None
    try:
        cents(text)
    except ValueError:
        return "amount.not_cents", Severity.BLOCK, f"{name}{number:02d} is not an amount in whole cents."
    return None


def _about_day(name: str, number: int, text: str) -> Complaint | None:
    try:
        DAYS[text]
    except Implausible:
        return "date.implausible", Severity.BLOCK, f"{name}{number:02d} is a date that no claim can have."
    except ValueError:
        return "date.unreadable", Severity.BLOCK, f"{name}{number:02d} is not a date."
    return None
