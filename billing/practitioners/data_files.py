"""How the data files of this room are read: strictly, with every fault told at its line. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

from billing.errors import Problem, Refused, block

_TABLE = re.compile(r"\s*\[\[(\w+)\]\]")
_AT_LINE = re.compile(r"\(at line (\d+)")


def parsed(text: str, name: str) -> dict[str, Any]:
    """What a file in TOML says. Raises :class:`Refused` with the line at which it is none: ``name:12``."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        raise refused([fault_at(name, int(found[1]) if found else 1, f"This is not TOML: {error}.")]) from None


def starts_of(lines: Sequence[str], kind: str) -> list[int]:
    """The lines, from 1 on, at which the tables ``[[kind]]`` begin."""
    matches = ((number, _TABLE.match(line)) for number, line in enumerate(lines, start=1))
    return [number for number, match in matches if match and match[1] == kind]


def line_of(lines: Sequence[str], start: int, key: str) -> int:
    """The line at which a key of the table that begins at ``start`` stands; its first line when it stands nowhere."""
    wanted = re.compile(rf"\s*(\[\w+\.)?{re.escape(key)}\s*[=\]]") if key else None
    for number in range(start + 1, len(lines) + 1):
        if _TABLE.match(lines[number - 1]):
            break
        if wanted and wanted.match(lines[number - 1]):
            return number
    return start


def fault_at(name: str, line: int, why: str) -> Problem:
    """What is wrong at a line of the file of that name."""
    return block(name.partition(".")[0], f"{name}, line {line}: {why}", "Correct that line.", f"{name}:{line}")


def refused(problems: list[Problem]) -> Refused:
    """All of them, to be raised."""
    return Refused(" ".join(one.why for one in problems), problems)
