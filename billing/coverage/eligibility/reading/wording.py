"""Facts and rows in words, as a person at the desk reads them. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from billing.codes.coverage_words import (
    information_label,
    insurance_type_label,
    level_label,
    period_label,
    quantity_label,
    service_type_label,
)
from billing.coverage.eligibility.reading.facts import AMOUNTS, UNLIMITED, YES_OR_NO, FactKind, Value
from billing.coverage.wording import basis_points, day_words, percent_words
from billing.edi.eligibility_271.answer import Benefit, DatedPeriod
from billing.money import Money, cents_from_text

TITLES = {
    FactKind.ACTIVE: "Plan in force",
    FactKind.COVERED: "Acupuncture covered",
    FactKind.COPAY: "Copay each visit",
    FactKind.COINSURANCE: "Coinsurance, the patient's share",
    FactKind.DEDUCTIBLE: "Deductible",
    FactKind.DEDUCTIBLE_LEFT: "Deductible left",
    FactKind.FAMILY_DEDUCTIBLE: "Family deductible",
    FactKind.FAMILY_DEDUCTIBLE_LEFT: "Family deductible left",
    FactKind.OUT_OF_POCKET: "Out-of-pocket maximum",
    FactKind.OUT_OF_POCKET_LEFT: "Out-of-pocket maximum left",
    FactKind.FAMILY_OUT_OF_POCKET: "Family out-of-pocket maximum",
    FactKind.FAMILY_OUT_OF_POCKET_LEFT: "Family out-of-pocket maximum left",
    FactKind.VISITS_ALLOWED: "Visits allowed",
    FactKind.VISITS_LEFT: "Visits left",
    FactKind.DOLLARS_ALLOWED: "Most the plan pays",
    FactKind.DOLLARS_LEFT: "Left of what the plan pays",
    FactKind.PERIOD: "Limits count in",
    FactKind.SHARED: "Visits shared with",
    FactKind.AUTHORISATION: "Authorisation needed",
    FactKind.PLAN: "Plan",
    FactKind.GROUP: "Group",
    FactKind.STARTS_ON: "In force from",
    FactKind.ENDS_ON: "In force to",
}
TO_OVERRULE = tuple(
    kind
    for kind in TITLES
    if kind not in (FactKind.PLAN, FactKind.GROUP, FactKind.STARTS_ON, FactKind.ENDS_ON, FactKind.SHARED)
)
"""Facts that a person may set against an answer: those that the benefit on file holds."""
_MOST_CENTS = 100_000_000
_PERIODS = {"calendar_year": "the calendar year", "plan_year": "the plan year"}
_DAYS = (FactKind.STARTS_ON, FactKind.ENDS_ON)
_NETWORKS = {"Y": "in network", "N": "out of network", "W": "in and out of network"}
_AUTHORISATION = {"Y": "authorisation needed", "N": "no authorisation needed", "U": "authorisation: unknown"}
_DATES = {
    "193": "period begins", "194": "period ends", "291": "plan", "292": "benefit", "304": "latest visit",
    "307": "eligibility", "346": "plan begins", "347": "plan ends", "348": "benefit begins", "349": "benefit ends",
    "356": "eligibility begins", "357": "eligibility ends", "472": "service",
}  # fmt: skip


def value_words(kind: FactKind, value: Value, currency: str) -> str:
    """A fact's value: ``yes``, ``$25.00``, ``20%``, ``unknown``."""
    if value is None:
        return "unknown"
    if kind in YES_OR_NO:
        return "yes" if value else "no"
    if kind is FactKind.COINSURANCE and isinstance(value, int):
        return percent_words(value)
    if kind in AMOUNTS and isinstance(value, int):
        return str(Money(value, currency))
    if kind is FactKind.PERIOD:
        return _PERIODS.get(str(value), str(value))
    if kind in _DAYS:
        return day_words(date.fromisoformat(str(value)))
    return "no limit" if value == UNLIMITED else str(value)


def value_from(kind: FactKind, text: str) -> Value:
    """What a person typed for a fact; ``unknown`` is none. Raises ``ValueError``, which says how it is written."""
    typed = text.strip()
    if typed.lower() == "unknown":
        return None
    if kind in YES_OR_NO:
        if typed.lower() not in ("yes", "no"):
            raise ValueError("Write yes, no or unknown.")
        return typed.lower() == "yes"
    if kind in AMOUNTS:
        return _cents(typed)
    if kind is FactKind.COINSURANCE:
        try:
            return basis_points(typed)
        except ValueError:
            raise ValueError("Write a percentage like 20 or 12.5, or unknown.") from None
    if kind is FactKind.PERIOD:
        if typed not in _PERIODS:
            raise ValueError("Write calendar_year or plan_year.")
        return typed
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 4):
        raise ValueError("Write a whole number, or unknown.")
    return int(typed)


def _cents(typed: str) -> int:
    try:
        cents = cents_from_text(typed)
    except ValueError:
        cents = -1
    if not 0 <= cents <= _MOST_CENTS:
        raise ValueError("Write an amount like 25.00, or unknown.")
    return cents


def row_words(row: Benefit, currency: str) -> str:
    """One row in a line: ``copay · acupuncture · $25.00 · a visit · in network``."""
    return " · ".join(part for part in _parts(row, currency) if part)


def _parts(row: Benefit, currency: str) -> Iterator[str]:
    yield information_label(row.information)
    yield ", ".join(service_type_label(code) for code in row.service_types if code)
    if len(row.procedure) > 1:
        yield f"procedure {' '.join(part for part in row.procedure[1:] if part)}"
    yield level_label(row.level) if row.level else ""
    yield insurance_type_label(row.insurance_type) if row.insurance_type else ""
    yield row.plan
    yield str(Money(row.cents, currency)) if row.cents is not None else ""
    yield f"{row.share:f} of the amount" if row.share is not None else ""
    yield f"{row.quantity:f} {quantity_label(row.quantity_qualifier)}" if row.quantity is not None else ""
    yield period_label(row.period) if row.period else ""
    for one in row.deliveries:
        quantity = f"{one.quantity:f} {quantity_label(one.quantity_qualifier)}" if one.quantity is not None else ""
        each = f"each {one.every} {one.unit}".replace("  ", " ") if one.unit else ""
        yield " ".join(filter(None, ("pattern", quantity, each, period_label(one.period) if one.period else "")))
    yield _NETWORKS.get(row.in_network, "")
    yield _AUTHORISATION.get(row.authorisation, "")
    yield from (_dates(one) for one in row.dates)
    yield from (f"{one.qualifier} {one.value} {one.description}".strip() for one in row.references)


def _dates(one: DatedPeriod) -> str:
    label = _DATES.get(one.qualifier, f"date {one.qualifier}")
    if one.first is None:
        return f"{label} (unreadable)"
    if one.last is None or one.last == one.first:
        return f"{label} {day_words(one.first)}"
    return f"{label} {day_words(one.first)} to {day_words(one.last)}"
