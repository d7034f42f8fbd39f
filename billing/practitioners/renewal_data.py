"""Reading the renewal rules: a file with anything unknown, missing or contradictory in it is refused, with the line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from billing.practitioners.data_files import fault_at, line_of, parsed, refused, starts_of
from billing.practitioners.models import CredentialKind
from billing.practitioners.renewal_rules import (
    CategoryRule,
    EducationRule,
    Ends,
    FirstTerm,
    Needed,
    Parity,
    RenewalRule,
    Renewals,
)

FILE = Path(__file__).parent / "data" / "renewals.toml"
ENROLMENT = "enrolment"
"""The kind of a rule about a payer's own cycle; the others are kinds of credentials."""
_KINDS = frozenset({*CredentialKind, ENROLMENT})
_UNITS = ("hours", "points")
_HOUR = 60
_WHOLE = 100
_REQUIRED = ("id", "name", "kinds", "ends", "source", "checked_on", "is_verified")
_TYPES: dict[str, type] = {
    "id": str, "name": str, "country": str, "region": str, "kinds": list, "issuers": list, "ends": str, "month": int,
    "day": int, "parity": str, "period_months": int, "period_days": int, "first_months": list, "opens_days": int,
    "note": str, "source": str, "checked_on": date, "is_verified": bool, "education": dict, "needs": list,
}  # fmt: skip
_EDUCATION: dict[str, type] = {
    "hours": int, "unit": str, "most_distance_percent": int, "most_distance_hours": int, "first_term": list,
    "categories": list, "courses": list,
}  # fmt: skip
_NEEDS: dict[Ends, Collection[str]] = {
    Ends.FIXED_DATE: ("month", "day", "period_months"), Ends.BIRTH_MONTH_END: ("period_months",),
    Ends.BIRTHDAY: ("period_months",), Ends.ANNIVERSARY: ("period_months",), Ends.DAYS: ("period_days",),
    Ends.NEVER: (),
}  # fmt: skip
_TIMED = ("month", "day", "parity", "period_months", "period_days", "first_months")


@lru_cache(maxsize=1)
def renewals() -> Renewals:
    """The rules that come with the program."""
    return read_renewals(FILE.read_text(encoding="utf-8"), FILE.name)


def read_renewals(text: str, name: str) -> Renewals:
    """The rules of a file in TOML. Raises :class:`Refused` with every problem, each at its line: ``name:12``."""
    told = parsed(text, name)
    problems = [fault_at(name, 1, f"There is no {key} in a file of renewal rules.") for key in told.keys() - _TOP]
    categories, rules = told.get("categories", {}), told.get("rule", [])
    if not isinstance(categories, dict) or not isinstance(rules, list):
        raise refused([fault_at(name, 1, "Categories are a table, and rules a list of tables.")])
    lines = text.splitlines()
    starts = starts_of(lines, "rule")
    seen: dict[str, int] = {}
    for start, rule in zip(starts, rules, strict=True):
        for key, why in _faults(rule, categories):
            problems.append(fault_at(name, line_of(lines, start, key), why))
        first = seen.setdefault(str(rule.get("id")), start)
        if first != start:
            problems.append(fault_at(name, start, f"The rule {rule['id']} stands at line {first} already."))
    if problems:
        raise refused(problems)
    return Renewals(tuple(_rule(one) for one in rules), dict(categories))


_TOP = {"categories", "rule"}


