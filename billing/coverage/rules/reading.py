"""Reading a rule pack from TOML: strictly, so that a slip is told with its line, and nothing is guessed."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from string import Formatter
from typing import Any, Final

from billing.coverage.rules.lines import Lines, Place
from billing.coverage.rules.pack import Edition, Needed, Pack, Rule, RuleKind
from billing.coverage.rules.windows import Window
from billing.errors import Problem, Severity, block
from billing.payers.models import PayerKind

LONGEST_TEXT = 60_000
MOST_NUMBER = 3_660
RESERVED_KEYS = ("new", "payers")
"""Names of pages."""
DIAGNOSIS_LISTS = ("medicare_low_back_pain",)
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{1,59}")
_RULE_ID = re.compile(r"(coverage|medicare|authorisation)\.[a-z_]{2,40}")
_STATE = re.compile(r"[A-Z]{2}")
_CODE = re.compile(r"[A-Z0-9.]{3,8}")
_TAXONOMY = re.compile(r"[A-Z0-9]{2,10}")
_LETTERS = re.compile(r"[A-Z]{2,6}")
PLACES: Final = frozenset({"number", "limit", "first", "last", "lacking", "days", "units", "codes", "name", "evidence"})
"""What the words of a rule may have filled in."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Which keys a table has."""

    required: Mapping[str, type]
    optional: Mapping[str, type]

    def type_of(self, name: str) -> type | None:
        """The type of a key; ``None`` when the table has no such key."""
        return self.required.get(name) or self.optional.get(name)


PACK_SHAPE = Shape(
    {"key": str, "name": str, "edition": list}, {"payer_kinds": list, "states": list, "is_example": bool}
)
EDITION_SHAPE = Shape(
    {"valid_from": date, "review_by": date, "checked_on": date, "source": str, "rule": list},
    {"valid_to": date, "url": str, "is_verified": bool, "counted_codes": list},
)
_EVERY_RULE: dict[str, type] = {
    "id": str, "severity": str, "title": str, "source": str, "is_verified": bool, "why": str, "fix": str,
}  # fmt: skip
_SPAN: dict[str, type] = {"window": str}
_LONG: dict[str, type] = {"months": int, "days": int}
RULE_FIELDS: Mapping[RuleKind, tuple[dict[str, type], dict[str, type]]] = {
    RuleKind.VISITS: ({**_SPAN, "visits": int}, _LONG),
    RuleKind.IMPROVEMENT: (
        _SPAN,
        {**_LONG, "after_visit": int, "up_to_visit": int, "after_days": int, "modifier": str, "evidence": str},
    ),
    RuleKind.DIAGNOSES: ({}, {"codes": list, "list": str}),
    RuleKind.RENDERERS: ({}, {"taxonomies": list, "letters": list}),
    RuleKind.AUTHORISATION: ({}, {}),
    RuleKind.UNITS: ({"units": int}, {}),
    RuleKind.CODES: ({"codes": list}, {}),
    RuleKind.MAINTENANCE: ({}, {"scores": int, "points": int}),
    RuleKind.PATIENT_NOT_BILLED: ({}, {}),
    RuleKind.EXCLUDED: ({}, {}),
    RuleKind.FIRST_CARE: ({"days": int}, {}),
    RuleKind.INJURY_FACTS: ({"needs": list}, {}),
    RuleKind.NOTE: ({"why": str}, {}),
}
"""What each kind of rule must say, and may say, besides what every rule may."""
RULE_IDS: Mapping[RuleKind, str] = {
    RuleKind.VISITS: "coverage.visit_limit",
    RuleKind.IMPROVEMENT: "coverage.needs_improvement",
    RuleKind.DIAGNOSES: "coverage.diagnosis_not_listed",
    RuleKind.RENDERERS: "coverage.not_eligible_provider",
    RuleKind.AUTHORISATION: "authorisation.missing",
    RuleKind.UNITS: "coverage.units_per_visit",
    RuleKind.CODES: "coverage.code_not_listed",
    RuleKind.MAINTENANCE: "coverage.maintenance",
    RuleKind.PATIENT_NOT_BILLED: "coverage.patient_not_billed",
    RuleKind.EXCLUDED: "coverage.excluded",
    RuleKind.FIRST_CARE: "coverage.first_care",
    RuleKind.INJURY_FACTS: "coverage.injury_facts",
    RuleKind.NOTE: "coverage.note",
}
"""By which id each kind is known unless the rule names another."""
_WORDS = {
    str: "text in quotes",
    int: "a whole number",
    bool: "true or false",
    date: "a day like 2026-01-31",
    list: "a list",
}


