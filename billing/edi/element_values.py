"""Elements as values: dates, amounts, counts and codes, with a finding for what does not say what it should."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from billing.edi.findings import Finding
from billing.edi.segments import Segment
from billing.errors import Severity

_MOST_DIGITS = 15

Code = TypeVar("Code", bound=StrEnum)
Value = TypeVar("Value")


class Unreadable(Exception):
    """A value that its record cannot do without is not there or makes no sense."""

    def __init__(self, segment_id: str, position: int, why: str) -> None:
        """Name the place and the reason; they become the finding."""
        super().__init__(why)
        self.finding = Finding("value.unreadable", Severity.BLOCK, why, position, segment_id)


def cents(segment: Segment, number: int) -> int:
    """The amount in an element, in cents, halves rounded away from zero. Raises :class:`Unreadable`."""
    text = segment.element(number)
    whole, _, minor = text.partition(".")
    if whole.isdecimal() and len(whole) <= _MOST_DIGITS and len(minor) <= 2 and (not minor or minor.isdecimal()):
        return int(whole) * 100 + int(minor.ljust(2, "0"))
    return int((_decimal(segment, number) * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def whole_number(segment: Segment, number: int, findings: list[Finding]) -> int:
    """The count in an element; a fraction is rounded up and found. Raises :class:`Unreadable`."""
    text = segment.element(number)
    if text.isdecimal() and len(text) <= _MOST_DIGITS:
        return int(text)
    value = _decimal(segment, number)
    rounded = int(value.to_integral_value(rounding="ROUND_CEILING"))
    if rounded != value:
        why = f"{segment.id}{number:02d} is a fraction; it was rounded up."
        findings.append(Finding("value.fraction", Severity.WARN, why, segment.position, segment.id))
    return rounded


def day(segment: Segment, number: int) -> date:
    """The date of format D8 in an element. Raises :class:`Unreadable`."""
    found = _date(segment.element(number))
    if found is None:
        raise Unreadable(segment.id, segment.position, f"{segment.id}{number:02d} is not a date.")
    return found


def day_or_none(segment: Segment | None, number: int) -> date | None:
    """The date in an element of a segment that may be missing; ``None`` when there is none or it is faulty."""
    return _date(segment.element(number)) if segment else None


def period(segment: Segment, number: int) -> tuple[date | None, date | None]:
    """First and last day of an element in format D8 or RD8; one day is both, ``None`` where there is no date."""
    first, dash, last = segment.element(number).partition("-")
    return _date(first), _date(last if dash else first)


def envelope_day(text: str) -> date | None:
    """The date of an ISA (``YYMMDD``, of this century) or a GS (``CCYYMMDD``); ``None`` when it is none."""
    return _date(f"20{text}" if len(text) == 6 else text)


def cents_or_none(segment: Segment, number: int, findings: list[Finding]) -> int | None:
    """The amount in an element, in cents; ``None`` when it is not sent, and a finding when it makes no sense."""
    return _or_none(cents, segment, number, findings)


def decimal_or_none(segment: Segment, number: int, findings: list[Finding]) -> Decimal | None:
    """The number in an element, as it was written; ``None`` when it is not sent, and a finding when it is none."""
    return _or_none(_decimal, segment, number, findings)


def _or_none(
    read: Callable[[Segment, int], Value], segment: Segment, number: int, findings: list[Finding]
) -> Value | None:
    if not segment.element(number):
        return None
    try:
        return read(segment, number)
    except Unreadable as missing:
        findings.append(missing.finding)
        return None


def code(kind: type[Code], text: str, default: Code, segment: Segment, findings: list[Finding]) -> Code:
    """``text`` as a member of ``kind``; ``default`` and a finding when it is none."""
    try:
        return kind(text)
    except ValueError:
        why = f"{segment.id} has a code that is not known here; {default.name} was taken."
        findings.append(Finding("value.code_unknown", Severity.WARN, why, segment.position, segment.id))
        return default


def _date(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 else None
    except ValueError:
        return None


def _decimal(segment: Segment, number: int) -> Decimal:
    try:
        value = Decimal(segment.element(number))
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= 10**_MOST_DIGITS:
        raise Unreadable(segment.id, segment.position, f"{segment.id}{number:02d} is not a number.")
    return value