def _faults(rule: Mapping[str, Any], categories: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is wrong with one rule: the key, and why."""
    yield from _of_types(rule, _TYPES)
    for key in _REQUIRED:
        if key not in rule:
            yield "", f"The rule has no {key}."
    if strange := [one for one in _list(rule.get("kinds")) if one not in _KINDS]:
        yield "kinds", f"There is no kind {strange[0]}."
    if rule.get("ends") not in list(Ends):
        if "ends" in rule:
            yield "ends", f"{rule['ends']} is no way to reckon a last day."
    else:
        yield from _timing_faults(rule, Ends(rule["ends"]))
    if rule.get("parity", Parity.ANY) not in list(Parity):
        yield "parity", f"{rule['parity']} is no parity of years."
    for one in _list(rule.get("needs")):
        if not isinstance(one, dict) or one.keys() != {"kind", "what"} or type(one["what"]) is not str:
            yield "needs", "What is needed has a kind and what it is."
        elif one["kind"] not in list(CredentialKind):
            yield "needs", f"There is no kind {one['kind']}."
    if isinstance(rule.get("education"), dict):
        yield from _education_faults(rule["education"], categories)


def _timing_faults(rule: Mapping[str, Any], ends: Ends) -> Iterator[tuple[str, str]]:
    for key in _NEEDS[ends]:
        if key not in rule:
            yield "ends", f"What ends by {ends} needs {key}."
        elif isinstance(rule[key], int) and rule[key] < 1:
            yield key, f"{key} must be more than nothing."
    allowed = {*_NEEDS[ends], *(("parity",) if ends is Ends.FIXED_DATE else ())}
    allowed |= {"first_months"} if ends is Ends.BIRTH_MONTH_END else set()
    for key in _TIMED:
        if key in rule and key not in allowed:
            yield key, f"What ends by {ends} has no {key}."
    month, day = rule.get("month"), rule.get("day")
    if isinstance(month, int) and isinstance(day, int) and not _is_day(month, day):
        yield "day", f"There is no day {day} in month {month}."
    first = rule.get("first_months", [1, 1])
    if not (isinstance(first, list) and len(first) == 2 and all(isinstance(one, int) for one in first)):
        yield "first_months", "A first term has a least and a greatest number of months."
    elif not 0 < first[0] <= first[1]:
        yield "first_months", "The least number of months stands first."


def _is_day(month: int, day: int) -> bool:
    try:
        return bool(date(2024, month, day))
    except ValueError:
        return False


def _education_faults(told: Mapping[str, Any], categories: Collection[str]) -> Iterator[tuple[str, str]]:
    yield from _of_types(told, _EDUCATION)
    if "hours" not in told:
        yield "education", "Education needs its hours."
    if told.get("unit", _UNITS[0]) not in _UNITS:
        yield "unit", f"Education is counted in {' or '.join(_UNITS)}."
    if not 0 <= told.get("most_distance_percent", _WHOLE) <= _WHOLE:
        yield "most_distance_percent", "A part of the hours is from 0 to 100 percent."
    for one in _list(told.get("categories")):
        if not isinstance(one, dict) or one.keys() - {"name", "least", "most", "counts_as"} or "name" not in one:
            yield "categories", "A category has a name, and least, most or counts_as."
        elif one["name"] not in categories:
            yield "categories", f"There is no category {one['name']}."
    for one in _list(told.get("courses")):
        if one not in categories:
            yield "courses", f"There is no category {one}."
    for one in _list(told.get("first_term")):
        if not _is_first_term(one):
            yield "first_term", "A first term has months, at least and at most, and hours."


def _is_first_term(told: object) -> bool:
    if not isinstance(told, dict) or told.keys() != {"months", "hours"} or type(told["hours"]) is not int:
        return False
    months = told["months"]
    return isinstance(months, list) and len(months) == 2 and all(type(one) is int for one in months)


def _of_types(told: Mapping[str, Any], types: Mapping[str, type]) -> Iterator[tuple[str, str]]:
    for key, value in told.items():
        if key not in types:
            yield key, f"There is no {key} in a renewal rule."
        elif type(value) is not types[key]:
            yield key, f"{key} is not of the right type."


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _rule(told: Mapping[str, Any]) -> RenewalRule:
    cells = dict(told)
    cells["kinds"], cells["issuers"] = tuple(told["kinds"]), tuple(told.get("issuers", ()))
    cells["ends"], cells["parity"] = Ends(told["ends"]), Parity(told.get("parity", Parity.ANY))
    if "first_months" in told:
        cells["first_months"] = tuple(told["first_months"])
    if "education" in told:
        cells["education"] = _education(told["education"])
    cells["needs"] = tuple(Needed(one["kind"], one["what"]) for one in told.get("needs", ()))
    return RenewalRule(**cells)


def _education(told: Mapping[str, Any]) -> EducationRule:
    minutes = told["hours"] * _HOUR
    most_distance = told["most_distance_hours"] * _HOUR if "most_distance_hours" in told else None
    if "most_distance_percent" in told:
        most_distance = minutes * told["most_distance_percent"] // _WHOLE
    terms = [(*one["months"], one["hours"] * _HOUR) for one in told.get("first_term", ())]
    return EducationRule(
        minutes=minutes, unit=told.get("unit", _UNITS[0]), most_distance=most_distance,
        first_terms=tuple(FirstTerm(*each) for each in terms),
        categories=tuple(_category(one) for one in told.get("categories", ())),
        courses=tuple(told.get("courses", ())),
    )  # fmt: skip


def _category(told: Mapping[str, Any]) -> CategoryRule:
    most, counts_as = told.get("most"), told.get("counts_as")
    return CategoryRule(
        told["name"], told.get("least", 0) * _HOUR, most * _HOUR if most is not None else None,
        counts_as * _HOUR if counts_as is not None else None,
    )  # fmt: skip