@dataclass(slots=True)
class _Reader:
    lines: Lines
    problems: list[Problem] = field(default_factory=list)

    def fault(self, place: Place, name: str, why: str, fix: str) -> None:
        line = self.lines.of(place, name)
        self.problems.append(block("rule_pack.line", f"Line {line}: {why}", fix, f"line:{line}"))

    def cells(self, table: Mapping[str, Any], shape: Shape, place: Place) -> dict[str, Any]:
        """The cells of a table that are of their types; every other is told."""
        for name in table:
            if shape.type_of(name) is None:
                known = ", ".join(sorted({*shape.required, *shape.optional}))
                self.fault(place, name, f"{name!r} is no key of this table.", f"Write one of: {known}.")
        for name in shape.required:
            if name not in table:
                self.fault(place, "", f"{name!r} is missing.", f"Add it: {_WORDS[shape.required[name]]}.")
        good = {}
        for name, value in table.items():
            wanted = shape.type_of(name)
            if wanted is None:
                continue
            if not _is_a(value, wanted):
                self.fault(place, name, f"{name!r} is not {_WORDS[wanted]}.", "Correct it.")
            elif isinstance(value, str) and name in shape.required and not value.strip():
                self.fault(place, name, f"{name!r} is empty.", "Fill it in.")
            else:
                good[name] = value
        return good

    def texts(self, cells: Mapping[str, Any], name: str, place: Place, pattern: re.Pattern[str]) -> tuple[str, ...]:
        """A list of texts that all look as they should."""
        values = cells.get(name, [])
        for value in values:
            if not isinstance(value, str) or not pattern.fullmatch(value):
                self.fault(place, name, f"{value!r} in {name!r} is not possible.", "Correct it.")
                return ()
        return tuple(values)

    def word(self, cells: Mapping[str, Any], name: str, place: Place, words: type[Any], default: Any) -> Any:
        """One of a closed set of words."""
        value = cells.get(name, default)
        if value not in [one.value for one in words]:
            listed = ", ".join(one.value for one in words)
            self.fault(place, name, f"{value!r} is no {name}.", f"Write one of: {listed}.")
            return default
        return words(value)


def read_pack(text: str) -> tuple[Pack | None, list[Problem]]:
    """The pack that a text says, or every reason why it says none; each names its line (``where`` is ``line:N``)."""
    if len(text) > LONGEST_TEXT:
        why = f"This is longer than {LONGEST_TEXT:,} characters."
        return None, [block("rule_pack.line", why, "Make two packs of it.", "line:1")]
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"line (\d+)", str(error))
        line = found[1] if found else str(text.count("\n") + 1)
        cause = "its parts stand too deep in one another" if isinstance(error, RecursionError) else error
        why = f"Line {line}: this is not TOML: {cause}."
        return None, [block("rule_pack.line", why, "Correct the line, or the one above it.", f"line:{line}")]
    reader = _Reader(Lines(text))
    pack = _pack(reader, table)
    return (None, reader.problems) if reader.problems else (pack, [])


def _pack(reader: _Reader, table: dict[str, Any]) -> Pack:
    here: Place = ()
    cells = reader.cells(table, PACK_SHAPE, here)
    key = cells.get("key", "")
    if key in RESERVED_KEYS:
        reader.fault(here, "key", f"A pack cannot be called {key}.", "Write another key.")
    if key and not _KEY.fullmatch(key):
        reader.fault(here, "key", "The key has other signs than small letters, digits and hyphens.", "Shorten it.")
    kinds = reader.texts(cells, "payer_kinds", here, re.compile("|".join(PayerKind)))
    editions = []
    for number, each in enumerate(cells.get("edition", [])):
        if isinstance(each, dict):
            editions.append((_edition(reader, each, (number,)), number))
        else:
            reader.fault(here, "edition", "An edition is a table.", "Write it as [[edition]].")
    if not editions and "edition" in cells:
        reader.fault(here, "edition", "The pack has no edition.", "Add one as [[edition]].")
    _refuse_overlaps(reader, editions)
    return Pack(
        key=key,
        name=cells.get("name", ""),
        payer_kinds=kinds,
        states=reader.texts(cells, "states", here, _STATE),
        is_example=cells.get("is_example", False),
        editions=tuple(sorted((one for one, _ in editions), key=lambda one: one.valid_from)),
    )


def _refuse_overlaps(reader: _Reader, editions: list[tuple[Edition, int]]) -> None:
    in_order = sorted(editions, key=lambda pair: pair[0].valid_from)
    for (one, _), (other, number) in pairwise(in_order):
        if one.valid_to is None or one.valid_to >= other.valid_from:
            until = f"to {one.valid_to}" if one.valid_to else "without an end"
            why = f"This edition begins on {other.valid_from}, while another lasts from {one.valid_from} {until}."
            reader.fault((number,), "valid_from", why, "End the earlier one the day before this one begins.")


