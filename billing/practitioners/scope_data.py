"""Reading what licences allow: a file with anything unknown, missing or contradictory is refused, with the line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from billing.practitioners.data_files import fault_at, line_of, parsed, refused, starts_of
from billing.practitioners.scope import Scopes, Service, StateScope

FILE = Path(__file__).parent / "data" / "scopes.toml"
_SERVICE: dict[str, type] = {"id": str, "name": str, "codes": list}
_SCOPE: dict[str, type] = {
    "id": str, "name": str, "country": str, "region": str, "allows": list, "excludes": list, "note": str,
    "source": str, "checked_on": date, "is_verified": bool,
}  # fmt: skip
_MAY_LACK = frozenset({"allows", "excludes", "note"})
_CODE = re.compile(r"[0-9A-Z][0-9]{4}")


@lru_cache(maxsize=1)
def scopes() -> Scopes:
    """What comes with the program."""
    return read_scopes(FILE.read_text(encoding="utf-8"), FILE.name)


def read_scopes(text: str, name: str) -> Scopes:
    """Services and states of a file in TOML. Raises :class:`Refused` with every problem at its line: ``name:12``."""
    told = parsed(text, name)
    problems = [
        fault_at(name, 1, f"There is no {key} in a file of scopes.") for key in told.keys() - {"service", "scope"}
    ]
    services, states = told.get("service", []), told.get("scope", [])
    if not isinstance(services, list) or not isinstance(states, list):
        raise refused([fault_at(name, 1, "Services and scopes are lists of tables.")])
    ids = [one.get("id") for one in services]
    codes: dict[str, str] = {}
    checked: tuple[tuple[str, list[Any], Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]], ...] = (
        ("service", services, lambda one: _service_faults(one, codes)),
        ("scope", states, lambda one: _scope_faults(one, ids)),
    )
    lines = text.splitlines()
    for kind, tables, faults in checked:
        seen: dict[str, int] = {}
        for start, one in zip(starts_of(lines, kind), tables, strict=True):
            problems += [fault_at(name, line_of(lines, start, key), why) for key, why in faults(one)]
            first = seen.setdefault(str(one.get("id")), start)
            if first != start:
                problems.append(fault_at(name, start, f"The {kind} {one['id']} stands at line {first} already."))
    if problems:
        raise refused(problems)
    return Scopes(tuple(_service(one) for one in services), tuple(_scope(one) for one in states))


def _service_faults(one: Mapping[str, Any], codes: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield from _shape_faults(one, _SERVICE)
    for code in _list(one.get("codes")):
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            yield "codes", f"{code} is no procedure code."
        elif codes.setdefault(code, str(one.get("id"))) != one.get("id"):
            yield "codes", f"{code} is of the service {codes[code]} already."


def _scope_faults(one: Mapping[str, Any], services: list[Any]) -> Iterator[tuple[str, str]]:
    yield from _shape_faults(one, _SCOPE)
    for key in ("allows", "excludes"):
        for service in _list(one.get(key)):
            if service not in services:
                yield key, f"There is no service {service}."
    for service in _list(one.get("allows")):
        if service in _list(one.get("excludes")):
            yield "excludes", f"{service} cannot be both allowed and excluded."


def _shape_faults(one: Mapping[str, Any], types: Mapping[str, type]) -> Iterator[tuple[str, str]]:
    for key, value in one.items():
        if key not in types:
            yield key, f"There is no {key} here."
        elif type(value) is not types[key]:
            yield key, f"{key} is not of the right type."
    for key in types:
        if key not in one and key not in _MAY_LACK:
            yield "", f"It has no {key}."


def _service(told: Mapping[str, Any]) -> Service:
    return Service(told["id"], told["name"], tuple(told["codes"]))


def _scope(told: Mapping[str, Any]) -> StateScope:
    allowed = {**dict.fromkeys(told.get("allows", ()), True), **dict.fromkeys(told.get("excludes", ()), False)}
    return StateScope(
        told["id"], told["name"], told["country"], told["region"], allowed, told["source"], told["checked_on"],
        told["is_verified"], told.get("note", ""),
    )  # fmt: skip


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