def _edition(reader: _Reader, table: dict[str, Any], place: Place) -> Edition:
    cells = reader.cells(table, EDITION_SHAPE, place)
    first, last = cells.get("valid_from", date.min), cells.get("valid_to")
    if last is not None and last < first:
        reader.fault(place, "valid_to", f"It would end on {last}, before it begins on {first}.", "Correct one.")
    defaults = {"source": cells.get("source", ""), "is_verified": cells.get("is_verified", False)}
    rules: list[Rule] = []
    for number, each in enumerate(cells.get("rule", [])):
        where = (*place, number)
        if not isinstance(each, dict):
            reader.fault(place, "rule", "A rule is a table.", "Write it as [[edition.rule]].")
            continue
        rule = _rule(reader, each, where, defaults)
        if rule and any(one.id == rule.id for one in rules):
            reader.fault(where, "id", f"Another rule has the id {rule.id}.", "Give this one an id of its own.")
        rules += [rule] if rule else []
    return Edition(
        valid_from=first,
        valid_to=last,
        checked_on=cells.get("checked_on", date.min),
        review_by=cells.get("review_by", date.max),
        url=cells.get("url", ""),
        counted_codes=frozenset(reader.texts(cells, "counted_codes", place, _CODE)),
        rules=tuple(rules),
        **defaults,
    )


def _rule(reader: _Reader, table: dict[str, Any], place: Place, defaults: dict[str, Any]) -> Rule | None:
    kind = reader.word(table, "kind", place, RuleKind, None)
    if kind is None:
        return None
    required, optional = RULE_FIELDS[kind]
    cells = reader.cells(table, Shape({"kind": str, **required}, {**_EVERY_RULE, **optional}), place)
    values: dict[str, Any] = {**defaults, **cells, "kind": kind}
    values["id"] = cells.get("id", RULE_IDS[kind])
    if not _RULE_ID.fullmatch(values["id"]):
        reader.fault(
            place, "id", "An id is like coverage.visit_limit.", "Begin with coverage., medicare. or authorisation."
        )
    severity = "INFO" if kind in (RuleKind.NOTE, RuleKind.PATIENT_NOT_BILLED) else "WARN"
    values["severity"] = reader.word(cells, "severity", place, Severity, Severity(severity))
    values["window"] = reader.word(cells, "window", place, Window, Window.CALENDAR_YEAR)
    values.setdefault("title", kind.value.replace("_", " ").capitalize())
    for name, pattern in (("codes", _CODE), ("taxonomies", _TAXONOMY), ("letters", _LETTERS)):
        if name in optional or name in required:
            values[name] = reader.texts(cells, name, place, pattern)
    if kind is RuleKind.INJURY_FACTS:
        values["needs"] = tuple(map(Needed, reader.texts(cells, "needs", place, re.compile("|".join(Needed)))))
    for why, fix in _contradictions(values):
        reader.fault(place, "", why, fix)
    for name, why in _impossible(cells):
        reader.fault(place, name, why, "Correct it.")
    return Rule(**values)


def _contradictions(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = values["kind"]
    if kind is RuleKind.IMPROVEMENT and "after_visit" not in values and "after_days" not in values:
        yield "This rule never begins.", "Say after_visit or after_days."
    if kind is RuleKind.DIAGNOSES and not values.get("codes") and not values.get("list"):
        yield "This rule names no diagnosis.", "Say codes or list."
    if kind is RuleKind.DIAGNOSES and values.get("list", DIAGNOSIS_LISTS[0]) not in DIAGNOSIS_LISTS:
        yield f"There is no list {values['list']!r}.", f"Write one of: {', '.join(DIAGNOSIS_LISTS)}."
    if kind is RuleKind.RENDERERS and not values.get("taxonomies") and not values.get("letters"):
        yield "This rule names nobody who may treat.", "Say taxonomies or letters."
    if kind is RuleKind.CODES and not values.get("codes"):
        yield "This rule names no code.", "Say codes."


def _impossible(cells: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Numbers out of range, and words with places that nothing fills in."""
    for name, value in cells.items():
        if isinstance(value, int) and not isinstance(value, bool) and not 1 <= value <= MOST_NUMBER:
            yield name, f"{name!r} must be from 1 to {MOST_NUMBER:,}."
    for name in ("why", "fix"):
        try:
            parts = list(Formatter().parse(cells.get(name, "")))
        except ValueError:
            yield name, f"In {name!r} a brace is open."
            continue
        for _, place, format_, conversion in parts:
            if place is not None and (place not in PLACES or format_ or conversion):
                yield name, f"In {name!r} nothing fills in {{{place}}}; there are {', '.join(sorted(PLACES))}."


def _is_a(value: Any, wanted: type) -> bool:
    if wanted is int:
        return isinstance(value, int) and not isinstance(value, bool)
    if wanted is date:
        return isinstance(value, date) and not isinstance(value, datetime)
    return isinstance(value, wanted)
